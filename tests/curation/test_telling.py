"""Those who wait are told once a new version answers them: by what is new in it, once, whatever happens between."""

import asyncio
import datetime
import json
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.conversations.database import DatabaseUnavailable, open_database
from bot.conversations.exchange import Sender
from bot.conversations.holding import hand_back, take_over
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.curation import telling
from bot.curation.telling import tell_of, tell_when_answered
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.index import Index
from knowledge.ingestion import Options, ingest
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil.gaps import ANSWER, ASKED, FOREIGN, ORCHIDS
from tests.auxil.libraries import lexical_version, with_vectors_of, write
from tests.auxil.waiting import until
from tests.conversations.asking import CHANNEL, LAN, MINH, ask

OTHER = "Cước tàu từ Hải Phòng đi Rotterdam tuần này bao nhiêu?"
# What the guide of the test answers, also where the records say that it was declined.
KNOWN = "Người mua Mỹ quan tâm điều gì nhất?"


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "REST", 0.0)
    monkeypatch.setattr(telling, "LOOK", 0.02)


@pytest.fixture(scope="module")
def grown(
    library: Library, guides: Path, embeddings: TextEmbeddings, tmp_path_factory: pytest.TempPathFactory
) -> Library:
    """Version 1 holds one guide, version 2 one on orchids besides, version 3 has another word in the first."""
    base = tmp_path_factory.mktemp("grown")
    guide = (guides / "buyers/bay-nhu-cau.md").read_text("utf-8")
    own, folder = with_vectors_of(library, base / "library"), write(base / "guides", {"needs.md": guide})
    for files in ({}, {"orchids.md": ORCHIDS}, {"needs.md": guide.replace("bảy điều", "đúng bảy điều")}):
        ingest(own, write(folder, files), BUILT_IN, lambda: embeddings, Options())
    return own


@pytest.fixture(scope="module")
def versions(grown: Library) -> Iterator[list[Index]]:
    """The whole versions in their order; a lexical one comes before the first."""
    numbers = sorted(version.number for version in grown.versions() if version.dense)
    opened = [grown.open(number) for number in numbers]
    yield opened
    for index in opened:
        index.close()


@pytest.fixture
async def records(tmp_path: Path, prepared: Path) -> AsyncIterator[Records]:
    database = open_database(f"sqlite:///{shutil.copy(prepared, tmp_path / 'records.sqlite3')}")
    yield Records(database, Pseudonyms(b"a key for the tests"))
    await database.close()


Publish = Callable[[Index], Awaitable[int]]


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return tmp_path / "told.json"


@pytest.fixture
def publish(records: Records, embeddings: TextEmbeddings, known: Path) -> Publish:
    """A version is live, and the bot has seen it: how many were told."""

    async def seen(index: Index) -> int:
        live = cast("LiveLibrary", SimpleNamespace(index=index))
        return await tell_of(index, Assistant(live, embeddings), records, known)

    return seen


async def wait_for(records: Records, words: str = ASKED, number: int = 1, sender: Sender = LAN) -> None:
    """Somebody asked, was declined, and wants to be told."""
    key = await ask(records, sender, number, words, decision="abstain", understood=words, messages=())
    await records.want_answer(sender, key, wanted=True)


async def told(records: Records) -> list[str]:
    return [due.body["text"] for due in await records.due(CHANNEL, 100) if due.kind == "note"]


async def test_a_new_document_tells_those_whom_it_answers_and_only_once(
    records: Records, publish: Publish, versions: list[Index]
) -> None:
    first, second, _ = versions
    assert await publish(first) == 0
    await wait_for(records)
    await wait_for(records, OTHER, 2, MINH)
    assert await publish(first) == 0
    assert await publish(second) == 1
    [text] = await told(records)
    assert ASKED in text
    assert ANSWER in text
    assert "[1] Hoa lan cắt cành sang Nhật › " in text
    assert "[Cục Trồng trọt](https://example.vn/hoa-lan), 01/03/2026" in text
    assert await publish(second) == 0
    assert [waiting.question for waiting in await records.waiting(0, 10)] == [OTHER]


async def test_an_answer_out_of_what_was_there_before_tells_nobody(
    records: Records, publish: Publish, versions: list[Index]
) -> None:
    """Such a wobble of the confidence is no reason to write to anybody; a changed document is."""
    first, second, third = versions
    await publish(first)
    await wait_for(records, KNOWN)
    assert await publish(second) == 0
    assert await publish(third) == 1
    [text] = await told(records)
    assert "đúng bảy điều" in text


async def test_what_came_before_the_first_look_is_not_new_and_a_broken_file_tells_nobody(
    records: Records, publish: Publish, versions: list[Index], known: Path
) -> None:
    _, second, third = versions
    await wait_for(records)
    assert await publish(second) == 0
    held = json.loads(await asyncio.to_thread(known.read_text, "utf-8"))
    assert set(held) == {"needs.md", "orchids.md"}
    await asyncio.to_thread(known.write_text, "{", "utf-8")
    assert await publish(third) == 0
    # Gone back and forward again: what was away comes anew.
    assert await publish(versions[0]) == 0
    assert await publish(second) == 1


async def test_a_question_in_english_is_answered_in_english_and_a_follow_up_with_what_it_leans_on(
    records: Records, publish: Publish, versions: list[Index]
) -> None:
    await publish(versions[0])
    await wait_for(records, FOREIGN)
    before = "Hoa lan cắt cành bán sang Nhật được không?"
    await ask(records, MINH, 2, before, decision="clarify", understood="x", messages=())
    await wait_for(records, "cần giấy tờ gì?", 3, MINH)
    assert await publish(versions[1]) == 2
    english, vietnamese = await told(records)
    assert english.startswith("🔔 You once asked")
    assert vietnamese.startswith("🔔 Anh/chị từng hỏi: “cần giấy tờ gì?”")


async def test_whoever_is_killed_in_the_middle_goes_on_and_tells_nobody_twice(
    records: Records, publish: Publish, versions: list[Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(versions[0])
    await wait_for(records)
    await wait_for(records, number=2, sender=MINH)
    tell, calls = records.tell_waiting, 0

    async def killed_after_the_first(turn: int, text: str) -> bool:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise asyncio.CancelledError
        return await tell(turn, text)

    with monkeypatch.context() as patch:
        patch.setattr(records, "tell_waiting", killed_after_the_first)
        with pytest.raises(asyncio.CancelledError):
            await publish(versions[1])
    assert len(await told(records)) == 1
    assert await publish(versions[1]) == 1
    assert len(await told(records)) == 2


async def test_who_talks_with_ops_is_told_when_they_are_done(
    records: Records, publish: Publish, versions: list[Index], embeddings: TextEmbeddings, known: Path
) -> None:
    await publish(versions[0])
    await wait_for(records)
    conversation, hold = (await records.talk(LAN)).conversation, datetime.timedelta(minutes=30)
    database, live = records.database, cast("LiveLibrary", SimpleNamespace(index=versions[1]))
    await database.write(lambda connection: take_over(connection, conversation, "lan", hold))
    read = lambda: known.read_text("utf-8")  # noqa: E731
    before = await asyncio.to_thread(read)
    task = asyncio.create_task(tell_when_answered(live, Assistant(live, embeddings), records, known))
    try:
        await asyncio.sleep(0.5)
        assert await told(records) == []
        # Whoever is killed now looks again.
        assert await asyncio.to_thread(read) == before
        await database.write(lambda connection: hand_back(connection, conversation, "lan", ""))
        await until(lambda: read() != before)
        assert [ANSWER in text for text in await told(records)] == [True]
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_bot_notices_a_new_version_and_outlives_a_database_that_is_away(
    library: Library, grown: Library, records: Records, embeddings: TextEmbeddings, known: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.WARNING)
    own = with_vectors_of(grown, tmp_path / "library")
    folder = write(tmp_path / "guides", {"gạo.md": "Gạo giá 500 USD.\n"})
    ingest(own, folder, BUILT_IN, lambda: embeddings, Options())
    waiting, away = records.waiting, True

    async def now_and_then(*arguments: Any) -> Any:
        nonlocal away
        if away:
            away = False
            raise DatabaseUnavailable("locked")
        return await waiting(*arguments)

    monkeypatch.setattr(records, "waiting", now_and_then)
    with LiveLibrary(own) as live:
        task = asyncio.create_task(tell_when_answered(live, Assistant(live, embeddings), records, known))
        try:
            await until(known.exists)
            await wait_for(records)
            write(folder, {"orchids.md": ORCHIDS})
            # A version without vectors is only a first one.
            lexical_version(own, live.index.documents)
            await until(lambda: not live.index.manifest.dense)
            await asyncio.to_thread(ingest, own, folder, BUILT_IN, lambda: embeddings, Options())

            async def came() -> bool:
                return bool(await told(records))

            await until(came)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    assert "those who wait are not told yet" in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_before_the_document_nothing_is_known(versions: list[Index], embeddings: TextEmbeddings) -> None:
    """What the other tests rest on."""
    answers = []
    for index in versions[:2]:
        assistant = Assistant(cast("LiveLibrary", SimpleNamespace(index=index)), embeddings)
        replies = [assistant.answer(Question(text)) for text in (ASKED, FOREIGN, OTHER, KNOWN)]
        answers.append([reply.decision == "answer" for reply in replies])
    assert answers == [[False, False, False, True], [True, True, False, True]]
