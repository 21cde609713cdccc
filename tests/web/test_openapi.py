"""The JSON routes take and give what their description says, whatever is sent to them."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import jsonschema
import pytest
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from starlette.routing import Mount, Route

from bot.assistant.assistant import Assistant
from bot.conversations.accounts import add_user
from bot.conversations.database import open_database
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.curation.found_gaps import FoundGaps
from bot.curation.publishing import Publisher
from bot.settings import Settings
from bot.web.application import Web, build_web
from bot.web.console.application import console_app
from bot.web.description import description
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.web.conftest import FILES, served, visitor
from tests.web.test_chat import QUESTION, answered, ask
from tests.web.test_streams import events

PASSWORD = "mật khẩu để thử"
schemathesis.openapi.format("question", st.text(max_size=60).map(lambda text: f"gạo {text}"))
# The console shows the way to its door instead of refusing.
_REFUSED = {"expected-statuses": ["303", "4xx"]}
_CONFIG = SchemathesisConfig.from_dict({"seed": 1, "checks": {"negative_data_rejection": _REFUSED}})
schema = schemathesis.openapi.from_dict(description(), config=_CONFIG)


@contextlib.asynccontextmanager
async def whole_web(
    folder: Path, live: LiveLibrary, assistant: Assistant, embeddings: TextEmbeddings, publisher: Publisher
) -> AsyncIterator[Web]:
    """The chat and the console, over records in a folder; lan is of ops."""
    database = open_database(f"sqlite:///{folder / 'hai-dang.sqlite3'}")
    records = Records(database, Pseudonyms(b"a key for the tests"))
    await database.write(lambda connection: add_user(connection, "lan", "ops", PASSWORD))
    console = console_app(
        database, publisher, FoundGaps(records, live, embeddings), assistant.forget, hold=timedelta(minutes=1)
    )
    given = Settings(_env_file=None, port=0, data_dir=folder)
    async with served(build_web(given, live, assistant, records, FILES, [Mount("/console", console)])) as web:
        yield web
    await database.close()


@pytest.fixture(scope="module")
def site(
    prepared: Path,
    guides: Path,
    library: Library,
    live: LiveLibrary,
    assistant: Assistant,
    embeddings: TextEmbeddings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Web]:
    """In a thread of its own, as schemathesis waits for what it asks."""
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copy(prepared, folder / "hai-dang.sqlite3")
    publisher = Publisher(Settings(_env_file=None, data_dir=library.folder.parent, knowledge_dir=guides), embeddings)
    serving = whole_web(folder, live, assistant, embeddings, publisher)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving) as site:
        yield site


@pytest.fixture(scope="module")
def signed_in(site: Web) -> str:
    """What the console's cookie holds."""
    with httpx.Client(base_url=site.url, headers={"Origin": site.url}) as client:
        client.post("/console/sign-in", data={"name": "lan", "password": PASSWORD})
        return client.cookies["hai_dang_console"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that has asked a question. cookies: its own, and of the console. turn: the key of the question."""

    cookies: dict[str, str]
    turn: str


@pytest.fixture
async def visit(site: Web, signed_in: str) -> Visit:
    async with visitor(site) as client:
        turn = (await ask(client, QUESTION)).json()["id"].removeprefix("turn-")
        await answered(client)
        return Visit({"hd_session": client.cookies["hd_session"], "hai_dang_console": signed_in}, turn)


# The stream does not end; it has a test of its own.
@schema.exclude(path="/api/news").parametrize()
@settings(max_examples=10, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_the_answer_is_as_described(case: schemathesis.Case, site: Web, visit: Visit) -> None:
    if case.meta.generation.mode is GenerationMode.POSITIVE and isinstance(case.body, dict) and "turn" in case.body:
        case.body["turn"] = visit.turn
    # Browsers send it with every request.
    headers = {"Sec-Fetch-Site": "same-origin"} if case.operation.method == "get" else None
    cookies = None if case.meta.is_negative_at(ParameterLocation.COOKIE) else visit.cookies
    case.call_and_validate(base_url=site.url, cookies=cookies, headers=headers, allow_redirects=False)


async def test_the_stream_is_as_described(web: Web) -> None:
    async with visitor(web) as client:
        assert (await client.get("/api/openapi.json")).json() == description()
        await ask(client, QUESTION)
        await answered(client)
        name, data = await anext(events(client))
    assert (name, data["whole"]) == ("conversation", True)
    jsonschema.validate(data, {"$ref": "#/components/schemas/Conversation", **description()})


def test_the_description_is_openapi() -> None:
    schema.validate()


async def test_every_route_for_programs_is_described(web: Web) -> None:
    described = {(path, method.upper()) for path, item in description()["paths"].items() for method in item}
    routes = {
        (route.path, method)
        for route in web.application.routes
        if isinstance(route, Route) and route.path.startswith(("/api/", "/healthz", "/readyz"))
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert {one for one in described if not one[0].startswith("/console/")} == {
        one for one in routes if one[1] != "HEAD"
    }
