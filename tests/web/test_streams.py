"""The stream of news as a page gets it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from bot.conversations.records import Records
from bot.web import application
from bot.web.application import Web
from tests.auxil.waiting import until
from tests.web.conftest import Running, visitor
from tests.web.test_chat import QUESTION, ask


async def events(client: httpx.AsyncClient) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    async with client.stream("GET", "/api/news") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        name = ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


async def test_first_all_then_only_what_is_new(web: Web) -> None:
    async with visitor(web) as client, asyncio.timeout(30):
        news = events(client)
        assert await anext(news) == ("conversation", {"items": [], "whole": True})
        answers = []
        for text in (QUESTION, "Đại lý uỷ quyền của Alibaba.com làm gì?"):
            name = (await ask(client, text)).json()["id"]
            async for _, body in news:
                assert {item["id"] for item in body["items"]} <= {name}
                if body["items"] and "aria-busy" not in body["items"][-1]["html"]:
                    answers.append(body)
                    break
        # The first question also began the conversation.
        assert [body["whole"] for body in answers] == [True, False]
        await news.aclose()


async def test_what_was_told_while_nobody_looked_is_shown_and_then_sent(web: Web, records: Records) -> None:
    async with visitor(web) as client, asyncio.timeout(30):
        await ask(client, QUESTION)
        news = events(client)
        async for _, body in news:
            if body["items"] and "aria-busy" not in body["items"][-1]["html"]:
                break
        await news.aclose()
        address = (await client.get("/api/data")).json()["addresses"][0]["id"]
        await records.tell(address, "Đã có câu trả lời")
        [due] = await records.due("web", 10)
        assert due.kind == "note"
        first = await anext(events(client))
        assert "Đã có câu trả lời" in first[1]["items"][-1]["html"]

        async def nothing_waits() -> bool:
            return not await records.due("web", 10)

        await until(nothing_waits)
        data = (await client.get("/api/data")).json()
        assert [(message["state"], message["body"]) for message in data["messages"]] == [
            ("sent", {"text": "Đã có câu trả lời"})
        ]


async def test_a_stop_ends_the_streams(running: Running) -> None:
    assert application._WORK_UNTIL < 8
    async with asyncio.timeout(30), httpx.AsyncClient(timeout=30) as client:
        async with running() as web:
            client.base_url = web.url
            await client.get("/")
            news = events(client)
            await anext(news)
            ended = asyncio.create_task(anext(news, None))
        assert await ended is None
