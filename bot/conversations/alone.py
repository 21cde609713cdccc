"""One bot at a time on a database: a second one would hand out again what the first one has under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from filelock import FileLock, Timeout
from sqlalchemy import text

from bot.conversations.database import is_sqlite, names_errors, postgres_engine, sqlite_path

# Seconds given to a bot that was killed: PostgreSQL sees a little later that it is gone.
PATIENCE = 10.0
# Seconds between two looks.
_BETWEEN = 0.2
# Any number but that of the migrations; it counts within one database.
_POSTGRES_LOCK = 7_240_520


class AlreadyRunning(Exception):  # noqa: N818  # a state, not a mistake
    """Another bot works on this database. Seen by whoever starts the program."""


@asynccontextmanager
async def alone(url: str, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Be the only bot on the database until the end; a bot that dies lets go.

    patience: seconds to wait for another one that is ending. Raises AlreadyRunning, DatabaseUnavailable.
    """
    holding = _alone_with_file(url, patience) if is_sqlite(url) else _alone_on_server(url, patience)
    async with holding:
        yield


@asynccontextmanager
async def _alone_with_file(url: str, patience: float) -> AsyncIterator[None]:
    path = sqlite_path(url)
    lock = FileLock(path.with_name(f"{path.name}.lock"), thread_local=False)
    with names_errors():
        try:
            await asyncio.to_thread(lock.acquire, patience, poll_interval=_BETWEEN)
        except Timeout:
            raise AlreadyRunning from None
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def _alone_on_server(url: str, patience: float) -> AsyncIterator[None]:
    """The lock belongs to a connection of its own, which does nothing else."""
    engine = postgres_engine(url)
    until = asyncio.get_running_loop().time() + patience
    try:
        with names_errors():
            connection = await engine.connect()
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            while not await connection.scalar(text(f"SELECT pg_try_advisory_lock({_POSTGRES_LOCK})")):
                if asyncio.get_running_loop().time() >= until:
                    await connection.close()
                    raise AlreadyRunning
                await asyncio.sleep(_BETWEEN)
        yield
        with suppress(Exception):
            await connection.close()
    finally:
        await engine.dispose()
