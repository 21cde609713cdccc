"""A bot over the small library, running against a Bot API server of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from bot.assistant.assistant import Assistant
from bot.settings import Settings
from bot.telegram.application import build_application, run_polling
from bot.telegram.handlers import App
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import BotApi

Running = Callable[[BotApi], AbstractAsyncContextManager[App]]


@pytest.fixture
def settings() -> Callable[[BotApi], Settings]:
    def of(api: BotApi) -> Settings:
        return Settings(_env_file=None, telegram_bot_token=api.token, telegram_api_url=api.url, telegram_proxy=None)

    return of


@pytest.fixture
def running(live: LiveLibrary, assistant: Assistant, settings: Callable[[BotApi], Settings]) -> Running:
    """Run a bot against a server for as long as the block lasts, then stop it in order."""

    @contextlib.asynccontextmanager
    async def run(api: BotApi) -> AsyncIterator[App]:
        stop = asyncio.Event()
        application = build_application(settings(api), live, assistant)
        polling = asyncio.create_task(run_polling(application, stop))
        try:
            yield application
        finally:
            stop.set()
            await asyncio.wait_for(polling, 60)

    return run


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
async def app(api: BotApi, running: Running) -> AsyncIterator[App]:
    async with running(api) as application:
        yield application
