"""The routes of the chat, asked as a page asks them."""

import json
import re
import secrets
from typing import Any

import httpx
import pytest

from bot.conversations.records import Records
from bot.texts import say
from bot.web.application import Web
from tests.auxil.gaps import ASKED
from tests.auxil.waiting import until
from tests.web.conftest import Running, visitor

QUESTION = "Người mua Mỹ quan tâm điều gì nhất?"


async def ask(client: httpx.AsyncClient, text: str, key: str | None = None, **more: object) -> httpx.Response:
    return await client.post("/api/questions", json={"key": key or secrets.token_hex(16), "text": text, **more})


async def seen(client: httpx.AsyncClient) -> list[str]:
    """The pieces of the conversation."""
    return [item["html"] for item in (await client.get("/api/conversation")).json()["items"]]


async def answered(client: httpx.AsyncClient, count: int = 1) -> list[str]:
    """The pieces of the conversation once so many are there and none waits."""

    async def done() -> bool:
        pieces = await seen(client)
        return len(pieces) == count and not any("aria-busy" in piece for piece in pieces)

    await until(done)
    return await seen(client)


async def test_a_question_is_answered_with_the_section_and_what_to_ask_next(web: Web) -> None:
    async with visitor(web) as client:
        response = await ask(client, QUESTION)
        assert response.status_code == 202
        [piece] = await answered(client)
    assert f'id="{response.json()["id"]}"' in piece
    assert "giá không phải điều đầu tiên" in piece
    assert "<summary>" in piece
    assert "Bảy nhu cầu của người mua nước ngoài" in piece
    assert 'href="https://vnexpress.net/' in piece
    cited = re.search(r'<a class="cite" href="#([^"]+)">\[1\]</a>', piece)
    assert cited
    assert f'<details id="{cited[1]}">' in piece
    assert piece.count("data-ask=") >= 2
    assert 'data-vote="down"' in piece


async def test_the_same_key_is_one_question(web: Web) -> None:
    async with visitor(web) as client:
        key = secrets.token_hex(16)
        for _ in range(2):
            assert (await ask(client, QUESTION, key)).status_code == 202
        await answered(client, 1)
        assert (await ask(client, QUESTION, key)).status_code == 202
        assert len(await seen(client)) == 1


async def test_one_person_sees_nothing_of_another(web: Web) -> None:
    async with visitor(web) as one, visitor(web) as other:
        await ask(one, QUESTION)
        [piece] = await answered(one)
        assert await seen(other) == []
        turn = re.search(r'data-turn="(\w+)"', piece)
        assert turn
        vote = {"turn": turn[1], "vote": "down", "reason": "unclear"}
        assert (await other.post("/api/feedback", json=vote)).status_code == 404
        assert (await one.post("/api/feedback", json=vote)).status_code == 200
        data = (await one.get("/api/data")).json()
        assert (data["turns"][0]["feedback"], data["turns"][0]["feedback_reason"]) == ("down", "unclear")
        assert (await other.get("/api/data")).json()["turns"] == []


async def test_questions_lean_on_those_before_until_a_new_conversation(web: Web) -> None:
    async with visitor(web) as client:
        await ask(client, "Đại lý uỷ quyền của Alibaba.com làm gì?")
        await ask(client, "thế ai ký hợp đồng đó?")
        pieces = await answered(client, 2)
        assert "hợp đồng" in pieces[1]
        assert (await client.request("DELETE", "/api/conversation")).status_code == 202
        await until(lambda: _empty(client))
        data = (await client.get("/api/data")).json()
        assert len(data["conversations"]) == 2
        assert len(data["turns"]) == 2


async def _empty(client: httpx.AsyncClient) -> bool:
    return await seen(client) == []


async def test_the_cookie_is_no_name_in_the_records(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        await ask(client, QUESTION)
        await answered(client)
        secret = client.cookies["hd_session"]
        data = (await client.get("/api/data")).text
    assert re.fullmatch(r"[0-9a-f]{32}", secret)
    assert secret not in data
    assert json.loads(data)["addresses"][0]["chat"] not in secret


async def test_erased_means_gone_and_the_browser_goes_on_as_somebody_new(web: Web) -> None:
    async with visitor(web) as client:
        await ask(client, QUESTION)
        await answered(client)
        before = client.cookies["hd_session"]
        assert (await client.request("DELETE", "/api/data")).status_code == 200
        assert client.cookies["hd_session"] != before
        assert await seen(client) == []
        client.cookies.set("hd_session", before)
        assert not any((await client.get("/api/data")).json().values())
        # Within another site's page the cookie stays one that browsers take there.
        framed = {"Referer": f"{web.url}/embed?lang=vi", "X-Forwarded-Proto": "https"}
        again = await client.request("DELETE", "/api/data", headers=framed)
        assert again.headers["Set-Cookie"].endswith("Partitioned")


async def test_a_wish_to_be_told_is_kept_and_taken_back(web: Web) -> None:
    async with visitor(web) as client, visitor(web) as other:
        await ask(client, ASKED)
        await ask(client, QUESTION)
        pieces = await answered(client, 2)
        assert "data-tell" not in pieces[1]
        [key] = re.findall(r'data-tell="(\w+)"', pieces[0])
        for wanted, state, said in ((True, "asked", "gaps.will_tell"), (False, None, "gaps.will_not_tell")):
            assert (await other.post("/api/wishes", json={"turn": key, "wanted": wanted})).status_code == 404
            response = await client.post("/api/wishes", json={"turn": key, "wanted": wanted})
            assert response.json() == {"state": state, "text": say(said, "vi")}
            pressed = re.findall(r'data-tell="\w+" aria-pressed="(\w+)"', (await seen(client))[0])
            assert pressed == [str(wanted).lower()]
        for body in ({"turn": key}, {"turn": key, "wanted": "yes"}, {"wanted": True}):
            assert (await client.post("/api/wishes", json=body)).status_code == 422
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert (
            await client.post("/api/wishes", json={"turn": key, "wanted": True}, headers=foreign)
        ).status_code == 403


async def test_limits_are_told_in_the_place_of_an_answer(running: Running) -> None:
    async with running(limit_per_minute=1) as web, visitor(web) as client:
        for text in (QUESTION, "Đại lý uỷ quyền là gì?"):
            await ask(client, text)
        pieces = await answered(client, 2)
        assert say("limit.minute", "vi", limit=1) in pieces[1]


async def test_a_full_line_is_told_at_once(running: Running) -> None:
    async with running(limit_open=1) as web, visitor(web) as client:
        web.processing._free._value = 0
        assert (await ask(client, QUESTION)).status_code == 202
        response = await ask(client, QUESTION)
        assert response.status_code == 503
        assert response.json()["error"]["code"] == "error_full"
        web.processing._free.release()
        await answered(client, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"key": "0" * 32}, 422),
        ({"key": "0" * 32, "text": "  \u200b "}, 422),
        ({"key": "0" * 32, "text": 7}, 422),
        ({"key": "short", "text": "a"}, 422),
        ({"key": "0" * 32, "text": "a", "quoted": "yes"}, 422),
        ({"key": "0" * 32, "text": "a" * 4001}, 422),
        ([], 422),
        ({"key": "0" * 32, "text": "a" * 40_000}, 413),
    ],
)
async def test_what_is_no_question_is_refused_in_one_shape(body: Any, status: int, web: Web) -> None:
    async with visitor(web) as client:
        response = await client.post("/api/questions", json=body)
        assert response.status_code == status
        assert set(response.json()["error"]) == {"code", "text"}
        assert await seen(client) == []


async def test_the_page_of_another_site_can_do_nothing(web: Web) -> None:
    async with visitor(web) as client:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            response = await client.post("/api/questions", json={}, headers=headers)
            assert (response.status_code, response.json()["error"]["code"]) == (403, "error_foreign")
        del client.headers["Sec-Fetch-Site"]
        for origin in ("https://evil.example", "null", ""):
            response = await client.request("DELETE", "/api/data", headers={"Origin": origin})
            assert response.status_code == 403
        assert (await client.request("DELETE", "/api/data", headers={"Origin": web.url})).status_code == 200


async def test_without_a_session_nothing_is_told(web: Web) -> None:
    async with httpx.AsyncClient(base_url=web.url, headers={"Sec-Fetch-Site": "same-origin"}) as client:
        for method, path in (("GET", "/api/conversation"), ("GET", "/api/news"), ("GET", "/api/data")):
            response = await client.request(method, path)
            assert (response.status_code, response.json()["error"]["code"]) == (401, "error_session")
