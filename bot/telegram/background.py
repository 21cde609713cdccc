"""Long work on the library in the background, with what is said meanwhile and when it fails."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from telegram.error import TelegramError

from bot.background import in_background
from bot.telegram.admin_rendering import why_not
from bot.telegram.delivery import typing
from bot.telegram.rendering import render_text
from bot.telegram.work import Context
from bot.texts import say
from knowledge.documents import DocumentError, LibraryError

_log = logging.getLogger(__name__)

T = TypeVar("T")


async def say_now(context: Context, text: str) -> None:
    """Say at once what would be of no use later; it is no harm if it gets lost."""
    try:
        await context.bot.send_message(context.work.place.chat, render_text(text).parts[0])
    except TelegramError as error:
        _log.info("message not sent (%s)", type(error).__name__)


async def carried_out(
    context: Context,
    work: Callable[[Callable[[], None]], T],
    first: str = "",
    failed: Callable[[str], str] | None = None,
) -> T | None:
    """What long work on the library returns; None where it cannot be done, and the person is told why.

    work: gets what it is to call when it waits for another one who is at work. first: said at once. failed: makes of
    the reason what is said.
    """
    language, loop = context.work.talk.language, asyncio.get_running_loop()
    said = set[asyncio.Task[None]]()

    def waiting() -> None:
        with suppress(RuntimeError):  # the bot is gone
            loop.call_soon_threadsafe(
                lambda: said.add(asyncio.create_task(say_now(context, say("admin.waiting", language))))
            )

    if first:
        await say_now(context, first)
    async with typing(context.bot, context.work.place):
        try:
            return await in_background(lambda: work(waiting))
        except (DocumentError, LibraryError) as error:
            reason = why_not(error, language)
            told = failed(reason) if failed else say("admin.failed", language, reason=reason)
            context.work.say(render_text(told))
            return None
