"""The chat page in a real browser, as people use it: on a phone, by keyboard, in two languages."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import playwright.async_api
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.assistant.assistant import Assistant
from bot.conversations.accounts import add_user
from bot.conversations.database import Database, open_database
from bot.conversations.models import Address
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.settings import Settings
from bot.web import application
from bot.web.application import Web, build_web, run_web
from bot.web.serving import Serving
from knowledge.live import LiveLibrary
from tests.auxil.browser import PHONE, chromium, looking
from tests.auxil.fake_model import Does, FakeModel
from tests.auxil.gaps import ASKED
from tests.web.conftest import FILES

# One browser for all of them, and one event loop that it lives in.
pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="module")]
module = {"scope": "module", "loop_scope": "module"}

QUESTION = "Người mua Mỹ quan tâm điều gì nhất?"
OTHER = "Đại lý uỷ quyền của Alibaba.com làm những việc gì?"


@pytest_asyncio.fixture(**module)
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(**module)
async def database(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    path = tmp_path_factory.mktemp("page") / "hai-dang.sqlite3"
    shutil.copy(prepared, path)
    database = open_database(f"sqlite:///{path}")
    yield database
    await database.close()


@pytest_asyncio.fixture(**module)
async def site(live: LiveLibrary, assistant: Assistant, database: Database) -> AsyncIterator[Web]:
    """One site for all tests; each has cookies of its own."""
    settings = Settings(_env_file=None, port=0)
    stop = asyncio.Event()
    application._LOOK = 0.1
    web = build_web(settings, live, assistant, Records(database, Pseudonyms(b"a key for the tests")), FILES)
    task = asyncio.create_task(run_web(web, stop))
    yield web
    stop.set()
    await asyncio.wait_for(task, 60)


async def test_ask_on_a_phone_open_the_source_reload(browser: Browser, site: Web) -> None:
    async with looking(browser, site.url, PHONE, has_touch=True) as look:
        page = look.page
        await expect(page.get_by_role("heading", name="Chào anh/chị")).to_be_visible()
        await expect(page.locator("#welcome .ask")).to_have_count(4)
        await look.ask(QUESTION)
        await look.answers(1)
        await expect(page.locator("#welcome")).to_be_hidden()
        await expect(page.locator(".words")).to_contain_text("giá không phải điều đầu tiên")
        source = page.locator(".sources details")
        await expect(source.locator(".text")).to_be_hidden()
        await page.locator(".cite").first.click()
        await expect(source.locator(".text")).to_contain_text("John Caplan")
        await expect(source.locator(".text a")).to_have_attribute("href", re.compile("^https://vnexpress.net/"))
        await page.locator(".suggestions .ask").first.click()
        await look.answers(2)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        said = await page.locator("#log .words").all_inner_texts()
        await page.reload()
        await look.answers(2)
        assert await page.locator("#log .words").all_inner_texts() == said
        await page.locator("#anew").click()
        await expect(page.locator("#welcome")).to_be_visible()
        await expect(page.locator(".turn")).to_have_count(0)
        assert look.errors == []
        assert {address.split("/")[2] for address in look.asked} == {site.url.split("/")[2]}


async def test_everything_is_done_by_keyboard_alone(browser: Browser, site: Web) -> None:
    async with looking(browser, site.url) as look:
        page, press = look.page, look.page.keyboard.press

        async def tab_to(selector: str, most: int = 40) -> None:
            for _ in range(most):
                await press("Tab")
                if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
                    return
            raise AssertionError(f"{selector} is not reached")

        await press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await tab_to("#question")
        await page.keyboard.type(QUESTION)
        await press("Enter")
        await look.answers(1)
        await expect(page.locator("#question")).to_be_focused()
        await page.locator("#main").focus()
        await tab_to(".cite")
        await press("Enter")
        await expect(page.locator(".sources summary")).to_be_focused()
        await expect(page.locator(".sources .text")).to_be_visible()
        await tab_to("[data-vote=down]")
        await press("Space")
        await tab_to("[data-reason=unclear]")
        await press("Enter")
        await expect(page.locator("[data-reason=unclear]")).to_have_attribute("aria-pressed", "true")
        await tab_to(".why input")
        await page.keyboard.type("Thiếu ví dụ")
        await press("Enter")
        await expect(page.locator("[data-vote=down]")).to_be_focused()
        await tab_to(".suggestions .ask")
        await press("Enter")
        await look.answers(2)
        await page.locator(".top").press("Tab")
        await page.locator("[data-open=topics-box]").focus()
        await press("Enter")
        await page.locator("#topics .topic summary").first.wait_for()
        await tab_to("#topics .topic > summary")
        await press("Enter")
        await tab_to("#topics .guide > summary")
        await press("Enter")
        await page.locator("#topics .ask").first.wait_for()
        await tab_to("#topics .ask")
        await press("Enter")
        await look.answers(3)
        await expect(page.locator("#topics-box")).to_be_hidden()
        data = await page.evaluate("fetch('/api/data').then(response => response.json())")
        turn = data["turns"][0]
        assert (turn["feedback"], turn["feedback_reason"]) == ("down", "unclear")
        assert turn["feedback_note"] == "Thiếu ví dụ"


async def test_english_and_back(browser: Browser, site: Web) -> None:
    async with looking(browser, site.url, locale="en-GB") as look:
        page = look.page
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await look.ask("What do American buyers care about most?")
        await look.answers(1)
        await expect(page.locator(".words")).to_contain_text("My guides are written in Vietnamese")
        await expect(page.locator(".sources h3")).to_have_text("Sources")
        await page.get_by_role("link", name="Tiếng Việt").click()
        await expect(page.locator(".sources h3")).to_have_text("Nguồn")
        await page.goto(site.url)
        await expect(page.locator("html")).to_have_attribute("lang", "vi")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_program_that_looks_for_barriers_finds_none(scheme: str, browser: Browser, site: Web) -> None:
    async with looking(browser, site.url, PHONE, color_scheme=scheme) as look:
        page = look.page
        found = [await Axe().run(page)]
        await look.ask(QUESTION)
        await look.answers(1)
        await page.locator(".sources summary").click()
        await page.locator("[data-vote=down]").click()
        await page.locator(".why").wait_for()
        found.append(await Axe().run(page))
        await page.locator("[data-open=topics-box]").click()
        await page.locator("#topics .topic summary").first.click()
        found.append(await Axe().run(page))
        await page.locator("#topics-box [data-close]").click()
        await page.locator(".tool[data-open=data-box]").click()
        await page.locator("#erase").click()
        found.append(await Axe().run(page))
        violations = [violation for results in found for violation in results.response["violations"]]
        assert json.dumps([[v["id"], v["impact"], v["nodes"][0]["html"]] for v in violations]) == "[]"


async def test_whoever_wants_a_human_agrees_and_gets_a_number(browser: Browser, site: Web, database: Database) -> None:
    async with looking(browser, site.url, PHONE) as look:
        page = look.page
        await look.ask(QUESTION)
        await look.answers(1)
        await page.locator(".tool[data-open=person-box]").click()
        await expect(page.locator("#person")).to_contain_text("chưa có chuyên viên nào")
        await page.locator("#person-box .head [data-close]").click()
        await database.write(lambda connection: add_user(connection, "lan", "ops", "một mật khẩu đủ dài 9"))
        await look.ask("gap chuyen vien")
        await look.answers(2)
        await page.locator(".turn [data-open=person-box]").click()
        await expect(page.locator("#person")).to_contain_text(QUESTION)
        found = await Axe().run(page)
        assert [violation["id"] for violation in found.response["violations"]] == []
        await page.locator("[data-shown=yes]").click()
        await expect(page.locator("#person-box")).to_be_hidden()
        await expect(page.locator("#log .turn").last).to_contain_text("số #1001")
        await page.locator(".turn [data-open=person-box]").click()
        await expect(page.locator("#person")).to_contain_text("đang mở")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert look.errors == []


async def test_what_was_typed_stays_text(browser: Browser, site: Web) -> None:
    typed = '<img src=x onerror="alert(1)"> **<script>alert(2)</script>** [x](javascript:alert(3)) {{ 7*7 }}'
    async with looking(browser, site.url) as look:
        alerts: list[str] = []
        look.page.on("dialog", lambda dialog: alerts.append(dialog.message))
        await look.ask(typed)
        await look.answers(1)
        await look.page.reload()
        await look.answers(1)
        await expect(look.page.locator(".asked")).to_have_text(typed)
        assert await look.page.locator(".turn img, .turn script, .turn a[href^=javascript]").count() == 0
        assert (alerts, look.errors) == ([], [])


async def test_a_lost_answer_to_a_submit_is_sent_again_and_is_one_question(browser: Browser, site: Web) -> None:
    async with looking(browser, site.url) as look:
        sent: list[str] = []

        async def lose(route: playwright.async_api.Route) -> None:
            sent.append(route.request.post_data)
            if len(sent) == 1:
                # The server has it, the page does not know.
                await route.fetch()
                await route.abort()
            else:
                await route.continue_()

        await look.page.route("**/api/questions*", lose)
        await look.ask(QUESTION)
        await look.answers(1)
        await look.page.wait_for_timeout(2500)
        assert len(sent) == 2
        assert sent[0] == sent[1]
        await expect(look.page.locator(".turn")).to_have_count(1)
        data = await look.page.evaluate("fetch('/api/data').then(response => response.json())")
        assert len(data["turns"]) == 1


async def test_words_from_elsewhere_appear_and_stay(browser: Browser, site: Web, database: Database) -> None:
    async with looking(browser, site.url) as look:
        await look.ask(OTHER)
        await look.answers(1)
        newest = select(Address.id).where(Address.channel == "web").order_by(Address.id.desc()).limit(1)
        address = await database.read(lambda connection: connection.execute(newest).scalar_one())
        await site.records.tell(address, "Em là **Lan**, người phụ trách: anh/chị xem https://example.vn nhé <b>")
        note = look.page.locator(".note")
        await expect(note).to_contain_text("người phụ trách: anh/chị xem https://example.vn nhé <b>")
        await expect(note.locator("strong")).to_have_text("Lan")
        await look.page.reload()
        await expect(note).to_have_count(1)
        assert await site.records.due("web", 10) == []
        assert look.errors == []


async def test_who_wants_to_be_told_sees_that_it_is_kept(browser: Browser, site: Web) -> None:
    async with looking(browser, site.url, PHONE) as look:
        await look.ask(ASKED)
        bell = look.page.get_by_role("button", name="Báo tôi khi có câu trả lời")
        await bell.click()
        await expect(bell).to_have_attribute("aria-pressed", "true")
        await expect(look.page.locator("#status")).to_contain_text("khi nào có câu trả lời em nhắn")
        await look.page.reload()
        await expect(bell).to_have_attribute("aria-pressed", "true")
        await bell.click()
        await expect(bell).to_have_attribute("aria-pressed", "false")
        assert look.errors == []


async def test_erase_from_the_page(browser: Browser, site: Web) -> None:
    async with looking(browser, site.url, PHONE) as look:
        page = look.page
        await look.ask(QUESTION)
        await look.answers(1)
        await page.locator(".tool[data-open=data-box]").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Tải dữ liệu").click()
        kept = json.loads((await (await download.value).path()).read_text(encoding="utf-8"))
        assert kept["turns"][0]["question"] == QUESTION
        await page.locator("#erase").click()
        await page.locator("#erase-yes").click()
        await expect(page.locator("#welcome")).to_be_visible()
        await expect(page.locator("#status")).to_have_text("Em đã xoá hết dữ liệu của anh/chị.")
        data = await page.evaluate("fetch('/api/data').then(response => response.json())")
        assert not any(data.values())
        await look.ask(OTHER)
        await look.answers(1)


async def test_an_answer_is_shown_while_it_is_written(
    browser: Browser, live: LiveLibrary, assistant: Assistant, database: Database
) -> None:
    from bot.app import chat_models

    first = "Người mua nước ngoài cân nhắc bảy điều, giá không phải điều đầu tiên [1]."
    async with FakeModel(Does(f"{first} Họ còn hỏi người bán là ai, có giữ lời không [1].", stops_after=90)) as model:
        settings = Settings(
            _env_file=None, port=0, chat_model="openai:fake", chat_model_url=model.url, chat_model_key="k",
            chat_model_uses="answer", chat_model_timeout=4, chat_model_retries=0,
        )  # fmt: skip
        writing = Assistant(live, assistant._embeddings, None, chat_models(settings))
        records, stop = Records(database, Pseudonyms(b"a key for the tests")), asyncio.Event()
        web = build_web(settings, live, writing, records, FILES)
        task = asyncio.create_task(run_web(web, stop))
        async with looking(browser, web.url) as look:
            await look.ask(QUESTION)
            draft = look.page.locator(".answer[aria-busy] .words")
            await expect(draft).to_contain_text("giá không phải điều đầu tiên")
            await look.answers(1)
        stop.set()
        await asyncio.wait_for(task, 60)


async def test_a_line_in_another_sites_page_opens_the_chat_there(
    browser: Browser, live: LiveLibrary, assistant: Assistant, database: Database
) -> None:
    """On the same host cookies go along; on another one, without TLS, the frame offers a way out."""

    async def page_of_the_site(request: Request) -> Response:
        script = f'<script src="{request.query_params["home"]}/widget.js" defer></script>'
        return HTMLResponse(f"<!doctype html><html lang=vi><title>Hội</title><h1>Hội</h1>{script}")

    host = Serving(Starlette(routes=[Route("/", page_of_the_site)]), "127.0.0.1", 0)
    hosting, stop = asyncio.create_task(host.run()), asyncio.Event()
    settings = Settings(_env_file=None, port=0, web_origins=host.url)
    web = build_web(settings, live, assistant, Records(database, Pseudonyms(b"a key for the tests")), FILES)
    task = asyncio.create_task(run_web(web, stop))
    for home in (web.url, web.url.replace("127.0.0.1", "localhost")):
        context = await browser.new_context(viewport=PHONE, locale="vi-VN")
        page = await context.new_page()
        await page.goto(f"{host.url}/?home={home}")
        assert await page.locator("iframe").get_attribute("src") is None
        await page.get_by_role("button", name="Hỏi Hải Đăng").click()
        frame = page.frame_locator("iframe")
        if home == web.url:
            await frame.locator("#question").fill(QUESTION)
            await page.keyboard.press("Enter")
            await expect(frame.locator(".words")).to_contain_text("giá không phải điều đầu tiên")
            # The other pages and their forms stay within the frame.
            await frame.get_by_role("link", name="Đánh giá", exact=True).click()
            await frame.get_by_role("button", name="Bắt đầu đánh giá").click()
            await frame.get_by_role("button", name="Bỏ qua").click()
            await expect(frame.locator(".where")).to_contain_text("Hồ sơ 2/7")
        else:
            await expect(frame.get_by_role("link", name="Mở Hải Đăng trong thẻ riêng")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await page.get_by_role("button", name="Đóng").focus()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Hỏi Hải Đăng")).to_be_focused()
        await context.close()
    stop.set()
    await asyncio.wait_for(task, 60)
    hosting.cancel()
    await asyncio.wait({hosting})
    host.close()
