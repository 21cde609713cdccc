"""Questions that were not answered well, and who wants to be told once they can be; each function one transaction."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, or_, select, update

from bot.conversations.exchange import Message, Missed, ToldWaiting, Waiting
from bot.conversations.models import Address, Conversation, Turn, Wanted, now
from bot.conversations.outbox import notes, send
from bot.conversations.talking import earlier_questions

# An answer so soon after asking back is where that led to.
_LED_TO = datetime.timedelta(hours=1)

_turn, _conversation, _address = Turn.__table__.c, Conversation.__table__.c, Address.__table__.c
# Nothing is understood of what is declined unread: orders to the bot, other people's data, abuse.
_DECLINED = (_turn.decision == "abstain") & (_turn.understood != "")
_WAITS = _DECLINED & (_turn.wants_answer == "asked")


def missed(connection: Connection, since: datetime.datetime, limit: int) -> list[Missed]:
    """See `Records.missed`."""
    poor = or_(_DECLINED, _turn.decision == "clarify", _turn.feedback == "down")
    chosen = and_(poor, _turn.asked_at >= since, _turn.understood != "")
    rows = connection.execute(select(*_turn).where(chosen).order_by(_turn.id.desc()).limit(limit)).all()
    talks = _talks(connection, [row.conversation_id for row in rows])
    found = []
    for row in reversed(rows):
        talk = talks[row.conversation_id]
        after = [turn for turn in talk if turn.id > row.id]
        if not _mended(row, after) and (row.decision != "clarify" or row.feedback == "down" or not _led_on(row, after)):
            found.append(_missed(row, _history(row, talk)))
    return found


def _talks(connection: Connection, conversations: Sequence[int | None]) -> dict[int | None, list[Row[Any]]]:
    """The turns of some conversations, oldest first, as far as a history and its end are made of them."""
    talks: dict[int | None, list[Any]] = defaultdict(list)
    known = sorted({number for number in conversations if number is not None})
    columns = (_turn.id, _turn.conversation_id, _turn.question, _turn.decision, _turn.asked_at, _turn.question_message)
    for start in range(0, len(known), 500):
        here = _turn.conversation_id.in_(known[start : start + 500])
        for turn in connection.execute(select(*columns).where(here).order_by(_turn.id)):
            talks[turn.conversation_id].append(turn)
    return talks


def _history(row: Row[Any], talk: Sequence[Row[Any]]) -> tuple[str, ...]:
    """What a question could lean on; one that was chosen rather than typed has no message and stands alone."""
    if row.question_message is None:
        return ()
    before = [(turn.question, turn.decision, turn.question_message) for turn in talk if turn.id < row.id]
    return earlier_questions(before[::-1], row.question_message)


def _mended(row: Row[Any], after: Sequence[Row[Any]]) -> bool:
    """Whether the same message was asked anew in other words."""
    number = row.question_message
    return number is not None and any(turn.question_message == number for turn in after)


def _led_on(row: Row[Any], after: Sequence[Row[Any]]) -> bool:
    return any(turn.decision == "answer" and turn.asked_at <= row.asked_at + _LED_TO for turn in after)


def _missed(row: Row[Any], history: tuple[str, ...]) -> Missed:
    return Missed(
        key=row.key,
        person=row.person_id,
        asked_at=row.asked_at,
        question=row.question,
        history=history,
        disliked=row.feedback == "down",
        documents=tuple(source["document"] for source in row.sources if source.get("document")),
        cited=tuple(source["id"] for source in row.sources if source.get("n")),
        version=row.library_version,
        wanted=row.wants_answer == "asked",
    )


def want(connection: Connection, person: str, key: str, *, wanted: bool) -> tuple[bool, Wanted | None]:
    """See `Records.want_answer`: whether there is such a turn, and what is kept now."""
    mine = (_turn.key == key) & (_turn.person_id == person) & _DECLINED
    untold = _turn.wants_answer.is_(None) | (_turn.wants_answer == "asked")
    connection.execute(update(Turn).where(mine, untold).values(wants_answer="asked" if wanted else None))
    row = connection.execute(select(_turn.wants_answer).where(mine)).one_or_none()
    return (row is not None, row[0] if row else None)


def waiting(connection: Connection, after: int, limit: int) -> list[Waiting]:
    """See `Records.waiting`."""
    rows = connection.execute(
        select(*_turn)
        .join_from(Turn, Conversation, _turn.conversation_id == _conversation.id)
        .join(Address, _conversation.address_id == _address.id)
        .where(_WAITS, _turn.id > after, _address.state == "reachable")
        .order_by(_turn.id)
        .limit(limit)
    ).all()
    talks = _talks(connection, [row.conversation_id for row in rows])
    return [Waiting(row.id, row.question, _history(row, talks[row.conversation_id])) for row in rows]


def tell_waiting(connection: Connection, turn: int, text: str) -> ToldWaiting:
    """See `Records.tell_waiting`."""
    row = connection.execute(
        select(
            _turn.person_id, _turn.understood, _turn.question_message, _address.id, _address.chat, _address.person_id
        )
        .join_from(Turn, Conversation, _turn.conversation_id == _conversation.id)
        .join(Address, _conversation.address_id == _address.id)
        .where(_turn.id == turn, _WAITS, _address.state == "reachable")
    ).one_or_none()
    if row is None:
        return "gone"
    person, understood, number, address, chat, private = row
    theirs = (_conversation.person_id == person) & (_conversation.address_id == address)
    if connection.scalar(select(exists().where(theirs, _conversation.held_until > now()))):
        return "held"
    here = select(_conversation.id).where(_conversation.address_id == address)
    same = (_turn.person_id == person) & (_turn.understood == understood) & _turn.conversation_id.in_(here)
    told = connection.execute(update(Turn).where(_WAITS, same).values(wants_answer="told"))
    if not told.rowcount:
        return "gone"
    # Where others talk as well, the one who asked is called by quoting the question; a chat that moved counts anew.
    moved = connection.execute(select(_address.id).where(_address.migrated_to == chat)).first()
    quoting = number is not None and private is None and moved is None
    first, *rest = notes(text)
    if quoting:
        first = Message(first.kind, first.body | {"reply_to": number})
    send(connection, address, [first, *rest], now(), turn_id=turn)
    return "told"
