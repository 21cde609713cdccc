"""The tables about people as suppliers: what they said of their firm, checked, compared and wish to be reminded of."""

import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base, Id, StepMark, Words


class AgentTick(Base):
    """A point about an agent that a person has checked. item: its list and key, such as checks:letter."""

    __tablename__ = "agent_tick"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime.datetime]


class Offer(Base):
    """What an agent offered a person, as they typed it. key: names it in buttons. answers: by field."""

    __tablename__ = "offer"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    party: Mapped[str] = mapped_column(Words)
    answers: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime.datetime]


class AuthorisedAgent(Base):
    """A company that a source names as an authorised agent, entered by an admin. dated: YYYY-MM-DD, of the source."""

    __tablename__ = "authorised_agent"

    tax_code: Mapped[str] = mapped_column(String(14), primary_key=True)
    name: Mapped[str] = mapped_column(Words)
    source: Mapped[str] = mapped_column(Words)
    dated: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Words)
    entered_at: Mapped[datetime.datetime]


class Supplier(Base):
    """What a person said about their firm. invited_at: when the readiness check was suggested to them."""

    __tablename__ = "supplier"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    profile: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime.datetime] = mapped_column(index=True)
    invited_at: Mapped[datetime.datetime | None]


class ReadinessCheck(Base):
    """A readiness check. key: names it in buttons. version: of the questions that it was last answered with.

    answers: by question. result: what it led to, once it is finished.
    """

    __tablename__ = "readiness_check"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    version: Mapped[str] = mapped_column(String(20))
    answers: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    updated_at: Mapped[datetime.datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime.datetime | None]


class StepState(Base):
    """What a person says of a step of their checklist; one without a row is to be done."""

    __tablename__ = "step_state"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[StepMark]
    at: Mapped[datetime.datetime]


class Reminder(Base):
    """A person's wish to be reminded. agreed_at: when they said so. next_at: not before that."""

    __tablename__ = "reminder"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    every_days: Mapped[int]
    agreed_at: Mapped[datetime.datetime]
    next_at: Mapped[datetime.datetime] = mapped_column(index=True)
