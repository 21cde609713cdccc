"""The records on a file of SQLite and on PostgreSQL: every test here that takes `url` runs on both."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from bot.conversations.database import Database, open_database
from bot.conversations.migrating import prepare
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from tests.auxil import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.sqlite3'}"
        return
    socket, name = postgres.started(), f"test_{secrets.token_hex(6)}"
    asyncio.run(_administer(socket, f'CREATE DATABASE "{name}"'))
    yield f"postgresql://postgres@/{name}?host={socket}"
    asyncio.run(_administer(socket, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _administer(socket: Path, statement: str) -> None:
    connection = await asyncpg.connect(host=str(socket), user="postgres", database="postgres")
    await connection.execute(statement)
    await connection.close()


@pytest.fixture
def url(empty_url: str) -> str:
    """The address of a database with all tables."""
    prepare(empty_url)
    return empty_url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = open_database(url)
    yield database
    await database.close()


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database, Pseudonyms(b"a key for the tests"))
