"""Who wants a human on the chat page: the dialog, the ticket, and what stands in the conversation."""

import httpx

from bot.conversations import tickets
from bot.conversations.accounts import add_user
from bot.conversations.records import Records
from bot.texts import say
from bot.web.application import Web
from tests.web.conftest import Running, visitor
from tests.web.test_chat import answered, ask, seen

QUESTION = "Người mua Mỹ quan tâm điều gì nhất?"


async def agree(client: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await client.post("/api/person", json={"turn": "", "shown": True, **body})


async def test_a_ticket_is_agreed_to_and_stands_in_the_conversation(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        await ask(client, QUESTION)
        await ask(client, "gap chuyen vien")
        assert 'data-open="person-box"' in (await answered(client, 2))[1]
        # Nobody is there yet.
        offer = (await client.get("/person")).text
        assert say("desk.nobody").strip()[:40] in offer
        assert "data-shown" not in offer
        assert (await agree(client)).json() == {"text": say("desk.nobody").strip()}
        await records.database.write(lambda connection: add_user(connection, "lan", "ops", "một mật khẩu đủ dài 9"))
        offer = (await client.get("/person")).text
        assert QUESTION in offer
        assert 'data-shown="no"' in offer
        assert (await agree(client, shown=1)).status_code == 422
        assert (await agree(client, shown=False)).json() == {"text": ""}
        assert "đang mở" in (await agree(client)).json()["text"]
        [ticket] = await records.database.read(lambda c: tickets.tickets(c, None, None, None, 9))
        assert (ticket.subject, ticket.shown, ticket.channel) == (QUESTION, False, "web")
        assert f"#{ticket.number}</strong>" in (await seen(client))[2]
        assert "person-box" not in (await seen(client))[2]
        assert "data-shown" not in (await client.get("/person")).text
        await records.database.write(lambda c: tickets.answer(c, ticket.number, "lan", "Chào", "Chào chị"))
        assert "Chào chị" in (await seen(client))[3]


async def test_of_a_page_alone_a_group_cannot_be_told(running: Running) -> None:
    async with running(ops_telegram_chat=-500) as web, visitor(web) as client:
        await client.get("/")
        assert "data-shown" not in (await client.get("/person")).text
