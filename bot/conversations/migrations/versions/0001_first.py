"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])

    op.create_table(
        "inbox",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32)),
        sa.Column("payload", sa.JSON()),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("claimed_by", sa.String(length=32)),
        sa.Column("claimed_at", MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT),
        sa.PrimaryKeyConstraint("channel", "update_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_channel_state_chat", "inbox", ["channel", "state", "chat"])

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.Column("informed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )

    op.create_table(
        "address",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person_id", sa.String(length=32)),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("migrated_to", sa.String(length=64)),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_address_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
    )
    op.create_index("ix_address_channel_chat", "address", ["channel", "chat"], unique=True)
    op.create_index("ix_address_person_id", "address", ["person_id"])

    op.create_table(
        "conversation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", NUMBER, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("last_turn_at", MOMENT, nullable=False),
        sa.Column("album", sa.String(length=64)),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_conversation_address_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_conversation_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_conversation"),
    )
    op.create_index("ix_conversation_address_id", "conversation", ["address_id"])
    op.create_index("ix_conversation_person_id_address_id", "conversation", ["person_id", "address_id"])

    op.create_table(
        "ticket",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", NUMBER),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("owner", sa.String(length=64)),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_ticket_conversation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_ticket_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.UniqueConstraint("number", name="uq_ticket_number"),
    )
    op.create_index("ix_ticket_person_id", "ticket", ["person_id"])
    op.create_index("ix_ticket_state", "ticket", ["state"])

    op.create_table(
        "turn",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", NUMBER),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("understood", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("library_version", sa.Integer(), nullable=False),
        sa.Column("latency", sa.JSON(), nullable=False),
        sa.Column("question_message", sa.BigInteger()),
        sa.Column("feedback", sa.String(length=4)),
        sa.Column("feedback_reason", sa.String(length=32)),
        sa.Column("feedback_note", sa.Text()),
        sa.Column("feedback_at", MOMENT),
        sa.Column("reference", sa.String(length=16)),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_turn_conversation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_turn_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_turn"),
        sa.UniqueConstraint("key", name="uq_turn_key"),
    )
    op.create_index("ix_turn_asked_at", "turn", ["asked_at"])
    op.create_index("ix_turn_conversation_id", "turn", ["conversation_id"])
    op.create_index("ix_turn_person_id_asked_at", "turn", ["person_id", "asked_at"])
    referred = sa.text("reference IS NOT NULL")
    op.create_index("ix_turn_reference", "turn", ["reference"], sqlite_where=referred, postgresql_where=referred)

    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("address_id", NUMBER, nullable=False),
        sa.Column("turn_id", NUMBER),
        sa.Column("update_id", sa.BigInteger()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON()),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("channel_message_id", sa.BigInteger()),
        sa.Column("error", sa.String(length=200)),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_outbox_address_id"),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"], name="fk_outbox_turn_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_address_id", "outbox", ["address_id"])
    op.create_index("ix_outbox_state_address_id_id", "outbox", ["state", "address_id", "id"])
    op.create_index("ix_outbox_turn_id", "outbox", ["turn_id"])
