"""Messages as the outbox keeps them, and how each is sent."""

import asyncio
from typing import Any

from telegram import Bot, ForceReply, InlineKeyboardMarkup, InputFile, ReplyParameters

from bot.conversations.exchange import Due, Message
from bot.telegram.delivery import Place
from bot.telegram.rendering import Rendered, render_text


def parcels(rendered: Rendered, place: Place) -> list[Message]:
    """The parts of a message, in order: the first one quotes what it answers, the last one has the keyboard."""
    bodies: list[dict[str, Any]] = [{"html": part} for part in rendered.parts]
    if place.thread:
        for body in bodies:
            body["thread"] = place.thread
    if bodies and place.reply_to:
        bodies[0]["reply_to"] = place.reply_to
    if bodies and rendered.keyboard:
        bodies[-1]["keyboard"] = rendered.keyboard.to_dict()
    return [Message("text", body) for body in bodies]


def document(name: str, content: str, caption: str, place: Place) -> Message:
    """A file with a text below it; caption: HTML of at most 1024 visible units."""
    return Message("document", {"name": name, "content": content, "html": caption, "thread": place.thread})


async def send(bot: Bot, due: Due) -> int:
    """Send a message out of the outbox; Telegram's number of it. Raises TelegramError."""
    body = due.body
    thread: int | None = body.get("thread")
    if due.kind in ("document", "photo"):
        file = InputFile(await _content(due), filename=body["name"])
        send_file = bot.send_photo if due.kind == "photo" else bot.send_document
        return (await send_file(due.chat, file, caption=body["html"], message_thread_id=thread)).message_id
    quoted: int | None = body.get("reply_to")
    sent = await bot.send_message(
        due.chat,
        body["html"] if due.kind == "text" else render_text(body["text"]).parts[0],
        message_thread_id=thread,
        reply_parameters=ReplyParameters(quoted, allow_sending_without_reply=True) if quoted else None,
        reply_markup=_markup(body.get("keyboard")),
    )
    return sent.message_id


async def _content(due: Due) -> bytes:
    """The bytes of a file: its text, or the scorecard that it shows."""
    if "card" not in due.body:
        content: str = due.body["content"]
        return content.encode()
    return await asyncio.to_thread(_drawn, due.body["card"], due.kind)


def _drawn(fields: dict[str, Any], kind: str) -> bytes:
    # What draws takes a second and much memory to be loaded; most runs of the bot never draw.
    from bot.onboarding.card import Card
    from bot.onboarding.scorecard import page, picture

    return (picture if kind == "photo" else page)(Card.from_json(fields))


def _markup(keyboard: dict[str, Any] | None) -> InlineKeyboardMarkup | ForceReply | None:
    if keyboard is None:
        return None
    if "inline_keyboard" in keyboard:
        return InlineKeyboardMarkup.de_json(keyboard)
    return ForceReply(selective=keyboard.get("selective"))
