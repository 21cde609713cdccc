"""Tickets: what a person wants a human for, from opened to closed. Each function is within one transaction."""

import datetime
import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select, update

from bot.conversations.auditing import note
from bot.conversations.exchange import Talk
from bot.conversations.models import AnyRow, Person, Ticket, TicketState, now
from bot.conversations.outbox import tell

_ticket, _person = Ticket.__table__.c, Person.__table__.c
_SUBJECT, _ANSWER = 500, 3000
# Numbers begin behind this one, so that the first people do not see how few they are.
_FIRST = 1000


def open_ticket(connection: Connection, talk: Talk, subject: str, *, shown: bool) -> int:
    """Open a ticket for whoever talks; returns the number that they are told.

    shown: they let ops read the conversation.
    """
    row = {
        # Its own number is known once it is there; until then one that nobody else has.
        "number": -secrets.randbelow(2**31),
        "person_id": talk.person,
        "conversation_id": talk.conversation if shown else None,
        "address_id": talk.address,
        "state": "open",
        "opened_at": now(),
        "subject": subject.strip()[:_SUBJECT],
        "shown": shown,
        "answers": [],
    }
    id_: int = connection.execute(insert(Ticket).returning(_ticket.id), row).scalar_one()
    connection.execute(update(Ticket).where(_ticket.id == id_).values(number=_FIRST + id_))
    return _FIRST + id_


def tickets(
    connection: Connection, state: TicketState | None, owner: str | None, before: int | None, limit: int
) -> Sequence[AnyRow]:
    """Newest first. owner: of whom, or "" for those of nobody; None for all. before: the number to go on from."""
    rows = select(*_ticket, _person.channel).join_from(Ticket, Person, _ticket.person_id == _person.id)
    if state:
        rows = rows.where(_ticket.state == state)
    if owner is not None:
        rows = rows.where(_ticket.owner == owner if owner else _ticket.owner.is_(None))
    if before is not None:
        rows = rows.where(_ticket.number < before)
    return connection.execute(rows.order_by(_ticket.number.desc()).limit(limit)).all()


def ticket_by(connection: Connection, number: int) -> AnyRow:
    """A ticket with its person's channel and language."""
    return connection.execute(
        select(*_ticket, _person.channel, _person.language)
        .join_from(Ticket, Person, _ticket.person_id == _person.id)
        .where(_ticket.number == number)
    ).one_or_none()


def tickets_of(connection: Connection, person: str) -> Sequence[AnyRow]:
    """All of a person, newest first."""
    return connection.execute(select(*_ticket).where(_ticket.person_id == person).order_by(_ticket.id.desc())).all()


def assign(connection: Connection, number: int, owner: str | None, by: str) -> bool:
    """Give an open ticket to somebody, or to nobody; False when there is no such open ticket."""
    changed = connection.execute(
        update(Ticket).where(_ticket.number == number, _ticket.state == "open").values(owner=owner)
    )
    if changed.rowcount:
        note(connection, by, "ticket_assign", str(number), owner=owner)
    return bool(changed.rowcount)


def answer(connection: Connection, number: int, by: str, text: str, told: str, turn_id: int | None = None) -> bool:
    """Keep an answer and send it to the person; whoever answers a ticket of nobody has it from then on.

    told: the text as the person gets it. turn_id: of the turn that was kept of it, where there is one. False when there
    is no such open ticket, or nowhere to send it.
    """
    row = connection.execute(
        select(_ticket.answers, _ticket.address_id)
        .where(_ticket.number == number, _ticket.state == "open")
        .with_for_update()
    ).one_or_none()
    if row is None or row.address_id is None:
        return False
    moment = now()
    entry = {"at": moment.isoformat(timespec="seconds"), "by": by, "text": text.strip()[:_ANSWER]}
    connection.execute(
        update(Ticket)
        .where(_ticket.number == number)
        .values(
            answers=[*row.answers, entry],
            answered_at=func.coalesce(_ticket.answered_at, moment),
            owner=func.coalesce(_ticket.owner, by),
        )
    )
    tell(connection, row.address_id, told, turn_id)
    note(connection, by, "ticket_answer", str(number))
    return True


def close(connection: Connection, number: int, by: str) -> bool:
    """False when there is no such open ticket."""
    closed = connection.execute(
        update(Ticket).where(_ticket.number == number, _ticket.state == "open").values(state="closed", closed_at=now())
    )
    if closed.rowcount:
        note(connection, by, "ticket_close", str(number))
    return bool(closed.rowcount)


def waiting(connection: Connection) -> int:
    """How many open tickets nobody has answered."""
    rows = select(func.count()).where(_ticket.state == "open", _ticket.answered_at.is_(None))
    return connection.execute(rows).scalar_one()


def answer_time(connection: Connection, since: datetime.datetime) -> datetime.timedelta | None:
    """The median time to the first answer, of the tickets opened since; None where none was answered."""
    rows = connection.execute(
        select(_ticket.opened_at, _ticket.answered_at).where(
            _ticket.opened_at >= since, _ticket.answered_at.is_not(None)
        )
    )
    took = sorted(answered - opened for opened, answered in rows)
    return took[len(took) // 2] if took else None
