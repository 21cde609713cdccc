"""The revision of a database, and bringing it up to date."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.conversations.backup import backup
from bot.conversations.database import is_sqlite, names_errors, postgres_engine, sqlite_engine, sqlite_path
from bot.conversations.models import now

_log = logging.getLogger(__name__)

T = TypeVar("T")

# empty: no tables yet. older, newer: than this program.
State = Literal["empty", "current", "older", "newer"]

MIGRATIONS = Path(__file__).with_name("migrations")
# Held while tables are changed, so that two programs that start at once do not both change them. Any number.
_POSTGRES_LOCK = 7_240_519


class MigrationNeeded(Exception):  # noqa: N818  # a state, not a mistake
    """The database does not fit this program and is left alone. Seen by whoever starts the program.

    code: names the text that says what to do.
    """

    def __init__(self, code: Literal["older", "newer"]) -> None:
        super().__init__(code)
        self.code = code


def state(url: str, migrations: Path = MIGRATIONS) -> State:
    """How the database stands to this program. Raises DatabaseUnavailable."""
    if is_sqlite(url) and not sqlite_path(url).exists():
        return "empty"
    return _connected(url, lambda connection: _state(connection, migrations))


def _state(connection: Connection, migrations: Path) -> State:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return "empty"
    script = ScriptDirectory(str(migrations))
    if current == script.get_current_head():
        return "current"
    known = {revision.revision for revision in script.walk_revisions()}
    return "older" if current in known else "newer"


def prepare(url: str, migrations: Path = MIGRATIONS) -> None:
    """Make the database fit to be used, where that is safe.

    Tables are made in an empty one. An older file of SQLite is copied beside itself first. Raises MigrationNeeded for
    an older PostgreSQL, which wants a backup by its admin, and for a newer database; BackupError; DatabaseUnavailable.
    """
    found = state(url, migrations)
    if found == "newer" or (found == "older" and not is_sqlite(url)):
        raise MigrationNeeded(found)
    if found != "current" and (kept := upgrade(url, migrations)):
        _log.warning("database brought up to date; delete its copy when all is well", extra={"copy": str(kept)})


def upgrade(url: str, migrations: Path = MIGRATIONS) -> Path | None:
    """Bring the database up to date; returns the copy made before of an older file of SQLite.

    Raises MigrationNeeded when it is newer, BackupError, DatabaseUnavailable.
    """
    found, kept = state(url, migrations), None
    if found == "newer":
        raise MigrationNeeded(found)
    if is_sqlite(url):
        path = sqlite_path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        # For its owner only; the files that SQLite puts beside it are as it is.
        path.touch(mode=0o600)
        if found == "older":
            kept = path.with_name(f"{path.name}.before-{now():%Y%m%d-%H%M%S}")
            backup(url, kept)
    _connected(url, lambda connection: _upgrade(connection, migrations))
    return kept


def _upgrade(connection: Connection, migrations: Path) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _connected(url: str, work: Callable[[Connection], T]) -> T:
    """Work in one transaction, tables included; not to be called where an event loop runs."""
    with names_errors():
        if not is_sqlite(url):
            return asyncio.run(_connected_to_postgres(url, work))
        # Alembic makes a table anew to change it, which foreign keys would forbid.
        engine = sqlite_engine(sqlite_path(url), foreign_keys=False)
        try:
            with engine.begin() as connection:
                return work(connection)
        finally:
            engine.dispose()


async def _connected_to_postgres(url: str, work: Callable[[Connection], T]) -> T:
    engine = postgres_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
