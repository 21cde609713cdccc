"""The database: shared transactions that fail for one and not for all, and errors by what they mean."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from bot.conversations import database as module
from bot.conversations.database import Database, DatabaseUnavailable, open_database, sqlite_path
from bot.conversations.migrating import prepare, state
from bot.conversations.models import AuditEntry, now
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from tests.conversations.asking import LAN, ask, begin


def note(action: str, id_: int | None = None) -> module.Work[None]:
    row = {"at": now(), "actor": "tests", "action": action, "subject": "", "detail": {}}

    def work(connection: Connection) -> None:
        connection.execute(insert(AuditEntry), row | ({"id": id_} if id_ else {}))

    return work


async def notes(database: Database) -> set[str]:
    return set(await database.read(lambda connection: connection.scalars(select(AuditEntry.action)).all()))


async def test_writes_at_the_same_time_are_all_kept(database: Database) -> None:
    await asyncio.gather(*(database.write(note(f"n{number}")) for number in range(150)))
    assert len(await notes(database)) == 150


async def test_one_write_that_fails_takes_no_other_along(database: Database) -> None:
    await database.write(note("first", id_=1000))

    def bad(connection: Connection) -> None:
        note("half")(connection)
        raise ValueError("mine")

    results = await asyncio.gather(
        database.write(note("a")),
        database.write(bad),
        database.write(note("again", id_=1000)),
        database.write(note("b")),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["NoneType", "ValueError", "IntegrityError", "NoneType"]
    assert await notes(database) == {"first", "a", "b"}


async def test_a_write_given_up_before_its_turn_is_not_done(database: Database) -> None:
    blocked = asyncio.create_task(database.write(note("kept")))
    dropped = asyncio.create_task(database.write(note("dropped")))
    dropped.cancel()
    await asyncio.gather(blocked, dropped, return_exceptions=True)
    assert await notes(database) == {"kept"}


async def test_a_database_that_is_not_there_is_unavailable_until_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    database = open_database(f"sqlite:///{folder / 'x.sqlite3'}")
    with pytest.raises(DatabaseUnavailable):
        await database.write(note("early"))
    folder.mkdir()
    await asyncio.to_thread(prepare, f"sqlite:///{folder / 'x.sqlite3'}")
    await database.write(note("late"))
    assert await notes(database) == {"late"}
    await database.close()


async def test_a_postgresql_out_of_reach_is_unavailable(tmp_path: Path) -> None:
    database = open_database(f"postgresql://postgres@/x?host={tmp_path}")
    for call in (database.read(lambda _: None), database.write(lambda _: None), database.compact()):
        with pytest.raises(DatabaseUnavailable):
            await call
    await database.close()
    with pytest.raises(DatabaseUnavailable):
        await asyncio.to_thread(state, f"postgresql://postgres@/x?host={tmp_path}")


async def test_sslmode_is_understood_as_everybody_writes_it(url: str) -> None:
    if module.is_sqlite(url):
        return
    database = open_database(f"{url}&sslmode=prefer")
    await database.write(note("over the socket"))
    assert await notes(database) == {"over the socket"}
    await database.close()


@pytest.fixture
def sqlite_url(tmp_path: Path, prepared: Path) -> str:
    return f"sqlite:///{shutil.copy(prepared, tmp_path / 'records.sqlite3')}"


@contextmanager
def locked(url: str) -> Iterator[None]:
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_locked_file_is_unavailable_and_then_not(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    database = open_database(sqlite_url)
    records = Records(database, Pseudonyms(b"k" * 16))
    with locked(sqlite_url):
        results = await asyncio.gather(
            *(database.write(note(f"n{number}")) for number in range(20)), return_exceptions=True
        )
        assert {type(result) for result in results} == {DatabaseUnavailable}
        with pytest.raises(DatabaseUnavailable):
            await records.talk(LAN)
        # Reading goes on.
        assert await notes(database) == set()
    await ask(records, LAN, 1)
    await database.close()


async def test_a_full_disk_is_unavailable_and_nothing_is_half_kept(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    records = Records(database, Pseudonyms(b"k" * 16))
    await ask(records, LAN, 1)
    talk = await begin(records, LAN, 2)

    def fill(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def make_room(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")

    await database.write(fill)
    with pytest.raises(DatabaseUnavailable):
        await ask(records, LAN, 3, "dài " * 50_000)
    await database.write(make_room)
    assert (await records.talk(LAN)).history == talk.history
    await ask(records, LAN, 4)
    await database.close()


async def test_a_commit_is_on_the_disk_and_deleted_text_is_overwritten(sqlite_url: str) -> None:
    database = open_database(sqlite_url)

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1, 1]
    assert await database.read(pragmas) == ["wal", 2, 1, 1]
    await database.close()


def test_the_file_is_for_its_owner_only(sqlite_url: str) -> None:
    assert stat.S_IMODE(os.stat(sqlite_path(sqlite_url)).st_mode) == 0o600  # noqa: PTH116  # of the file, as it is
