"""Messages out of the outbox: in order and a second apart in each chat, chats side by side."""

import asyncio
import datetime
import logging
from contextlib import suppress
from functools import partial

from telegram import Bot
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.conversations.database import DatabaseUnavailable
from bot.conversations.exchange import Due
from bot.conversations.models import now
from bot.conversations.records import Records
from bot.patience import back_off, patiently
from bot.telegram.addressing import CHANNEL
from bot.telegram.failures import fate_of, seconds_to_wait
from bot.telegram.outgoing import send

_log = logging.getLogger(__name__)

# Seconds between two messages of one chat: Telegram asks for one a second.
SPACING = 1.0
# Seconds before the second attempt to send a message, doubled with each one up to the last.
FIRST_RETRY, LAST_RETRY = 0.5, 60.0
# A message that could not be sent for so long is given up, so that the chat's later ones get their turn.
GIVE_UP = datetime.timedelta(days=1)
# Requests under way at the same time: enough for the pace of Telegram where each takes half a second.
_AT_ONCE = 20
# Seconds after which the outbox is looked at even when nobody said that something waits.
_LOOK = 5.0
# The same while the bot stops and waits for the outbox to be empty.
_LOOK_AT_END = 0.05


class Sending:
    """Sends what waits, and keeps what became of it."""

    def __init__(self, bot: Bot, records: Records) -> None:
        self._bot = bot
        self._records = records
        self._wake = asyncio.Event()
        # By address. One whose message has arrived stays until that is written down.
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._arrived: list[tuple[Due, int]] = []
        # When an address may get its next message, in seconds of the event loop.
        self._rests: dict[int, float] = {}

    def wake(self) -> None:
        """Say that something may wait to be sent."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled."""
        tries = 0
        while True:
            self._wake.clear()
            try:
                await self._keep_arrived()
                wait = await self._send_due()
            except DatabaseUnavailable as error:
                delay = back_off(tries, FIRST_RETRY, LAST_RETRY)
                _log.warning("the outbox cannot be reached (%s), next try in %.1f s", error, delay)
                tries += 1
                await asyncio.sleep(delay)
                continue
            tries = 0
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)

    async def stop(self, running: asyncio.Task[None], within: float) -> None:
        """Send what may go now and wait for what is under way; what is left after so many seconds is the next run's."""
        with suppress(TimeoutError, DatabaseUnavailable):
            async with asyncio.timeout(within):
                while True:
                    if not self._under_way and not await self._records.due(CHANNEL, 1):
                        break
                    await asyncio.sleep(_LOOK_AT_END)
        running.cancel()
        tasks = [running, *self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(DatabaseUnavailable, TimeoutError):
            await asyncio.wait_for(self._keep_arrived(), 1)

    async def _keep_arrived(self) -> None:
        """Write down, in one transaction, what has arrived since the last time."""
        arrived = list(self._arrived)
        if arrived:
            await self._records.mark_sent([(due.id, number) for due, number in arrived])
            del self._arrived[: len(arrived)]
            for due, _ in arrived:
                self._under_way.pop(due.address, None)

    async def _send_due(self) -> float:
        """Start to send what may go; seconds until something else may."""
        time = asyncio.get_running_loop().time()
        self._rests = {address: until for address, until in self._rests.items() if until > time}
        due = await self._records.due(CHANNEL, _AT_ONCE)
        free = [message for message in due if message.address not in self._under_way]
        ready = [message for message in free if message.address not in self._rests]
        ready = ready[: _AT_ONCE - len(self._under_way)]
        if ready:
            marked = set(await self._records.mark_sending([message.id for message in ready]))
            for message in ready:
                if message.id in marked:
                    self._under_way[message.address] = asyncio.create_task(self._send(message))
        waits = [self._rests[message.address] - time for message in free if message.address in self._rests]
        if (later := await self._records.next_at(CHANNEL)) and (seconds := (later - now()).total_seconds()) > 0:
            waits.append(seconds)
        return max(0.0, min([*waits, _LOOK]))

    async def _send(self, due: Due) -> None:
        try:
            number = await send(self._bot, due)
        except TelegramError as error:
            await patiently(partial(self._settle, due, error))
        except Exception as error:  # noqa: BLE001  # the chat's next message is not to wait for ever
            _log.error("message cannot be sent", exc_info=error, extra={"event": "failure"})
            await patiently(partial(self._records.fail, due.id, type(error).__name__))
        else:
            self._rest(due)
            self._arrived.append((due, number))
            self._wake.set()
            return
        self._under_way.pop(due.address, None)
        self._wake.set()

    def _rest(self, due: Due) -> None:
        self._rests[due.address] = asyncio.get_running_loop().time() + SPACING

    async def _settle(self, due: Due, error: TelegramError) -> None:
        """Keep what becomes of a message whose request ended with an error."""
        kind = type(error.__cause__ or error).__name__
        match fate_of(error):
            case "again" if now() - due.created_at < GIVE_UP:
                delay = back_off(due.tries, FIRST_RETRY, LAST_RETRY)
                if isinstance(error, RetryAfter):
                    delay = seconds_to_wait(error)
                _log.info("message not sent (%s), next try in %.1f s", kind, delay, extra={"event": "retry"})
                await self._records.retry_at(due.id, now() + datetime.timedelta(seconds=delay), kind)
            case "uncertain":
                self._rest(due)
                _log.warning("a message may not have arrived (%s)", kind, extra={"event": "uncertain"})
                await self._records.mark_uncertain(due.id, kind)
            case "blocked" | "gone" as state:
                # Only the kind: what Telegram says may name the chat.
                _log.info("chat unreachable (%s)", kind, extra={"event": "unreachable"})
                await self._records.drop_address(due.address, state)
            case "moved" if isinstance(error, ChatMigrated):
                _log.info("chat moved", extra={"event": "moved"})
                await self._records.migrate_address(due.address, str(error.new_chat_id))
            case _:
                _log.error("message given up (%s)", error.message, extra={"event": "given_up"})
                await self._records.fail(due.id, error.message)
