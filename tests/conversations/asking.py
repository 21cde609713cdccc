"""What a channel does with an update, in short."""

import datetime
from typing import Any

from bot.conversations.exchange import Incoming, Message, NewTurn, Outcome, Sender, Taken, Talk
from bot.conversations.models import new_key, now
from bot.conversations.records import Records

CHANNEL = "telegram"
LAN = Sender(CHANNEL, "712345001", "712345001")
MINH = Sender(CHANNEL, "712345002", "712345002")
GROUP = "-100777000111"
LAN_IN_GROUP = Sender(CHANNEL, LAN.person, GROUP, private=False)
MINH_IN_GROUP = Sender(CHANNEL, MINH.person, GROUP, private=False)


def update_of(sender: Sender, number: int, text: str) -> Incoming:
    payload = {"update_id": number, "message": {"chat": {"id": int(sender.chat)}, "text": text}}
    return Incoming(number, payload, sender, text, number)


def text(words: str) -> Message:
    return Message("text", {"html": words})


async def take(records: Records, *updates: Incoming, queue: int = 20, all_chats: int = 4096) -> Taken:
    return await records.take(CHANNEL, updates, limit_queue=queue, limit_open=all_chats)


async def begin(records: Records, sender: Sender, number: int, words: str = "Xin C/O mất mấy ngày?") -> Talk:
    """An update is there, claimed, and its talk known."""
    await take(records, update_of(sender, number, words))
    assert await records.claim(CHANNEL, number, "tests")
    return await records.talk(sender)


async def ask(
    records: Records,
    sender: Sender,
    number: int,
    words: str = "Xin C/O mất mấy ngày?",
    *,
    asked_at: datetime.datetime | None = None,
    messages: tuple[str, ...] = ("Dạ khoảng ba ngày làm việc.",),
    **fields: Any,
) -> str:
    """Ask and be answered; returns the turn's key."""
    talk = await begin(records, sender, number, words)
    turn = NewTurn(
        **{
            "key": new_key(),
            "question": words,
            "decision": "answer",
            "asked_at": asked_at or now(),
            "reply": "\n".join(messages),
            "question_message": number,
            **fields,
        }
    )
    assert await records.finish(CHANNEL, number, Outcome(talk, turn, [text(message) for message in messages]))
    return turn.key


async def send_all(records: Records) -> list[str]:
    """Send what waits until nothing is due any more; returns the texts in the order they went out."""
    went = []
    while due := await records.due(CHANNEL, 100):
        marked = await records.mark_sending([message.id for message in due])
        assert set(marked) == {message.id for message in due}
        await records.mark_sent([(message.id, 1000 + message.id) for message in due])
        went += [message.body["html"] for message in due]
    return went
