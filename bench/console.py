"""How fast the console's pages come over a million turns, and what the index of words costs a question.

    python -m bench.console [--turns 1000000] [--url URL] [--rounds 5]

Turns of a year with the shares of outcomes, topics and votes that a busy bot has, beside readiness checks, tickets and
acts of ops. Without a URL: a file of SQLite. DATA_DIR holds the library that is shown. The counts of finished days are
made first, as the bot does in the background. Pages are asked for one after the other, each with its query, template
and masking; the network is not counted.
"""

import argparse
import asyncio
import contextlib
import datetime
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, insert, text
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.conversations import accounts
from bot.conversations.counting import keep_finished_days
from bot.conversations.database import Database, open_database
from bot.conversations.migrating import prepare
from bot.conversations.models import Address, AuditEntry, Conversation, Person, Ticket, Turn, new_key, now
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.conversations.searching import words_of
from bot.conversations.supplier_models import ReadinessCheck, Supplier
from bot.curation.found_gaps import FoundGaps
from bot.curation.guarding import load_checks
from bot.curation.publishing import Publisher
from bot.onboarding.check import Check
from bot.onboarding.files import load_files
from bot.onboarding.profile import Profile
from bot.onboarding.result import Result
from bot.settings import load_settings
from bot.web.console.application import console_app
from knowledge.live import LiveLibrary

ANSWER = "Hồ sơ gồm hóa đơn thương mại, phiếu đóng gói, vận đơn và chứng nhận xuất xứ. [1]\n" * 6
TOPICS = ("procedure", "access", "goods", "logistics", "buyers", "alibaba", "digital", "agents", "figures", "other")
DECISIONS = ("answer",) * 82 + ("abstain",) * 9 + ("clarify",) * 5 + ("smalltalk",) * 3 + ("failed",)
PASSWORD = "a password for the bench"  # noqa: S105
AT_ONCE = 5000
PEOPLE = 20_000
# As many as the console's page of gaps looks back.
GAP_DAYS = 30
TICKETS, ACTS = 2000, 100_000
PAGES = {
    "what is to be looked at": "/today",
    "overview, 30 days": "/?days=30",
    "overview, 90 days": "/?days=90",
    "newest turns": "/conversations",
    "page far down": "/conversations?to=2025-06-01",
    "disliked": "/conversations?feedback=down",
    "failed, low confidence": "/conversations?decision=failed&most=20",
    "one topic, one week": "/conversations?topic=figures&from=2026-01-01&to=2026-01-08",
    "nothing matches": "/conversations?decision=held",
    "common words": "/conversations?words=xuat+khau",
    "rare word": "/conversations?words=evfta",
    "phrase and filters": "/conversations?words=%22chung+nhan%22&feedback=down&topic=procedure",
    "words that nobody asks": "/conversations?words=khongcotunay",
    "transcript": "/conversations/7",
    "new turns since": "/conversations/new?since={mark}",
    "tickets": "/tickets",
    "one ticket": "/tickets/7",
    "onboarding": "/onboarding",
    "library": "/library",
    "people": "/people",
    "log": "/log",
    # Last, as it makes the bot look for gaps beside all that comes after.
    "gaps, not found yet": "/gaps",
}


def asked() -> list[str]:
    """Questions as people ask them."""
    return [check.ask for check in load_checks(Path())]


def turns(count: int, questions: list[str]) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    begin = now() - datetime.timedelta(days=365)
    for number in range(count):
        decision = chance.choice(DECISIONS)
        person = chance.randrange(PEOPLE)
        topic = chance.choice(TOPICS)
        total = round(chance.lognormvariate(3.6, 0.6))
        passages = [
            {
                "id": f"{topic}/guide-{rank}.md#1",
                "document": f"{topic}/guide-{rank}.md",
                "section": "Một mục",
                "score": 7.1,
            }
            for rank in range(5)
        ]
        yield {
            "id": number + 1,
            "key": f"{number:016x}",
            "conversation_id": person + 1,
            "person_id": f"{person:032x}",
            "channel": chance.choice(("telegram", "telegram", "web")),
            "asked_at": begin + datetime.timedelta(seconds=number * 365 * 86400 / count),
            "question": f"{chance.choice(questions)} {chance.randrange(1000)}",
            "understood": "xin C/O mất mấy ngày",
            "decision": decision,
            "reply": ANSWER if decision == "answer" else "",
            "sources": passages,
            "confidence": round(chance.random(), 3),
            "library_version": 3,
            "latency": {"search": total - 5, "total": total},
            "feedback": chance.choice((None,) * 90 + ("up",) * 8 + ("down",) * 2),
            "late": False,
            "topic": topic if decision in ("answer", "clarify") else None,
            "total_ms": total,
        }


async def fill(database: Database, count: int, questions: list[str]) -> None:
    moment = now()
    people = [
        {"id": f"{n:032x}", "channel": "telegram", "language": "vi", "first_seen": moment, "last_seen": moment}
        for n in range(PEOPLE)
    ]
    addresses = [
        {"id": n + 1, "person_id": f"{n:032x}", "channel": "telegram", "chat": str(n), "state": "reachable"}
        for n in range(PEOPLE)
    ]
    talks = [
        {"id": n + 1, "person_id": f"{n:032x}", "address_id": n + 1, "channel": "telegram"}
        | {"started": moment, "last_turn_at": moment}
        for n in range(PEOPLE)
    ]

    def first(connection: Connection) -> None:
        for model, rows in ((Person, people), (Address, addresses), (Conversation, talks)):
            connection.execute(insert(model), rows)

    await database.write(first)
    await database.write(lambda connection: fill_beside(connection, moment))
    batch: list[dict[str, Any]] = []
    for turn in turns(count, questions):
        batch.append(turn)
        if len(batch) == AT_ONCE:
            await database.write(lambda connection: keep(connection, batch))  # noqa: B023
            batch = []
    if batch:
        await database.write(lambda connection: keep(connection, batch))
    await database.write(lambda connection: connection.execute(text("ANALYZE")))


def fill_beside(connection: Connection, moment: datetime.datetime) -> None:
    """A supplier with a check for each person, tickets, acts of ops."""
    chance = random.Random(11)
    questions = load_files().questionnaire

    def lately() -> datetime.datetime:
        return moment - datetime.timedelta(days=365 * chance.random())

    suppliers, checks = [], []
    for number in range(PEOPLE):
        person, at = f"{number:032x}", lately()
        profile = {"goods": [chance.choice(["coffee", "rattan"])], "province": chance.choice(["Đắk Lắk", "Hà Nội"])}
        answers = {name: chance.choice(question.options).key for name, question in questions.questions.items()}
        result = Result.of_check(Check(questions, Profile.from_json(profile), answers)).model_dump(mode="json")
        suppliers.append({"person_id": person, "profile": profile, "updated_at": at, "invited_at": at})
        checks.append(
            {
                "key": f"{number:016x}",
                "person_id": person,
                "version": questions.version,
                "answers": answers,
                "result": result,
                "updated_at": at,
                "finished_at": at,
            }
        )
    tickets: list[dict[str, Any]] = []
    for number in range(1, TICKETS + 1):
        at, open_ = lately(), number % 40 == 0
        asker = chance.randrange(PEOPLE)
        tickets.append(
            {
                "id": number,
                "number": number,
                "person_id": f"{asker:032x}",
                "conversation_id": asker + 1,
                "state": "open" if open_ else "closed",
                "opened_at": at,
                "closed_at": None if open_ else at,
                "subject": "Xin gặp chuyên viên",
                "address_id": asker + 1,
                "shown": True,
                "answered_at": None if open_ else at + datetime.timedelta(minutes=chance.randrange(1, 600)),
                "answers": [],
            }
        )
    acts = [
        {"at": lately(), "actor": "bench", "action": "read", "subject": f"turn {number}", "detail": {}}
        for number in range(ACTS)
    ]
    for model, rows in ((Supplier, suppliers), (ReadinessCheck, checks), (Ticket, tickets), (AuditEntry, acts)):
        connection.execute(insert(model), rows)


def keep(connection: Connection, batch: list[dict[str, Any]]) -> None:
    connection.execute(insert(Turn), batch)
    value = ":words" if connection.dialect.name == "sqlite" else "to_tsvector('simple', :words)"
    rows = [{"this": turn["id"], "words": words_of(turn["question"])} for turn in batch]
    connection.execute(text(f"INSERT INTO turn_text (rowid, words) VALUES (:this, {value})"), rows)  # noqa: S608


async def measure(url: str, count: int, rounds: int) -> None:
    database = open_database(url)
    began = time.perf_counter()
    await fill(database, count, asked())
    print(f"{count} turns in {time.perf_counter() - began:.0f} s")
    await database.write(lambda connection: accounts.add_user(connection, "bench", "admin", PASSWORD))
    began = time.perf_counter()
    days = await keep_finished_days(database)
    print(f"{days} finished days counted in {time.perf_counter() - began:.1f} s")
    publisher = Publisher(load_settings())
    with LiveLibrary(publisher.library) as live:
        found_gaps = FoundGaps(Records(database, Pseudonyms(b"bench")), live, publisher.embeddings)
        hold = datetime.timedelta(minutes=30)
        console = console_app(database, publisher, found_gaps, lambda _: None, hold=hold)
        async with signed_in(console) as client:
            await visit(client, PAGES, rounds)
            await export(client)
            began = time.perf_counter()
            gaps = await found_gaps.of(GAP_DAYS) or []
            print(f"{len(gaps)} gaps found in {time.perf_counter() - began:.0f} s")
            await visit(client, {"gaps": "/gaps"}, rounds)
    await cost(database, count)
    await database.close()


@contextlib.asynccontextmanager
async def signed_in(console: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Starlette(routes=[Mount("/console", console)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://console.bench") as client:
        await client.post("/console/sign-in", data={"name": "bench", "password": PASSWORD})
        yield client


async def visit(client: httpx.AsyncClient, pages: Mapping[str, str], rounds: int) -> None:
    mark = f"{int(now().timestamp()) * 1_000_000}-1"
    for name, page in pages.items():
        took = []
        for _ in range(rounds):
            began = time.perf_counter()
            response = await client.get("/console" + page.format(mark=mark))
            took.append(1000 * (time.perf_counter() - began))
            assert response.status_code == 200, response.text[-500:]
        print(f"{name:<24} first {took[0]:6.0f} ms  median {sorted(took)[rounds // 2]:6.0f} ms")


async def export(client: httpx.AsyncClient) -> None:
    began, size = time.perf_counter(), 0
    async with client.stream("GET", "/console/conversations/export?format=csv&feedback=down") as response:
        async for piece in response.aiter_bytes():
            size += len(piece)
    print(f"export of disliked: {size / 1e6:.1f} MB in {time.perf_counter() - began:.1f} s")


async def cost(database: Database, count: int) -> None:
    """What a question more costs, with the index of words and without it."""
    sample = [turn | {"id": count + 1 + n, "key": new_key()} for n, turn in enumerate(turns(2000, asked()))]

    def plain(connection: Connection) -> None:
        for turn in sample[:1000]:
            connection.execute(insert(Turn), turn)

    def indexed(connection: Connection) -> None:
        for turn in sample[1000:]:
            keep(connection, [turn])

    for name, work in (("without", plain), ("with", indexed)):
        began = time.perf_counter()
        await database.write(work)
        print(f"a turn kept {name} the index of words: {time.perf_counter() - began:.3f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", help="address of an empty database")
    options = parser.parse_args()
    data = load_settings().data_dir
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        url = options.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        prepare(url)
        asyncio.run(measure(url, options.turns, options.rounds))
        if not options.url:
            print(f"{(Path(folder) / 'bench.sqlite3').stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
