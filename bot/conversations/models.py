"""The tables; more are in `supplier_models.py`. All times are aware and in UTC; text ids of people are pseudonyms.

Each index costs every question something, so there are only those that a question, an export or erasing looks into.
"""

import datetime
import secrets
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Insert,
    Integer,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bot.texts import Language

# What became of a question. limited: over the person's limit. not_taken: the line of the chat was full. held: kept for
# the ops who have taken the conversation over. ops: no question, but what one of them wrote to the person.
Decided = Literal["answer", "clarify", "abstain", "smalltalk", "limited", "not_taken", "failed", "held", "ops"]
Vote = Literal["up", "down"]
# blocked: the person stopped the bot. gone: the chat is no more, or moved.
AddressState = Literal["reachable", "blocked", "gone"]
InboxState = Literal["open", "claimed", "done", "refused"]
# sending: a request is under way. uncertain: it may have arrived and is not sent again. dropped: the chat is away.
OutboxState = Literal["waiting", "sending", "sent", "uncertain", "failed", "dropped"]
TicketState = Literal["open", "closed"]
StepMark = Literal["done", "not_for_me"]
# Whether the person wants to be told once a declined question can be answered, and was told. None: nobody asked for it.
Wanted = Literal["asked", "told"]
# ops: conversations, tickets. admin: also the library, people and the log of what was done.
Role = Literal["ops", "admin"]

_REFERRED = "reference IS NOT NULL"
Id = BigInteger().with_variant(Integer, "sqlite")


# A row of columns that the reader names.
AnyRow = Any


def now() -> datetime.datetime:
    """The present moment, as it is stored."""
    return datetime.datetime.now(datetime.UTC)


def new_key() -> str:
    """A short random name that fits into a button: 16 hex digits, which no table takes for a formula."""
    return secrets.token_hex(8)


def insert_new(connection: Connection, model: type["Base"]) -> Insert:
    """An insert that leaves rows alone which are there already."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(model).on_conflict_do_nothing()
    return postgresql.insert(model).on_conflict_do_nothing()


class Instant(TypeDecorator[datetime.datetime]):
    """An aware moment; SQLite keeps no time zone, so that it is written in UTC and read as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        moment = value.astimezone(datetime.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


class Words(TypeDecorator[str]):
    """What people wrote, as every database takes it: without NUL and without halves of surrogate pairs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.replace("\0", "").encode("utf-8", "replace").decode()


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own name and form
        datetime.datetime: Instant,
        dict[str, Any]: JSON(none_as_null=True),
        list[dict[str, Any]]: JSON(none_as_null=True),
        Language: String(2),
        Decided: String(10),
        Vote: String(4),
        AddressState: String(9),
        InboxState: String(8),
        OutboxState: String(9),
        TicketState: String(6),
        StepMark: String(10),
        Wanted: String(5),
        Role: String(5),
    }


class Person(Base):
    """Somebody who asks. informed_at: when they were told what is kept of them."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[Language]
    first_seen: Mapped[datetime.datetime]
    last_seen: Mapped[datetime.datetime]
    informed_at: Mapped[datetime.datetime | None]


class Address(Base):
    """Where messages are delivered; beside open inbox items the only place with ids of the channel.

    person_id: whose private chat it is; None for a group. chat: the channel's id. migrated_to: the chat's new id.
    """

    __tablename__ = "address"
    __table_args__ = (Index(None, "channel", "chat", unique=True),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    state: Mapped[AddressState]
    migrated_to: Mapped[str | None] = mapped_column(String(64))


class Conversation(Base):
    """A person's questions in one chat until a long silence.

    last_turn_at: when the person last did anything in it. album: the last group of pictures spoken of.
    held_by: of ops, who has taken it over; the bot keeps quiet until held_until.
    """

    __tablename__ = "conversation"
    __table_args__ = (Index(None, "person_id", "address_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    started: Mapped[datetime.datetime]
    last_turn_at: Mapped[datetime.datetime]
    album: Mapped[str | None] = mapped_column(String(64))
    held_by: Mapped[str | None] = mapped_column(String(64))
    held_until: Mapped[datetime.datetime | None]


class Turn(Base):
    """A question and what was answered.

    key: names the turn in buttons. understood: the question as it was searched for. sources: passages with scores and
    citations. latency: milliseconds by step. question_message: the channel's number of the question. reference: of an
    error, as the person was told it. late: answered more than an hour after it was asked. writing: how the text was
    made, and tokens, cost and time of each call of a language model for it; None where nothing was answered; of what
    ops wrote, by whom. topic: the folder of the guide that answers. total_ms: of latency, for counting.
    suggestions: what was offered to ask next, as text and passage; None of a turn from before these were kept.
    wants_answer: see `Wanted`.

    The words of the questions are indexed in a table of their own (`searching.py`).
    """

    __tablename__ = "turn"
    __table_args__ = (
        # Whoever counts or filters turns reads this alone, and not the texts beside it.
        Index("ix_turn_asked_at", "asked_at", "decision", "feedback", "topic", "channel", "confidence", "total_ms"),
        Index(None, "person_id", "asked_at"),
        # Few turns have one.
        Index(None, "reference", sqlite_where=text(_REFERRED), postgresql_where=text(_REFERRED)),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime.datetime]
    answered_at: Mapped[datetime.datetime | None]
    question: Mapped[str] = mapped_column(Words)
    understood: Mapped[str] = mapped_column(Words)
    decision: Mapped[Decided]
    reply: Mapped[str] = mapped_column(Words)
    sources: Mapped[list[dict[str, Any]]]
    confidence: Mapped[float]
    library_version: Mapped[int]
    latency: Mapped[dict[str, Any]]
    question_message: Mapped[int | None] = mapped_column(BigInteger)
    feedback: Mapped[Vote | None]
    feedback_reason: Mapped[str | None] = mapped_column(String(32))
    feedback_note: Mapped[str | None] = mapped_column(Words)
    feedback_at: Mapped[datetime.datetime | None]
    reference: Mapped[str | None] = mapped_column(String(16))
    late: Mapped[bool]
    writing: Mapped[dict[str, Any] | None]
    suggestions: Mapped[list[dict[str, Any]] | None]
    wants_answer: Mapped[Wanted | None]
    topic: Mapped[str | None] = mapped_column(String(32))
    total_ms: Mapped[int | None]


class DayCount(Base):
    """What became of the questions of a finished day, as days are in Vietnam; counts: see `counting.Day`."""

    __tablename__ = "day_count"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    counts: Mapped[dict[str, Any]]


class Ticket(Base):
    """Something a person wants a human for. number: as people are told it.

    address_id: where the answer goes. shown: the person lets ops read the conversation. answers: at, by, text of each.
    """

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    state: Mapped[TicketState] = mapped_column(index=True)
    opened_at: Mapped[datetime.datetime]
    closed_at: Mapped[datetime.datetime | None]
    owner: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Words)
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    shown: Mapped[bool]
    answered_at: Mapped[datetime.datetime | None]
    answers: Mapped[list[dict[str, Any]]]


class InboxItem(Base):
    """An update as the channel gave it. chat and payload are emptied when it is done."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "channel", "state", "chat"),)

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[str | None] = mapped_column(String(32))
    payload: Mapped[dict[str, Any] | None]
    received_at: Mapped[datetime.datetime]
    state: Mapped[InboxState]
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime.datetime | None]
    tries: Mapped[int]
    done_at: Mapped[datetime.datetime | None]


class OutboxItem(Base):
    """A message, or a part of one, to be sent. body is emptied once it is sent or given up.

    kind, body: the channel's own. update_id: what it answers. position: within the answer to one update.
    channel_message_id: the number that the channel gave it.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "state", "address_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turn.id"), index=True)
    update_id: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any] | None]
    state: Mapped[OutboxState]
    tries: Mapped[int]
    not_before: Mapped[datetime.datetime]
    created_at: Mapped[datetime.datetime]
    sent_at: Mapped[datetime.datetime | None]
    channel_message_id: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[str | None] = mapped_column(String(200))


class AuditEntry(Base):
    """Who did what to the records, without the content of what was done it to."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]]


class User(Base):
    """Somebody of ops who signs in to the console. password: its Argon2 hash."""

    __tablename__ = "user"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role]
    disabled: Mapped[bool]
    created: Mapped[datetime.datetime]


class SignIn(Base):
    """Where a user is signed in. token: SHA-256 of what the browser holds. csrf: what each form of it brings along."""

    __tablename__ = "sign_in"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(ForeignKey("user.name"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime.datetime]
    until: Mapped[datetime.datetime]


class Attempt(Base):
    """A sign-in that was tried and did not succeed. of: hash of a name or of an address."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "of", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    of: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime.datetime]
