"""The web side over the small library, with records of its own, and browsers that ask it."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from bot.assistant.assistant import Assistant
from bot.conversations.database import open_database
from bot.conversations.exchange import Sender
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.onboarding.files import load_files
from bot.settings import Settings
from bot.web.application import Web, build_web, run_web
from bot.web.chat_session import COOKIE, Visit
from bot.web.checklist import BotLink
from knowledge.live import LiveLibrary

FILES = load_files()
Running = Callable[..., AbstractAsyncContextManager[Web]]


@pytest.fixture
async def records(tmp_path: Path, prepared: Path) -> AsyncIterator[Records]:
    shutil.copy(prepared, tmp_path / "hai-dang.sqlite3")
    database = open_database(f"sqlite:///{tmp_path / 'hai-dang.sqlite3'}")
    yield Records(database, Pseudonyms(b"a key for the tests"))
    await database.close()


@pytest.fixture
def running(live: LiveLibrary, assistant: Assistant, records: Records, tmp_path: Path) -> Running:
    """Run the web side on a free port for as long as the block lasts, then stop it in order."""

    @contextlib.asynccontextmanager
    async def run(
        answering: Assistant = assistant, *, bot: BotLink | None = None, **more: object
    ) -> AsyncIterator[Web]:
        settings = Settings(_env_file=None, **{"port": 0, "data_dir": tmp_path, **more})
        async with served(build_web(settings, live, answering, records, FILES, bot=bot)) as web:
            yield web

    return run


@pytest.fixture
async def web(running: Running) -> AsyncIterator[Web]:
    async with running() as web:
        yield web


@contextlib.asynccontextmanager
async def served(web: Web) -> AsyncIterator[Web]:
    """The web side at work for as long as the block lasts."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_web(web, stop))
    try:
        yield web
    finally:
        stop.set()
        await asyncio.wait_for(task, 60)


@contextlib.asynccontextmanager
async def visitor(web: Web, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has opened the page, as far as a server can tell."""
    async with httpx.AsyncClient(
        base_url=web.url, headers={"Sec-Fetch-Site": "same-origin", **headers}, timeout=30
    ) as client:
        await client.get("/")
        yield client


def sender_at(client: httpx.AsyncClient) -> Sender:
    """Who a browser is in the records."""
    return Visit(client.cookies[COOKIE]).sender
