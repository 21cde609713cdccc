"""What a person may ask for: to see what is kept of them, and to have it erased; and that nothing is kept for ever."""

import asyncio
import datetime
import logging
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, or_, select, update

from bot.conversations import onboarding
from bot.conversations.auditing import note
from bot.conversations.counting import forget_turns
from bot.conversations.database import Database, DatabaseUnavailable
from bot.conversations.exchange import Sender
from bot.conversations.inbox import EMPTY, UNHANDLED
from bot.conversations.models import (
    Address,
    Attempt,
    AuditEntry,
    Conversation,
    InboxItem,
    OutboxItem,
    Person,
    SignIn,
    Ticket,
    Turn,
    now,
)
from bot.conversations.searching import delete_words
from bot.conversations.supplier_models import AgentTick, Offer

_log = logging.getLogger(__name__)

_person, _address, _conversation = Person.__table__.c, Address.__table__.c, Conversation.__table__.c
_turn, _ticket, _inbox, _outbox = Turn.__table__.c, Ticket.__table__.c, InboxItem.__table__.c, OutboxItem.__table__.c
_tick, _offer = AgentTick.__table__.c, Offer.__table__.c
_audit = AuditEntry.__table__.c

# Telegram delivers an update again for a day at most; after that nobody asks whether it is known.
_DELIVERED_AGAIN = datetime.timedelta(days=3)
# Turns deleted in one transaction, so that the bot's own writes come in between.
_AT_ONCE = 200
_DAY = datetime.timedelta(days=1)
# Seconds between two rounds.
_PAUSE = 86400.0


def personal_data(connection: Connection, person: str) -> dict[str, Any]:
    """Every row about a person, by table, ready for JSON."""
    addresses = select(_address.id).where(_address.person_id == person)
    turns = select(_turn.id).where(_turn.person_id == person)
    chosen: dict[str, Select[Any]] = {
        "person": select(*_person).where(_person.id == person),
        "addresses": select(*_address).where(_address.person_id == person),
        "conversations": select(*_conversation).where(_conversation.person_id == person).order_by(_conversation.id),
        "turns": select(*_turn).where(_turn.person_id == person).order_by(_turn.id),
        "tickets": select(*_ticket).where(_ticket.person_id == person).order_by(_ticket.id),
        "agent_ticks": select(*_tick).where(_tick.person_id == person).order_by(_tick.at),
        "offers": select(*_offer).where(_offer.person_id == person).order_by(_offer.id),
        **onboarding.rows_of(person),
        "updates": select(*_inbox).where(_inbox.person_id == person).order_by(_inbox.update_id),
        "messages": select(*_outbox)
        .where(or_(_outbox.address_id.in_(addresses), _outbox.turn_id.in_(turns)))
        .order_by(_outbox.id),
        "acts": select(*_audit).where(_audit.actor == person).order_by(_audit.id),
    }
    return {
        name: [{column: _plain(value) for column, value in row._mapping.items()} for row in connection.execute(rows)]
        for name, rows in chosen.items()
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime.datetime) else value


async def erase(database: Database, person: str, sender: Sender, by: str = "person") -> tuple[str, ...]:
    """See `Records.erase`. by: who asks for it, the person or one of ops for them.

    The rows go first, then the file is written anew, as remains may lie between its rows.
    """
    questions = await database.write(lambda connection: _erase_rows(connection, person, sender, by))
    try:
        await database.compact()
    except DatabaseUnavailable as error:
        # The daily round tries again.
        _log.error("erased, but the database was not compacted (%s)", error, extra={"event": "not_compacted"})
    return questions


def _erase_rows(connection: Connection, person: str, sender: Sender, by: str) -> tuple[str, ...]:
    # What is just being kept of them is finished first, and nothing more is afterwards: that changes the same rows, in
    # the same order, so that neither waits for the other for ever.
    mine = (_inbox.channel == sender.channel) & _inbox.state.in_(UNHANDLED) & (_inbox.person_id == person)
    connection.execute(
        update(InboxItem).where(mine, _inbox.state == "open").values(state="done", done_at=now(), **EMPTY)
    )
    # What is at work stays claimed, so that it can be finished.
    connection.execute(update(InboxItem).where(mine).values(**EMPTY))
    connection.execute(update(Person).where(_person.id == person).values(last_seen=_person.last_seen))
    questions = tuple(connection.scalars(select(_turn.question).where(_turn.person_id == person)))
    theirs = _address.person_id == person
    if sender.private:
        theirs = or_(theirs, and_(_address.channel == sender.channel, _address.chat == sender.chat))
    addresses = select(_address.id).where(theirs)
    turns = select(_turn.id).where(_turn.person_id == person)
    connection.execute(delete(OutboxItem).where(or_(_outbox.turn_id.in_(turns), _outbox.address_id.in_(addresses))))
    delete_words(connection, list(connection.scalars(turns)))
    forget_turns(connection, _turn.person_id == person)
    connection.execute(delete(Turn).where(_turn.person_id == person))
    connection.execute(delete(Ticket).where(_ticket.person_id == person))
    connection.execute(delete(AgentTick).where(_tick.person_id == person))
    connection.execute(delete(Offer).where(_offer.person_id == person))
    connection.execute(delete(Conversation).where(_conversation.person_id == person))
    onboarding.forget(connection, select(_person.id).where(_person.id == person))
    connection.execute(delete(Address).where(theirs))
    connection.execute(delete(Person).where(_person.id == person))
    note(connection, by, "erase", "records", turns=len(questions))
    return questions


async def expire(database: Database, before: datetime.datetime) -> int:
    """Erase what was asked before, and whoever was not seen since; returns the number of turns."""
    total = 0
    while expired := await database.write(lambda connection: _expire_turns(connection, before)):
        total += expired
    await database.write(lambda connection: _expire_rest(connection, before))
    if total or await database.read(_erased_lately):
        await database.compact()
    return total


def _expire_turns(connection: Connection, before: datetime.datetime) -> int:
    old = list(connection.scalars(select(_turn.id).where(_turn.asked_at < before).order_by(_turn.id).limit(_AT_ONCE)))
    connection.execute(delete(OutboxItem).where(_outbox.turn_id.in_(old)))
    delete_words(connection, old)
    forget_turns(connection, _turn.id.in_(old))
    connection.execute(delete(Turn).where(_turn.id.in_(old)))
    return len(old)


def _expire_rest(connection: Connection, before: datetime.datetime) -> None:
    """What hung on the turns, from the leaves to the people."""
    # Sent or not: a page on the web that nobody opened again never took what was for it.
    connection.execute(delete(OutboxItem).where(_outbox.created_at < before, _outbox.turn_id.is_(None)))
    connection.execute(delete(InboxItem).where(_inbox.done_at < now() - _DELIVERED_AGAIN))
    forgotten = (_ticket.state == "open") & (_ticket.opened_at < before)
    connection.execute(delete(Ticket).where((_ticket.closed_at < before) | forgotten))
    connection.execute(
        delete(Conversation).where(
            _conversation.last_turn_at < before,
            ~exists().where(_turn.conversation_id == _conversation.id),
            ~exists().where(_ticket.conversation_id == _conversation.id),
        )
    )
    # By what names and addresses somebody tried to sign in, and where somebody was signed in.
    connection.execute(delete(Attempt).where(Attempt.__table__.c.at < now() - _DAY))
    connection.execute(delete(SignIn).where(SignIn.__table__.c.until < now()))
    silent = select(_person.id).where(
        _person.last_seen < before,
        ~exists().where(_turn.person_id == _person.id),
        ~exists().where(_ticket.person_id == _person.id),
        ~exists().where(_conversation.person_id == _person.id),
    )
    connection.execute(delete(AgentTick).where(_tick.person_id.in_(silent)))
    connection.execute(delete(Offer).where(_offer.person_id.in_(silent)))
    onboarding.expire(connection, before)
    onboarding.forget(connection, silent)
    connection.execute(
        delete(Address).where(
            or_(_address.person_id.is_(None), _address.person_id.in_(silent)),
            ~exists().where(_conversation.address_id == _address.id),
            ~exists().where(_outbox.address_id == _address.id),
            ~exists().where(_ticket.address_id == _address.id),
        )
    )
    connection.execute(delete(Person).where(_person.id.in_(silent), ~exists().where(_address.person_id == _person.id)))


def _erased_lately(connection: Connection) -> bool:
    lately = exists().where(AuditEntry.action == "erase", AuditEntry.at > now() - 2 * _DAY)
    return bool(connection.execute(select(lately)).scalar_one())


async def expire_daily(database: Database, days: int) -> None:
    """Erase what is older than so many days, now and every day, until cancelled."""
    while True:
        try:
            turns = await expire(database, now() - days * _DAY)
        except DatabaseUnavailable as error:
            _log.warning("nothing expired, next try in a day (%s)", error)
        except Exception as error:  # noqa: BLE001  # a day's failure must not end the rounds of all days
            _log.error("expiring failed", exc_info=error, extra={"event": "failure"})
        else:
            _log.info("expired", extra={"event": "expired", "turns": turns})
        await asyncio.sleep(_PAUSE)
