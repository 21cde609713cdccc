"""The checklist and the pages on agents in a real browser: a phone, without JavaScript, light, dark and on paper."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from bot.assistant.assistant import Assistant
from bot.conversations.agents import Authorised, enter
from bot.conversations.records import Records
from bot.settings import Settings
from bot.texts import say
from bot.web.application import Web, build_web, run_web
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.reading import read_document
from tests.auxil.browser import chromium
from tests.auxil.libraries import lexical_version
from tests.web.conftest import FILES

pytestmark = [pytest.mark.xdist_group("browser")]

GUIDES = Path(__file__).parents[2] / "knowledge/guides"
SMALL = {"width": 360, "height": 740}


@pytest.fixture
def guided(tmp_path: Path) -> Iterator[LiveLibrary]:
    """The bundled guides on agents and the section of the first step."""
    library = Library(tmp_path / "library")
    paths = [*sorted((GUIDES / "agents").glob("*.md")), GUIDES / "procedure/ma-hs.md"]
    lexical_version(library, [read_document(path, GUIDES) for path in paths])
    with LiveLibrary(library) as live:
        yield live


@pytest.fixture
async def site(guided: LiveLibrary, assistant: Assistant, records: Records, tmp_path: Path) -> AsyncIterator[Web]:
    stop, settings = asyncio.Event(), Settings(_env_file=None, port=0, data_dir=tmp_path)
    web = build_web(settings, guided, assistant, records, FILES, bot=lambda: "https://t.me/hai_dang_thu_bot")
    task = asyncio.create_task(run_web(web, stop))
    yield web
    stop.set()
    await asyncio.wait_for(task, 60)


async def sound(page: Page) -> None:
    """Nothing stands in anybody's way, light or dark, and nothing is wider than the phone."""
    await page.wait_for_load_state()
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = (await Axe().run(page)).response["violations"]
        assert json.dumps([[each["id"], each["nodes"][0]["html"]] for each in found]) == "[]", (page.url, scheme)


async def test_on_a_phone_without_javascript(site: Web, records: Records) -> None:
    an = Authorised("0101234567", "Công ty An", "https://example.com/an", "2026-10-01")
    await records.database.write(lambda connection: enter(connection, an, "tests"))
    async with chromium() as browser:
        context = await browser.new_context(viewport=SMALL, locale="vi-VN")
        # What looks for barriers is a script, so scripts run; none of the page's is there.
        await context.route("**/static/*.js", lambda route: route.abort())
        page, errors = await context.new_page(), list[str]()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None)

        await page.goto(f"{site.url}/checklist")
        card, of = page.locator("#hs_code"), await page.locator("li.card").count()
        await card.locator("summary").click()
        await expect(card.locator(".text")).to_be_visible()
        await sound(page)
        await card.get_by_role("button", name="Đã làm").click()
        await expect(page).to_have_url(f"{site.url}/checklist#hs_code")
        await expect(page.get_by_text(say("web.checklist.progress", done=1, of=of))).to_be_visible()
        await page.locator("#trademark").get_by_role("button", name="Không áp dụng").click()
        await expect(page.get_by_text(say("web.checklist.progress", done=1, of=of - 1))).to_be_visible()
        await sound(page)
        await expect(page.locator("#print")).to_be_hidden()
        await page.emulate_media(media="print")
        await expect(page.locator(".on-paper")).to_be_visible()
        for gone in ("button", "nav", ".notice", "#trademark .again"):
            await expect(page.locator(gone).first).to_be_hidden()
        await expect(page.locator("#product_photos dd").first).to_be_visible()
        await page.emulate_media(media="screen")

        await page.get_by_role("link", name=say("agents.title")).click()
        await sound(page)
        await page.get_by_role("link", name=say("agents.list.checks")).click()
        await page.locator("#letter").get_by_role("button", name=say("agents.done")).click()
        await expect(page.locator("#letter")).to_have_class("card done")
        await page.locator("#ask summary").click()
        await sound(page)
        for path in ("questions", "authorised"):
            await page.goto(f"{site.url}/agents/{path}")
            await page.locator("summary").first.click()
            await sound(page)

        await page.goto(f"{site.url}/agents/offers")
        await page.get_by_role("link", name=say("agents.add")).click()
        await page.locator("#field-party").fill("Công ty Một")
        await page.locator("#field-work").fill("Đăng 50 tin " * 30)
        await page.locator("#field-account").select_option("personal")
        await page.get_by_role("button", name=say("web.offer.save")).click()
        await expect(page.locator("#wrong-work")).to_be_visible()
        await expect(page.locator("#field-account")).to_have_value("personal")
        await sound(page)
        await page.locator("#field-work").fill("Đăng 50 tin")
        await page.locator("#field-price").fill("30-35tr")
        await page.locator("#field-months").fill("2 năm")
        await page.get_by_role("button", name=say("web.offer.save")).click()
        await expect(page.locator("#read-price")).to_contain_text("30-35tr")
        await sound(page)
        await page.locator("#field-price").fill("35tr")
        await page.get_by_role("button", name=say("web.offer.save")).click()
        await expect(page.locator("#compared table")).to_contain_text("35.000.000 đ (khoảng 1.458.000 đ mỗi tháng)")
        await expect(page.locator("#compared .notice")).to_contain_text("tài khoản cá nhân")
        await sound(page)
        await page.get_by_role("link", name="Công ty Một").click()
        await page.locator(".sure summary").click()
        await page.get_by_role("button", name=say("agents.drop_yes")).click()
        await expect(page.get_by_text(say("web.offer.none_yet"))).to_be_visible()
        # A script that was kept away, and the form that was not kept.
        assert [error for error in errors if "ERR_FAILED" not in error and "422" not in error] == []
