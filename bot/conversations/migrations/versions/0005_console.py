"""Users of the console, conversations that ops take over, answers to tickets, and what turns are found by."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.conversations.searching import words_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Turns brought up at once.
AT_ONCE = 1000
COUNTED = ["asked_at", "decision", "feedback", "topic", "channel", "confidence", "total_ms"]


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=5), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_user"),
    )
    op.create_table(
        "sign_in",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user.name"], name="fk_sign_in_user"),
        sa.PrimaryKeyConstraint("token", name="pk_sign_in"),
    )
    op.create_index("ix_sign_in_user", "sign_in", ["user"])
    op.create_table(
        "attempt",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("of", sa.String(length=32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_of_at", "attempt", ["of", "at"])

    op.add_column("conversation", sa.Column("held_by", sa.String(length=64)))
    op.add_column("conversation", sa.Column("held_until", MOMENT))

    with op.batch_alter_table("ticket") as table:
        table.add_column(sa.Column("address_id", NUMBER))
        table.add_column(sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("answered_at", MOMENT))
        table.add_column(sa.Column("answers", sa.JSON(), nullable=False, server_default="[]"))
        table.create_foreign_key("fk_ticket_address_id", "address", ["address_id"], ["id"])

    op.add_column("turn", sa.Column("topic", sa.String(length=32)))
    op.add_column("turn", sa.Column("total_ms", sa.Integer()))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE turn_text USING fts5(words)")
    else:
        op.execute("CREATE TABLE turn_text (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_turn_text_words ON turn_text USING gin (words)")
    bring_up_turns(op.get_bind())
    op.drop_index("ix_turn_asked_at", "turn")
    op.create_index("ix_turn_asked_at", "turn", COUNTED)


def bring_up_turns(connection: sa.Connection) -> None:
    """What new turns are kept with, for those that are there."""
    turn = sa.table(
        "turn",
        sa.column("id"),
        sa.column("question"),
        sa.column("decision"),
        sa.column("sources", sa.JSON()),
        sa.column("latency", sa.JSON()),
        sa.column("topic"),
        sa.column("total_ms"),
    )
    words = "to_tsvector('simple', :words)" if connection.dialect.name == "postgresql" else ":words"
    keep = sa.text(f"INSERT INTO turn_text (rowid, words) VALUES (:this, {words})")  # noqa: S608  # two fixed texts
    change = (
        sa.update(turn)
        .where(turn.c.id == sa.bindparam("this"))
        .values(topic=sa.bindparam("folder"), total_ms=sa.bindparam("total"))
    )
    after = -1
    while True:
        rows = connection.execute(
            sa.select(turn.c.id, turn.c.question, turn.c.decision, turn.c.sources, turn.c.latency)
            .where(turn.c.id > after)
            .order_by(turn.c.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        after = rows[-1].id
        connection.execute(keep, [{"this": row.id, "words": words_of(row.question)} for row in rows])
        found = [(row.id, folder(row.decision, row.sources), total(row.latency)) for row in rows]
        connection.execute(change, [{"this": id_, "folder": name, "total": took} for id_, name, took in found])


def folder(decision: str, sources: Any) -> str | None:  # noqa: ANN401
    if decision not in ("answer", "clarify") or not isinstance(sources, list) or not sources:
        return None
    best = next((source for source in sources if "n" in source), sources[0])
    name = str(best.get("document") or best.get("id") or best.get("passage") or "").partition("/")[0]
    return "other" if name == "uploads" else name[:32] or None


def total(latency: Any) -> int | None:  # noqa: ANN401
    value = latency.get("total") if isinstance(latency, dict) else None
    return round(value) if isinstance(value, int | float) else None
