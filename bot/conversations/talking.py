"""People, their conversations and their turns, each function within one transaction."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, ScalarSelect, and_, bindparam, case, func, insert, select, update

from bot.conversations import counting
from bot.conversations.exchange import Newest, NewTurn, Outcome, Sender, Talk
from bot.conversations.models import Address, Conversation, OutboxItem, Person, Turn, Vote, insert_new, now
from bot.conversations.outbox import address_of
from bot.conversations.people import Pseudonyms
from bot.conversations.searching import keep_words
from bot.conversations.supplier_models import Supplier

# A conversation is over after so long a silence.
SILENCE = datetime.timedelta(hours=12)
# How many earlier questions of a person a question may lean on.
HISTORY = 5
# Turns looked at to find those, as talk and mended questions do not count.
_LOOK_BACK = 20
_TOPIC_LENGTH = 32

_MINUTE, _DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
_ANSWERED = ("answer", "clarify", "abstain")

_person, _address = Person.__table__.c, Address.__table__.c
_conversation, _turn = Conversation.__table__.c, Turn.__table__.c
_supplier = Supplier.__table__.c


def _asked_since(moment: str) -> ScalarSelect[int]:
    """How many questions of the person were dealt with since; comparisons rather than NOT IN are compiled once."""
    uncounted = ("limited", "not_taken", "held", "ops")
    counted = and_(*(_turn.decision != decision for decision in uncounted))
    mine = (_turn.person_id == bindparam("person")) & (_turn.asked_at > bindparam(moment))
    return select(func.count()).where(mine, counted).scalar_subquery()


_WHERE = (
    select(
        _person.language,
        _person.informed_at,
        _address.id,
        _address.state,
        _conversation.id,
        _conversation.last_turn_at,
        _conversation.album,
        _conversation.held_until,
        _asked_since("minute_ago"),
        _asked_since("day_ago"),
        _supplier.profile,
    )
    .join_from(Conversation, Person, _conversation.person_id == _person.id)
    .join(Address, _conversation.address_id == _address.id)
    .outerjoin(Supplier, _supplier.person_id == _person.id)
    .where(
        _conversation.person_id == bindparam("person"),
        _address.channel == bindparam("of"),
        _address.chat == bindparam("at"),
    )
    .order_by(_conversation.id.desc())
    .limit(1)
)
_TURNS = (
    select(_turn.question, _turn.decision, _turn.question_message)
    .where(_turn.conversation_id == bindparam("conversation"))
    .order_by(_turn.id.desc())
    .limit(_LOOK_BACK)
)
_KEEP_TURN = insert(Turn).returning(Turn.id)
_GO_ON = (
    update(Conversation)
    .where(_conversation.id == bindparam("this"))
    .values(last_turn_at=bindparam("moment"), album=bindparam("spoken_of"))
)
_SEEN = (
    update(Person)
    .where(_person.id == bindparam("this"))
    .values(
        last_seen=bindparam("moment"),
        language=bindparam("speaks"),
        informed_at=func.coalesce(_person.informed_at, bindparam("told")),
    )
)


def talk_of(connection: Connection, pseudonyms: Pseudonyms, sender: Sender, edited: int | None) -> Talk | None:
    """The running talk of a sender; None when there is none, or something is to be written before it goes on."""
    moment = now()
    person = pseudonyms.of(sender.channel, sender.person)
    row = connection.execute(
        _WHERE,
        {
            "person": person,
            "of": sender.channel,
            "at": sender.chat,
            "minute_ago": moment - _MINUTE,
            "day_ago": moment - _DAY,
        },
    ).one_or_none()
    if row is None:
        return None
    language, informed_at, address, state, conversation, last_turn_at, album, held_until, minute, day, profile = row
    if state != "reachable" or last_turn_at <= moment - SILENCE:
        return None
    turns = connection.execute(_TURNS, {"conversation": conversation}).all()
    return Talk(
        person=person,
        channel=sender.channel,
        address=address,
        conversation=conversation,
        language=language,
        history=earlier_questions(turns, edited),
        newest=next((Newest(number, text) for text, _, number in turns if number is not None), None),
        album=album,
        informed=informed_at is not None,
        asked_minute=minute,
        asked_day=day,
        held=held_until is not None and held_until > moment,
        # What stands last is from the time that ops have been writing, or waits for them.
        told_held=bool(turns) and turns[0].decision in ("held", "ops"),
        # In a group others would read what they told of themselves.
        profile=profile if profile and sender.private else {},
    )


def earlier_questions(turns: Iterable[Sequence[Any]], edited: int | None) -> tuple[str, ...]:
    """What a question may lean on, oldest first, from the turns before it, newest first: text, decision, message.

    Of a question that was mended only the last wording counts.
    """
    questions: list[str] = []
    seen = {edited}
    for text, decision, number in turns:
        if number is not None:
            if number in seen:
                continue
            seen.add(number)
        if decision in _ANSWERED:
            questions.append(text)
    return tuple(reversed(questions[:HISTORY]))


def introduced(connection: Connection, pseudonyms: Pseudonyms, sender: Sender, edited: int | None) -> Talk:
    """The talk of a sender after whatever was missing is there: the person, their chat, a conversation."""
    moment = now()
    person = know(connection, pseudonyms, sender, moment)
    address = address_of(connection, sender.channel, sender.chat, person if sender.private else None)
    talk = talk_of(connection, pseudonyms, sender, edited)
    if talk is None:
        begin(connection, person, address, sender.channel, moment)
        talk = talk_of(connection, pseudonyms, sender, edited)
    assert talk is not None  # noqa: S101  # for the type checker: everything that it needs was just made
    return talk


def know(connection: Connection, pseudonyms: Pseudonyms, sender: Sender, moment: datetime.datetime) -> str:
    """The pseudonym of a sender, who is a person of the records now."""
    person = pseudonyms.of(sender.channel, sender.person)
    connection.execute(
        insert_new(connection, Person),
        {
            "id": person,
            "channel": sender.channel,
            "language": "vi",
            "first_seen": moment,
            "last_seen": moment,
        },
    )
    return person


def begin(
    connection: Connection, person: str, address: int, channel: str, moment: datetime.datetime, album: str | None = None
) -> None:
    connection.execute(
        insert(Conversation),
        {
            "person_id": person,
            "address_id": address,
            "channel": channel,
            "started": moment,
            "last_turn_at": moment,
            "album": album,
        },
    )


def keep_turn(
    connection: Connection,
    person: str,
    channel: str,
    conversation: int | None,
    turn: NewTurn,
    answered_at: datetime.datetime | None,
) -> int:
    """Returns the turn's number."""
    number: int = connection.execute(
        _KEEP_TURN,
        {
            "key": turn.key,
            "conversation_id": conversation,
            "person_id": person,
            "channel": channel,
            "asked_at": turn.asked_at,
            "answered_at": answered_at,
            "question": turn.question,
            "understood": turn.understood,
            "decision": turn.decision,
            "reply": turn.reply,
            "sources": list(turn.sources),
            "confidence": turn.confidence,
            "library_version": turn.library_version,
            "latency": turn.latency,
            "question_message": turn.question_message,
            "reference": turn.reference,
            "late": turn.late,
            "writing": turn.writing,
            "suggestions": list(turn.suggestions),
            "topic": _topic(turn),
            "total_ms": round(turn.latency["total"]) if "total" in turn.latency else None,
        },
    ).scalar_one()
    keep_words(connection, number, turn.question)
    counting.forget(connection, [counting.day_of(turn.asked_at)])
    return number


def _topic(turn: NewTurn) -> str | None:
    """The folder of the guide that answers, by the first source that is cited."""
    if turn.decision not in ("answer", "clarify") or not turn.sources:
        return None
    best = next((source for source in turn.sources if "n" in source), turn.sources[0])
    folder = str(best.get("document") or best.get("id") or "").partition("/")[0]
    return "other" if folder == "uploads" else folder[:_TOPIC_LENGTH] or None


def remember(connection: Connection, talk: Talk, outcome: Outcome, moment: datetime.datetime) -> bool:
    """What an outcome changes of the person and the conversation; False when the person is known no more."""
    seen = connection.execute(
        _SEEN,
        {
            "this": talk.person,
            "moment": moment,
            "speaks": outcome.language or talk.language,
            "told": moment if outcome.informed else None,
        },
    )
    if seen.rowcount != 1:
        return False
    # Ops who have taken a conversation over do not lose it to a new one.
    if outcome.anew and not talk.held:
        begin(connection, talk.person, talk.address, talk.channel, moment, outcome.album)
    else:
        spoken_of = outcome.album or talk.album
        connection.execute(_GO_ON, {"this": talk.conversation, "moment": moment, "spoken_of": spoken_of})
    return True


def judge(
    connection: Connection, person: str, turn_key: str, vote: Vote | None, reason: str | None, note: str | None
) -> bool:
    """See `Records.feedback`."""
    same = _turn.feedback == vote
    mine = and_(_turn.key == turn_key, _turn.person_id == person)
    counting.forget_turns(connection, mine)
    judged = connection.execute(
        update(Turn)
        .where(mine)
        .values(
            feedback=vote,
            feedback_reason=case((same, func.coalesce(reason, _turn.feedback_reason)), else_=reason),
            feedback_note=case((same, func.coalesce(note, _turn.feedback_note)), else_=note),
            feedback_at=now() if vote else None,
        )
    )
    return judged.rowcount == 1


def turn_number(connection: Connection, key: str) -> int | None:
    return connection.execute(select(_turn.id).where(_turn.key == key)).scalar_one_or_none()


def turn_of(connection: Connection, channel: str, chat: str, message: int) -> str | None:
    """See `Records.turn_of`."""
    return connection.execute(
        select(_turn.key)
        .join_from(OutboxItem, Turn, OutboxItem.turn_id == _turn.id)
        .join(Address, OutboxItem.address_id == _address.id)
        .where(_address.channel == channel, _address.chat == chat, OutboxItem.channel_message_id == message)
        .limit(1)
    ).scalar_one_or_none()
