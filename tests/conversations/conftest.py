"""The records on a file of SQLite and on PostgreSQL: every test here that takes `url` runs on both."""

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from filelock import FileLock

from bot.conversations.database import Database, open_database
from bot.conversations.migrating import prepare
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from tests.auxil import postgres

# With all tables, to be copied.
_PREPARED = "prepared"


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.sqlite3'}"
        return
    with _postgres("template1") as url:
        yield url


@pytest.fixture
def url(kind: str, tmp_path: Path, prepared: Path) -> Iterator[str]:
    """The address of a database with all tables."""
    if kind == "sqlite":
        yield f"sqlite:///{shutil.copy(prepared, tmp_path / 'records.sqlite3')}"
        return
    _prepare_postgres()
    with _postgres(_PREPARED) as url:
        yield url


def _address(socket: Path, name: str) -> str:
    return f"postgresql://postgres@/{name}?host={socket}"


@contextlib.contextmanager
def _postgres(template: str) -> Iterator[str]:
    """The address of a copy of a database."""
    socket, name = postgres.started(), f"test_{secrets.token_hex(6)}"
    asyncio.run(_administer(socket, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield _address(socket, name)
    asyncio.run(_administer(socket, f'DROP DATABASE "{name}" WITH (FORCE)'))


def _prepare_postgres() -> None:
    """Make what is copied, unless another test or worker did."""
    socket = postgres.started()
    made = socket.with_name(_PREPARED)
    with FileLock(f"{made}.lock"):
        if not made.exists():
            asyncio.run(_administer(socket, f'CREATE DATABASE "{_PREPARED}"'))
            prepare(_address(socket, _PREPARED))
            made.touch()


async def _administer(socket: Path, statement: str) -> None:
    connection = await asyncpg.connect(host=str(socket), user="postgres", database="postgres")
    await connection.execute(statement)
    await connection.close()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = open_database(url)
    yield database
    await database.close()


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database, Pseudonyms(b"a key for the tests"))
