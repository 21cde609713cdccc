"""Updates in: each is written down before Telegram is told that it arrived."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import httpx
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.conversations.database import DatabaseUnavailable
from bot.conversations.exchange import Incoming, Taken
from bot.conversations.records import Records
from bot.limits import Lately, Limits
from bot.patience import back_off
from bot.telegram.addressing import CHANNEL, incoming
from bot.telegram.delivery import Place
from bot.telegram.feedback import FEEDBACK
from bot.telegram.outgoing import parcels
from bot.telegram.processing import Processing
from bot.telegram.rendering import render_text
from bot.telegram.wanted import TELL
from bot.texts import say
from knowledge.live import LiveLibrary

_log = logging.getLogger(__name__)

Payload = dict[str, Any]

WANTED = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY]
# Seconds that Telegram holds a request for updates open while there are none.
_POLL = 25
# Seconds beyond that for an answer: through a proxy all is slow.
_READ = 20.0
# Seconds between attempts to get updates, the first and the last.
_FIRST, _LAST = 0.5, 30.0
# Seconds for the last request, which only confirms.
_CONFIRM = 2.0


class Intake:
    """Writes updates down and hands them to the processing."""

    def __init__(
        self,
        bot: ExtBot[int],
        records: Records,
        live: LiveLibrary,
        processing: Processing,
        limits: Limits,
        posted: Callable[[], None],
    ) -> None:
        self._bot = bot
        self._records = records
        self._live = live
        self._processing = processing
        self._limits = limits
        self._posted = posted
        self._told = Lately()
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def take(self, payloads: Sequence[Payload]) -> tuple[int, ...]:
        """Returns the numbers of those that there is no room for; Telegram is to bring them again.

        Raises DatabaseUnavailable, and then none was written.
        """
        updates = [update for payload in payloads if (update := self._described(payload))]
        taken = await self._written(updates)
        for update in updates:
            if update.sender is None:
                continue
            if update.update_id in taken.new:
                self._acknowledge(update.payload)
                self._processing.add(update.sender.chat, update.update_id)
            # In a group others may do the writing.
            elif update.update_id in taken.refused and update.sender.private and self._told.first(update.sender.chat):
                await self._tell(update.sender.chat)
        return taken.left

    def _described(self, payload: Payload) -> Incoming | None:
        try:
            return incoming(payload, self._bot, self._live.index)
        except Exception as error:  # noqa: BLE001  # whatever makes it unreadable, it would be so again
            # Only the kind: the message may hold the update.
            _log.error("an update cannot be read (%s)", type(error).__name__, extra={"event": "unreadable"})
            return None

    async def _written(self, updates: Sequence[Incoming]) -> Taken:
        limits = {"limit_queue": self._limits.queue, "limit_open": self._limits.open}
        try:
            return await self._records.take(CHANNEL, updates, **limits)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  # one that cannot be written must not hold up the others
            if len(updates) == 1:
                _log.error("an update cannot be written (%s)", type(error).__name__, extra={"event": "unreadable"})
                return Taken()
        parts = [await self._written([update]) for update in updates]
        return Taken(*(sum((getattr(part, name) for part in parts), ()) for name in ("new", "refused", "left")))

    def _acknowledge(self, payload: Payload) -> None:
        """A button stops spinning now, however long the chat's line is; some are answered with a few words instead."""
        query = payload.get("callback_query")
        if query and not str(query.get("data", "")).startswith((FEEDBACK, TELL)):
            task = asyncio.create_task(self._answered(query["id"]))
            self._acknowledging.add(task)
            task.add_done_callback(self._acknowledging.discard)

    async def _answered(self, query: str) -> None:
        with suppress(TelegramError):
            await self._bot.answer_callback_query(query)

    async def _tell(self, chat: str) -> None:
        """Once a minute to a person who writes faster than can be answered."""
        with suppress(DatabaseUnavailable):
            await self._records.post(CHANNEL, chat, parcels(render_text(say("limit.queue")), Place(int(chat))))
            self._posted()

    def close(self) -> None:
        for task in self._acknowledging:
            task.cancel()


class Polling:
    """Asks Telegram for updates; the offset, which confirms them, is raised only when they are written.

    url: of the Bot API with the token in it. The requests are our own, so that an update is kept as it came.
    """

    def __init__(self, url: str, proxy: str | None, take: Callable[[Sequence[Payload]], Any]) -> None:
        self._url = f"{url}/getUpdates"
        self._take = take
        self._offset = 0
        self._client = httpx.AsyncClient(proxy=proxy, timeout=httpx.Timeout(_READ, read=_POLL + _READ))

    async def run(self) -> None:
        """Poll until cancelled; then confirm what was written, so that it does not come again."""
        try:
            await self._poll()
        finally:
            if self._offset:
                with suppress(_RefusedError, httpx.HTTPError, ValueError, TimeoutError):
                    await asyncio.wait_for(self._updates(0), _CONFIRM)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _poll(self) -> None:
        tries = 0
        while True:
            try:
                updates = await self._updates(_POLL)
                left = await self._take(updates)
            except (_RefusedError, httpx.HTTPError, ValueError, DatabaseUnavailable) as error:
                delay = (
                    error.wait if isinstance(error, _RefusedError) and error.wait else back_off(tries, _FIRST, _LAST)
                )
                _log_trouble(error, delay)
                tries += 1
                await asyncio.sleep(delay)
                continue
            tries = 0
            if updates:
                self._offset = min(left) if left else updates[-1]["update_id"] + 1
            if left:
                _log.warning("no room for more updates", extra={"event": "full", "left": len(left)})
                await asyncio.sleep(back_off(0, _FIRST, _LAST))

    async def _updates(self, seconds: int) -> list[Payload]:
        wanted = {"offset": self._offset, "timeout": seconds, "allowed_updates": WANTED}
        answer = await self._client.post(self._url, json=wanted)
        body = answer.json()
        if not isinstance(body, dict):
            raise _RefusedError(answer.status_code, 0)
        if not body.get("ok"):
            raise _RefusedError(answer.status_code, (body.get("parameters") or {}).get("retry_after", 0))
        updates: list[Payload] = body["result"]
        return updates


class _RefusedError(Exception):
    """Telegram answered with an error. wait: seconds that it says to wait, or 0."""

    def __init__(self, status: int, wait: float) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.wait = wait


def _log_trouble(error: Exception, delay: float) -> None:
    if isinstance(error, DatabaseUnavailable):
        _log.warning(
            "updates cannot be written (%s), next try in %.1f s", error, delay, extra={"event": "records_away"}
        )
    elif isinstance(error, _RefusedError) and error.status == httpx.codes.CONFLICT:
        _log.error("another program receives the updates of this bot; stop one of the two")
    else:
        reason = str(error) if isinstance(error, _RefusedError) else type(error).__name__
        _log.warning("no updates from Telegram (%s), next try in %.1f s", reason, delay)
