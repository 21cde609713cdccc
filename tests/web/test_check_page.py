"""The check on a small phone, in a real browser, from the suggestion to the scorecard and an answer by the profile."""

import contextlib
import json

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from bot.texts import say
from tests.auxil.browser import chromium, looking
from tests.web.conftest import Running
from tests.web.test_profile_answers import FOR_US, LEANING

pytestmark = pytest.mark.xdist_group("browser")

SMALL = {"width": 360, "height": 740}
# Pixels that a thumb hits.
THUMB = 44


async def looked_over(page: Page) -> None:
    """Nothing stands beyond the edge, a program finds no barriers, and buttons are large enough."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"], page.url
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        violations = (await Axe().run(page)).response["violations"]
        assert json.dumps([[v["id"], v["nodes"][0]["html"]] for v in violations]) == "[]", (page.url, scheme)
    heights = "[...document.querySelectorAll('main button, main .button')].map(one => one.offsetHeight).filter(Boolean)"
    assert min(await page.evaluate(heights)) >= THUMB, page.url


async def press(page: Page, words: str) -> None:
    await page.get_by_role("button", name=words, exact=True).first.click()


async def test_a_check_over_a_restart_and_an_answer_by_the_profile(running: Running, unused_tcp_port: int) -> None:
    async with chromium() as browser, contextlib.AsyncExitStack() as stack:
        async with running(port=unused_tcp_port) as web:
            look = await stack.enter_async_context(looking(browser, web.url, SMALL, has_touch=True))
            page = look.page
            await page.get_by_role("link", name=say("onboarding.begin")).click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(say("web.check.title"))
            await looked_over(page)
            await press(page, say("onboarding.begin"))
            await page.get_by_label("Cà phê", exact=True).check()
            await looked_over(page)
            await press(page, say("onboarding.ok"))
            await page.get_by_role("combobox").select_option("Đắk Lắk")
            await press(page, say("onboarding.ok"))
            await page.get_by_label("Mỹ", exact=True).check()
            await press(page, say("onboarding.ok"))
            await press(page, "Chưa xuất lần nào")
            await press(page, "1–10 người")
            await page.get_by_label(say("web.profile.company")).fill("Cà phê Ỷ Lan")
            await press(page, say("onboarding.ok"))
            await page.get_by_role("textbox").fill("0100109107")
            await press(page, say("onboarding.ok"))
            await expect(page.get_by_role("alert")).to_be_visible()
            await looked_over(page)
            await press(page, say("web.field.clear"))
            await expect(page.locator("#number")).to_contain_text("Câu 1/19")
            await looked_over(page)
            for _ in range(5):
                await page.locator(".choice").last.click()
            await expect(page.locator("#number")).to_contain_text("Câu 6/19")
        async with running(port=unused_tcp_port):
            # The page of the server before, and the question that it asked.
            for number in range(6, 20):
                await expect(page.locator("#number")).to_contain_text(f"Câu {number}/19")
                await page.locator(".choice").first.click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(say("web.check.review_title"))
            await looked_over(page)
            await press(page, say("onboarding.reckon"))
            await expect(page.get_by_role("heading", level=1)).to_contain_text("/100")
            await page.locator("figure img").scroll_into_view_if_needed()
            await expect(page.locator("figure img")).to_have_js_property("naturalWidth", 1080)
            await looked_over(page)
            async with page.expect_download() as download:
                await page.get_by_role("link", name=say("web.check.get_pdf")).click()
            assert (await download.value).suggested_filename.endswith(".pdf")
            await page.get_by_role("link", name=say("onboarding.edit_profile")).click()
            await expect(page.locator(".told")).to_contain_text("Đắk Lắk")
            await looked_over(page)
            await page.get_by_role("link", name=say("web.place_chat"), exact=True).click()
            await look.ask(LEANING)
            await look.answers(1)
            await expect(page.locator(".words")).to_contain_text(FOR_US)
            await press(page, say("about.stop"))
            await expect(page.locator("#status")).to_have_text(say("about.will_not_use"))
            await press(page, say("about.use"))
            await looked_over(page)
            await press(page, say("web.for_anybody"))
            await look.answers(2)
            await expect(page.locator(".words").last).not_to_contain_text(FOR_US)
            # What Chromium says of the page about the wrong tax code.
            assert [error for error in look.errors if "status of 422" not in error] == []
            assert {address.split("/")[2] for address in look.asked} == {f"127.0.0.1:{unused_tcp_port}"}
