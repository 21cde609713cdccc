"""The console over records of its own and the small library, mounted as the program does."""

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.conversations import accounts
from bot.conversations.database import Database, open_database
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.curation.found_gaps import FoundGaps
from bot.curation.publishing import Publisher
from bot.settings import Settings
from bot.web.application import create_application
from bot.web.console.application import console_app
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary

PASSWORD = "mật khẩu để thử"
HOLD = timedelta(minutes=30)


class Visitor:
    """Somebody with a browser, as far as a protocol goes: cookies, forms, no scripts."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(f"/console{path}", **options)

    async def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form with the token of the session, as the pages do."""
        form = {"csrf": await self.csrf(), **(data or {})}
        return await self.client.post(f"/console{path}", data=form, **options)

    async def csrf(self) -> str:
        page = (await self.get("/conversations")).text
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        return found[1] if found else ""

    async def sign_in(self, name: str, password: str = PASSWORD, **form: str) -> httpx.Response:
        return await self.client.post("/console/sign-in", data={"name": name, "password": password, **form})


@pytest.fixture
async def database(tmp_path: Path, prepared: Path) -> AsyncIterator[Database]:
    shutil.copy(prepared, tmp_path / "hai-dang.sqlite3")
    database = open_database(f"sqlite:///{tmp_path / 'hai-dang.sqlite3'}")
    yield database
    await database.close()


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database, Pseudonyms(b"a key for the tests"))


@pytest.fixture
def publisher(library: Library, guides: Path, embeddings: TextEmbeddings) -> Publisher:
    """Of the small library, to be read only."""
    settings = Settings(_env_file=None, data_dir=library.folder.parent, knowledge_dir=guides)
    return Publisher(settings, embeddings)


@pytest.fixture
def forgotten() -> list[str]:
    """The questions that the assistant was told to forget."""
    return []


@pytest.fixture
def app(
    database: Database,
    records: Records,
    publisher: Publisher,
    live: LiveLibrary,
    embeddings: TextEmbeddings,
    forgotten: list[str],
) -> Starlette:
    console = console_app(database, publisher, FoundGaps(records, live, embeddings), forgotten.extend, hold=HOLD)
    return create_application([Mount("/console", console)])


@pytest.fixture
async def visitor(app: Starlette) -> AsyncIterator[Callable[..., Awaitable[Visitor]]]:
    """Makes visitors; with a role they are signed in as lan (ops) or minh (admin)."""
    clients = []

    async def visitor(role: str | None = None, scheme: str = "http", address: str = "127.0.0.1") -> Visitor:
        transport = httpx.ASGITransport(app=app, client=(address, 50000))
        headers = {"Sec-Fetch-Site": "same-origin"}
        client = httpx.AsyncClient(transport=transport, base_url=f"{scheme}://console.test", headers=headers)
        clients.append(client)
        found = Visitor(client)
        if role:
            assert (await found.sign_in({"ops": "lan", "admin": "minh"}[role])).status_code == 303
        return found

    yield visitor
    for client in clients:
        await client.aclose()


# Checking a password takes long on purpose; what is kept of it is of the same kind.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
HASHED = QUICK.hash(PASSWORD)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_hasher", QUICK)
    monkeypatch.setattr(accounts, "_NOBODY", HASHED)


@pytest.fixture
async def users(database: Database, _quick: None) -> None:
    """lan is of ops, minh an admin."""
    await database.write(lambda connection: accounts.add_user(connection, "lan", "ops", PASSWORD))
    await database.write(lambda connection: accounts.add_user(connection, "minh", "admin", PASSWORD))


@pytest.fixture
async def ops(users: None, visitor: Callable[..., Awaitable[Visitor]]) -> Visitor:
    return await visitor("ops")


@pytest.fixture
async def admin(users: None, visitor: Callable[..., Awaitable[Visitor]]) -> Visitor:
    return await visitor("admin")
