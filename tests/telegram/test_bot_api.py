"""The server that the tests trust: as strict as Telegram, in Telegram's words."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.auxil.bot_api import TOKEN, BotApi
from tests.auxil.bot_api_rules import ApiError, parse_html

ROOT = Path(__file__).parents[2]


async def call(api: BotApi, method: str, **given: object) -> dict[str, object]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.url}/bot{api.token}/{method}", json=given) as answer,
    ):
        body = await answer.json()
        assert answer.status == body.get("error_code", 200)
        return body


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<b>a", "Can't find end tag"),
        ("a</b>", "Unexpected end tag"),
        ("<b><i>a</b></i>", "Unmatched end tag"),
        ("<p>a</p>", "Unsupported start tag"),
        ("a < b", "Unclosed start tag"),
    ],
)
def test_html_that_telegram_refuses(html: str, reason: str) -> None:
    with pytest.raises(ApiError, match=reason):
        parse_html(html)


def test_html_is_measured_in_utf16_units() -> None:
    text, entities = parse_html('&lt;😀<b>đậm <a href="https://a.vn/?b&amp;c">x</a></b>')
    assert text == "<😀đậm x"
    assert entities == [
        {"type": "text_link", "offset": 7, "url": "https://a.vn/?b&c", "length": 1},
        {"type": "bold", "offset": 3, "length": 5},
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \u200b\n"}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "<i>x", "parse_mode": "HTML"}, "can't parse entities"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "đ" * 33}]]}},
            "BUTTON_DATA",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "url": "http://localhost"}]]}},
            "is invalid",
        ),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "chat_id": 8}, "chat not found"),
    ],
)
async def test_messages_that_telegram_refuses(api: BotApi, given: dict[str, object], reason: str) -> None:
    api.say(7, "xin chào")
    body = await call(api, "sendMessage", **{"chat_id": 7, **given})
    assert body["error_code"] == 400
    assert reason in str(body["description"])
    assert api.sent(7) == []


async def test_the_limit_counts_what_is_visible(api: BotApi) -> None:
    api.say(7, "xin chào")
    assert (await call(api, "sendMessage", chat_id=7, text=f"<b>{'&amp;' * 4096}</b>", parse_mode="HTML"))["ok"]


async def test_only_the_offset_confirms(api: BotApi) -> None:
    first = api.put(message={"message_id": 1})
    second = api.put(message={"message_id": 2})
    for _ in range(2):
        body = await call(api, "getUpdates", timeout=0)
        assert [update["update_id"] for update in body["result"]] == [first, second]  # type: ignore[attr-defined]
    body = await call(api, "getUpdates", timeout=0, offset=second)
    assert [update["update_id"] for update in body["result"]] == [second]  # type: ignore[attr-defined]
    assert api.pending() == [second]


async def test_a_second_poll_ends_the_first(api: BotApi) -> None:
    first = asyncio.create_task(call(api, "getUpdates", timeout=5))
    await asyncio.sleep(0.05)
    assert (await call(api, "getUpdates", timeout=0))["result"] == []
    assert (await first)["error_code"] == 409


async def test_wrong_token_and_method(api: BotApi) -> None:
    assert (await call(api, "noSuchMethod"))["error_code"] == 404
    api.token = "1:other"
    async with aiohttp.ClientSession() as session, session.get(f"{api.url}/bot{TOKEN}/getMe") as answer:
        assert answer.status == 401


async def test_it_runs_alone_and_is_driven_by_http() -> None:
    program = [sys.executable, "-m", "tests.auxil.bot_api", "0"]
    server = await asyncio.create_subprocess_exec(*program, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert server.stdout
        url, token = (await asyncio.wait_for(server.stdout.readline(), 20)).decode().split()
        async with aiohttp.ClientSession(url) as session:
            await session.post("/test/say", json={"chat": 7, "text": "xin chào"})
            await session.post(f"/bot{token}/sendMessage", data={"chat_id": 7, "text": "chào"})
            async with session.post("/test/messages", json={"chat": 7}) as answer:
                assert [message["text"] for message in await answer.json()] == ["chào"]
    finally:
        server.terminate()
        await server.wait()
