"""How many questions a second the records carry, from arrival to sent, and how long erasing holds up writes.

    python -m bench.records [--url URL] [--questions 4000] [--chats 200]

Every chat asks as soon as it was answered; each question goes through all transactions that the bot makes of it.
Updates come in batches, as Telegram brings them. Without a URL: a file of SQLite in the working folder.
"""

import argparse
import asyncio
import tempfile
import time
from collections import deque
from pathlib import Path

from bot.conversations.database import Database, is_sqlite, open_database, sqlite_path
from bot.conversations.exchange import Incoming, Message, NewTurn, Outcome, Sender
from bot.conversations.migrating import prepare
from bot.conversations.models import new_key, now
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records

CHANNEL = "telegram"
QUESTION = "xin co mat may ngay"
ANSWER = "Hồ sơ gồm hóa đơn thương mại, phiếu đóng gói, vận đơn và chứng nhận xuất xứ. [1]\n" * 10
SOURCES = [{"passage": f"procedure/chung-nhan-xuat-xu.md#{number}", "score": 7.68} for number in range(5)]
# Telegram brings at most so many updates at once.
BATCH = 100


class Run:
    """One measurement. first: number of the first update."""

    def __init__(self, records: Records, questions: int, chats: int, first: int) -> None:
        self.records = records
        self.questions = questions
        self.chats = chats
        self.first = first
        self.arrived: deque[Incoming] = deque()
        self.taken: dict[int, asyncio.Event] = {}
        self.done = 0
        self.took: list[float] = []

    async def __call__(self) -> None:
        numbers = range(self.first, self.first + self.questions)
        asking = [self._ask(chat, list(numbers[chat :: self.chats])) for chat in range(self.chats)]
        await asyncio.gather(self._take(), self._send(), *asking)

    async def _take(self) -> None:
        while self.done < self.questions:
            batch = [self.arrived.popleft() for _ in range(min(BATCH, len(self.arrived)))]
            if not batch:
                await asyncio.sleep(0.005)
                continue
            await self.records.take(CHANNEL, batch, limit_queue=20, limit_open=4096)
            for incoming in batch:
                self.taken.pop(incoming.update_id).set()

    async def _ask(self, chat: int, numbers: list[int]) -> None:
        sender = Sender(CHANNEL, str(chat), str(chat))
        for number in numbers:
            began = time.perf_counter()
            taken = self.taken[number] = asyncio.Event()
            payload = {"update_id": number, "message": {"text": QUESTION, "chat": {"id": chat}}}
            self.arrived.append(Incoming(number, payload, sender, QUESTION, number))
            await taken.wait()
            claimed = await self.records.claim(CHANNEL, number, "bench")
            assert claimed
            talk = await self.records.talk(sender)
            turn = NewTurn(
                new_key(),
                QUESTION,
                "answer",
                claimed.received_at,
                understood="xin C/O mất mấy ngày",
                reply=ANSWER,
                sources=SOURCES,
                latency={"search": 20.0, "total": 30.0},
                question_message=number,
            )
            keyboard = [[{"text": "👍", "data": f"fb:{turn.key}:up"}]]
            messages = [Message("text", {"html": ANSWER, "keyboard": keyboard})]
            await self.records.finish(CHANNEL, number, Outcome(talk, turn, messages))
            self.took.append(time.perf_counter() - began)
            self.done += 1

    async def _send(self) -> None:
        sent = 0
        while sent < self.questions:
            waiting = await self.records.due(CHANNEL, BATCH)
            if not waiting:
                await asyncio.sleep(0.005)
                continue
            going = await self.records.mark_sending([due.id for due in waiting])
            await self.records.mark_sent([(number, number) for number in going])
            sent += len(going)


async def measure(url: str, questions: int, chats: int) -> None:
    database = open_database(url)
    run = Run(Records(database, Pseudonyms(b"bench" * 4)), questions, chats, int(now().timestamp()) * 100_000)
    began, work = time.perf_counter(), time.process_time()
    await run()
    elapsed, work = time.perf_counter() - began, time.process_time() - work
    print(
        f"{questions} questions: {questions / elapsed:.0f} a second, {1000 * work / questions:.2f} ms of processor time"
        f" each, {1000 * sorted(run.took)[questions // 2]:.0f} ms from arrival to kept with {chats} at once (median)"
    )
    await _erase(database, run.records, url)
    await database.close()


async def _erase(database: Database, records: Records, url: str) -> None:
    size = f"{sqlite_path(url).stat().st_size / 1e6:.0f} MB" if is_sqlite(url) else "PostgreSQL"
    began = time.perf_counter()
    await records.erase(Sender(CHANNEL, "0", "0"))
    print(f"erasing one person: {time.perf_counter() - began:.2f} s in all ({size})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="address of an empty database")
    parser.add_argument("--questions", type=int, default=4000)
    parser.add_argument("--chats", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        url = options.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        prepare(url)
        asyncio.run(measure(url, options.questions, options.chats))


if __name__ == "__main__":
    main()
