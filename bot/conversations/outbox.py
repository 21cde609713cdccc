"""Messages on their way out, each function within one transaction."""

import datetime
from collections.abc import Collection, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.conversations.exchange import Due, Message
from bot.conversations.models import Address, Conversation, OutboxItem, Ticket, insert_new, now

_ERROR_LENGTH = 200
# Every channel shows so much in one message.
LONGEST_NOTE = 3500

_outbox, _address = OutboxItem.__table__.c, Address.__table__.c
# These hold their chat's line: what comes after them waits.
UNSENT = (_outbox.state == "waiting") | (_outbox.state == "sending")
_THIS = _outbox.id == bindparam("this")

_heads = select(func.min(_outbox.id)).where(UNSENT).group_by(_outbox.address_id)
_DUE = (
    select(
        _outbox.id,
        _outbox.address_id,
        _address.chat,
        _outbox.kind,
        _outbox.body,
        _outbox.position,
        _outbox.tries,
        _outbox.created_at,
    )
    .join_from(OutboxItem, Address, _outbox.address_id == _address.id)
    .where(
        _outbox.id.in_(_heads),
        _outbox.state == "waiting",
        _outbox.not_before <= bindparam("moment"),
        _address.channel == bindparam("of"),
        _address.state == "reachable",
    )
    .order_by(_outbox.id)
    .limit(bindparam("most"))
)
_SEND = insert(OutboxItem)
_MOVED = (
    select(_address.channel, _address.state, _address.migrated_to)
    .where(_address.id == bindparam("this"))
    .with_for_update(read=True)
)
_SENDING = (
    update(OutboxItem)
    .where(_outbox.id.in_(bindparam("these", expanding=True)), _outbox.state == "waiting")
    .values(state="sending", tries=_outbox.tries + 1)
    .returning(_outbox.id)
)
_SENT = (
    update(OutboxItem)
    .where(_THIS)
    .values(state="sent", body=None, sent_at=bindparam("moment"), channel_message_id=bindparam("number"), error=None)
)
_WAIT = update(OutboxItem).where(_THIS).values(state="waiting", not_before=bindparam("when"), error=bindparam("reason"))
_GIVE_UP = update(OutboxItem).where(_THIS).values(state=bindparam("end"), body=None, error=bindparam("reason"))


def address_of(connection: Connection, channel: str, chat: str, person: str | None) -> int:
    """The address of a chat that has written and so is reachable now."""
    connection.execute(
        insert_new(connection, Address),
        {"person_id": person, "channel": channel, "chat": chat, "state": "reachable"},
    )
    reach = (
        update(Address)
        .where(_address.channel == channel, _address.chat == chat)
        .values(state="reachable", person_id=func.coalesce(_address.person_id, person))
        .returning(_address.id)
    )
    address: int = connection.execute(reach).scalar_one()
    return address


def post(connection: Connection, channel: str, chat: str, messages: Sequence[Message]) -> None:
    """See `Records.post`."""
    send(connection, address_of(connection, channel, chat, None), messages, now())


def notes(text: str) -> list[Message]:
    """A text that any channel can show, in notes of at most `LONGEST_NOTE` UTF-16 units."""
    found, rest = [], text.strip()
    while rest:
        piece = rest.encode("utf-16-le", "replace")[: 2 * LONGEST_NOTE].decode("utf-16-le", "ignore")
        if len(piece) < len(rest):
            seams = (piece.rfind(seam) for seam in ("\n\n", "\n", " "))
            piece = piece[: next((seam for seam in seams if seam > 0), len(piece))]
        found.append(Message("note", {"text": piece.strip()}))
        rest = rest[len(piece) :].strip()
    return found


def tell(connection: Connection, address: int, text: str, turn_id: int | None = None) -> None:
    """See `Records.tell`."""
    messages = notes(text)
    if messages:
        send(connection, address, messages, now(), turn_id=turn_id)


def send(
    connection: Connection,
    address: int,
    messages: Sequence[Message],
    moment: datetime.datetime,
    *,
    turn_id: int | None = None,
    update_id: int | None = None,
) -> None:
    """Put messages into the line of an address; where its chat has moved meanwhile, of the new one."""
    address = _where_it_is(connection, address)
    rows: list[dict[str, Any]] = [
        {
            "address_id": address,
            "turn_id": turn_id,
            "update_id": update_id,
            "position": position,
            "kind": message.kind,
            "body": message.body,
            "state": "waiting",
            "tries": 0,
            "not_before": moment,
            "created_at": moment,
        }
        for position, message in enumerate(messages)
    ]
    connection.execute(_SEND, rows)


def _where_it_is(connection: Connection, address: int) -> int:
    # Held until this transaction ends, so that the chat moves before it or after it, with what it leaves behind.
    found = connection.execute(_MOVED, {"this": address}).one_or_none()
    if found is None or found.state != "gone" or found.migrated_to is None:
        return address
    new = select(_address.id).where(_address.channel == found.channel, _address.chat == found.migrated_to)
    return connection.execute(new).scalar_one_or_none() or address


def resume_sending(connection: Connection, channel: str) -> int:
    """See `Records.resume_sending`."""
    here = select(_address.id).where(_address.channel == channel)
    resumed = connection.execute(
        update(OutboxItem).where(_outbox.state == "sending", _outbox.address_id.in_(here)).values(state="waiting")
    )
    return resumed.rowcount


def due(connection: Connection, channel: str, limit: int) -> list[Due]:
    """See `Records.due`."""
    return [Due(*row) for row in connection.execute(_DUE, {"of": channel, "moment": now(), "most": limit})]


def with_notes(connection: Connection, channel: str, chats: Collection[str]) -> set[str]:
    """See `Records.with_notes`."""
    rows = (
        select(_address.chat)
        .join_from(Address, OutboxItem, _outbox.address_id == _address.id)
        .where(_address.channel == channel, _address.chat.in_(chats), _outbox.state == "waiting")
    )
    return set(connection.scalars(rows))


def next_at(connection: Connection, channel: str) -> datetime.datetime | None:
    """See `Records.next_at`."""
    moment: datetime.datetime | None = connection.execute(
        select(func.min(_outbox.not_before))
        .join_from(OutboxItem, Address, _outbox.address_id == _address.id)
        .where(
            _outbox.id.in_(_heads),
            _outbox.state == "waiting",
            _address.channel == channel,
            _address.state == "reachable",
        )
    ).scalar_one()
    return moment


def mark_sending(connection: Connection, ids: Sequence[int]) -> tuple[int, ...]:
    """See `Records.mark_sending`."""
    return tuple(connection.scalars(_SENDING, {"these": list(ids)}))


def mark_sent(connection: Connection, sent: Sequence[tuple[int, int | None]]) -> None:
    """See `Records.mark_sent`."""
    moment = now()
    if sent:
        connection.execute(_SENT, [{"this": id_, "number": number, "moment": moment} for id_, number in sent])


def mark_shown(connection: Connection, ids: Sequence[int]) -> None:
    """See `Records.mark_shown`."""
    connection.execute(
        update(OutboxItem).where(_outbox.id.in_(ids), UNSENT).values(state="sent", sent_at=now(), error=None)
    )


def wait(connection: Connection, id_: int, when: datetime.datetime, error: str) -> None:
    """See `Records.retry_at`."""
    connection.execute(_WAIT, {"this": id_, "when": when, "reason": error[:_ERROR_LENGTH]})


def give_up(connection: Connection, id_: int, end: Literal["uncertain", "failed"], error: str) -> None:
    """See `Records.mark_uncertain` and `Records.fail`."""
    connection.execute(_GIVE_UP, {"this": id_, "end": end, "reason": error[:_ERROR_LENGTH]})


def drop_address(connection: Connection, address: int, state: Literal["blocked", "gone"]) -> None:
    """See `Records.drop_address`."""
    connection.execute(update(Address).where(_address.id == address).values(state=state))
    connection.execute(
        update(OutboxItem).where(_outbox.address_id == address, UNSENT).values(state="dropped", body=None, error=state)
    )


def migrate_address(connection: Connection, address: int, chat: str) -> None:
    """See `Records.migrate_address`."""
    channel = connection.execute(select(_address.channel).where(_address.id == address)).scalar_one()
    # The new chat may have written already, or not yet.
    connection.execute(
        insert_new(connection, Address), {"channel": channel, "chat": chat, "state": "reachable", "person_id": None}
    )
    new = connection.execute(select(_address.id).where(_address.channel == channel, _address.chat == chat)).scalar_one()
    if new == address:
        return
    conversation = Conversation.__table__.c
    connection.execute(update(Conversation).where(conversation.address_id == address).values(address_id=new))
    connection.execute(update(Ticket).where(Ticket.__table__.c.address_id == address).values(address_id=new))
    connection.execute(update(Address).where(_address.id == address).values(state="gone", migrated_to=chat))
    # Last, so that it finds what was put into the line until now.
    connection.execute(
        update(OutboxItem).where(_outbox.address_id == address, UNSENT).values(address_id=new, state="waiting")
    )
