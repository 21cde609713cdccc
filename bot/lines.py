"""The work of a channel: each chat's updates one after the other, chats side by side, none lost and none done twice."""

import asyncio
import bisect
import logging
import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress

from bot.conversations.database import DatabaseUnavailable
from bot.conversations.exchange import Claimed, OpenUpdate, Outcome
from bot.conversations.records import Records
from bot.metrics import count_turn
from bot.patience import patiently

_log = logging.getLogger(__name__)

# Chats whose updates are handled at the same time; their answers wait for the threads that compute them.
_AT_ONCE = 32
# An update that was begun so often without an end may be what ends the process, or may have been at work beside that.
_SUSPECT = 2
# One that was begun so often, lately alone, is what ends the process: it is apologised for instead.
MOST_TRIES = 5


class Lines(ABC):
    """Handles updates that are written down, each once its chat's turn has come."""

    def __init__(self, channel: str, records: Records) -> None:
        self._channel = channel
        self._records = records
        self._owner = secrets.token_hex(8)
        self._lines: dict[str, list[int]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._claimed: set[int] = set()

    @property
    def chats(self) -> int:
        """How many chats have updates at work or waiting."""
        return len(self._lines)

    async def resume(self, left: Sequence[OpenUpdate]) -> None:
        """Take up what an earlier run left: first, and one at a time, what may be why that run ended."""
        for update in left:
            if update.tries >= _SUSPECT:
                await self._handle(update.update_id)
        for update in left:
            if update.tries < _SUSPECT:
                self.add(update.chat, update.update_id)

    def add(self, chat: str, update_id: int) -> None:
        """Put an update into the line of its chat, by its number: they may come in another order."""
        bisect.insort(self._lines.setdefault(chat, []), update_id)
        if chat not in self._workers:
            self._workers[chat] = asyncio.create_task(self._serve(chat))

    async def stop(self, within: float) -> None:
        """Finish what was taken, and hand back what is not done within so many seconds."""
        workers = set(self._workers.values())
        if workers:
            _, unfinished = await asyncio.wait(workers, timeout=within)
            for worker in unfinished:
                worker.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        if self._claimed:
            _log.warning("handed back to the next run", extra={"event": "unfinished", "updates": len(self._claimed)})
            # Where this cannot be written, the next run takes them back by itself.
            with suppress(DatabaseUnavailable, TimeoutError):
                await asyncio.wait_for(self._records.release(self._channel, list(self._claimed)), 1)

    async def _serve(self, chat: str) -> None:
        line = self._lines[chat]
        try:
            while line:
                async with self._free:
                    await self._handle(line.pop(0))
        finally:
            del self._lines[chat], self._workers[chat]

    async def _handle(self, update_id: int) -> None:
        claimed = await patiently(lambda: self._records.claim(self._channel, update_id, self._owner))
        if claimed is None:
            return
        self._claimed.add(update_id)
        try:
            await self._work_off(update_id, claimed)
        except Exception as error:  # noqa: BLE001  # the chat's next update is not to suffer
            _log.error("update left to the next run", exc_info=error, extra={"event": "failure"})
        self._claimed.discard(update_id)

    @abstractmethod
    async def _work_off(self, update_id: int, claimed: Claimed) -> None:
        """Do what a claimed update asks for, and finish it."""

    async def _finish(self, update_id: int, outcome: Outcome) -> bool:
        """Keep an outcome, however long the records are away; False when the update is not claimed (any more)."""
        kept = await patiently(lambda: self._records.finish(self._channel, update_id, outcome))
        if kept and outcome.turn:
            count_turn(self._channel, outcome.turn)
        return kept
