"""A day of ops over HTTP: a disliked answer found and made good, a gap closed by a document, one who waited told."""

import asyncio
import contextlib
import datetime
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update
from starlette.routing import Mount

from bot.assistant.assistant import Assistant
from bot.conversations.database import Database
from bot.conversations.exporting import VIETNAM
from bot.conversations.models import Turn, now
from bot.conversations.records import Records
from bot.curation import telling
from bot.curation.found_gaps import FoundGaps
from bot.curation.publishing import Publisher
from bot.curation.telling import tell_of
from bot.settings import Settings
from bot.texts import say
from bot.web.application import Web, build_web, run_web
from bot.web.console.application import console_app
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil.gaps import ANSWER, ASKED
from tests.auxil.libraries import publisher_of
from tests.auxil.waiting import until
from tests.web.conftest import FILES, visitor
from tests.web.console.conftest import HOLD, Visitor
from tests.web.console.test_library import done, hidden
from tests.web.test_chat import QUESTION, answered, ask, seen

SAID = "Chị gửi em mẫu hợp đồng, em xem giúp ạ."


@pytest.fixture
def publisher(guides: Path, library: Library, embeddings: TextEmbeddings, tmp_path: Path) -> Publisher:
    return publisher_of(library, guides, tmp_path, embeddings)


@pytest.fixture
async def site(
    publisher: Publisher, records: Records, database: Database, embeddings: TextEmbeddings, tmp_path: Path
) -> AsyncIterator[tuple[Web, LiveLibrary, Assistant]]:
    """The chat page and the console over one library, as `bot/cli.py` puts them together."""
    with LiveLibrary(publisher.library) as live:
        assistant = Assistant(live, embeddings)
        console = console_app(database, publisher, FoundGaps(records, live, embeddings), assistant.forget, hold=HOLD)
        settings = Settings(_env_file=None, port=0, data_dir=tmp_path)
        web, stop = build_web(settings, live, assistant, records, FILES, [Mount("/console", console)]), asyncio.Event()
        task = asyncio.create_task(run_web(web, stop))
        yield web, live, assistant
        stop.set()
        await asyncio.wait_for(task, 60)


@contextlib.asynccontextmanager
async def at_work(web: Web, name: str) -> AsyncIterator[Visitor]:
    async with httpx.AsyncClient(base_url=web.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60) as client:
        one = Visitor(client)
        assert (await one.sign_in(name)).status_code == 303
        yield one


def field(page: str, name: str) -> str:
    """What stands in a field of a form."""
    found = re.search(
        rf'<textarea[^>]* name="{name}"[^>]*>(.*?)</textarea>|name="{name}" value="([^"]*)"', page, re.DOTALL
    )
    assert found
    return html.unescape(found[1] if found[1] is not None else found[2])


async def test_an_ops_day(
    site: tuple[Web, LiveLibrary, Assistant], publisher: Publisher, records: Records, database: Database,
    users: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(telling, "REST", 0.0)
    web, live, assistant = site
    known = tmp_path / "told.json"
    assert await tell_of(live.index, assistant, records, known) == 0
    async with visitor(web) as unhappy, visitor(web) as waiting:
        # Yesterday: one got an answer that was of no use, another one none and wants to be told.
        await ask(unhappy, QUESTION)
        [piece] = await answered(unhappy)
        [key] = re.findall(r'data-turn="(\w+)"', piece)
        await unhappy.post("/api/feedback", json={"turn": key, "vote": "down", "reason": "wrong"})
        await ask(waiting, ASKED)
        [piece] = await answered(waiting)
        [wish] = re.findall(r'data-tell="(\w+)" aria-pressed="false"', piece)
        said = await waiting.post("/api/wishes", json={"turn": wish, "wanted": True})
        assert said.json() == {"state": "asked", "text": say("gaps.will_tell")}
        yesterday = now() - datetime.timedelta(days=1)
        await database.write(lambda connection: connection.execute(update(Turn).values(asked_at=yesterday)))
        day = yesterday.astimezone(VIETNAM).date()

        async with at_work(web, "lan") as ops:
            # Why was it disliked?
            listed = (await ops.get(f"/conversations?feedback=down&topic=buyers&from={day}&to={day}")).text
            [number] = set(re.findall(r"/console/conversations/(\d+)#", listed))
            page = (await ops.get(f"/conversations/{number}")).text
            assert "buyers/bay-nhu-cau.md" in page
            assert re.search(r'<td class="number">\d+\.\d+</td>', page)
            # A human answers, and hands back.
            assert (await ops.post(f"/conversations/{number}/take")).status_code == 303
            await ops.post(f"/conversations/{number}/write", {"text": SAID})
            await ops.post(f"/conversations/{number}/hand-back")
            assert any(SAID in piece for piece in await seen(unhappy))
            assert not any(SAID in piece for piece in await seen(waiting))
            gaps = (await ops.get("/gaps")).text
            assert ASKED in gaps
            assert "1 người chờ báo" in gaps

        async with at_work(web, "minh") as admin:
            # From the gap to a document.
            editor = (await admin.get(f"/gaps/{wish}/draft")).text
            text, name = field(editor, "text"), field(editor, "name")
            refused = (await admin.post("/library/edit", {"name": name, "text": text, "do": "save"})).text
            assert 'role="alert"' in refused
            filled = re.sub(r"⟦Viết[^⟧]*⟧", f"{ANSWER}, hoá đơn và phiếu đóng gói.", text)
            filled = re.sub(r"⟦([^⟧]*)⟧", "Cục Trồng trọt", filled)
            form = {"name": name, "text": filled}
            look = (await admin.post("/library/edit", {**form, "do": "look"})).text
            assert ANSWER in look
            assert 'role="alert"' not in look
            saved = (await admin.post("/library/edit", {**form, "do": "save"})).headers["location"]
            act = {"what": "publish", "id": saved.partition("/document/")[2], "version": "1"}
            look = await done(admin, await admin.post("/library/look", act))
            assert "Đã hỏi lại 1 câu" in look
            assert "Đã xuất bản" in await done(admin, await admin.post("/library/do", hidden(look)))

        # Asked again it is answered, the one who waited is told once, and nothing is left open.
        newest = publisher.library.published()
        await until(lambda: live.index.manifest.number == newest)
        await ask(unhappy, ASKED)
        assert ANSWER in (await answered(unhappy, 4))[-1]
        for told in (1, 0):
            assert await tell_of(live.index, assistant, records, known) == told
        notes = [piece for piece in await seen(waiting) if 'id="note-' in piece]
        assert len(notes) == 1
        assert ANSWER in notes[0]
        assert "data-tell" not in (await seen(waiting))[0]
        async with at_work(web, "minh") as admin:
            assert (await admin.get(f"/gaps/{wish}")).status_code == 404
