"""The database: a file of SQLite, or PostgreSQL.

What is done in it are plain functions over a SQLAlchemy connection. With SQLite they run in two threads, one that
writes and one that reads, because a hop to another thread for each statement (aiosqlite) costs five times the processor
time. What comes at the same time shares a transaction, and so one hop and one flush to the disk.
"""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.conversations.models import Base
from bot.conversations.searching import TABLE

T = TypeVar("T")
Work = Callable[[Connection], T]

# Seconds to wait for another process that writes, or for a connection to PostgreSQL.
PATIENCE = 5.0
# Connections to PostgreSQL.
_CONNECTIONS = 10
# More jobs than this do not share a transaction, so that none waits long for its neighbours.
_TOGETHER = 64

_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}
# Classes of SQLSTATE: connection, password, name of the database, transaction rolled back, resources, object in use,
# operator intervention.
_POSTGRES_AWAY = ("08", "28", "3D", "40", "53", "55", "57")


# How often, and how many seconds apart, it is looked whether somebody still reads what was deleted.
_LOOKS, _BETWEEN = 100, 0.3
# A transaction that writes counts in whichever database: no snapshot is younger than the oldest of them.
_ONLOOKERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND xact_start < :began"
    " AND (backend_xid IS NOT NULL OR (backend_xmin IS NOT NULL AND datname = current_database()))"
)


class DatabaseUnavailable(Exception):  # noqa: N818  # a state, not a mistake
    """The database is locked, full, broken or out of reach. Nothing was changed; the same may be tried again later.

    Seen by the rooms that use the records: they wait and try again.
    """


class Database(Protocol):
    """Runs work in transactions."""

    async def write(self, work: Work[T]) -> T:
        """Do the work and commit it. It may be done again after a rollback, so it touches nothing but the database.

        Raises DatabaseUnavailable, and what the work raises.
        """

    async def read(self, work: Work[T]) -> T:
        """Do work that changes nothing. Raises DatabaseUnavailable, and what the work raises."""

    async def compact(self) -> None:
        """Write everything anew, so that nothing of what was deleted is left in the files.

        Writes wait meanwhile. Raises DatabaseUnavailable when somebody else would not let go.
        """

    async def close(self) -> None:
        """Finish what is under way and let go of all connections."""


def open_database(url: str) -> Database:
    """The database at an address: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. Connects when used."""
    return SqliteDatabase(sqlite_path(url)) if is_sqlite(url) else PostgresDatabase(url)


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> Path:
    return Path(make_url(url).database or "")


def as_json(value: object) -> str:
    """Compact, with Vietnamese as it is written, and without halves of surrogate pairs."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()


def sqlite_engine(path: Path, *, foreign_keys: bool = True, begin: str = "BEGIN IMMEDIATE") -> Engine:
    """An engine whose transactions begin as told and are whole, tables included."""
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": PATIENCE}, json_serializer=as_json, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:  # noqa: ANN401
        # Python's driver would otherwise begin transactions by itself, and not for every statement.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            # A commit is on the disk when it returns; NORMAL would lose the last ones when the power fails.
            "synchronous=FULL",
            "secure_delete=ON",
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        # Past SQLAlchemy, whose way with a statement takes as long as all the rest of a small transaction.
        connection.connection.cursor().execute(begin)

    return engine


def postgres_engine(url: str) -> AsyncEngine:
    address = make_url(url).set(drivername="postgresql+asyncpg")
    # As everybody else calls it; asyncpg takes the same values by another name.
    ssl = address.query.get("sslmode")
    return create_async_engine(
        address.difference_update_query(["sslmode"]).update_query_dict({"ssl": ssl} if ssl else {}),
        json_serializer=as_json,
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        connect_args={"timeout": PATIENCE, "server_settings": {"lock_timeout": f"{PATIENCE:.0f}s"}},
    )


@contextlib.contextmanager
def names_errors() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as error:
        if is_unavailable(error):
            raise DatabaseUnavailable(str(getattr(error, "orig", None) or error).partition("\n")[0]) from error
        raise


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is locked, full, broken or out of reach, so that the same may succeed later."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout | DatabaseUnavailable):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        # The low byte is the kind, what stands above it the circumstances.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    state = getattr(cause, "sqlstate", None) or ""
    return state.startswith(_POSTGRES_AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated)


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work[Any]
    future: "asyncio.Future[Any]"


class _Lane:
    """A thread in which work is done; what comes while it is busy shares the next transaction."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[_Job] = []
        self._busy = False

    async def do(self, work: Work[T]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Job(work, future))
        self._begin()
        return await future

    def submit(self, call: Callable[[], T]) -> "Future[T]":
        """Call between two transactions."""
        return self._thread.submit(call)

    def _begin(self) -> None:
        if self._busy:
            return
        jobs = [job for job in self._waiting[:_TOGETHER] if not job.future.cancelled()]
        del self._waiting[:_TOGETHER]
        if jobs:
            self._busy = True
            done = asyncio.get_running_loop().run_in_executor(self._thread, self._together, jobs)
            done.add_done_callback(lambda done: self._end(jobs, done.result()))

    def _end(self, jobs: list[_Job], results: list[Any]) -> None:
        self._busy = False
        for job, result in zip(jobs, results, strict=True):
            if job.future.cancelled():
                continue
            if isinstance(result, _Failed):
                job.future.set_exception(result.error)
            else:
                job.future.set_result(result)
        self._begin()

    def _together(self, jobs: list[_Job]) -> list[Any]:
        """What each job returned, or how it failed; after a transaction failed for one of many, each has its own."""
        try:
            return self._transaction(jobs)
        except DatabaseUnavailable as error:
            return [_Failed(error)] * len(jobs)
        except Exception as error:  # noqa: BLE001  # handed to the one who asked for it
            return [_Failed(error)] if len(jobs) == 1 else [self._together([job])[0] for job in jobs]

    def _transaction(self, jobs: list[_Job]) -> list[Any]:
        with names_errors(), self._engine.begin() as connection:
            return [job.work(connection) for job in jobs]

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown(wait=False)


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


class SqliteDatabase:
    """One thread writes, another reads. path: of the file; its folder exists."""

    def __init__(self, path: Path) -> None:
        self._engine = sqlite_engine(path)
        self._writing = _Lane(self._engine, "records-write")
        self._reading = _Lane(sqlite_engine(path, begin="BEGIN"), "records-read")
        self._compacting: Future[None] | None = None

    async def write(self, work: Work[T]) -> T:
        return await self._writing.do(work)

    async def read(self, work: Work[T]) -> T:
        return await self._reading.do(work)

    async def compact(self) -> None:
        # Whoever asks before it has begun is served by the same one.
        if self._compacting is None or self._compacting.running() or self._compacting.done():
            self._compacting = self._writing.submit(self._compact)
        await asyncio.shield(asyncio.wrap_future(self._compacting))

    async def close(self) -> None:
        await self._writing.close()
        await self._reading.close()

    def _compact(self) -> None:
        with names_errors():
            # Not a connection of SQLAlchemy, which begins a transaction with every statement.
            pooled = self._engine.raw_connection()
            try:
                cursor = pooled.cursor()
                # Words of what was deleted stand in the index until its parts are merged.
                if cursor.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (TABLE,)).fetchone():
                    cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608  # a fixed name
                cursor.execute("VACUUM")
                # The log holds the new file and, before it, what was deleted.
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy = cursor.fetchall()[0][0]
            finally:
                pooled.close()
        if busy:
            raise DatabaseUnavailable("somebody reads on")


class PostgresDatabase:
    """A pool of connections; each write has a transaction of its own."""

    def __init__(self, url: str) -> None:
        self._engine = postgres_engine(url)
        # Without a transaction, which takes two more ways there and back, and shows no more than each statement does.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # Our own work waits here, for as long as it takes; the pool would give up after a while.
        self._free = asyncio.Semaphore(_CONNECTIONS)

    async def write(self, work: Work[T]) -> T:
        with names_errors():
            async with self._free, self._engine.begin() as connection:
                return await connection.run_sync(work)

    async def read(self, work: Work[T]) -> T:
        with names_errors():
            async with self._free, self._reading.connect() as connection:
                return await connection.run_sync(work)

    async def compact(self) -> None:
        with names_errors():
            async with self._free, self._reading.connect() as connection:
                await _until_unseen(connection)
                for table in (*Base.metadata.tables, TABLE):
                    await connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{table}"')
                # Samples of what was deleted stood in the statistics, which have just been taken anew.
                await _until_unseen(connection)
                await connection.exec_driver_sql("VACUUM FULL pg_statistic")

    async def close(self) -> None:
        await self._engine.dispose()


async def _until_unseen(connection: AsyncConnection) -> None:
    """Wait until nobody can see any more what is deleted by now: until then VACUUM would keep it."""
    began = (await connection.exec_driver_sql("SELECT clock_timestamp()")).scalar_one()
    for _ in range(_LOOKS):
        if not (await connection.execute(_ONLOOKERS, {"began": began})).scalar_one():
            return
        await asyncio.sleep(_BETWEEN)
    raise DatabaseUnavailable("somebody reads on")
