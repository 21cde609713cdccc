"""A bot that is killed again and again while people ask: whether they are sent what they should be.

The bot is a process of its own, `python -m bot run`; the Bot API server runs here. The right answers come from an
assistant over the same library.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web
from sqlalchemy import Connection, func, select

from bot.assistant.assistant import Assistant
from bot.conversations.database import Database, DatabaseUnavailable, open_database
from bot.conversations.inbox import UNHANDLED
from bot.conversations.migrating import prepare
from bot.conversations.models import Address, InboxItem, OutboxItem, Turn
from bot.conversations.outbox import UNSENT
from tests.auxil.asking import Asked, Sent, asked_by, deviations, sent
from tests.auxil.bot_api import USERNAME, BotApi
from tests.auxil.bot_api_rules import Fault
from tests.auxil.programs import BOT, PATIENCE
from tests.auxil.waiting import until

# How long a bot lives at most once it listens, in times of what it took to get there; that is long on a busy machine.
_LIFE = 0.6
# How many are killed while they start, and within how many seconds.
_STILLBORN, _BIRTH = 0.2, 2.0
# Seconds in which a life's share of the questions is asked.
_ASKING = 4.0
# Seconds that the other program holds the database, and those between.
_HELD, _FREE = (0.5, 2.0), (0.1, 0.5)


@dataclass(frozen=True, slots=True)
class Plan:
    """questions: of each person. refused: share of requests that Telegram answers with 429 or 502. slow: another
    program holds the database again and again.
    """

    chats: int
    questions: int
    kills: int
    refused: float = 0.0
    slow: bool = False
    seed: int = 0


@dataclass(slots=True)
class Result:
    """lost, disordered, strange: messages that did not come, came before their turn, or should not have come.

    under_way: requests that were out at a kill. twice: messages that came once more; unexplained: those of them that
    were not under way at a kill. turns: kept. unfinished: updates and messages left in the records. errors: logged.
    ended: lives that ended before they were killed.
    """

    questions: int = 0
    messages: int = 0
    lost: int = 0
    disordered: int = 0
    strange: int = 0
    under_way: int = 0
    twice: int = 0
    unexplained: int = 0
    turns: int = 0
    unfinished: int = 0
    errors: int = 0
    ended: int = 0
    seconds: float = 0.0


class RefusingApi(BotApi):
    """A server that refuses a share of all requests before it has looked at them."""

    def __init__(self, share: float, chance: random.Random) -> None:
        super().__init__()
        self._share = share
        self._chance = chance

    @property
    def polls(self) -> int:
        """Requests for updates so far."""
        return self._poll

    async def _request(self, request: web.Request) -> web.Response:
        if self._chance.random() >= self._share:
            try:
                return await super()._request(request)
            except ConnectionResetError:
                # Killed while it wrote.
                return web.Response()
        if self._chance.random() < 0.5:
            return web.json_response(Fault(429, retry_after=1).error().body, status=429)
        # What stands before Telegram's servers does not speak their language.
        return web.Response(status=502, text="<html><title>502 Bad Gateway</title></html>", content_type="text/html")


@dataclass
class Chaos:
    """One run. env: of the bot, without what belongs to Telegram. folder: where it runs. url: of its database."""

    plan: Plan
    assistant: Assistant
    env: Mapping[str, str]
    folder: Path
    url: str
    result: Result = field(default_factory=Result)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.plan.seed)  # noqa: S311  # no secret
        self._expected: defaultdict[int, list[Sent]] = defaultdict(list)
        # By id and attempt: a message that was under way at two kills may come three times.
        self._under_way: dict[tuple[int, int], tuple[int, str]] = {}

    async def run(self, within: float = PATIENCE) -> Result:
        """Ask and kill as planned, then let the bot live for at most so many seconds to say all that is to be said."""
        asked = asked_by(self.assistant, self.plan.chats, self.plan.questions, self._chance)
        self.result.questions = len(asked)
        began = time.monotonic()
        await asyncio.to_thread(prepare, self.url)
        database = open_database(self.url)
        async with RefusingApi(self.plan.refused, self._chance) as api, self._held():
            share = -(-len(asked) // (self.plan.kills + 1))
            for life in range(self.plan.kills):
                await self._live_and_die(api, database, asked[life * share : (life + 1) * share])
            await self._live(api, database, asked[self.plan.kills * share :], within)
            self.result.seconds = time.monotonic() - began
            self._compare(api)
        await self._look_into(database)
        await database.close()
        return self.result

    @contextlib.asynccontextmanager
    async def _bot(self, api: RefusingApi) -> AsyncIterator[asyncio.subprocess.Process]:
        """A bot, which is killed with the ingest beside it."""
        env = {**self.env, "TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "DATABASE_URL": self.url}
        with (self.folder / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *BOT, "run", env=env, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield process
        finally:
            if process.returncode is not None:
                self.result.ended += 1
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _live_and_die(self, api: RefusingApi, database: Database, asked: Sequence[Asked]) -> None:
        polls = api.polls
        asking = asyncio.create_task(self._ask(api, asked))
        async with self._bot(api) as bot:
            if self._chance.random() < _STILLBORN:
                await asyncio.sleep(self._chance.uniform(0, _BIRTH))
            else:
                born = time.monotonic()
                await until(lambda: api.polls > polls or bot.returncode is not None, PATIENCE)
                await asyncio.sleep(self._chance.uniform(0, _LIFE * (time.monotonic() - born)))
        self._under_way |= await database.read(_under_way)
        await asking

    async def _live(self, api: RefusingApi, database: Database, asked: Sequence[Asked], within: float) -> None:
        async def done() -> bool:
            # What was under way at a kill may wait to be sent again after everything has come.
            return bot.returncode is not None or (self._all_said(api) and not (await database.read(_kept))[1])

        async with self._bot(api) as bot:
            await self._ask(api, asked)
            with contextlib.suppress(TimeoutError):
                await until(done, within)
            if bot.returncode is None:
                bot.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(bot.wait(), PATIENCE) == 0
                self.result.ended -= 1

    async def _ask(self, api: BotApi, asked: Sequence[Asked]) -> None:
        for question in asked:
            await asyncio.sleep(self._chance.uniform(0, 2 * _ASKING / len(asked)))
            text = question.text if question.chat > 0 else f"@{USERNAME} {question.text}"
            number = api.say(question.chat, text, sender=question.sender)
            answer, *more = question.messages
            self._expected[question.chat] += [Sent(answer, number if question.chat < 0 else None), *map(Sent, more)]

    def _all_said(self, api: BotApi) -> bool:
        """Roughly: a message that came twice may stand for one that did not come yet."""
        return all(len(set(sent(api, chat))) >= len(set(wanted)) for chat, wanted in self._expected.items())

    @contextlib.asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """Where the database is to be slow, another program holds it again and again."""
        if not self.plan.slow:
            yield
            return
        database = open_database(self.url)
        holding = asyncio.create_task(self._hold(database))
        yield
        holding.cancel()
        await asyncio.wait({holding})
        await database.close()

    async def _hold(self, database: Database) -> None:
        while True:
            with contextlib.suppress(DatabaseUnavailable):
                await database.write(partial(_hold, seconds=self._chance.uniform(*_HELD)))
            await asyncio.sleep(self._chance.uniform(*_FREE))

    def _compare(self, api: BotApi) -> None:
        under_way = Counter(self._under_way.values())
        self.result.under_way = under_way.total()
        for chat, wanted in self._expected.items():
            found = deviations(wanted, sent(api, chat))
            self.result.messages += len(wanted)
            self.result.lost += found.lost
            self.result.disordered += found.disordered
            self.result.strange += found.strange
            self.result.twice += found.twice.total()
            for message, times in found.twice.items():
                self.result.unexplained += max(0, times - under_way[chat, message.html])

    async def _look_into(self, database: Database) -> None:
        self.result.turns, self.result.unfinished = await database.read(_kept)
        log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        self.result.errors = log.count('"level": "ERROR"') + log.count('"level": "CRITICAL"')


def _under_way(connection: Connection) -> dict[tuple[int, int], tuple[int, str]]:
    """Chat and text of the messages whose requests went out and were not answered, as far as the records know."""
    outbox = OutboxItem.__table__.c
    rows = connection.execute(
        select(outbox.id, outbox.tries, Address.chat, outbox.body)
        .join_from(OutboxItem, Address, outbox.address_id == Address.id)
        .where(outbox.state == "sending")
    )
    return {(number, tries): (int(chat), body["html"]) for number, tries, chat, body in rows}


def _kept(connection: Connection) -> tuple[int, int]:
    """Turns that are kept, and updates and messages that are not done with."""
    open_ = select(func.count()).select_from(InboxItem).where(InboxItem.state.in_(UNHANDLED))
    unsent = select(func.count()).select_from(OutboxItem).where(UNSENT)
    turns, *unfinished = (
        connection.execute(count).scalar_one() for count in (select(func.count()).select_from(Turn), open_, unsent)
    )
    return turns, sum(unfinished)


def _hold(connection: Connection, seconds: float) -> None:
    """Let nobody else write for a while."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE inbox, outbox IN EXCLUSIVE MODE")
        connection.exec_driver_sql(f"SELECT pg_sleep({seconds})")
    else:
        time.sleep(seconds)
