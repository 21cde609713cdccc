"""Conversations that ops take over: they write, and the bot keeps quiet until they hand back or have gone silent."""

import datetime

from sqlalchemy import Connection, func, or_, select, update

from bot.conversations.auditing import note
from bot.conversations.exchange import NewTurn
from bot.conversations.models import AnyRow, Conversation, new_key, now
from bot.conversations.outbox import tell
from bot.conversations.talking import keep_turn

# In this name a group of ops holds a conversation; no user of the console has it, and each may take over from it.
GROUP = "nhóm Telegram"

_conversation = Conversation.__table__.c


def take_over(connection: Connection, conversation: int, by: str, hold: datetime.timedelta) -> int | None:
    """Hold a conversation, or the one that the same person has begun there since; returns which.

    None, and nothing is changed, when somebody else holds it, or it is gone.
    """
    chosen = connection.execute(select(*_conversation).where(_conversation.id == conversation)).one_or_none()
    if chosen is None:
        return None
    there = (_conversation.person_id == chosen.person_id) & (_conversation.address_id == chosen.address_id)
    newest: int = connection.execute(select(func.max(_conversation.id)).where(there)).scalar_one()
    moment = now()
    before = connection.scalar(
        select(_conversation.held_by).where(_conversation.id == newest, _conversation.held_until > moment)
    )
    holder = _conversation.held_by
    free = or_(holder.is_(None), holder.in_((by, GROUP)), _conversation.held_until <= moment)
    # What was silent for long goes on, as what ops write belongs to it.
    held = connection.execute(
        update(Conversation)
        .where(_conversation.id == newest, free)
        .values(held_by=by, held_until=moment + hold, last_turn_at=moment)
    )
    if held.rowcount != 1:
        return None
    if before != by:
        note(connection, by, "take_over", str(newest))
    return newest


def write_as(
    connection: Connection, conversation: int, by: str, text: str, told: str, hold: datetime.timedelta
) -> int | None:
    """Send words of ops to the person and keep them as a turn of its own; the bot keeps quiet for longer.

    told: the text as the person gets it, with who speaks. Returns the turn's number; None when `by` does not hold it.
    """
    row = _held(connection, conversation, by)
    if row is None:
        return None
    moment = now()
    turn = NewTurn(new_key(), "", "ops", moment, reply=text, writing={"made_by": "ops", "by": by})
    number = keep_turn(connection, row.person_id, row.channel, conversation, turn, moment)
    tell(connection, row.address_id, told, number)
    connection.execute(
        update(Conversation)
        .where(_conversation.id == conversation)
        .values(held_until=moment + hold, last_turn_at=moment)
    )
    return number


def hand_back(connection: Connection, conversation: int, by: str, told: str) -> bool:
    """Let the bot answer again, and tell the person; False when `by` does not hold the conversation."""
    row = _held(connection, conversation, by)
    if row is None:
        return False
    connection.execute(
        update(Conversation).where(_conversation.id == conversation).values(held_by=None, held_until=None)
    )
    tell(connection, row.address_id, told)
    note(connection, by, "hand_back", str(conversation))
    return True


def held_now(connection: Connection, conversation: int) -> bool:
    """Whether somebody of ops holds a conversation at this moment."""
    until = connection.execute(select(_conversation.held_until).where(_conversation.id == conversation))
    moment = until.scalar_one_or_none()
    return moment is not None and moment > now()


def _held(connection: Connection, conversation: int, by: str) -> AnyRow:
    return connection.execute(
        select(_conversation.person_id, _conversation.address_id, _conversation.channel).where(
            _conversation.id == conversation, _conversation.held_by == by, _conversation.held_until > now()
        )
    ).one_or_none()
