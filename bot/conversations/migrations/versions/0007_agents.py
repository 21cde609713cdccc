"""What people check and compare about agents, and the agents that admins have entered."""

import sqlalchemy as sa
from alembic import op

revision = "0007_agents"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agent_tick",
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_agent_tick_person_id"),
        sa.PrimaryKeyConstraint("person_id", "item", name="pk_agent_tick"),
    )
    op.create_table(
        "offer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_offer_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
        sa.UniqueConstraint("key", name="uq_offer_key"),
    )
    op.create_index("ix_offer_person_id", "offer", ["person_id"])
    op.create_table(
        "authorised_agent",
        sa.Column("tax_code", sa.String(14), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dated", sa.String(10), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tax_code", name="pk_authorised_agent"),
    )
