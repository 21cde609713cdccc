"""`python -m bot migrate`, `export` and `backup`, as admins run them."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import bot.cli
from bot.conversations.database import open_database
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from tests.conversations.asking import LAN, ask

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the database, which is not there yet, in the folder of the settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data/hai-dang.sqlite3"


def fill(database: Path) -> None:
    async def live() -> None:
        opened = open_database(f"sqlite:///{database}")
        records = Records(opened, Pseudonyms(b"k" * 16))
        await ask(records, LAN, 1, "Xin C/O mất mấy ngày? Gọi em 0912345678")
        key = await ask(records, LAN, 2, "thuế Mỹ", decision="abstain")
        await records.feedback(LAN, key, "down", "off_topic")
        await opened.close()

    asyncio.run(live())


def test_migrate_makes_the_tables_and_says_when_there_is_nothing_to_do(database: Path, capsys: Output) -> None:
    assert bot.cli.main(["migrate"]) == 0
    assert capsys.readouterr().out == "Đã nâng cấp cơ sở dữ liệu hội thoại.\n"
    assert bot.cli.main(["migrate"]) == 0
    assert "không phải làm gì" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["migrate", "export"])
def test_a_newer_database_is_left_alone(database: Path, capsys: Output, command: str) -> None:
    bot.cli.main(["migrate"])
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert bot.cli.main([command]) == 2
    assert "mới hơn chương trình" in capsys.readouterr().err


def test_export_writes_the_chosen_turns(database: Path, tmp_path: Path, capsys: Output) -> None:
    bot.cli.main(["migrate"])
    fill(database)
    capsys.readouterr()
    assert bot.cli.main(["export"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["question"] == "Xin C/O mất mấy ngày? Gọi em [số điện thoại]"
    chosen = ["--from", "2026-01-01", "--to", "2999-12-31", "--decision", "abstain", "--feedback", "down"]
    assert bot.cli.main(["export", *chosen, "--channel", "telegram"]) == 0
    assert json.loads(capsys.readouterr().out) == second
    assert bot.cli.main(["export", "--to", "2020-01-01"]) == 0
    assert capsys.readouterr().out == ""
    file = tmp_path / "turns.csv"
    assert bot.cli.main(["export", "--unmasked", "--format", "csv", "--output", str(file)]) == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbfkey,asked_at")
    assert "0912345678" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0


def test_export_of_nothing_says_so(capsys: Output) -> None:
    assert bot.cli.main(["export"]) == 0
    assert capsys.readouterr() == ("", "Chưa có cuộc trò chuyện nào được lưu.\n")


@pytest.mark.parametrize("wrong", [["--from", "31/12/2026"], ["--decision", "perhaps"], ["--format", "xlsx"]])
def test_a_wrong_choice_is_named(capsys: Output, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        bot.cli.main(["export", *wrong])
    assert stopped.value.code == 2
    assert wrong[1] in capsys.readouterr().err


def test_backup_copies_the_database(database: Path, tmp_path: Path, capsys: Output) -> None:
    bot.cli.main(["migrate"])
    fill(database)
    file = tmp_path / "copy.sqlite3"
    assert bot.cli.main(["backup", str(file)]) == 0
    assert str(file) in capsys.readouterr().out
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM turn").fetchall() == [(2,)]


def test_what_cannot_be_done_is_said_and_ends_with_2(database: Path, tmp_path: Path, capsys: Output) -> None:
    assert bot.cli.main(["backup", str(tmp_path / "copy.sqlite3")]) == 2
    assert "Chưa sao lưu được" in capsys.readouterr().err
    bot.cli.main(["migrate"])
    assert bot.cli.main(["export", "--output", str(tmp_path / "nowhere/turns.csv")]) == 2
    assert "Không ghi được tệp" in capsys.readouterr().err
    database.write_bytes(b"no database at all" * 100)
    assert bot.cli.main(["export"]) == 2
    assert "Không mở được cơ sở dữ liệu hội thoại" in capsys.readouterr().err
