"""Turns and conversations as ops look through them, page by page."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection, func, select, tuple_

from bot.conversations.exporting import Selection
from bot.conversations.models import Address, AnyRow, Conversation, Person, Turn

_turn, _conversation = Turn.__table__.c, Conversation.__table__.c
_person, _address = Person.__table__.c, Address.__table__.c

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
# Of a long question as it stands in a list.
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the list: the turn that was the last one before it."""

    asked_at: datetime.datetime
    turn: int

    def __str__(self) -> str:
        return f"{(self.asked_at - _EPOCH) // _MICROSECOND}-{self.turn}"

    @classmethod
    def of(cls, text: str) -> Self | None:
        """What `str` made of it; None for anything else."""
        first, dash, second = text.partition("-")
        if not (dash and first.isdecimal() and second.isdecimal() and len(text) < len("-") + 2 * 18):
            return None
        try:
            return cls(_EPOCH + int(first) * _MICROSECOND, int(second))
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of turns, newest first. older: where the next page begins; None on the last one."""

    turns: Sequence[AnyRow]
    older: Mark | None


def listed(connection: Connection, selection: Selection, after: Mark | None, limit: int) -> Listed:
    """The turns that were chosen, but for what ops wrote themselves."""
    chosen = [*selection.conditions(), _turn.decision != "ops"]
    # The numbers come out of an index; only the texts that are shown are read. Numbers and moments go the same way, but
    # the words' index knows only numbers.
    order = (_turn.id.desc(),) if selection.words else (_turn.asked_at.desc(), _turn.id.desc())
    if after and selection.words:
        chosen.append(_turn.id < after.turn)
    elif after:
        chosen.append(tuple_(_turn.asked_at, _turn.id) < (after.asked_at, after.turn))
    numbers = list(connection.scalars(select(_turn.id).where(*chosen).order_by(*order).limit(limit + 1)))
    rows = connection.execute(
        select(
            _turn.id,
            _turn.key,
            _turn.conversation_id,
            _turn.channel,
            _turn.asked_at,
            func.substr(_turn.question, 1, _SHOWN).label("question"),
            _turn.decision,
            _turn.confidence,
            _turn.topic,
            _turn.feedback,
            _turn.feedback_reason,
            _turn.reference,
        )
        .where(_turn.id.in_(numbers[:limit]))
        .order_by(*order)
    ).all()
    older = Mark(rows[-1].asked_at, rows[-1].id) if rows and len(numbers) > limit else None
    return Listed(rows, older)


def newer(connection: Connection, selection: Selection, since: Mark, most: int) -> int:
    """How many of the chosen turns were asked since, up to a number."""
    later = tuple_(_turn.asked_at, _turn.id) > (since.asked_at, since.turn)
    rows = select(_turn.id).where(later, *selection.conditions(), _turn.decision != "ops").limit(most).subquery()
    return connection.execute(select(func.count()).select_from(rows)).scalar_one()


def conversation_of(connection: Connection, number: int) -> AnyRow:
    """A conversation with its person's language and how they can be reached."""
    return connection.execute(
        select(
            _conversation.id,
            _conversation.person_id,
            _conversation.channel,
            _conversation.started,
            _conversation.last_turn_at,
            _conversation.held_by,
            _conversation.held_until,
            _person.language,
            _address.state,
        )
        .join_from(Conversation, Person, _conversation.person_id == _person.id)
        .join(Address, _conversation.address_id == _address.id)
        .where(_conversation.id == number)
    ).one_or_none()


def transcript(
    connection: Connection, conversation: int, limit: int, *, before: int | None = None, after: int | None = None
) -> Sequence[AnyRow]:
    """The last turns of a conversation, oldest first. before, after: turns between which they are."""
    rows = select(*_turn).where(_turn.conversation_id == conversation)
    if before is not None:
        rows = rows.where(_turn.id < before)
    if after is not None:
        rows = rows.where(_turn.id > after)
    return connection.execute(rows.order_by(_turn.id.desc()).limit(limit)).all()[::-1]


def turn_by(connection: Connection, key: str) -> AnyRow:
    """A turn by its key or by the reference of its error."""
    found = connection.execute(select(*_turn).where(_turn.key == key)).one_or_none()
    if found is None and key:
        found = connection.execute(select(*_turn).where(_turn.reference == key).limit(1)).one_or_none()
    return found
