"""/agents: lists to tick, what to ask, agents only with a source and a date."""

import datetime
import html

from bot.conversations.agents import Authorised, enter
from bot.conversations.models import now
from bot.conversations.records import Records
from bot.onboarding.agents import agents
from bot.texts import say
from bot.web.application import Web
from tests.web.conftest import sender_at, visitor

CHECKS = "/agents/lists/checks"


async def test_a_list_is_ticked_off_and_begun_anew(web: Web, records: Records) -> None:
    every = len(agents().lists["checks"])
    async with visitor(web) as client, visitor(web) as other:
        page = html.unescape((await client.get(CHECKS)).text)
        assert all(item.why["vi"] in page for item in agents().lists["checks"])
        answer = await client.post(CHECKS, data={"item": "letter", "act": "done"})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{CHECKS}#letter")
        await client.post("/agents/lists/contract", data={"item": "login", "act": "done"})
        assert await records.agents.ticks(sender_at(client)) == {"checks:letter", "contract:login"}
        assert say("web.agents.done", done=1, all=every) in (await client.get(CHECKS)).text
        menu = (await client.get("/agents")).text
        assert say("web.agents.done", done=1, all=every) in menu
        assert say("web.agents.done", done=1, all=len(agents().lists["contract"])) in menu
        assert say("web.agents.done", done=0, all=every) in (await other.get("/agents")).text
        await client.post(CHECKS, data={"item": "letter", "act": "undone"})
        await client.post(CHECKS, data={"item": "ask", "act": "done"})
        await client.post(CHECKS, data={"act": "anew"})
        assert await records.agents.ticks(sender_at(client)) == {"contract:login"}


async def test_what_is_no_point_of_a_list_is_refused(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        for status, path, sent in (
            (422, CHECKS, {"item": "gone", "act": "done"}),
            (422, CHECKS, {"item": "ask", "act": "maybe"}),
            (422, CHECKS, {"item": "ask"}),
            (404, "/agents/lists/gone", {"item": "ask", "act": "done"}),
        ):
            assert (await client.post(path, data=sent)).status_code == status
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert (await client.post(CHECKS, data={"item": "ask", "act": "done"}, headers=foreign)).status_code == 403
        assert (await client.get("/agents/lists/gone")).status_code == 404
        assert await records.agents.ticks(sender_at(client)) == set()


async def test_what_to_ask_whom_stands_there_in_both_languages(web: Web) -> None:
    async with visitor(web) as client:
        for language in ("vi", "en"):
            page = html.unescape((await client.get(f"/agents/questions?lang={language}")).text)
            lines = [line.words[language] for group in agents().questions for line in group.lines]
            assert [line for line in lines if line not in page] == []


async def test_an_agent_stands_there_only_as_an_admin_entered_it(web: Web, records: Records) -> None:
    today = now().date()
    known = [
        Authorised("0101234567", "Công ty <script>alert(1)</script>", "https://example.com/an?x=1&y=2", f"{today}"),
        Authorised("0101234568", "Công ty Xưa", "https://example.com/xua", f"{today - datetime.timedelta(200)}", "gói"),
    ]  # fmt: skip
    async with visitor(web) as client:
        none = (await client.get("/agents/authorised")).text
        assert "nên em không nêu tên công ty nào" in none
        for agent in known:
            await records.database.write(lambda connection, agent=agent: enter(connection, agent, "tests"))
        page = (await client.get("/agents/authorised")).text
        assert "không nêu tên" not in page
        assert "<script>alert" not in page
        assert "Công ty &lt;script&gt;" in page
        assert 'href="https://example.com/an?x=1&amp;y=2"' in page
        assert f"Ngày {today:%d/%m/%Y}" in page
        assert page.count(say("agents.old")) == 1
