"""What channels show that keep no messages of their own, each function within one transaction."""

import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bot.conversations.exchange import Backlog, Sender, Shown, ShownNote, ShownTurn
from bot.conversations.inbox import UNHANDLED
from bot.conversations.models import Address, Conversation, InboxItem, OutboxItem, Turn
from bot.conversations.outbox import UNSENT

# Turns and notes shown of one conversation, the newest ones.
_MOST = 100

_address, _conversation = Address.__table__.c, Conversation.__table__.c
_turn, _inbox, _outbox = Turn.__table__.c, InboxItem.__table__.c, OutboxItem.__table__.c

_SEEN = (
    _turn.id,
    _turn.key,
    _turn.asked_at,
    _turn.question,
    _turn.decision,
    _turn.reply,
    _turn.sources,
    _turn.suggestions,
    _turn.library_version,
    _turn.feedback,
    _turn.feedback_reason,
    _turn.reference,
    _turn.late,
    _turn.understood,
    _turn.wants_answer,
    _turn.writing,
)


def shown(connection: Connection, person: str, sender: Sender, after_turn: int, after_note: int) -> Shown:
    """See `Records.shown`."""
    running = connection.execute(
        select(_conversation.id, _conversation.started, _conversation.address_id)
        .join_from(Conversation, Address, _conversation.address_id == _address.id)
        .where(_conversation.person_id == person, _address.channel == sender.channel, _address.chat == sender.chat)
        .order_by(_conversation.id.desc())
        .limit(1)
    ).one_or_none()
    waits = tuple(payload for payload in _open(connection, sender) if payload)
    if running is None:
        return Shown(open=waits)
    conversation, started, address = running
    turns = connection.execute(
        select(*_SEEN)
        # What ops wrote is among the notes.
        .where(_turn.conversation_id == conversation, _turn.id > after_turn, _turn.decision != "ops")
        .order_by(_turn.id.desc())
        .limit(_MOST)
    )
    notes = connection.execute(
        select(_outbox.id, _outbox.body, _outbox.created_at, _outbox.state)
        .where(
            _outbox.address_id == address,
            _outbox.kind == "note",
            _outbox.id > after_note,
            # What was said in an earlier conversation and not seen is shown in this one.
            (_outbox.created_at >= started) | UNSENT,
        )
        .order_by(_outbox.id.desc())
        .limit(_MOST)
    )
    return Shown(
        conversation,
        tuple(reversed([ShownTurn(**turn._mapping) for turn in turns])),
        tuple(reversed([_note(*note) for note in notes if note.body])),
        waits,
    )


def _note(id_: int, body: dict[str, Any], created_at: datetime.datetime, state: str) -> ShownNote:
    return ShownNote(id_, body["text"], created_at, state != "sent", body.get("invites", False))


def _open(connection: Connection, sender: Sender) -> list[dict[str, Any] | None]:
    """The payloads of what a chat has asked for and not got yet, in their order."""
    mine = (_inbox.channel == sender.channel, _inbox.chat == sender.chat, _inbox.state.in_(UNHANDLED))
    return list(connection.scalars(select(_inbox.payload).where(*mine).order_by(_inbox.update_id)))


def asked(connection: Connection, sender: Sender, turn_key: str) -> bool:
    """See `Records.asked`."""
    if any(payload and payload.get("key") == turn_key for payload in _open(connection, sender)):
        return True
    return connection.execute(select(_turn.id).where(_turn.key == turn_key)).first() is not None


def backlog(connection: Connection) -> Backlog:
    """See `Records.backlog`."""
    inbox = connection.execute(select(func.count()).where(_inbox.state.in_(UNHANDLED))).scalar_one()
    outbox = connection.execute(select(func.count()).where(UNSENT)).scalar_one()
    return Backlog(inbox, outbox)
