"""A person's data is theirs: shown whole, erased down to the bytes, and not kept for ever."""

import asyncio
import datetime
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection, func, insert, select

from bot.conversations import database as database_module
from bot.conversations import privacy
from bot.conversations.database import Database, DatabaseUnavailable, is_sqlite, sqlite_path
from bot.conversations.exchange import Outcome
from bot.conversations.models import Base, Conversation, InboxItem, Person, Ticket, Turn, now
from bot.conversations.records import Records
from tests.auxil import postgres
from tests.conversations.asking import (
    CHANNEL,
    LAN,
    LAN_IN_GROUP,
    MINH,
    MINH_IN_GROUP,
    ask,
    begin,
    send_all,
    take,
    text,
    update_of,
)

# Whatever Lan writes has this in it.
SECRET = "bí-mật-của-Lan"
DAY = datetime.timedelta(days=1)


async def live(records: Records, database: Database) -> None:
    """Two people talk in private and in a group, so that rows of both lie on the same pages."""
    for round_ in range(12):
        for sender, words in ((LAN, SECRET), (MINH, "chuyện Minh"), (LAN_IN_GROUP, SECRET), (MINH_IN_GROUP, "Minh")):
            number = round_ * 10 + [LAN, MINH, LAN_IN_GROUP, MINH_IN_GROUP].index(sender)
            long = f"{words} {number} " * (1 + 40 * round_)
            sources = [{"passage": "a.md#1", "score": 1.0, "asked": words}]
            key = await ask(records, sender, number, long, messages=(long, words), sources=sources, understood=words)
            await records.feedback(sender, key, "down", "wrong", words)
        if round_ < 10:
            await send_all(records)
    person = (await records.talk(LAN)).person
    ticket = {"number": 1, "person_id": person, "state": "open", "opened_at": now(), "subject": SECRET}
    await database.write(lambda connection: connection.execute(insert(Ticket), ticket))
    for sender, words in ((LAN, SECRET), (MINH, "Minh")):
        await records.agents.tick(sender, "checks:ask", done=True)
        offer = await records.agents.add_offer(sender, f"Công ty {words}")
        assert offer
        await records.agents.answer(sender, offer.key, "exit", words)
    # One more at work, one that waits.
    await begin(records, LAN, 901, SECRET)
    await take(records, update_of(LAN_IN_GROUP, 902, SECRET))


async def count(database: Database, table: Any, *conditions: Any) -> int:
    def work(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()

    return await database.read(work)


async def test_personal_data_is_everything_of_that_person_and_nobody_else(records: Records, database: Database) -> None:
    await live(records, database)
    data = json.loads(json.dumps(await records.personal_data(LAN), ensure_ascii=False))
    person = (await records.talk(LAN)).person
    for table in Base.metadata.sorted_tables:
        if "person_id" in table.c:
            kept = await count(database, table, table.c.person_id == person)
            name = {"inbox": "updates", "address": "addresses"}.get(table.name, f"{table.name}s")
            assert len(data[name]) == kept > 0
    assert [row["id"] for row in data["person"]] == [person]
    assert data["updates"][0]["payload"]["message"]["text"] == SECRET
    assert len(data["messages"]) == 48
    assert data["offers"][0]["answers"] == {"exit": SECRET}
    assert "Minh" not in json.dumps(data, ensure_ascii=False)
    assert set(await records.personal_data(LAN_IN_GROUP)) == set(data)


async def folder_of(url: str, database: Database) -> Path:
    """Where the files are that the tables are kept in, and the logs of SQLite."""
    if is_sqlite(url):
        return sqlite_path(url).parent

    def number(connection: Connection) -> int:
        # Puts into the files what is in memory, and takes away those that are replaced.
        connection.exec_driver_sql("CHECKPOINT")
        return connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar_one()

    return postgres.started().parent / "data/base" / str(await database.write(number))


async def found(url: str, database: Database, words: str) -> set[str]:
    """The files in which the words stand, as they are or as JSON escapes."""
    spellings = {words.encode(), json.dumps(words).strip('"').encode()}
    folder = await folder_of(url, database)
    contents = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert contents
    return {name for name, content in contents.items() if any(spelling in content for spelling in spellings)}


async def test_erasing_leaves_nothing_in_the_files(url: str, records: Records, database: Database) -> None:
    await live(records, database)
    if not is_sqlite(url):
        # PostgreSQL does so by itself now and then, and keeps samples of what stands in the tables.
        await database.write(lambda connection: connection.exec_driver_sql("ANALYZE"))
    private = {SECRET, LAN.chat, (await records.talk(LAN)).person}
    for words in private:
        assert await found(url, database, words)
    questions = await records.erase(LAN)
    assert len(questions) == 24
    assert all(SECRET in question for question in questions)
    for words in private:
        assert await found(url, database, words) == set()
    # What belongs to others, and the group itself, is as it was.
    assert len((await records.talk(MINH)).history) == 5
    assert len((await records.talk(MINH_IN_GROUP)).history) == 5
    assert await send_all(records)
    assert [offer.answers for offer in await records.agents.offers(MINH)] == [{"exit": "Minh"}]


async def test_after_erasing_the_person_is_a_stranger(records: Records, database: Database) -> None:
    await live(records, database)
    talk = await records.talk(LAN)
    await records.erase(LAN)
    # The update that asked for it can be finished; what waited is gone.
    assert await records.finish(CHANNEL, 901, Outcome())
    assert await records.claim(CHANNEL, 902, "me") is None
    assert await records.open_updates(CHANNEL) == []
    stranger = await records.talk(LAN)
    assert (stranger.history, stranger.informed) == ((), False)
    assert stranger.conversation != talk.conversation
    assert await records.erase(MINH)
    assert await records.erase(MINH) == ()
    assert await count(database, Turn) == 0


async def test_an_answer_under_way_while_erasing_is_not_kept(records: Records, database: Database) -> None:
    await ask(records, LAN, 1)
    talk = await begin(records, LAN_IN_GROUP, 2, SECRET)
    await records.erase(LAN)
    assert await records.finish(CHANNEL, 2, Outcome(talk, messages=[text(SECRET)]))
    assert await records.due(CHANNEL, 9) == []
    assert await count(database, Person) == 0


async def test_answering_and_erasing_at_the_same_time_end_in_order(records: Records, database: Database) -> None:
    for round_ in range(10):
        talk = await begin(records, LAN, round_)
        await asyncio.gather(records.finish(CHANNEL, round_, Outcome(talk, messages=[text("?")])), records.erase(LAN))
        assert await count(database, Person) == 0


async def test_an_update_erased_at_work_by_a_run_that_died_is_not_begun_again(records: Records) -> None:
    await begin(records, LAN, 1, SECRET)
    await records.erase(LAN)
    assert await records.open_updates(CHANNEL) == []
    assert await records.claim(CHANNEL, 1, "second run") is None


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="bot.conversations")
    return caplog


@asynccontextmanager
async def reader(url: str) -> AsyncIterator[None]:
    """Somebody who sees the database as it is now for as long as they like: a backup, an admin's console."""
    if is_sqlite(url):
        with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM turn").fetchall()
            yield
    else:
        connected = await asyncpg.connect(url)
        async with connected.transaction(isolation="repeatable_read"):
            await connected.fetch("SELECT 1")
            yield
        await connected.close()


async def test_a_reader_that_does_not_let_go_delays_the_bytes_not_the_erasing(
    url: str, records: Records, database: Database, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(records, database)
    if is_sqlite(url):
        await database.write(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout=50"))
    async with reader(url):
        with monkeypatch.context() as impatient:
            impatient.setattr(database_module, "_LOOKS", 2)
            assert await records.erase(LAN)
        assert [record.event for record in log.records if hasattr(record, "event")] == ["not_compacted"]
        assert await count(database, Person) == 1
    # The daily round makes up for it.
    await privacy.expire(database, now() - 365 * DAY)
    assert await found(url, database, SECRET) == set()


async def test_people_who_erase_at_once_share_the_work_on_the_file(records: Records, database: Database) -> None:
    await live(records, database)
    results = await asyncio.gather(records.erase(LAN), records.erase(MINH), records.erase(LAN), ask(records, MINH, 999))
    assert sum(len(questions) for questions in results[:3]) >= 48


async def test_what_is_too_old_expires_and_takes_along_whoever_was_not_seen_since(
    url: str, records: Records, database: Database
) -> None:
    old = now() - 400 * DAY
    await ask(records, LAN, 1, f"cũ {SECRET}", asked_at=old)
    await ask(records, LAN_IN_GROUP, 2, f"cũ {SECRET}", asked_at=old)
    await ask(records, MINH, 3, "cũ", asked_at=old)
    await ask(records, MINH, 4, "mới")
    await send_all(records)
    for sender in (LAN, MINH):
        await records.agents.tick(sender, "checks:ask", done=True)
        assert await records.agents.add_offer(sender, f"Công ty {SECRET if sender is LAN else 'Minh'}")

    def long_ago(connection: Connection) -> None:
        person = select(Turn.person_id).where(Turn.question.like(f"%{SECRET}%"))
        connection.execute(Person.__table__.update().where(Person.id.in_(person)).values(last_seen=old))
        connection.execute(
            Conversation.__table__.update().where(Conversation.person_id.in_(person)).values(last_turn_at=old)
        )
        connection.execute(InboxItem.__table__.update().values(done_at=now() - 4 * DAY))

    await database.write(long_ago)
    assert await privacy.expire(database, now() - 365 * DAY) == 3
    assert (await records.talk(MINH)).history == ("mới",)
    assert await count(database, InboxItem) == 0
    assert await count(database, Person) == 1
    assert {row["chat"] for row in (await records.personal_data(MINH))["addresses"]} == {MINH.chat}
    assert (await records.agents.ticks(MINH), await records.agents.ticks(LAN)) == ({"checks:ask"}, frozenset())
    assert [offer.party for offer in await records.agents.offers(MINH)] == ["Công ty Minh"]
    assert await records.agents.offers(LAN) == []
    for words in (SECRET, LAN.chat, LAN_IN_GROUP.chat):
        assert await found(url, database, words) == set()
    assert await privacy.expire(database, now() - 365 * DAY) == 0


async def test_many_old_turns_expire_in_portions(records: Records, database: Database, monkeypatch: Any) -> None:
    monkeypatch.setattr(privacy, "_AT_ONCE", 3)
    for number in range(8):
        await ask(records, LAN, number, asked_at=now() - 2 * DAY)
    assert await privacy.expire(database, now() - DAY) == 8


async def test_the_daily_round_goes_on_after_a_day_that_failed(
    database: Database, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[datetime.datetime] = []
    enough = asyncio.Event()

    async def expire(_: Database, before: datetime.datetime) -> int:
        rounds.append(before)
        if len(rounds) == 1:
            raise DatabaseUnavailable("locked")
        if len(rounds) == 2:
            raise RuntimeError("unforeseen")
        if len(rounds) == 4:
            enough.set()
        return 5

    monkeypatch.setattr(privacy, "expire", expire)
    monkeypatch.setattr(privacy, "_PAUSE", 0.0)
    task = asyncio.create_task(privacy.expire_daily(database, 30))
    await enough.wait()
    task.cancel()
    assert abs(now() - 30 * DAY - rounds[0]) < DAY
    assert [record.getMessage() for record in log.records][:3] == [
        "nothing expired, next try in a day (locked)",
        "expiring failed",
        "expired",
    ]
