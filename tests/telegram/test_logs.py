"""Logs: JSON lines, a line a turn, and never a token, a chat or a question."""

import json
import logging
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Citation, Question, Reply
from bot.logs import JsonLines, configure_logging, log_turn, redacted
from tests.auxil.bot_api import TOKEN, BotApi
from tests.telegram.conftest import Running

pytestmark = [pytest.mark.xdist_group("telegram")]

CHAT = 918273645
SECRET = TOKEN.split(":")[1]


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"POST https://api.telegram.org/bot{TOKEN}/getMe", "POST https://api.telegram.org/bot[token]/getMe"),
        ("/bot123:short/getMe", "/bot[token]/getMe"),
        (f"/file/bot{TOKEN.replace(':', '%3A')}/a.jpg", "/file/bot[token]/a.jpg"),
        (f"The token `{TOKEN}` was rejected", "The token `[token]` was rejected"),
        ("at 12:30:15, version 123456:7, robot 5: no", "at 12:30:15, version 123456:7, robot 5: no"),
    ],
)
def test_tokens_are_taken_out(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_a_record_is_one_json_object_without_tokens_anywhere() -> None:
    try:
        int(f"bad {TOKEN}")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "f", 1, "hỏng %s\n%s", (TOKEN, 2), sys.exc_info())
    record.url, record.parts = f"/bot{TOKEN}", [TOKEN, {"x": TOKEN, "path": Path("/tmp")}]  # noqa: S108
    text = JsonLines().format(record)
    assert SECRET not in text
    assert "\n" not in text
    line = json.loads(text)
    assert line["message"] == "hỏng [token]\n2"
    assert line["parts"] == ["[token]", {"x": "[token]", "path": "/tmp"}]  # noqa: S108
    assert "bad [token]" in line["exception"]
    assert line["ts"].endswith("+00:00")
    assert {line["level"], line["logger"], line["url"]} == {"ERROR", "a", "/bot[token]"}


def test_numbers_of_people_are_taken_out_of_texts() -> None:
    token = "1234567890:" + "s" * 35
    try:
        int("gọi 0912 345 678 giúp")
    except ValueError:
        values = ("lan@xuong.vn", token)
        record = logging.LogRecord("a", logging.ERROR, "f", 1, "hỏng %s bot%s/x", values, sys.exc_info())
    record.reference = "12345678"
    line = json.loads(JsonLines().format(record))
    assert line["message"] == "hỏng [email] bot[token]/x"
    assert "gọi [số điện thoại] giúp" in line["exception"]
    assert line["reference"] == "12345678"


def test_a_turn_is_one_line_without_chat_and_question(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO")
    source = Citation(1, "t", "s", "p", None, None, "0123")
    log_turn(
        Reply("giá?", "answer", "x", sources=(source,), confidence=0.91234, version=3, latency_ms=12.34), "telegram"
    )
    [line] = lines(capsys.readouterr().err)
    del line["ts"]
    assert line == {
        "level": "INFO",
        "logger": "bot.turns",
        "message": "turn",
        "event": "turn",
        "channel": "telegram",
        "decision": "answer",
        "confidence": 0.912,
        "latency_ms": 12.3,
        "version": 3,
        "passages": ["0123"],
        "length": 4,
    }


def test_warnings_are_logged(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure_logging("WARNING")
        warnings.warn(f"old {TOKEN}", stacklevel=1)
        logging.captureWarnings(capture=False)
    [line] = lines(capsys.readouterr().err)
    assert line["logger"] == "py.warnings"
    assert SECRET not in str(line)


def test_what_a_gateway_says_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO")
    with pytest.raises(TelegramError):
        BaseRequest.parse_json_payload(b"<title>502 Bad Gateway</title>")
    assert not capsys.readouterr().err


@pytest.mark.parametrize("loudest", [False, True])
async def test_a_bot_at_work_logs_no_token_chat_or_question(
    api: BotApi,
    running: Running,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    loudest: bool,
) -> None:
    configure_logging("DEBUG")
    if loudest:
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.DEBUG)
    real = Assistant.answer

    def answer(self: Assistant, question: Question) -> Reply:
        if question.text == "hỏng":
            raise ValueError(f"https://api.telegram.org/bot{TOKEN}/x")
        return real(self, question)

    monkeypatch.setattr(Assistant, "answer", answer)
    async with running(api):
        api.say(CHAT, "Người mua Mỹ muốn gì?")
        api.say(CHAT, "hỏng")
        await api.messages(CHAT, 2)
        api.fail(403)
        api.say(CHAT, "xin chào")
        await api.called("sendMessage", 3)
    logged = capsys.readouterr().err
    found = lines(logged)
    assert SECRET not in logged
    assert [line["event"] for line in found if line["logger"] == "bot.turns"] == ["turn", "turn"]
    assert any("bot[token]" in str(line.get("exception")) for line in found)
    assert any(line["logger"] == "httpx" and "bot[token]" in str(line["message"]) for line in found) is loudest
    if not loudest:
        assert str(CHAT) not in logged
        assert "Người mua" not in logged


def test_logging_is_the_same_in_a_process_of_its_own() -> None:
    program = (
        f"import logging, bot.logs as l; l.configure_logging('INFO'); logging.info('bot%s', '{TOKEN}'); int('{TOKEN}')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    first, last = lines(done.stderr)
    assert first["message"] == "bot[token]"
    assert "'[token]'" in str(last["exception"])
    assert not done.stdout
