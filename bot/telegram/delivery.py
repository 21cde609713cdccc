"""Sending: at the pace Telegram allows, again where that is safe, in parts where a message is long."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from aiolimiter import AsyncLimiter
from telegram import Bot, Message, ReplyParameters
from telegram.constants import ChatAction, FloodLimit
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import BaseRateLimiter

from bot.telegram.rendering import Rendered

_log = logging.getLogger(__name__)

# Seconds between the parts of one message: Telegram asks for one message a second in a chat.
SPACING = 1.0
# Seconds before each new attempt after a failed connection.
BACK_OFF = (0.5, 1.0, 2.0, 4.0)
# How often a request waits as long as Telegram says before it is given up.
FLOOD_WAITS = 5
# Telegram shows "typing…" for five seconds.
TYPING = 4.0

_SENDING = {"sendMessage", "editMessageText"}
_FLEETING = {"sendChatAction"}
_NEVER_SENT = (httpx.ConnectTimeout, httpx.PoolTimeout)


class Delivery(BaseRateLimiter[int]):
    """Every request but getUpdates goes through here.

    Unlike AIORateLimiter it lets only the chat wait that Telegram told to wait. A request that timed out is not
    sent again, as it may have arrived, unless the connection was never made.
    """

    def __init__(self) -> None:
        self._pace: AsyncLimiter | None = None

    async def initialize(self) -> None:
        self._pace = AsyncLimiter(int(FloodLimit.MESSAGES_PER_SECOND), 1)

    async def shutdown(self) -> None:
        self._pace = None

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]],
        args: Any,  # noqa: ANN401
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        back_off, floods = iter(BACK_OFF), 0
        while True:
            if self._pace and endpoint in _SENDING:
                await self._pace.acquire()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                floods += 1
                if endpoint in _FLEETING or floods > FLOOD_WAITS:
                    raise
                delay = _seconds(error)
            except NetworkError as error:
                again = next(back_off, None)
                if again is None or endpoint in _FLEETING or not _safe_to_repeat(error):
                    raise
                delay = again
                reason = type(error.__cause__ or error).__name__
                _log.warning("%s failed (%s), next try in %.1f s", endpoint, reason, delay)
            await asyncio.sleep(delay)


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait if isinstance(wait, int) else wait.total_seconds()


def _safe_to_repeat(error: NetworkError) -> bool:
    if isinstance(error, TimedOut):
        return isinstance(error.__cause__, _NEVER_SENT)
    return not isinstance(error, BadRequest)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes. thread: topic of a forum. reply_to: the message it answers, where several people talk."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None

    @classmethod
    def of(cls, message: Message) -> "Place":
        """The place to answer a message at."""
        private = message.chat.type == "private"
        thread = message.message_thread_id if message.is_topic_message else None
        return cls(message.chat.id, thread, None if private else message.message_id)


async def deliver(bot: Bot, place: Place, message: Rendered) -> None:
    """Send the parts of a message in order; raises TelegramError when one cannot be sent.

    A part that timed out may have arrived, so the next one follows and nothing is sent twice.
    """
    for number, part in enumerate(message.parts):
        if number:
            await asyncio.sleep(SPACING)
        quoted = place.reply_to if number == 0 else None
        try:
            await bot.send_message(
                place.chat,
                part,
                message_thread_id=place.thread,
                reply_parameters=ReplyParameters(quoted, allow_sending_without_reply=True) if quoted else None,
                reply_markup=message.keyboard if number == len(message.parts) - 1 else None,
            )
        except TimedOut:
            _log.warning("a message timed out and may not have arrived", extra={"event": "timed_out"})


@asynccontextmanager
async def typing(bot: Bot, place: Place) -> AsyncIterator[None]:
    """Show "typing…" at once and for as long as the work takes."""
    done = asyncio.Event()
    task = asyncio.create_task(_type_until(done, bot, place))
    try:
        yield
    finally:
        done.set()
        # The request under way goes first: it would otherwise show "typing…" below the finished answer.
        await asyncio.wait({task}, timeout=1)
        task.cancel()


async def _type_until(done: asyncio.Event, bot: Bot, place: Place) -> None:
    while not done.is_set():
        with suppress(TelegramError):
            await bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.thread)
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), TYPING)
