"""Counts of finished days; what suppliers told lately is found by when they told it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_day_count"),
    )
    op.create_index("ix_supplier_updated_at", "supplier", ["updated_at"])
    op.create_index("ix_readiness_check_updated_at", "readiness_check", ["updated_at"])
