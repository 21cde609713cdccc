"""The chat knows of the check and the profile: suggested once, a way back, answers for the profile or for anybody."""

import re

import httpx

from bot.texts import say
from bot.web.application import Web
from tests.auxil.forms import Reader
from tests.web.conftest import visitor
from tests.web.test_chat import QUESTION, answered, ask, seen

LEANING = "người mua ở thị trường của tôi quan tâm điều gì nhất?"
FOR_US = say("about.answered_market", market="Mỹ")


async def test_the_check_is_suggested_once_and_an_open_one_leads_back(web: Web) -> None:
    async with visitor(web) as client:
        for _ in range(2):
            await ask(client, QUESTION)
        await answered(client, 2)
        await ask(client, QUESTION)
        pieces = await answered(client, 4)
        assert say("onboarding.invite") in pieces[3]
        assert 'href="/check"' in pieces[3]
        await ask(client, QUESTION)
        pieces = await answered(client, 5)
        assert sum(say("onboarding.invite") in piece for piece in pieces) == 1
        assert not any(say("onboarding.go_on_check") in piece for piece in pieces)
        lan = Reader(client)
        await lan.open("/check")
        await lan.press(say("onboarding.begin"))
        for _ in range(7):
            await lan.press(say("onboarding.skip"))
        assert say("onboarding.go_on_check") in (await seen(client))[4]
        # Within another site's page the way back stays there.
        framed = await client.get("/api/conversation", headers={"Referer": f"{web.url}/embed?lang=vi"})
        assert 'href="/embed/check?lang=vi"' in framed.json()["items"][4]["html"]


async def test_answers_go_by_the_profile_once_for_anybody_and_not_any_more(web: Web) -> None:
    async with visitor(web) as client, visitor(web) as other:
        lan = Reader(client)
        await lan.open("/profile/markets")
        await lan.press(say("onboarding.ok"), chosen="us")
        await ask(client, LEANING)
        [piece] = await answered(client)
        assert FOR_US in piece
        assert "data-for-anybody" in piece
        assert shown_buttons([piece]) == ["leave"]
        await ask(client, LEANING, for_anybody=True)
        pieces = await answered(client, 2)
        assert FOR_US not in pieces[1]
        assert "data-for-anybody" not in pieces[1]
        used = await use(client, used=False)
        assert used.json() == {"used": False, "text": say("about.will_not_use"), "label": say("about.use")}
        assert shown_buttons(await seen(client)) == ["use"]
        await ask(client, LEANING)
        # With the third answer comes the suggestion to take the check.
        assert FOR_US not in (await answered(client, 4))[2]
        assert (await use(client, used=True)).json()["label"] == say("about.stop")
        await ask(client, LEANING)
        assert FOR_US in (await answered(client, 5))[4]
        assert (await use(client, used="yes")).status_code == 422
        # Of somebody without a profile none is made.
        assert (await use(other, used=True)).status_code == 404
        assert (await other.get("/api/data")).json()["suppliers"] == []
        # What was forgotten is not brought back by an old button.
        await lan.open("/profile")
        await lan.press(say("web.profile.forget_yes"))
        assert (await use(client, used=True)).status_code == 404
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert (await client.post("/api/profile", json={"used": True}, headers=foreign)).status_code == 403


async def use(client: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await client.post("/api/profile", json=body)


def shown_buttons(pieces: list[str]) -> list[str]:
    """What the buttons below answers would do."""
    return re.findall(r'data-profile="(\w+)"', "".join(pieces))
