"""The order of work: chats side by side, each chat's updates one after the other."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from telegram import CallbackQuery, Update
from telegram.error import TelegramError
from telegram.ext import BaseUpdateProcessor

# More updates of one chat than this are not kept waiting, so that nobody can fill the memory.
WAITING = 20
# Updates at work or waiting, of all chats.
_ALL_CHATS = 4096


@dataclass(slots=True)
class _Line:
    """The updates of one chat. length: at work and waiting. refused: somebody was told that it is full."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0
    refused: bool = False


class ChatOrder(BaseUpdateProcessor):
    """Keeps a lock for each chat that has updates.

    refuse: called once with the first update that finds its chat's line full; the others are dropped unseen until
    the line was empty again.
    """

    def __init__(self, refuse: Callable[[Update], Awaitable[None]], waiting: int = WAITING) -> None:
        super().__init__(_ALL_CHATS)
        self._refuse = refuse
        self._waiting = waiting
        self._lines: dict[int, _Line] = {}
        self._acknowledging: set[asyncio.Task[None]] = set()

    @property
    def chats(self) -> int:
        """How many chats have updates at work or waiting."""
        return len(self._lines)

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        if isinstance(update, Update) and update.callback_query:
            self._acknowledge(update.callback_query)
        if not isinstance(update, Update) or update.effective_chat is None:
            await coroutine
            return
        chat = update.effective_chat.id
        line = self._lines.setdefault(chat, _Line())
        line.length += 1
        try:
            if line.length <= self._waiting + 1:
                async with line.lock:
                    await coroutine
            elif not line.refused:
                line.refused = True
                await self._refuse(update)
        finally:
            if asyncio.iscoroutine(coroutine):
                coroutine.close()
            line.length -= 1
            if not line.length:
                del self._lines[chat]

    def _acknowledge(self, query: CallbackQuery) -> None:
        """The button stops spinning now, however long the chat's line is."""
        task = asyncio.create_task(_answered(query))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        for task in self._acknowledging:
            task.cancel()


async def _answered(query: CallbackQuery) -> None:
    with suppress(TelegramError):
        await query.answer()
