"""The bot killed while a page waits for an answer."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from knowledge.library import Library
from tests.auxil.browser import PHONE, chromium, looking
from tests.auxil.fake_model import Does, FakeModel
from tests.auxil.programs import BOT, PATIENCE, environment
from tests.auxil.waiting import until

pytestmark = [pytest.mark.xdist_group("browser")]


@contextlib.asynccontextmanager
async def program(env: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(*BOT, "run", env=env, cwd=folder, stderr=log, stdout=log)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_killed_in_the_middle_the_next_run_answers_and_the_page_shows_it(
    library: Library, guides: Path, tmp_path: Path, unused_tcp_port: int
) -> None:
    """What `make run` starts without a token, killed while a model hangs over an answer."""
    shutil.copytree(library.folder, tmp_path / "data/library")
    env = environment(tmp_path / "data", guides, PORT=str(unused_tcp_port))
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with chromium() as browser, FakeModel(Does("Hm", stops_after=1)) as model:
        hanging = {"CHAT_MODEL": "openai:fake", "CHAT_MODEL_URL": model.url, "CHAT_MODEL_KEY": "k"}
        async with program({**env, **hanging, "CHAT_MODEL_TIMEOUT": "600"}, tmp_path) as process:
            await until(lambda: f"The chat page is open: {url}" in (tmp_path / "log").read_text(), PATIENCE)
            async with looking(browser, url, PHONE) as look:
                await look.ask("Người mua Mỹ quan tâm điều gì nhất?")
                await expect(look.page.locator(".turn:not([data-sending]) .writing")).to_be_visible()
                await until(lambda: bool(model.requests))
                process.kill()
                await process.wait()
                await expect(look.page.locator("#status")).to_contain_text("Mất kết nối")
                async with program(env, tmp_path) as again:
                    look.page.set_default_timeout(PATIENCE * 1000)
                    await look.answers(1)
                    await expect(look.page.locator(".turn")).to_have_count(1)
                    await expect(look.page.locator(".words")).to_contain_text("giá không phải điều đầu tiên")
                    again.terminate()
                    assert await asyncio.wait_for(again.wait(), PATIENCE) == 0
