"""`python -m bot agent add`, `list` and `remove`, as admins run them."""

from pathlib import Path

import pytest

import bot.cli

Output = pytest.CaptureFixture[str]
ADD = ["agent", "add", " Công ty  An ", "--tax-code", "0101234567", "--source", "https://example.com/an"]
ENTRY = [*ADD, "--date", "2026-10-01"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_an_agent_is_entered_listed_changed_and_removed(capsys: Output) -> None:
    assert bot.cli.main(["agent", "list"]) == 0
    assert capsys.readouterr() == ("", "Chưa nhập đại lý nào.\n")
    assert bot.cli.main(ENTRY) == 0
    assert capsys.readouterr().out == "Đã nhập Công ty An, mã số thuế 0101234567.\n"
    assert bot.cli.main([*ENTRY, "--note", "hết hạn 31/12/2026"]) == 0
    assert "Đã thay" in capsys.readouterr().out
    bot.cli.main(["agent", "list"])
    listed = "0101234567\tCông ty An\t2026-10-01\thttps://example.com/an\thết hạn 31/12/2026\n"
    assert capsys.readouterr().out == listed
    assert bot.cli.main(["agent", "remove", "0101234567"]) == 0
    assert bot.cli.main(["agent", "remove", "0101234567"]) == 2
    assert "Không có mã số thuế 0101234567" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["agent", "add", " ", *ENTRY[3:]], "tên đầy đủ"),
        ([*ENTRY, "--tax-code", "12345"], "Mã số thuế"),
        ([*ENTRY, "--source", "thư của Alibaba"], "http://"),
        ([*ENTRY, "--source", "https://[x"], "http://"),
        ([*ENTRY, "--source", "https://example.com/a(b"], "http://"),
        ([*ADD, "--date", "01/10/2026"], "năm-tháng-ngày"),
        ([*ADD, "--date", "20261001"], "năm-tháng-ngày"),
        ([*ADD, "--date", "2999-01-01"], "tương lai"),
    ],
)
def test_an_entry_that_nobody_could_check_is_refused(capsys: Output, arguments: list[str], told: str) -> None:
    assert bot.cli.main(arguments) == 2
    assert told in capsys.readouterr().err
    bot.cli.main(["agent", "list"])
    assert capsys.readouterr().out == ""


def test_an_entry_without_source_or_date_is_none(capsys: Output) -> None:
    for arguments in (ADD, ENTRY[:3]):
        with pytest.raises(SystemExit) as stopped:
            bot.cli.main(arguments)
        assert stopped.value.code == 2
