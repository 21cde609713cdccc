"""Who wants to be told once a declined question can be answered, and was told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turn", sa.Column("wants_answer", sa.String(5)))
