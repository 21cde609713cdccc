"""/checklist: steps for the visitor, marked without JavaScript, kept for their session only."""

import re
from typing import Any

import httpx
from lxml import html

from bot.conversations.records import Records
from bot.onboarding.conditions import Condition
from bot.onboarding.profile import Profile
from bot.texts import say
from bot.web.application import Web
from tests.web.conftest import FILES, Running, sender_at, visitor

COFFEE = Profile(goods=("coffee",), markets=("eu",), experience="none")


async def known(client: httpx.AsyncClient, records: Records, short: tuple[str, ...] | None = None) -> None:
    """The visitor has a profile; short: and a finished check that found these gaps."""
    person = (await records.talk(sender_at(client))).person
    await records.onboarding.keep_profile(person, COFFEE.to_json())
    if short is not None:
        key = await records.onboarding.begin(person, FILES.questionnaire.version, {})
        assert await records.onboarding.finish(person, key, FILES.questionnaire.version, result(short))


def result(short: tuple[str, ...]) -> dict[str, Any]:
    words = {"vi": "Đang chuẩn bị", "en": "Getting ready"}
    return {
        "version": FILES.questionnaire.version, "needs": {"quality": 50}, "total": 50, "level": words, "advice": words,
        "gaps": [], "short": list(short), "unknown": 0, "of": 19,
    }  # fmt: skip


async def steps(client: httpx.AsyncClient, path: str = "/checklist") -> dict[str, str]:
    """The state of each step on the page, by its key."""
    page = html.fromstring((await client.get(path)).text)
    return {card.get("id"): card.get("class").split()[-1] for card in page.xpath("//li[contains(@class, 'card')]")}


async def mark(client: httpx.AsyncClient, step: str, mark: str, path: str = "/checklist") -> httpx.Response:
    return await client.post(path, data={"step": step, "mark": mark})


async def test_who_told_nothing_is_led_to_the_check_and_nothing_is_kept_by_looking(web: Web) -> None:
    async with visitor(web) as client:
        page = (await client.get("/checklist")).text
        assert say("web.checklist.nobody") in page
        assert 'class="button" href="/check"' in page
        assert set(await steps(client)) == {step.key for step in FILES.steps.steps if step.when == Condition()}
        # Without a bot no reminder is promised.
        assert "Telegram" not in page
        assert not any((await client.get("/api/data")).json().values())


async def test_steps_follow_from_goods_markets_and_gaps(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        await known(client, records)
        page = (await client.get("/checklist")).text
        assert say("checklist.basis_none", command="") in page
        assert say("web.checklist.nobody") not in page
        found = await steps(client)
        assert {"eu_eudr", "phyto", "first_papers", "hs_code"} <= set(found)
        assert "spec_sheet" not in found
        await known(client, records, ("quality.spec",))
        page = (await client.get("/checklist")).text
        assert 'class="button" href="/check"' not in page
        assert "spec_sheet" in await steps(client)
        step = next(step for step in FILES.steps.steps if step.key == "spec_sheet")
        assert step.why.vi in page
        english = (await client.get("/checklist?lang=en")).text
        assert step.why.en in english
        assert "Why" in english


async def test_a_mark_is_kept_counted_and_taken_back(web: Web, records: Records) -> None:
    async with visitor(web) as client, visitor(web) as other:
        await known(client, records, ("quality.spec",))
        of = len(await steps(client))
        answer = await mark(client, "hs_code", "done")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/checklist#hs_code")
        await mark(client, "trademark", "not_for_me")
        found = await steps(client)
        assert (found["hs_code"], found["trademark"], found["spec_sheet"]) == ("done", "not_for_me", "todo")
        assert say("web.checklist.progress", done=1, of=of - 1) in (await client.get("/checklist")).text
        assert set((await steps(other)).values()) == {"todo"}
        await mark(client, "hs_code", "todo")
        assert (await steps(client))["hs_code"] == "todo"
        # What is no step of theirs, no mark, or comes from elsewhere changes nothing.
        stale = await mark(client, "us_fda", "done")
        assert stale.status_code == 409
        assert say("web.checklist.stale") in stale.text
        assert (await mark(client, "hs_code", "finished")).status_code == 422
        foreign = {"Sec-Fetch-Site": "cross-site"}
        refused = await client.post("/checklist", data={"step": "hs_code", "mark": "done"}, headers=foreign)
        assert refused.status_code == 403
        client.cookies.clear()
        assert (await mark(client, "hs_code", "done")).status_code == 401


async def test_marks_are_handed_over_and_erased_with_everything_else(web: Web, records: Records) -> None:
    async with visitor(web) as client:
        await mark(client, "hs_code", "done")
        [kept] = (await client.get("/api/data")).json()["step_states"]
        assert (kept["step"], kept["state"]) == ("hs_code", "done")
        before = sender_at(client)
        await client.delete("/api/data")
        assert set((await steps(client)).values()) == {"todo"}
        assert not any((await records.personal_data(before)).values())


async def test_reminders_are_told_of_where_there_is_a_bot(running: Running) -> None:
    addresses: list[str | None] = [None, "https://t.me/hai_dang_thu_bot"]
    async with running(bot=lambda: addresses[0]) as web, visitor(web) as client:
        page = (await client.get("/checklist")).text
        assert say("web.checklist.reminders_how") in page
        assert "t.me" not in page
        addresses.pop(0)
        assert 'href="https://t.me/hai_dang_thu_bot"' in (await client.get("/checklist")).text


async def test_inside_another_sites_page_everything_stays_in_the_frame(running: Running) -> None:
    async with running(web_origins="https://hiephoi.example.vn") as web, visitor(web) as client:
        shown = await client.get("/embed/checklist?lang=en")
        assert shown.headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https://hiephoi.example.vn")
        within = [link for link in re.findall(r'href="(/[^"]*)"', shown.text) if not link.startswith("/static/")]
        assert len(within) >= 3
        assert all(link.startswith("/embed") for link in within)
        answer = await mark(client, "hs_code", "done", "/embed/checklist?lang=en")
        assert answer.headers["Location"] == "/embed/checklist?lang=en#hs_code"
        assert (await steps(client, "/embed/checklist"))["hs_code"] == "done"
        client.cookies.clear()
        lost = await mark(client, "hs_code", "done", "/embed/checklist")
        assert (lost.status_code, "frame-ancestors 'self' https" in lost.headers["Content-Security-Policy"]) == (
            401,
            True,
        )
        assert 'href="/embed' in lost.text
        # Over https the cookie of the frame is one of its own.
        first = await client.get("/embed/checklist", headers={"X-Forwarded-Proto": "https"})
        assert first.headers["Set-Cookie"].endswith("SameSite=None; Secure; Partitioned")
