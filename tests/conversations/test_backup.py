"""Backups: whole, of one moment, while the bot writes; and brought back."""

import asyncio
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from bot.conversations.backup import BackupError, backup
from bot.conversations.database import is_sqlite, open_database
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from tests.auxil import postgres
from tests.conversations.asking import LAN, MINH, ask, send_all


@pytest.fixture(autouse=True)
def _postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{postgres.binaries()}{os.pathsep}{os.environ['PATH']}")


def restored(url: str, file: Path, tmp_path: Path) -> str:
    """Bring a backup back as README says, beside the database that goes on; returns the address."""
    if is_sqlite(url):
        target = tmp_path / "restored/hai-dang.sqlite3"
        target.parent.mkdir()
        shutil.copy(file, target)
        return f"sqlite:///{target}"
    # Into the same database, from before.
    subprocess.run(["pg_restore", "--clean", "--no-owner", "--dbname", url, str(file)], check=True)
    return url


async def test_a_backup_made_while_the_bot_writes_can_be_restored_and_gone_on_with(
    url: str, records: Records, tmp_path: Path
) -> None:
    for number in range(20):
        await ask(records, LAN, number, f"trước {number}", messages=("một", "hai"))
    writing = asyncio.create_task(_write_on(records))
    file = tmp_path / "backup/hai-dang.bak"
    file.parent.mkdir()
    await asyncio.to_thread(backup, url, file)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["hai-dang.bak"]

    again = open_database(await asyncio.to_thread(restored, url, file, tmp_path))
    try:
        records = Records(again, Pseudonyms(b"a key for the tests"))
        questions = [turn["question"] for turn in (await records.personal_data(LAN))["turns"]]
        assert questions == [f"trước {number}" for number in range(20)]
        during = [turn["question"] for turn in (await records.personal_data(MINH))["turns"]]
        assert during == [f"trong lúc {number}" for number in range(len(during))]
        # Nothing that was to be sent is lost, and new questions are taken.
        assert (await send_all(records)).count("hai") == 20
        await ask(records, LAN, 5000, "sau")
    finally:
        await again.close()


async def _write_on(records: Records) -> None:
    for number in range(1000):
        await ask(records, MINH, 1000 + number, f"trong lúc {number}")


def test_a_backup_replaces_an_earlier_one_only_when_it_is_whole(url: str, tmp_path: Path) -> None:
    file = tmp_path / "hai-dang.bak"
    file.write_text("earlier")
    nowhere = "sqlite:///nowhere/x.sqlite3" if is_sqlite(url) else f"postgresql://postgres@/x?host={tmp_path}"
    with pytest.raises(BackupError, match="failed") as error:
        backup(nowhere, file)
    assert error.value.detail
    assert file.read_text() == "earlier"
    backup(url, file)
    assert file.stat().st_size > 1000
    assert not list(tmp_path.glob(".*.part"))


def test_a_folder_that_is_not_there_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="failed") as error:
        backup(url, tmp_path / "nowhere/hai-dang.bak")
    assert "nowhere" in error.value.detail


def test_without_pg_dump_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="no_pg_dump"):
        backup("postgresql://postgres@/x", tmp_path / "hai-dang.bak")


def test_a_password_stands_in_no_list_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/password\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    backup("postgresql://me:se%40cret@localhost:5433/x", tmp_path / "hai-dang.bak")
    assert "cret" not in (tmp_path / "arguments").read_text()
    assert "postgresql://me@localhost:5433/x" in (tmp_path / "arguments").read_text()
    assert (tmp_path / "password").read_text() == "se@cret\n"
