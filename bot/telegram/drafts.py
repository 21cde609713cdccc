"""An answer shown while it is written: a draft in a private chat, which the message itself follows."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from telegram import Bot
from telegram.error import TelegramError

from bot.assistant.dialogue import Reply
from bot.assistant.generating import Sentence
from bot.telegram.delivery import Place
from bot.telegram.rendering import render_text

# Seconds between two states of a draft.
_PACE = 1.0
# Seconds to wait for the last one, which must not appear below the message.
_LAST = 1.0
_IDS = 2**31 - 1


async def drafted(bot: Bot, place: Place, stream: AsyncGenerator[Sentence | Reply, None]) -> Reply:
    """The reply at the end of a stream; until then what is there of it is shown. A draft that fails is no failure."""
    text, draft = "", secrets.randbelow(_IDS) + 1
    showing: asyncio.Task[None] | None = None
    loop = asyncio.get_running_loop()
    again = loop.time()
    try:
        async with aclosing(stream) as parts:
            async for part in parts:
                if isinstance(part, Reply):
                    return part
                text += part.joins + part.text
                # Drafts are for private chats, whose numbers are positive.
                if place.chat > 0 and loop.time() >= again and (showing is None or showing.done()):
                    showing = asyncio.create_task(_show(bot, place, draft, text))
                    again = loop.time() + _PACE
        raise RuntimeError("a stream without a reply")
    finally:
        if showing:
            await asyncio.wait({showing}, timeout=_LAST)
            showing.cancel()


async def _show(bot: Bot, place: Place, draft: int, text: str) -> None:
    with suppress(TelegramError):
        await bot.send_message_draft(place.chat, draft, render_text(text).parts[0], message_thread_id=place.thread)
