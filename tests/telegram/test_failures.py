"""When Telegram or the bot itself fails."""

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.settings import Settings, SettingsError
from bot.telegram import application, delivery
from bot.telegram.application import build_application, run_polling
from bot.telegram.failures import is_unreachable
from bot.telegram.handlers import App
from bot.texts import say
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import BotApi
from tests.telegram.conftest import Running

pytestmark = [pytest.mark.xdist_group("telegram")]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(delivery, "BACK_OFF", (0.05, 0.05, 0.05))
    monkeypatch.setattr(application, "_FIRST_RETRY", 0.1)
    caplog.set_level(logging.INFO)


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.exc_info]


async def test_a_failure_is_apologised_for_under_a_reference(
    api: BotApi, app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
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


async def test_flood_control_is_waited_out_by_that_chat_alone(api: BotApi, app: App) -> None:
    api.fail(429, chat=7, retry_after=1)
    api.say(7, "xin chào")
    api.say(8, "xin chào")
    [quick], [slow] = await api.messages(8, 1), await api.messages(7, 1)
    assert slow["at"] - quick["at"] > 0.8


async def test_a_bad_gateway_is_tried_again(api: BotApi, app: App, caplog: pytest.LogCaptureFixture) -> None:
    api.fail(502, times=3)
    api.say(7, "xin chào")
    await api.messages(7, 1)
    await asyncio.sleep(0.2)
    assert len(api.sent(7)) == 1
    assert not tracebacks(caplog)


async def test_a_gateway_that_stays_bad_is_given_up(api: BotApi, app: App, caplog: pytest.LogCaptureFixture) -> None:
    api.fail(502, times=8)
    api.say(7, "xin chào")
    await api.called("sendMessage", 8)
    api.say(7, "xin chào")
    await api.messages(7, 1)
    [record] = tracebacks(caplog)
    assert isinstance(record.exc_info and record.exc_info[1], NetworkError)


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
    assert [record for record in caplog.records if getattr(record, "event", "") == "timed_out"]


@pytest.mark.parametrize(
    ("status", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")],
)
async def test_a_chat_that_is_gone_is_one_line_in_the_log(
    api: BotApi, app: App, caplog: pytest.LogCaptureFixture, status: int, description: str
) -> None:
    api.fail(status, description=description)
    api.say(7, "xin chào")
    await api.called("sendMessage")
    api.say(7, "/help")
    await api.messages(7, 1)
    assert [record.levelname for record in caplog.records if getattr(record, "event", "") == "unreachable"] == ["INFO"]
    assert not tracebacks(caplog)
    assert len(api.sent(7)) == 1


def test_what_counts_as_unreachable() -> None:
    gone = [Forbidden("x"), ChatMigrated(-1), BadRequest("Chat not found")]
    assert all(is_unreachable(error) for error in gone)
    assert not any(is_unreachable(error) for error in [BadRequest("Message is too long"), NetworkError("x"), None])


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
    api: BotApi, live: LiveLibrary, assistant: Assistant, settings: Callable[[BotApi], Settings]
) -> None:
    secret = api.token
    application = build_application(settings(api), live, assistant)
    api.token = "1:other"
    with pytest.raises(SettingsError) as caught:
        await run_polling(application, asyncio.Event())
    assert say("telegram.bad_token") in str(caught.value)
    assert secret not in str(caught.value)
    assert caught.value.__suppress_context__
