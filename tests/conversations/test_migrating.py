"""Revisions: up from each with data, older and newer databases, and that tables and models agree."""

import datetime
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, MetaData, inspect, select

from bot.conversations import (
    migrating,
    supplier_models,  # noqa: F401  # its tables are of Base too
)
from bot.conversations.database import is_sqlite, sqlite_path
from bot.conversations.migrating import MIGRATIONS, MigrationNeeded, prepare, state, upgrade
from bot.conversations.models import Base
from bot.conversations.searching import TABLE

MOMENT = datetime.datetime(2026, 11, 25, 8, 0, tzinfo=datetime.UTC)

# A revision that some later version of the program may bring.
LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("turn") as table:
        table.add_column(sa.Column("mood", sa.String(8), nullable=False, server_default="calm"))
        table.alter_column("reply", new_column_name="answer")
"""

REVISIONS = [revision.revision for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The migrations of a later version."""
    folder = tmp_path / "later"
    shutil.copytree(MIGRATIONS, folder)
    (folder / "versions/9999_later.py").write_text(LATER.format(head=REVISIONS[-1]), encoding="utf-8")
    return folder


def upgrade_to(url: str, revision: str) -> None:
    def work(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    migrating._connected(url, work)


def is_modelled(name: str, _: object = None) -> bool:
    """The index of words, and the tables that SQLite keeps it in, are beside the models."""
    return not name.startswith(TABLE)


def fill(connection: Connection) -> None:
    """A row in every table, whatever its columns are, each table after those that it refers to."""
    tables = MetaData()
    tables.reflect(connection, only=is_modelled)
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), {column.name: value_for(column) for column in table.columns})


def value_for(column: Any) -> object:
    if isinstance(column.type, JSON):
        return {"giữ": "nguyên"}
    kind = column.type.python_type
    if kind is datetime.datetime:
        return MOMENT
    if kind is datetime.date:
        return MOMENT.date()
    if kind is str:
        return "chữ"[: column.type.length or 3]
    return kind(1)


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    tables = MetaData()
    tables.reflect(connection, only=is_modelled)
    return {
        table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in tables.sorted_tables
    }


def kept_from(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> None:
    """Every row and every value that has a place still is there."""
    for name, rows in before.items():
        if name == "alembic_version" or name not in after:
            continue
        for row, now in zip(rows, after[name], strict=True):
            shared = row.keys() & now.keys()
            assert shared
            assert {key: row[key] for key in shared} == {key: now[key] for key in shared}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_earlier_revision_comes_up_with_its_data(empty_url: str, revision: str) -> None:
    upgrade_to(empty_url, revision)
    migrating._connected(empty_url, fill)
    before = migrating._connected(empty_url, contents)
    assert all(before.values())
    upgrade(empty_url)
    assert state(empty_url) == "current"
    kept_from(before, migrating._connected(empty_url, contents))


def test_tables_and_models_agree(url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or is_modelled(name)}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, Base.metadata)

    assert migrating._connected(url, differences) == []


def test_an_empty_database_is_made_ready_as_often_as_one_likes(empty_url: str) -> None:
    assert state(empty_url) == "empty"
    prepare(empty_url)
    prepare(empty_url)
    assert upgrade(empty_url) is None
    assert state(empty_url) == "current"
    tables = migrating._connected(empty_url, lambda connection: inspect(connection).get_table_names())
    assert {"turn", "inbox", "outbox"} < set(tables)


def test_an_older_database_is_brought_up_where_that_is_safe(
    url: str, later: Path, caplog: pytest.LogCaptureFixture
) -> None:
    migrating._connected(url, fill)
    before = migrating._connected(url, contents)
    assert state(url, later) == "older"
    if is_sqlite(url):
        prepare(url, later)
        [copy] = sqlite_path(url).parent.glob("*.before-*")
        # It holds what people may have erased by the time that nobody needs it any more.
        assert [record.copy for record in caplog.records if hasattr(record, "copy")] == [str(copy)]
        with closing(sqlite3.connect(copy)) as kept:
            assert kept.execute("SELECT reply FROM turn").fetchall() == [("chữ",)]
    else:
        with pytest.raises(MigrationNeeded, match="older"):
            prepare(url, later)
        assert state(url, later) == "older"
        assert upgrade(url, later) is None
    assert state(url, later) == "current"
    after = migrating._connected(url, contents)
    kept_from(before, after)
    assert (after["turn"][0]["mood"], after["turn"][0]["answer"]) == ("calm", "chữ")


def test_a_newer_database_is_left_alone(url: str, later: Path) -> None:
    upgrade(url, later)
    before = migrating._connected(url, contents)
    assert state(url) == "newer"
    for change in (prepare, upgrade):
        with pytest.raises(MigrationNeeded, match="newer"):
            change(url)
    assert migrating._connected(url, contents) == before


def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str, later: Path) -> None:
    broken = later / "versions/9999_later.py"
    broken.write_text(broken.read_text(encoding="utf-8") + "    raise RuntimeError('half way')\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="half way"):
        upgrade(url, later)
    assert state(url) == "current"
    columns = migrating._connected(url, lambda connection: inspect(connection).get_columns("turn"))
    assert "mood" not in {column["name"] for column in columns}
