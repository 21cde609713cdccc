"""What went wrong since a moment, and what waits for ops; within one transaction."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, func, select

from bot.conversations.models import AnyRow, Decided, OutboxItem, Ticket, Turn

# Of a long question as it stands in a list.
_SHOWN = 300

_turn, _ticket, _outbox = Turn.__table__.c, Ticket.__table__.c, OutboxItem.__table__.c
_later = Turn.__table__.alias("later").c


@dataclass(frozen=True, slots=True)
class Some:
    """The first ones of what is to be looked at, and how many there are."""

    rows: Sequence[AnyRow]
    count: int


@dataclass(frozen=True, slots=True)
class Attention:
    """tickets: open and not answered, the oldest first. held: the last turn of conversations in which the person wrote
    for ops and nobody answered. failed, not_taken, disliked: turns, the newest first. lost: how many messages were
    refused by their channel or not confirmed.
    """

    tickets: Some
    held: Some
    failed: Some
    not_taken: Some
    disliked: Some
    lost: int


def attention(connection: Connection, since: datetime.datetime, limit: int) -> Attention:
    """since: but for tickets, which wait however old they are. limit: of the rows of each kind."""
    last = ~exists().where(_later.conversation_id == _turn.conversation_id, _later.id > _turn.id)
    lost = select(func.count()).where(_outbox.state.in_(("failed", "uncertain")), _outbox.created_at >= since)
    return Attention(
        tickets=_tickets(connection, limit),
        held=_turns(connection, limit, _since(since, "held"), last),
        failed=_turns(connection, limit, _since(since, "failed")),
        not_taken=_turns(connection, limit, _since(since, "not_taken")),
        disliked=_turns(connection, limit, (_turn.asked_at >= since) & (_turn.feedback == "down")),
        lost=connection.execute(lost).scalar_one(),
    )


def _since(since: datetime.datetime, decision: Decided) -> ColumnElement[bool]:
    return (_turn.asked_at >= since) & (_turn.decision == decision)


def _tickets(connection: Connection, limit: int) -> Some:
    unanswered = (_ticket.state == "open") & _ticket.answered_at.is_(None)
    columns = (_ticket.number, _ticket.subject, _ticket.owner, _ticket.opened_at)
    rows = connection.execute(select(*columns).where(unanswered).order_by(_ticket.id).limit(limit)).all()
    return Some(rows, connection.execute(select(func.count()).where(unanswered)).scalar_one())


def _turns(connection: Connection, limit: int, *chosen: ColumnElement[bool]) -> Some:
    columns = (
        _turn.id,
        _turn.key,
        _turn.conversation_id,
        _turn.asked_at,
        func.substr(_turn.question, 1, _SHOWN).label("question"),
        _turn.feedback_reason,
        func.substr(_turn.feedback_note, 1, _SHOWN).label("note"),
        _turn.reference,
    )
    order = (_turn.asked_at.desc(), _turn.id.desc())
    rows = connection.execute(select(*columns).where(*chosen).order_by(*order).limit(limit)).all()
    return Some(rows, connection.execute(select(func.count()).where(*chosen)).scalar_one())
