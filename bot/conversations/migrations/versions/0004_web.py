"""What was offered to ask next, so that a page can show a conversation again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turn", sa.Column("suggestions", sa.JSON()))
