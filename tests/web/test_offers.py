"""/agents/offers: offers filled in by plain forms, changed, deleted, set side by side; nothing typed is lost."""

import html
import re
from typing import Any

import httpx
import pytest

from bot.conversations.agents import MOST_OFFERS, AgentRecords
from bot.conversations.database import DatabaseUnavailable
from bot.conversations.records import Records
from bot.onboarding.agents import agents
from bot.texts import say
from bot.web.application import Web
from tests.onboarding.test_offers import DOUBTFUL, SOUND
from tests.web.conftest import Running, sender_at, visitor

OFFERS, NEW = "/agents/offers", "/agents/offers/new"


async def add(client: httpx.AsyncClient, party: str, **answers: str) -> str:
    """The key of a new offer of which all could be read."""
    answer = await client.post(NEW, data={"party": party, **answers})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{OFFERS}#compared")
    page = (await client.get(OFFERS)).text
    return re.findall(rf'href="{OFFERS}/([0-9a-f]{{16}})"', page)[-1]


async def kept(records: Records, client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {offer.party: offer.answers for offer in await records.agents.offers(sender_at(client))}


async def test_offers_are_filled_in_compared_changed_and_deleted(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        assert say("web.offer.none_yet") in (await client.get(OFFERS)).text
        first = await add(client, " Cty  A ", **SOUND)
        second = await add(client, "Cty B", **{**DOUBTFUL, "person": "chưa biết", "made-up": "x", "invoice": "made up"})
        assert await kept(records, client) == {
            "Cty A": SOUND,
            "Cty B": {field: answer for field, answer in DOUBTFUL.items() if field != "invoice"},
        }
        page = html.unescape((await client.get(OFFERS)).text)
        for shown in (
            say("agents.comparison", count=2),
            "<td>36.000.000 đ (khoảng 3.000.000 đ mỗi tháng)</td>",
            "<strong>Cty A</strong>: 6.000.000 đ",
            "<strong>Cty B</strong>: thuế GTGT, gồm việc gì, người phụ trách",
            "<strong>Cty B</strong>: Nhận tiền vào tài khoản cá nhân: nên dừng lại.",
            say("agents.currencies"),
            say("agents.closing"),
        ):
            assert shown in page
        form = html.unescape((await client.get(f"{OFFERS}/{second}")).text)
        assert 'value="1200 usd"' in form
        assert '<option value="personal" selected>' in form
        assert say("web.offer.understood", answer="12 tháng") in form
        await client.post(f"{OFFERS}/{second}", data={"party": "Cty B mới", "price": "35tr", "months": "2 năm"})
        assert (await kept(records, client))["Cty B mới"] == {"price": "35tr", "months": "2 năm"}
        assert "35.000.000 đ (khoảng 1.458.000 đ mỗi tháng)" in (await client.get(OFFERS)).text
        for _ in range(2):
            deleted = await client.post(f"{OFFERS}/{first}/delete", data={})
            assert (deleted.status_code, deleted.headers["Location"]) == (303, OFFERS)
        assert list(await kept(records, client)) == ["Cty B mới"]


async def test_a_sum_that_cannot_be_read_is_kept_and_said_so_beside_its_field(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        answer = await client.post(
            NEW, data={"party": "Cty A", "price": "30-35tr", "months": "lâu dài", "service": "3tr"}
        )
        place, _, field = answer.headers["Location"].partition("#")
        # Back to the form, at the first field that cannot be read.
        assert (answer.status_code, field) == (303, "months")
        page = html.unescape((await client.get(place)).text)
        assert 'value="30-35tr"' in page
        said = page[page.index('id="price"') : page.index('id="service"')]
        assert say("agents.kept_as_typed", answer="30-35tr") in said
        assert 'aria-invalid="true"' in said
        assert page.count('aria-invalid="true"') == 2
        assert (await kept(records, client))["Cty A"]["price"] == "30-35tr"


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        await add(client, "Cty A")
        second = await add(client, "Cty B", price="35tr")
        long = "dài " * 100
        for path, sent, wrong in (
            (NEW, {"party": " \u200b", "work": "50 tin <b>", "price": "35tr"}, say("web.offer.no_party")),
            (NEW, {"party": "Cty C", "work": long}, say("web.offer.too_long", limit=300)),
            (NEW, {"party": "cty a", "work": "50 tin"}, say("web.offer.taken")),
            (f"{OFFERS}/{second}", {"party": "CTY A", "work": "50 tin"}, say("web.offer.taken")),
        ):
            answer = await client.post(path, data=sent)
            page = answer.text
            assert (answer.status_code, wrong in page, page.count('class="wrong"')) == (422, True, 1)
            assert html.escape(sent["work"], quote=False) in page
            assert f'action="{path}"' in page
        assert await kept(records, client) == {"Cty A": {}, "Cty B": {"price": "35tr"}}
        # The same form twice is one offer.
        for _ in range(2):
            assert (await client.post(NEW, data={"party": "Cty D", "price": "35tr"})).status_code == 303
        for number in range(MOST_OFFERS - 3):
            await add(client, f"Bên {number}")
        full = await client.post(NEW, data={"party": "Bên thứ sáu", "work": "50 tin"})
        assert (full.status_code, say("web.offer.too_many", most=MOST_OFFERS) in full.text) == (422, True)
        assert "50 tin" in full.text
        assert f'href="{NEW}"' not in (await client.get(OFFERS)).text
        assert (await client.get(NEW)).headers["Location"] == OFFERS


async def test_an_offer_of_another_session_is_neither_seen_nor_touched(web: Web, records: Records) -> None:
    async with visitor(web) as mine, visitor(web) as other:
        key = await add(mine, "Cty A", price="35tr")
        assert "Cty A" not in (await other.get(OFFERS)).text
        assert (await other.get(f"{OFFERS}/{key}")).status_code == 404
        changed = await other.post(f"{OFFERS}/{key}", data={"party": "Khác", "price": "1đ"})
        # What was typed may be kept as an offer of one's own.
        assert (changed.status_code, f'action="{NEW}"' in changed.text) == (404, True)
        await other.post(f"{OFFERS}/{key}/delete", data={})
        foreign = {"Sec-Fetch-Site": "cross-site"}
        for path in (f"{OFFERS}/{key}", f"{OFFERS}/{key}/delete", NEW):
            assert (await mine.post(path, data={"party": "Xấu"}, headers=foreign)).status_code == 403
        assert await kept(records, mine) == {"Cty A": {"price": "35tr"}}
        assert await kept(records, other) == {}


async def test_a_lost_session_or_database_leaves_what_was_typed(
    web: Web, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visitor(web) as client:
        key = await add(client, "Cty A")
        sent = {"party": "Cty A", "work": "50 tin"}

        async def away(*_: object) -> None:
            raise DatabaseUnavailable("away")

        with monkeypatch.context() as patched:
            patched.setattr(AgentRecords, "keep_offer", away)
            answer = await client.post(f"{OFFERS}/{key}", data=sent)
        assert (answer.status_code, "50 tin" in answer.text, say("web.offer.away") in answer.text) == (503, True, True)
        client.cookies.clear()
        answer = await client.post(f"{OFFERS}/{key}", data=sent)
        assert (answer.status_code, "50 tin" in answer.text) == (401, True)
        assert say("web.offer.session") in answer.text
        # With it came the cookie of a new session, in which it is kept once it is sent again.
        assert (await client.post(NEW, data=sent)).status_code == 303
        assert await kept(records, client) == {"Cty A": {"work": "50 tin"}}


async def test_names_are_text_and_what_was_entered_is_handed_over_and_erased(
    running: Running, records: Records
) -> None:
    name = '<script>alert(1)</script>" onload="x'
    async with running(web_origins="https://hiephoi.example.vn") as web, visitor(web) as client:
        key = await add(client, name, work="</textarea><img src=x onerror=alert(1)>", person='"><b>')
        for path in (OFFERS, f"{OFFERS}/{key}"):
            page = (await client.get(path)).text
            assert not re.search(r"<script>alert|<img src=x|<b>| onload=\"x", page)
            assert "&lt;script&gt;" in page
        [offer] = (await client.get("/api/data")).json()["offers"]
        assert offer["party"] == name
        within = await client.post(f"/embed{OFFERS}/{key}?lang=vi", data={"party": "Cty", "price": "35tr"})
        assert within.headers["Location"] == f"/embed{OFFERS}?lang=vi#compared"
        links = re.findall(r'(?:href|action)="(/[^"]*)"', (await client.get(f"/embed{OFFERS}/{key}")).text)
        assert all(link.startswith(("/embed", "/static/")) for link in links)
        await client.delete("/api/data")
        assert await records.database.read(lambda c: c.exec_driver_sql("select count(*) from offer").scalar()) == 0


def test_every_field_of_an_offer_has_room_in_a_form() -> None:
    """All filled in with as much as is kept, in letters of three bytes."""
    from bot.onboarding.offers import LONGEST_ANSWER
    from bot.web.reading import _MOST_OF_FORM

    assert (len(agents().fields) + 1) * (LONGEST_ANSWER * len("%E1%BA%AD") + 50) < _MOST_OF_FORM
