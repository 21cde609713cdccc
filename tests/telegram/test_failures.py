"""When Telegram or the bot itself fails."""

import asyncio
import datetime
import logging
import re
from collections.abc import Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.conversations.records import Records
from bot.settings import Settings, SettingsError
from bot.telegram import application, delivery, intake, sending
from bot.telegram.application import Telegram, build_telegram, run_telegram
from bot.telegram.failures import fate_of
from bot.texts import say
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import FILES, Running

pytestmark = [pytest.mark.xdist_group("telegram")]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(delivery, "BACK_OFF", (0.05, 0.05, 0.05))
    monkeypatch.setattr(sending, "FIRST_RETRY", 0.05)
    monkeypatch.setattr(application, "_FIRST_RETRY", 0.1)
    monkeypatch.setattr(intake, "_FIRST", 0.1)
    caplog.set_level(logging.INFO)


def because(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


def events(caplog: pytest.LogCaptureFixture, name: str) -> list[logging.LogRecord]:
    return [record for record in caplog.records if getattr(record, "event", "") == name]


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.exc_info]


async def test_a_failure_is_apologised_for_under_a_reference(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Assistant, question: Question) -> Reply:
        raise ZeroDivisionError("bí mật")

    monkeypatch.setattr(Assistant, "answer", fail)
    api.say(7, "?")
    text = (await api.messages(7, 1))[0]["text"]
    reference = re.search(r"\b[0-9a-f]{8}\b", text)
    assert reference
    assert "xin lỗi" in text
    assert "bí mật" not in text
    [record] = tracebacks(caplog)
    assert record.reference == reference[0]  # type: ignore[attr-defined]


async def test_flood_control_is_waited_out_by_that_chat_alone(api: BotApi, app: Telegram) -> None:
    api.fail(429, chat=7, retry_after=1)
    api.say(7, "xin chào")
    api.say(8, "xin chào")
    [quick], [slow] = await api.messages(8, 1), await api.messages(7, 1)
    assert slow["at"] - quick["at"] > 0.8


async def test_a_bad_gateway_is_tried_again(api: BotApi, app: Telegram, caplog: pytest.LogCaptureFixture) -> None:
    api.fail(502, times=3)
    api.say(7, "xin chào")
    await api.messages(7, 1)
    await asyncio.sleep(0.2)
    assert len(api.sent(7)) == 1
    assert not tracebacks(caplog)


async def test_a_message_that_cannot_be_sent_for_a_day_is_given_up_for_the_next_one(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sending, "GIVE_UP", datetime.timedelta(seconds=0.3))
    api.fail(502, times=8, description="Bad Gateway")
    api.say(7, "xin chào")
    await until(lambda: bool(events(caplog, "given_up")))
    api.clear_faults()
    api.say(7, "/help")
    [message] = await api.messages(7, 1)
    assert "Gõ câu hỏi" in message["text"]
    assert len(events(caplog, "given_up")) == 1
    assert not tracebacks(caplog)


async def test_a_timeout_is_neither_repeated_nor_apologised_for(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(application, "_READ", 0.3)
    async with running(api):
        api.fail(hang=0.6)
        api.say(7, "xin chào")
        await api.messages(7, 1)
        await asyncio.sleep(0.8)
    assert len(api.sent(7)) == 1
    assert not tracebacks(caplog)
    assert events(caplog, "uncertain")


@pytest.mark.parametrize(
    ("status", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")],
)
async def test_a_chat_that_is_gone_is_one_line_in_the_log(
    api: BotApi, app: Telegram, caplog: pytest.LogCaptureFixture, status: int, description: str
) -> None:
    api.fail(status, description=description)
    api.say(7, "xin chào")
    await api.called("sendMessage")
    api.say(7, "/help")
    await api.messages(7, 1)
    assert [record.levelname for record in events(caplog, "unreachable")] == ["INFO"]
    assert not tracebacks(caplog)
    assert len(api.sent(7)) == 1


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (RetryAfter(3), "again"),
        (NetworkError("Bad Gateway"), "again"),
        (TelegramError("Invalid server response"), "again"),
        (InvalidToken(), "again"),
        (because(NetworkError("x"), httpx.ConnectError("x")), "again"),
        (because(TimedOut(), httpx.ConnectTimeout("x")), "again"),
        (because(TimedOut(), httpx.PoolTimeout("x")), "again"),
        (because(TimedOut(), httpx.ReadTimeout("x")), "uncertain"),
        (because(NetworkError("x"), httpx.ReadError("x")), "uncertain"),
        (because(NetworkError("x"), httpx.RemoteProtocolError("x")), "uncertain"),
        (TimedOut(), "uncertain"),
        (Forbidden("Forbidden: bot was blocked by the user"), "blocked"),
        (Forbidden("Forbidden: user is deactivated"), "blocked"),
        (Forbidden("Forbidden: bot was kicked from the supergroup chat"), "gone"),
        (BadRequest("Chat not found"), "gone"),
        (BadRequest("Not enough rights to send text messages to the chat"), "gone"),
        (ChatMigrated(-1), "moved"),
        (BadRequest("Message is too long"), "never"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{type(value).__name__} {value.message}",
)
def test_what_becomes_of_a_message(error: TelegramError, fate: str) -> None:
    assert fate_of(error) == fate


async def test_a_bot_started_before_telegram_can_be_reached(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    async with BotApi() as gone:
        port = int(gone.url.rsplit(":", 1)[1])
    async with AsyncExitStack() as bot:
        await bot.enter_async_context(running(gone))
        await asyncio.sleep(0.5)
        async with BotApi(port) as api:
            api.say(7, "xin chào")
            await api.messages(7, 1)
            await bot.aclose()
    assert any("cannot be reached" in record.getMessage() for record in caplog.records)
    assert not tracebacks(caplog)


async def test_it_can_be_stopped_before_telegram_was_reached(running: Running) -> None:
    async with BotApi() as gone:
        pass
    async with asyncio.timeout(5), running(gone):
        await asyncio.sleep(0.2)


async def test_a_token_that_is_refused_is_a_setting_to_mend(
    api: BotApi, live: LiveLibrary, assistant: Assistant, settings: Callable[[BotApi], Settings], records: Records
) -> None:
    secret = api.token
    telegram = build_telegram(settings(api), live, assistant, records, FILES)
    api.token = "1:other"
    with pytest.raises(SettingsError) as caught:
        await run_telegram(telegram, asyncio.Event())
    assert say("telegram.bad_token") in str(caught.value)
    assert secret not in str(caught.value)
    assert caught.value.__suppress_context__
