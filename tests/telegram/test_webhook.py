"""Updates that Telegram brings: written down before they are confirmed."""

import asyncio
import socket
import threading
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.conversations.database import Database, DatabaseUnavailable
from bot.conversations.models import InboxItem
from bot.conversations.records import Records
from bot.settings import Settings, SettingsError
from bot.telegram import processing
from bot.telegram.application import Telegram, build_telegram, run_telegram
from bot.telegram.webhook import secret_of
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import TOKEN, BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import FILES, Running

pytestmark = [pytest.mark.xdist_group("telegram")]

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
def hook() -> dict[str, str]:
    """Settings of a webhook on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return {"telegram_webhook_url": f"http://{address}/tin", "telegram_webhook_listen": address}


async def test_updates_are_brought_answered_and_confirmed_once(
    api: BotApi, running: Running, hook: dict[str, str]
) -> None:
    async with running(api, **hook):
        for chat in range(1, 20):
            api.say(chat, "xin chào")
            api.say(chat, "cảm ơn")
        for chat in range(1, 20):
            first, second = await api.messages(chat, 2)
            assert "em là Hải Đăng" in first["text"]
            assert "không có gì" in second["text"]
        await until(lambda: not api.pending())
    assert {status for _, status in api.bringer.brought} == {200}
    assert len(api.bringer.brought) == 38


async def test_an_update_is_written_before_the_200(
    api: BotApi, running: Running, hook: dict[str, str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing.Processing, "add", lambda self, chat, update_id: None)
    async with running(api, **hook):
        api.say(7, "xin chào")
        await until(lambda: bool(api.bringer.brought))
        [(number, status)] = api.bringer.brought
        rows = select(InboxItem.update_id, InboxItem.state)
        assert status == 200
        assert (await database.read(lambda connection: connection.execute(rows).all())) == [(number, "open")]


async def test_what_cannot_be_written_is_brought_again(
    api: BotApi, running: Running, hook: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("locked")

    async with running(api, **hook):
        with monkeypatch.context() as locked:
            locked.setattr(Records, "take", away)
            api.say(7, "xin chào")
            await until(lambda: len(api.bringer.brought) >= 2)
            assert api.pending()
        await api.messages(7, 1)
        await until(lambda: not api.pending())
    statuses = [status for _, status in api.bringer.brought]
    assert set(statuses[:-1]) == {503}
    assert statuses[-1] == 200
    assert len(api.sent(7)) == 1


async def test_when_there_is_no_room_telegram_keeps_the_update(
    api: BotApi, running: Running, hook: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()

    def wait(self: Assistant, question: Question) -> Reply:
        held.wait(20)
        return Reply(question.text, "answer", "Vâng.")

    monkeypatch.setattr(Assistant, "answer", wait)
    async with running(api, **hook, limit_open=1):
        api.say(7, "?")
        api.say(8, "?")
        await until(lambda: 503 in [status for _, status in api.bringer.brought])
        held.set()
        await api.messages(7, 1)
        await api.messages(8, 1)


@pytest.mark.parametrize(
    ("method", "secret", "body", "status"),
    [
        ("POST", "", "{}", 403),
        ("POST", "wrong", "{}", 403),
        ("POST", secret_of(TOKEN), "{", 400),
        ("POST", secret_of(TOKEN), "[]", 400),
        ("POST", secret_of(TOKEN), '{"update_id": "1"}', 400),
        ("POST", secret_of(TOKEN), '{"update_id": 1, "message": {}}', 200),
        ("GET", secret_of(TOKEN), "", 405),
    ],
)
async def test_only_telegram_is_let_in(
    api: BotApi, running: Running, hook: dict[str, str], method: str, secret: str, body: str, status: int
) -> None:
    async with running(api, **hook), httpx.AsyncClient() as client:
        await api.called("setWebhook")
        answer = await client.request(method, hook["telegram_webhook_url"], headers={HEADER: secret}, content=body)
        assert answer.status_code == status
    assert TOKEN.split(":")[1] not in secret_of(TOKEN)


async def test_polling_follows_a_webhook(api: BotApi, running: Running, hook: dict[str, str]) -> None:
    async with running(api, **hook):
        await api.called("setWebhook")
    assert api.bringer.webhook
    async with running(api):
        api.say(7, "xin chào")
        await api.messages(7, 1)
    assert api.bringer.webhook is None


async def test_an_address_that_telegram_refuses_is_a_setting_to_mend(
    api: BotApi,
    live: LiveLibrary,
    assistant: Assistant,
    settings: Callable[..., Settings],
    records: Records,
    hook: dict[str, str],
) -> None:
    telegram = build_telegram(
        settings(api, **{**hook, "telegram_webhook_url": "http://bot.example.vn/tin"}), live, assistant, records, FILES
    )
    with pytest.raises(SettingsError, match=r"TELEGRAM_WEBHOOK_URL='http://bot.example.vn/tin': .*https url"):
        await run_telegram(telegram, asyncio.Event())


async def test_a_port_in_use_is_a_setting_to_mend(
    api: BotApi,
    live: LiveLibrary,
    assistant: Assistant,
    settings: Callable[..., Settings],
    records: Records,
    hook: dict[str, str],
) -> None:
    host, port = hook["telegram_webhook_listen"].split(":")
    with (
        socket.create_server((host, int(port))),
        pytest.raises(SettingsError, match=r"TELEGRAM_WEBHOOK_LISTEN=.*in use"),
    ):
        build_telegram(settings(api, **hook), live, assistant, records, FILES)


async def test_a_stop_answers_the_request_under_way(
    api: BotApi, running: Running, hook: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Records.take

    async def slowly(self: Records, *arguments: object, **limits: object) -> object:
        await asyncio.sleep(0.3)
        return await real(self, *arguments, **limits)  # type: ignore[arg-type]

    monkeypatch.setattr(Records, "take", slowly)
    async with running(api, **hook) as telegram:
        assert isinstance(telegram, Telegram)
        await api.called("setWebhook")
        api.say(7, "xin chào")
        await asyncio.sleep(0.15)
    assert [status for _, status in api.bringer.brought][:1] == [200]
    assert len(api.sent(7)) == 1
