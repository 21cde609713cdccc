"""Profiles of suppliers, readiness checks, steps of checklists, wishes to be reminded."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def _person(table: str) -> sa.Column[str]:
    name = f"fk_{table}_person_id_person"
    return sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id", name=name), nullable=False)


def upgrade() -> None:
    op.create_table(
        "supplier",
        _person("supplier"),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("invited_at", _MOMENT),
        sa.PrimaryKeyConstraint("person_id", name="pk_supplier"),
    )
    op.create_table(
        "readiness_check",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        _person("readiness_check"),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_readiness_check"),
        sa.UniqueConstraint("key", name="uq_readiness_check_key"),
    )
    op.create_index("ix_readiness_check_person_id", "readiness_check", ["person_id"])
    op.create_table(
        "step_state",
        _person("step_state"),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "step", name="pk_step_state"),
    )
    op.create_table(
        "reminder",
        _person("reminder"),
        sa.Column(
            "address_id", _ID, sa.ForeignKey("address.id", name="fk_reminder_address_id_address"), nullable=False
        ),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("agreed_at", _MOMENT, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_reminder"),
    )
    op.create_index("ix_reminder_address_id", "reminder", ["address_id"])
    op.create_index("ix_reminder_next_at", "reminder", ["next_at"])
