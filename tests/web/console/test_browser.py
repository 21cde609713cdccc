"""An evening of ops in a real browser, at a desk and on a phone: no error in the console, no other host."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import Page, expect
from starlette.applications import Starlette

from bot.conversations.records import Records
from tests.auxil.browser import DESK, PHONE, chromium
from tests.conversations.asking import CHANNEL, LAN, MINH, ask
from tests.web.console.conftest import PASSWORD

SIZES = {"desk": DESK, "phone": PHONE}
pytestmark = pytest.mark.xdist_group("browser")


@contextlib.asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The application on a port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def browsing(viewport: dict[str, int], host: str) -> AsyncIterator[Page]:
    """A page of an own browser; nothing may go wrong in it, and nothing may come from elsewhere."""
    wrong: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(viewport=viewport)  # type: ignore[arg-type]
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: request.url.startswith(host) or wrong.append(request.url))
        yield page
    assert not wrong


@pytest.mark.parametrize("size", SIZES)
async def test_a_disliked_answer_is_found_taken_over_and_handed_back(
    size: str, app: Starlette, users: None, records: Records
) -> None:
    key = await ask(records, LAN, 1, "Thuế Mỹ với đồ gỗ", messages=())
    await ask(records, MINH, 2, "xin chào", messages=())
    await records.feedback(LAN, key, "down", "wrong")
    async with served(app) as host, browsing(SIZES[size], host) as page:
        await page.goto(f"{host}/console/conversations")
        await page.get_by_label("Tên đăng nhập").fill("lan")
        await page.get_by_label("Mật khẩu").fill(PASSWORD)
        await page.get_by_role("button", name="Đăng nhập").click()
        await page.get_by_label("Đánh giá").select_option("down")
        await page.get_by_label("Tìm trong câu hỏi").fill("thue my")
        await page.get_by_role("button", name="Lọc").click()
        await expect(page.get_by_text("xin chào")).to_have_count(0)
        await page.get_by_role("link", name="Thuế Mỹ với đồ gỗ").click()
        await page.get_by_role("button", name="Tiếp nhận").click()
        await page.get_by_label("Viết cho người này").fill("Chào chị, thuế mới đây ạ.")
        await page.get_by_role("button", name="Gửi").click()
        await expect(page.get_by_text("Chào chị, thuế mới đây ạ.")).to_be_visible()
        # What the person writes appears by itself.
        await ask(records, LAN, 3, "dạ em cảm ơn", decision="held", messages=())
        await expect(page.get_by_text("dạ em cảm ơn")).to_be_visible(timeout=60_000)
        await page.get_by_role("button", name="Trả lại cho bot").click()
        await expect(page.get_by_role("button", name="Tiếp nhận")).to_be_visible()
        for path in ("/", "/conversations", "/gaps", "/tickets", f"/turns/{key}"):
            await page.goto(f"{host}/console{path}")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert not (await records.talk(LAN)).held
    [first] = [one.body["text"] for one in await records.due(CHANNEL, 9)]
    assert first == "**Chuyên viên lan:** Chào chị, thuế mới đây ạ."
