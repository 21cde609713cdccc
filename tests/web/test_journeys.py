"""The same journeys as in Telegram on the chat page: five firms on their phones, while the server is started anew."""

import asyncio
import contextlib
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, expect

from bot.assistant.assistant import Assistant
from bot.texts import say
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil.browser import PHONE, Look, chromium, looking
from tests.auxil.journeys import QUESTIONS, Journey, journeys
from tests.web.conftest import FILES, Running

pytestmark = [pytest.mark.xdist_group("browser")]

# This firm has no mouse and no touch.
BY_KEYBOARD = "not_ready"
# More than any page takes.
_TABS = 150
CHOICES = FILES.questionnaire.profile


@pytest.fixture(scope="module")
def live(journeys_library: Library) -> Iterator[LiveLibrary]:
    with LiveLibrary(journeys_library) as live:
        yield live


@pytest.fixture(scope="module")
def assistant(live: LiveLibrary, embeddings: TextEmbeddings) -> Assistant:
    return Assistant(live, embeddings)


class Visitor:
    """Somebody of a firm at the page."""

    def __init__(self, firm: Journey, look: Look) -> None:
        self.firm, self.look = firm, look

    @property
    def page(self) -> Page:
        return self.look.page

    async def presses(self, target: Locator) -> None:
        """A button, a link, a box or what opens a section."""
        if self.firm.key != BY_KEYBOARD:
            await target.tap()
            return
        await target.wait_for()
        for _ in range(_TABS):
            if await target.evaluate("one => one === document.activeElement"):
                kind = await target.get_attribute("type")
                await self.page.keyboard.press("Space" if kind == "checkbox" else "Enter")
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"not reached by keyboard: {target}")

    async def goes_on(self, words: str) -> None:
        """A button that leads to another page."""
        async with self.page.expect_navigation(wait_until="domcontentloaded"):
            await self.presses(self.page.get_by_role("button", name=words, exact=True).first)

    async def fills_in(self) -> None:
        """From the chat page to the first question of the check."""
        await self.presses(self.page.get_by_role("link", name=say("onboarding.begin")))
        await self.goes_on(say("onboarding.begin"))
        await self.presses(self.page.get_by_label(CHOICES.goods[self.firm.goods].vi, exact=True))
        await self.goes_on(say("onboarding.ok"))
        await self.goes_on(say("onboarding.skip"))
        for market in self.firm.markets:
            await self.presses(self.page.get_by_label(CHOICES.markets[market].vi, exact=True))
        await self.goes_on(say("onboarding.ok"))
        await self.goes_on(CHOICES.experience[self.firm.experience].vi)
        await self.goes_on(CHOICES.staff["s50"].vi)
        await self.goes_on(say("onboarding.skip"))
        await self.goes_on(say("onboarding.skip"))
        await expect(self.page.locator("#number")).to_contain_text("1/")

    async def begins(self) -> None:
        await self.fills_in()
        await self.answers(3)

    async def goes_on_to_the_scorecard(self) -> None:
        """From the address, as somebody who comes back."""
        await self.page.goto(f"{self.page.url.partition('/check')[0]}/check")
        await self.goes_on(say("onboarding.go_on"))
        await self.answers()
        await self.reckons()

    async def answers(self, most: int = 100) -> None:
        """So many questions of the check, or all of them."""
        number = self.page.locator("#number")
        while most and await number.count():
            question = self.page.url.partition("?")[0].rpartition("/")[2]
            answer = self.firm.answer(question)
            option = QUESTIONS[question].option(answer)
            await self.goes_on(option.vi if option else say("onboarding.unknown"))
            most -= 1

    async def reckons(self) -> None:
        """The scorecard: total, level, and what to do first in its order."""
        await self.goes_on(say("onboarding.reckon"))
        firm, unknown = self.firm, self.firm.others == "unknown"
        score = say("web.check.score", total=firm.total, level=firm.level)
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(score)
        for need, points in firm.needs.items():
            row = self.page.get_by_role("row", name=re.compile(f"^{re.escape(say(f'need.{need}'))} "))
            await expect(row.locator(".number")).to_have_text(str(points))
        told = await self.page.locator(".gaps > li").all_inner_texts()
        assert len(told) == len(firm.gaps)
        kind = say("onboarding.find_out" if unknown else "onboarding.do")
        for gap, question in zip(told, firm.gap_questions(), strict=True):
            assert question.vi in gap
            assert f"{kind}: {(question.find_out if unknown else question.advice).vi}" in gap
        picture = self.page.locator("figure img")
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_js_property("naturalWidth", 1080)

    async def works_on_the_checklist(self) -> None:
        """The steps are right; how one is done is read, and it is marked."""
        await self.presses(self.page.get_by_role("link", name=say("onboarding.to_checklist")).first)
        cards = self.page.locator("li.card")
        await cards.first.wait_for()
        self.firm.check_steps([str(await card.get_attribute("id")) for card in await cards.all()])
        step = self.page.locator(f"#{self.firm.opens['step']}")
        await self.presses(step.locator("summary").first)
        await expect(step.locator("details .text").first).to_contain_text(self.firm.opens["says"])
        await self.presses(step.get_by_role("button", name=say("checklist.done")).first)
        await expect(self.marked()).to_have_count(1)

    def marked(self) -> Locator:
        return self.page.locator("li.card.done")

    async def comes_back_and_asks(self) -> None:
        """What was marked is there; what the firm asks is answered for its goods and market."""
        await self.page.reload()
        await expect(self.marked()).to_have_count(1)
        await self.presses(self.page.get_by_role("link", name=say("web.place_chat"), exact=True))
        await self.page.locator("#question").wait_for()
        await self.look.ask(self.firm.asks)
        await self.look.answers(1)
        goods, market = say(f"about.goods.{self.firm.goods}"), say(f"about.market.{self.firm.markets[0]}")
        words = self.page.locator(".words").last
        await expect(words).to_contain_text(say("about.answered", goods=goods, market=market))
        for word in self.firm.says:
            await expect(words).to_contain_text(word)
        # What a page still fetched as the server went away was refused.
        assert [error for error in self.look.errors if "ERR_CONNECTION_REFUSED" not in error] == [], self.firm


async def test_five_firms_from_the_first_question_to_an_answer_of_their_own(
    running: Running, unused_tcp_port: int
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        browser = await stack.enter_async_context(chromium())
        async with running(port=unused_tcp_port) as web:
            visitors = [
                Visitor(firm, await stack.enter_async_context(looking(browser, web.url, PHONE, has_touch=True)))
                for firm in journeys()
            ]
            await asyncio.gather(*(visitor.begins() for visitor in visitors))
        async with running(port=unused_tcp_port):
            await asyncio.gather(*(visitor.goes_on_to_the_scorecard() for visitor in visitors))
        async with running(port=unused_tcp_port):
            await asyncio.gather(*(visitor.works_on_the_checklist() for visitor in visitors))
        async with running(port=unused_tcp_port):
            await asyncio.gather(*(visitor.comes_back_and_asks() for visitor in visitors))
