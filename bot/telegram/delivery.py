"""Requests to Telegram: at the pace it allows, and again where that is safe; "typing…" while an answer is made."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiolimiter import AsyncLimiter
from telegram import Bot, Message
from telegram.constants import ChatAction
from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.telegram.failures import fate_of, seconds_to_wait

_log = logging.getLogger(__name__)

# Seconds before each new attempt after a failed connection.
BACK_OFF = (0.5, 1.0, 2.0, 4.0)
# How often a request waits as long as Telegram says before it is given up.
FLOOD_WAITS = 5
# Seconds that an answer may take before "typing…" is shown: one that is there at once would only wait for it.
TYPING_AFTER = 0.3
# Telegram shows "typing…" for five seconds.
TYPING = 4.0

# These come out of the outbox, which has its own patience with each message.
_KEPT = {"sendMessage", "sendDocument", "sendPhoto"}
_PACED = {*_KEPT, "editMessageText", "editMessageReplyMarkup"}
# A moment later they are of no use.
_FLEETING = {"sendChatAction", "sendMessageDraft", "answerCallbackQuery"}


class Delivery(BaseRateLimiter[int]):
    """Every request but getUpdates goes through here.

    Unlike AIORateLimiter it lets only the chat wait that Telegram told to wait. a_second: messages of all chats.
    """

    def __init__(self, a_second: int) -> None:
        self._a_second = a_second
        self._pace: AsyncLimiter | None = None

    async def initialize(self) -> None:
        self._pace = AsyncLimiter(self._a_second, 1)

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
            if self._pace and endpoint in _PACED:
                await self._pace.acquire()
            try:
                return await callback(*args, **kwargs)
            except (RetryAfter, NetworkError) as error:
                if endpoint in _KEPT or endpoint in _FLEETING or fate_of(error) != "again":
                    raise
                if isinstance(error, RetryAfter):
                    floods += 1
                    again = seconds_to_wait(error) if floods <= FLOOD_WAITS else None
                else:
                    again = next(back_off, None)
                if again is None:
                    raise
                reason = type(error.__cause__ or error).__name__
                _log.warning("%s failed (%s), next try in %.1f s", endpoint, reason, again)
            await asyncio.sleep(again)


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


@asynccontextmanager
async def typing(bot: Bot, place: Place) -> AsyncIterator[None]:
    """Show "typing…" where the work takes a while, and for as long as it does."""
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
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), TYPING_AFTER)
    while not done.is_set():
        with suppress(TelegramError):
            await bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.thread)
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), TYPING)
