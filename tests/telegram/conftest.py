"""A bot over the small library, with records of its own, running against a Bot API server of its own."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.assistant.assistant import Assistant
from bot.conversations.database import Database, open_database
from bot.conversations.models import AuditEntry, Person, Turn, now
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.conversations.supplier_models import Supplier
from bot.curation.found_gaps import FoundGaps
from bot.curation.publishing import Publisher
from bot.onboarding.files import load_files
from bot.settings import Settings
from bot.telegram import delivery, sending
from bot.telegram.application import Telegram, build_telegram, run_telegram
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import BotApi
from tests.auxil.libraries import publisher_of
from tests.auxil.phone import BOSS, SECOND

Running = Callable[..., AbstractAsyncContextManager[Telegram]]
Turns = Callable[[], Awaitable[list[Turn]]]
Audited = Callable[[], Awaitable[list[tuple[str, str, str]]]]

FILES = load_files()
# People who have been here before, so that nothing is said to them about what is kept; a stranger is one beyond.
ACQUAINTED = [*range(1, 1000), 918273645]
STRANGER = 1001


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked one after the other is answered so; the tests of the pace set it themselves."""
    monkeypatch.setattr(sending, "SPACING", 0.0)
    monkeypatch.setattr(delivery, "TYPING_AFTER", 0.0)


@pytest.fixture
def settings(tmp_path: Path, prepared: Path) -> Callable[..., Settings]:
    """Settings for a bot against a server, with a database in a folder of the test's own."""
    shutil.copy(prepared, tmp_path / "hai-dang.sqlite3")

    def of(api: BotApi, **more: object) -> Settings:
        given = {"telegram_bot_token": api.token, "telegram_api_url": api.url, "data_dir": tmp_path, **more}
        return Settings(_env_file=None, **given)

    return of


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(b"a key for the tests")


@pytest.fixture
async def database(
    tmp_path: Path, settings: Callable[..., Settings], pseudonyms: Pseudonyms
) -> AsyncIterator[Database]:
    """The database that the bot of `running` uses, open beside it."""
    database = open_database(f"sqlite:///{tmp_path / 'hai-dang.sqlite3'}")
    moment = now()
    seen = {"channel": "telegram", "language": "vi", "first_seen": moment, "last_seen": moment, "informed_at": moment}
    people = [{"id": pseudonyms.of("telegram", str(number)), **seen} for number in ACQUAINTED]
    # The readiness check was suggested to them as well.
    told = [{"person_id": person["id"], "profile": {}, "updated_at": moment, "invited_at": moment} for person in people]
    await database.write(lambda connection: connection.execute(insert(Person), people))
    await database.write(lambda connection: connection.execute(insert(Supplier), told))
    yield database
    await database.close()


@pytest.fixture
def records(database: Database, pseudonyms: Pseudonyms) -> Records:
    return Records(database, pseudonyms)


@pytest.fixture
def turns(database: Database) -> Callable[[], Awaitable[list[Turn]]]:
    """The turns that are kept, in the order they were asked in."""

    async def found() -> list[Turn]:
        rows = select(*Turn.__table__.c).order_by(Turn.asked_at, Turn.id)
        return [Turn(**row._mapping) for row in await database.read(lambda connection: connection.execute(rows).all())]

    return found


@pytest.fixture
def running(live: LiveLibrary, assistant: Assistant, settings: Callable[..., Settings], records: Records) -> Running:
    """Run a bot against a server for as long as the block lasts, then stop it in order."""

    @contextlib.asynccontextmanager
    async def run(api: BotApi, **more: object) -> AsyncIterator[Telegram]:
        stop = asyncio.Event()
        telegram = build_telegram(settings(api, **more), live, assistant, records, FILES)
        task = asyncio.create_task(run_telegram(telegram, stop))
        try:
            yield telegram
        finally:
            stop.set()
            await asyncio.wait_for(task, 60)

    return run


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
async def app(api: BotApi, running: Running) -> AsyncIterator[Telegram]:
    async with running(api) as telegram:
        yield telegram


@pytest.fixture
def publisher(guides: Path, library: Library, tmp_path: Path, embeddings: TextEmbeddings) -> Publisher:
    return publisher_of(library, guides, tmp_path, embeddings)


@pytest.fixture
def with_admins(
    publisher: Publisher, settings: Callable[..., Settings], records: Records, embeddings: TextEmbeddings
) -> Running:
    """Run a bot over that library, with two admins."""

    @contextlib.asynccontextmanager
    async def running(api: BotApi) -> AsyncIterator[Telegram]:
        stop = asyncio.Event()
        with LiveLibrary(publisher.library) as live:
            given = settings(api, admin_telegram_ids=f"{BOSS}, {SECOND}")
            gaps = FoundGaps(records, live, embeddings)
            telegram = build_telegram(given, live, Assistant(live, embeddings), records, FILES, publisher, gaps)
            task = asyncio.create_task(run_telegram(telegram, stop))
            try:
                yield telegram
            finally:
                stop.set()
                await asyncio.wait_for(task, 60)

    return running


@pytest.fixture
async def bot(api: BotApi, with_admins: Running) -> AsyncIterator[Telegram]:
    async with with_admins(api) as telegram:
        yield telegram


@pytest.fixture
def audited(database: Database) -> Audited:
    """The audit log: who, what, and with which document."""

    async def found() -> list[tuple[str, str, str]]:
        rows = select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id)
        kept = await database.read(lambda connection: connection.execute(rows).all())
        return [(actor, action, detail.get("document", "")) for actor, action, detail in kept]

    return found
