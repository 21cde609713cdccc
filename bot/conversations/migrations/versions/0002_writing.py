"""How the text of an answer was made, and what the calls of a language model for it took."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turn", sa.Column("writing", sa.JSON()))
