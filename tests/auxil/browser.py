"""A headless Chromium for tests of pages, and what it is told so that it asks nobody but the page's own server."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Milliseconds that a page may take for what is expected of it while other tests keep the processors busy.
_PATIENCE = 30_000
expect.set_options(timeout=_PATIENCE)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's own browser; a developer may be without one, CI has it (`.ci/run`)."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip(f"no browser here: none of {', '.join(_NAMES)}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        await browser.close()


@dataclass
class Look:
    """A page that somebody looks at. errors: what its console said; asked: every address that it fetched."""

    page: Page
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def ask(self, text: str) -> None:
        """Type a question and press Enter."""
        await self.page.get_by_role("textbox").first.fill(text)
        await self.page.keyboard.press("Enter")

    async def answers(self, count: int) -> None:
        """Wait until so many questions are answered."""
        await self.page.locator(".turn .answer:not([aria-busy])").nth(count - 1).wait_for()


@contextlib.asynccontextmanager
async def looking(browser: Browser, url: str, viewport: dict[str, int] = DESK, **more: Any) -> AsyncIterator[Look]:
    """A page in a browser of its own, with cookies of its own, in Vietnamese unless told otherwise."""
    context = await browser.new_context(**{"viewport": viewport, "locale": "vi-VN", **more})
    look = Look(await context.new_page())
    look.page.set_default_timeout(_PATIENCE)
    context.on("request", lambda request: look.asked.append(request.url))
    context.on("weberror", lambda error: look.errors.append(str(error.error)))
    look.page.on("console", lambda said: look.errors.append(said.text) if said.type in ("error", "warning") else None)
    await look.page.goto(url)
    await look.page.locator("#log[aria-live=polite]").wait_for(state="attached")
    yield look
    await context.close()
