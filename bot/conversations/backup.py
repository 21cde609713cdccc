"""A copy of the whole database while the bot writes on."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from bot.conversations.database import DatabaseUnavailable, is_sqlite, sqlite_path


class BackupError(Exception):
    """No backup was made. Seen by whoever asked for it.

    code: names the text that says why. detail: what the program that failed said.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def backup(url: str, file: Path) -> None:
    """Write a copy, as of one moment, readable by its owner only; a file that is there is replaced when it is whole.

    A file of SQLite becomes another one, PostgreSQL an archive for pg_restore. Raises BackupError.
    """
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        part.touch(mode=0o600)
        if is_sqlite(url):
            copy_sqlite(sqlite_path(url), part)
        else:
            _dump(url, part)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(file)
    except (OSError, DatabaseUnavailable, sqlite3.Error) as error:
        raise BackupError("failed", str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy in one go, what is still in the log included; others write meanwhile. Raises DatabaseUnavailable."""
    if not source.exists():
        raise DatabaseUnavailable(f"no {source}")
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        # One file is easier to keep than one with a log beside it.
        writing.execute("PRAGMA journal_mode=DELETE")
        [(found,)] = writing.execute("PRAGMA quick_check(1)")
    if found != "ok":
        raise DatabaseUnavailable(found)


def _dump(url: str, file: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupError("no_pg_dump")
    address = make_url(url)
    environment = os.environ | ({"PGPASSWORD": str(address.password)} if address.password else {})
    # The password would be seen in the list of processes.
    shown = URL.create(
        "postgresql", address.username, None, address.host, address.port, address.database, address.query
    ).render_as_string()
    done = subprocess.run(  # noqa: S603
        [program, "--format=custom", "--no-owner", "--file", str(file), "--dbname", shown],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError("failed", done.stderr.strip())
