"""`python -m bot user`: who may sign in to the console."""

import io
from pathlib import Path

import pytest

from bot.cli import main
from bot.conversations import accounts


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["user", *arguments])


def test_users_are_added_listed_disabled_and_let_in_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "add", "lan", "--role", "ops", typed="mật khẩu dài\n") == 0
    assert run(monkeypatch, "add", "lan", "--role", "admin", typed="mật khẩu dài\n") == 2
    assert run(monkeypatch, "add", "a b", "--role", "ops", typed="mật khẩu dài\n") == 2
    assert run(monkeypatch, "add", "minh", "--role", "admin", typed="ngắn\n") == 2
    assert run(monkeypatch, "password", "minh", typed="mật khẩu dài\n") == 2
    error = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[0] for line in error] == ["Đã", "Tên", "Mật", "Không"]
    assert run(monkeypatch, "disable", "lan") == 0
    assert run(monkeypatch, "list") == 0
    assert "lan  ops  đã khoá" in capsys.readouterr().out
    assert run(monkeypatch, "enable", "lan") == 0
    assert run(monkeypatch, "password", "lan", typed="một mật khẩu khác\n") == 0
    assert run(monkeypatch, "list") == 0
    out = capsys.readouterr().out
    assert "lan  ops  đang dùng" in out
    assert "mật khẩu dài" not in out
    assert b"m\xe1\xba\xadt kh" not in Path("hai-dang.sqlite3").read_bytes()


def test_a_password_on_a_terminal_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO("")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "mật khẩu dài")
    assert main(["user", "add", "lan", "--role", "ops"]) == 0
    assert accounts._fits(accounts._hash("mật khẩu dài"), "mật khẩu dài")
