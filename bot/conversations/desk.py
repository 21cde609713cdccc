"""Between a person who wants a human and ops who answer elsewhere than in the console, such as in a group of theirs.

What goes to ops hangs on a turn of the person's, so that it is exported and erased with it; the turn that a ticket was
opened by carries the ticket's number in its key.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, exists, func, select, update

from bot.conversations import holding
from bot.conversations.database import Database
from bot.conversations.exchange import Message, NewTurn, Talk
from bot.conversations.models import Address, AnyRow, Conversation, OutboxItem, Person, Ticket, Turn, User, now
from bot.conversations.outbox import address_of, notes, send, tell
from bot.conversations.talking import begin, keep_turn, turn_number
from bot.conversations.tickets import answer, close, open_ticket, ticket_by
from bot.texts import Language

# What became of words of ops: sent, and the first ones for this ticket; sent before; the ticket is closed, or gone with
# its person; the person's chat is away.
Answered = Literal["first", "sent", "closed", "gone", "unreachable"]
# What became of a ticket: it is done, and the bot answers; it is done, and somebody else still holds the conversation;
# it was closed before, or is gone.
Ended = Literal["done", "held", "closed"]
# What a person asked, of all that is kept as turns.
_ASKED = ("answer", "clarify", "abstain", "limited", "failed", "held")
_AWAY = ("blocked", "gone")

_ticket, _turn, _outbox = Ticket.__table__.c, Turn.__table__.c, OutboxItem.__table__.c
_person, _address, _conversation = Person.__table__.c, Address.__table__.c, Conversation.__table__.c


@dataclass(frozen=True, slots=True)
class Place:
    """Where ops read along: a chat of a channel."""

    channel: str
    chat: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a ticket would be about. number: of one that is open already. turn: the key of the question."""

    number: int | None
    turn: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Below:
    """What ops answer: a message of ours about the ticket of a number. message: the channel's number of it."""

    place: Place
    message: int
    number: int


@dataclass(frozen=True, slots=True)
class OpsWords:
    """key: of the turn that is kept of them. by: who wrote them. holder: in whose name a conversation is held."""

    key: str
    by: str
    holder: str
    text: str


# The words for a new ticket of a number about a question: what the person is told, and what ops get.
Words = Callable[[int, str], tuple[str, str]]
# What a person is told, in their language; whether it is the first answer, or whether the bot answers again.
Told = Callable[[Language, bool], str]


class DeskRecords:
    """Every method is one transaction, as in `Records`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attended(self, place: Place | None) -> bool:
        """Whether there is anybody to take tickets: a user of the console, or a group that can be reached."""
        return await self._database.read(lambda connection: _attended(connection, place))

    async def wish(self, talk: Talk) -> Wish:
        return await self._database.read(
            lambda connection: Wish(_open_of(connection, talk.person), *_asked(connection, talk, "")[:2])
        )

    async def open(
        self, talk: Talk, asked: str, title: str, words: Words, place: Place | None, *, shown: bool
    ) -> tuple[int, str]:
        """Open a ticket about the question of a key, or else their last one, and tell ops; its number, and the key of
        the turn that is kept of it. Whoever has one open keeps that, and nothing is changed.

        title: stands for what the person asked. shown: ops may read the conversation.
        """
        return await self._database.write(
            lambda connection: _open(connection, talk, asked, title, words, place, shown=shown)
        )

    async def answer(self, below: Below, words: OpsWords, told: Told, hold: datetime.timedelta) -> Answered:
        """Send words of ops to the person of a ticket, once, and hold the conversation, unless somebody else does."""
        return await self._database.write(lambda connection: _answer(connection, below, words, told, hold))

    async def done(self, below: Below, words: OpsWords, told: Told) -> Ended:
        """Close a ticket, hand its conversation back if the holder has it, and tell the person."""
        return await self._database.write(lambda connection: _done(connection, below, words, told))


def _attended(connection: Connection, place: Place | None) -> bool:
    if connection.scalar(select(exists().where(User.__table__.c.disabled.is_(False)))):
        return True
    if place is None:
        return False
    here = select(_address.state).where(_address.channel == place.channel, _address.chat == place.chat)
    return connection.scalar(here) not in _AWAY


def _open_of(connection: Connection, person: str) -> int | None:
    rows = select(_ticket.number).where(_ticket.person_id == person, _ticket.state == "open")
    return connection.scalar(rows.order_by(_ticket.id.desc()).limit(1))


def _asked(connection: Connection, talk: Talk, key: str) -> tuple[str, str, int]:
    """The question of a key, or the last one of the conversation: key, text, conversation."""
    mine = select(_turn.key, _turn.question, _turn.conversation_id).where(
        _turn.person_id == talk.person, _turn.decision.in_(_ASKED), _turn.question != ""
    )
    row = connection.execute(mine.where(_turn.key == key)).first() if key else None
    if row is None:
        here = mine.where(_turn.conversation_id == talk.conversation)
        row = connection.execute(here.order_by(_turn.id.desc()).limit(1)).first()
    return (row[0], row[1], row[2] or talk.conversation) if row else ("", "", talk.conversation)


def _open(
    connection: Connection, talk: Talk, asked: str, title: str, words: Words, place: Place | None, *, shown: bool
) -> tuple[int, str]:
    # One press after the other: two of them make one ticket.
    connection.execute(update(Person).where(_person.id == talk.person).values(last_seen=_person.last_seen))
    if (already := _open_of(connection, talk.person)) is not None:
        return already, _key(already)
    _, question, conversation = _asked(connection, talk, asked)
    number = open_ticket(connection, replace(talk, conversation=conversation), question or title, shown=shown)
    told, for_ops = words(number, question)
    moment = now()
    turn = NewTurn(_key(number), title, "smalltalk", moment, reply=told)
    turn_id = keep_turn(connection, talk.person, talk.channel, talk.conversation, turn, moment)
    if place:
        tell(connection, address_of(connection, place.channel, place.chat, None), for_ops, turn_id)
    return number, turn.key


def _key(number: int) -> str:
    """Of the turn that a ticket was opened by."""
    return f"ticket-{number}"


def _ticket_of(connection: Connection, below: Below) -> AnyRow:
    """None when the message is not about that ticket: what was erased leaves its number to another one."""
    ticket = ticket_by(connection, below.number)
    if ticket is None or ticket.address_id is None:
        return None
    told = (
        select(_outbox.id)
        .join_from(OutboxItem, Address, _outbox.address_id == _address.id)
        .where(
            _address.channel == below.place.channel,
            _address.chat == below.place.chat,
            _outbox.channel_message_id == below.message,
            _outbox.created_at >= ticket.opened_at,
        )
    )
    return ticket if connection.execute(told.limit(1)).first() else None


def _answer(connection: Connection, below: Below, words: OpsWords, told: Told, hold: datetime.timedelta) -> Answered:
    if turn_number(connection, words.key) is not None:
        return "sent"
    ticket = _ticket_of(connection, below)
    return "gone" if ticket is None else answer_as_ops(connection, ticket, words, told, hold)


def answer_as_ops(
    connection: Connection, ticket: AnyRow, words: OpsWords, told: Told, hold: datetime.timedelta
) -> Answered:
    """Send words of ops to the person of a ticket and hold the conversation; ticket: as `ticket_by` gives it."""
    if ticket.state != "open":
        return "closed"
    person, address, moment = ticket.person_id, ticket.address_id, now()
    if address is None:
        return "gone"
    if connection.scalar(select(_address.state).where(_address.id == address)) in _AWAY:
        return "unreachable"
    conversation = _running(connection, person, address)
    if conversation is None:
        begin(connection, person, address, ticket.channel, moment)
        conversation = _running(connection, person, address)
    assert conversation is not None  # noqa: S101  # for the type checker: it was just made
    holding.take_over(connection, conversation, words.holder, hold)
    turn = NewTurn(words.key, "", "ops", moment, reply=words.text, writing={"made_by": "ops", "by": words.by})
    turn_id = keep_turn(connection, person, ticket.channel, conversation, turn, moment)
    first = ticket.answered_at is None
    answer(connection, ticket.number, words.by, words.text, told(ticket.language, first), turn_id)
    return "first" if first else "sent"


def _running(connection: Connection, person: str, address: int) -> int | None:
    """The newest conversation of a person at an address."""
    there = (_conversation.person_id == person) & (_conversation.address_id == address)
    newest: int | None = connection.scalar(select(func.max(_conversation.id)).where(there))
    return newest


def _done(connection: Connection, below: Below, words: OpsWords, told: Told) -> Ended:
    ticket = _ticket_of(connection, below)
    return "closed" if ticket is None else close_as_ops(connection, ticket, words.by, (words.holder,), told)


def close_as_ops(connection: Connection, ticket: AnyRow, by: str, holders: Sequence[str], told: Told) -> Ended:
    """Close a ticket, hand its conversation back if one of the holders has it, and tell the person."""
    if not close(connection, ticket.number, by):
        return "closed"
    if ticket.address_id is None:
        return "done"
    conversation = _running(connection, ticket.person_id, ticket.address_id)
    back = conversation is not None and any(
        holding.hand_back(connection, conversation, holder, told(ticket.language, True)) for holder in holders
    )
    if not back:
        tell(connection, ticket.address_id, told(ticket.language, False))
    return "held" if conversation is not None and holding.held_now(connection, conversation) else "done"


def pass_on(connection: Connection, talk: Talk, turn_id: int, text: str) -> None:
    """What a person writes while ops hold the conversation: to where ops got their ticket, below it."""
    number = _open_of(connection, talk.person)
    if number is None:
        return
    there = connection.execute(
        select(_outbox.address_id, _outbox.channel_message_id)
        .join_from(OutboxItem, Turn, _outbox.turn_id == _turn.id)
        .join(Ticket, _ticket.number == number)
        .where(_turn.key == _key(number), _outbox.kind == "note", _outbox.address_id != _ticket.address_id)
        .order_by(_outbox.id)
        .limit(1)
    ).one_or_none()
    if there is None:
        return
    below = {"reply_to": there.channel_message_id} if there.channel_message_id else {}
    # What they typed makes no link whose address is hidden behind other words.
    said = [f"#{number} {one.body['text']}" for one in notes(text.replace("](", "] ("))]
    messages = [Message("note", {"text": words, **below}) for words in said]
    send(connection, there.address_id, messages, now(), turn_id=turn_id)
