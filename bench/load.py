"""What the whole bot carries: questions at a rising rate, and its memory over many turns; Markdown tables on stdout.

    python -m bench.load [--only different,conversations,repeated,memory] [--seconds 20] [--turns 20000]

The bot is a process of its own over the bundled guides; people and the Bot API server are in this one, on the same
machine. A rate is held when 95 of 100 questions are answered within two seconds.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert

from bench.child import resident
from bench.measures import percentile, table
from bot.conversations.database import open_database
from bot.conversations.migrating import prepare
from bot.conversations.models import Person, now
from bot.conversations.people import Pseudonyms
from bot.settings import load_settings
from tests.auxil.bot_api import BotApi
from tests.auxil.programs import BOT, environment
from tests.auxil.waiting import until
from tests.eval.golden import load
from tests.eval.report import bundled

# Seconds within which 95 of 100 questions are to be answered.
_SOON = 2.0
# Each rate is so much higher than the one before.
_RISE = 1.2
# Questions a second to begin with.
_FIRST = {"different": 10, "conversations": 10, "repeated": 30}
# People who have been told what is kept, so that a question is answered by one message.
_PEOPLE = 100_000
# Questions that are asked again and again; people who talk at the same time, and how much each asks.
_REPEATED, _TALKING, _TALK = 200, 400, 4
# While memory is measured: different questions, each time from somebody new, and how many wait for an answer at once.
_DIFFERENT, _AT_ONCE = 2000, 40
_PATIENCE = 300.0
_KEY = "a key for the benchmark"
_SETTINGS = {
    "TELEGRAM_MESSAGES_PER_SECOND": "1000",
    "LIMIT_PER_MINUTE": "1000000",
    "LIMIT_PER_DAY": "1000000",
    "PSEUDONYM_KEY": _KEY,
    "LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One rate. took: seconds of each question until its answer. bot, here: processor time a second, of one core."""

    rate: float
    took: list[float]
    bot: float
    here: float

    @property
    def held(self) -> bool:
        return percentile(self.took, 95) <= _SOON

    def row(self) -> list[str]:
        p50, p95 = (f"{percentile(self.took, share):.2f}" for share in (50, 95))
        return [f"{self.rate:.0f}", str(len(self.took)), p50, p95, f"{self.bot:.2f}", f"{self.here:.2f}"]


class Crowd:
    """People who ask a bot, each in a chat of their own."""

    def __init__(self, api: BotApi, bot: int) -> None:
        self._api = api
        self._bot = bot
        self._asked: defaultdict[int, list[float]] = defaultdict(list)
        self._waiting: set[int] = set()

    def ask(self, person: int, text: str) -> None:
        self._asked[person].append(time.monotonic())
        self._waiting.add(person)
        self._api.say(person, text)

    def resident(self) -> float:
        """Memory of the bot in MB."""
        return resident(self._bot)

    def waiting(self) -> int:
        """People who have not been answered yet."""
        self._waiting = {one for one in self._waiting if len(self._api.sent(one)) < len(self._asked[one])}
        return len(self._waiting)

    async def step(self, rate: float, seconds: float, questions: Iterator[tuple[int, str]]) -> Step:
        """Ask at a rate, at random moments, then wait until all is answered."""
        before = {person: len(asked) for person, asked in self._asked.items()}
        began, work = time.monotonic(), (_processor(self._bot), time.process_time())
        moment, asked = began, set()
        while (moment := moment + random.expovariate(rate)) < began + seconds:
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            person, text = next(questions)
            self.ask(person, text)
            asked.add(person)
        lasted = time.monotonic() - began
        worked = _processor(self._bot) - work[0], time.process_time() - work[1]
        await until(lambda: not self.waiting(), _PATIENCE)
        took = [took for person in asked for took in self._took(person, before.get(person, 0))]
        return Step(len(took) / lasted, took, worked[0] / lasted, worked[1] / lasted)

    def _took(self, person: int, first: int) -> list[float]:
        answered = [message["at"] for message in self._api.sent(person)]
        return [end - start for start, end in zip(self._asked[person], answered, strict=True)][first:]


def different(library: Path) -> list[str]:
    """Questions of the tuning half, headings and other ways to ask, in random order; the library is there then."""
    with contextlib.closing(bundled(library)[0]) as live:
        passages = live.index.passages
    golden = [question.question for question in load(half="tune") if not question.history]
    asked = [*golden, *(text for one in passages for text in (one.heading, *one.questions))]
    distinct = list(dict.fromkeys(asked))
    random.Random(0).shuffle(distinct)  # noqa: S311  # no secret
    return distinct


def strangers(texts: Iterator[str], first: int) -> Iterator[tuple[int, str]]:
    """Each question from somebody who has asked nothing before."""
    return zip(itertools.count(first), texts)


def talks(texts: Iterator[str], first: int) -> Iterator[tuple[int, str]]:
    """Conversations of some people at a time; what is asked leans on what was asked before."""
    for group in itertools.count(first, _TALKING):
        for person in [*range(group, group + _TALKING)] * _TALK:
            yield person, next(texts)


@contextlib.asynccontextmanager
async def running(api: BotApi, library: Path) -> AsyncIterator[Crowd]:
    """A bot with fresh records, and the people who have met it before."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "data").mkdir()
        shutil.copytree(library, folder / "data/library")
        url = f"sqlite:///{folder / 'data/hai-dang.sqlite3'}"
        await asyncio.to_thread(prepare, url)
        await _acquaint(url)
        telegram = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, **_SETTINGS}
        env = environment(folder / "data", load_settings().knowledge_dir.resolve(), **telegram)
        process = await asyncio.create_subprocess_exec(*BOT, "run", env=env, cwd=folder)
        try:
            crowd = Crowd(api, process.pid)
            for person in range(1, 21):
                crowd.ask(person, "xin chào")
            await until(lambda: not crowd.waiting(), _PATIENCE)
            # The ingest beside it ends soon.
            await asyncio.sleep(10)
            yield crowd
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _acquaint(url: str) -> None:
    pseudonyms, moment, database = Pseudonyms(_KEY.encode()), now(), open_database(url)
    seen = {"channel": "telegram", "language": "vi", "first_seen": moment, "last_seen": moment, "informed_at": moment}
    people = [{"id": pseudonyms.of("telegram", str(number)), **seen} for number in range(1, _PEOPLE)]
    await database.write(lambda connection: connection.execute(insert(Person), people))
    await database.close()


async def rising(kind: str, library: Path, texts: list[str], seconds: float) -> tuple[float, list[list[str]]]:
    """The highest rate held, and a row for each rate."""
    steps: list[Step] = []
    async with BotApi() as api, running(api, library) as crowd:
        people = talks(iter(texts), 1000) if kind == "conversations" else strangers(iter(texts), 1000)
        if kind == "repeated":
            some = texts[:_REPEATED]
            await crowd.step(20, 1.5 * _REPEATED / 20, strangers(itertools.cycle(some), 1000))
            people = strangers(itertools.cycle(some), 2000)
        rate = float(_FIRST[kind])
        while not steps or steps[-1].held:
            steps.append(await crowd.step(rate, seconds, people))
            progress(f"{kind}: {' '.join(steps[-1].row())}")
            rate *= _RISE
    return max((step.rate for step in steps if step.held), default=0.0), [step.row() for step in steps]


async def memory(library: Path, texts: list[str], turns: int) -> list[list[str]]:
    """Resident memory of the bot and turns a second, a row each quarter of the turns."""
    rows = []
    async with BotApi() as api, running(api, library) as crowd:
        began, every = time.monotonic(), turns // 4
        for turn in range(turns + 1):
            if turn % every == 0:
                await until(lambda: not crowd.waiting(), _PATIENCE)
                rate = every / (time.monotonic() - began) if turn else 0.0
                rows.append([str(turn), f"{crowd.resident():.0f}", f"{rate:.0f}"])
                progress(f"memory: {' '.join(rows[-1])}")
                began = time.monotonic()
            await until(lambda: crowd.waiting() < _AT_ONCE, _PATIENCE)
            crowd.ask(1000 + turn, texts[turn % min(_DIFFERENT, len(texts))])
    return rows


def _processor(process: int) -> float:
    """Seconds of processor time that a process has used, those of its children left out."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def progress(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} (load {os.getloadavg()[0]:.1f}) {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join((*_FIRST, "memory")))
    parser.add_argument("--seconds", type=float, default=20, help="that each rate is kept up")
    parser.add_argument("--turns", type=int, default=20_000, help="while memory is measured")
    options = parser.parse_args()
    library = load_settings().data_dir / "eval"
    texts = different(library)
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f}\n")
    for kind in options.only.split(","):
        if kind == "memory":
            rows = asyncio.run(memory(library, texts, options.turns))
            print(table(("turns", "MB resident", "turns a second"), rows), flush=True)
            continue
        held, rows = asyncio.run(rising(kind, library, texts, options.seconds))
        print(f"\n{kind}: {held:.0f} a second held\n", flush=True)
        print(table(("a second", "questions", "p50 s", "p95 s", "cores: bot", "cores: server and people"), rows))


if __name__ == "__main__":
    main()
