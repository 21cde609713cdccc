"""Gaps: what is found and shown, and from a gap to a published document that answers it."""

import asyncio
import datetime
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import bot.cli
from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.conversations.database import open_database
from bot.conversations.exchange import Sender
from bot.conversations.models import now
from bot.conversations.people import Pseudonyms, key_beside
from bot.conversations.records import Records
from bot.curation.gap_draft import draft_of
from bot.curation.gaps import Gap, chosen, find_gaps
from bot.texts import say
from knowledge.documents import DocumentError
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.ingestion import Options, ingest
from knowledge.library import Library
from knowledge.lint import lint
from knowledge.live import LiveLibrary
from knowledge.reading import read_document
from tests.auxil.libraries import with_vectors_of, write
from tests.conversations.asking import LAN, LAN_IN_GROUP, MINH, ask

HALAL: list[str] = yaml.safe_load((Path(__file__).parents[1] / "data/gaps.yaml").read_text(encoding="utf-8"))[0]
# In the field of the small library, which is narrow.
FEES = ("Phí tu chỉnh L/C là bao nhiêu?", "phi tu chinh LC bao nhieu", "tu chỉnh L/C mất bao nhiêu phí vậy ạ")
NEEDS = "Người mua Mỹ quan tâm điều gì nhất?"
WEATHER = "thoi tiet ha noi hom nay"
TODAY = datetime.date(2026, 11, 26)


@pytest.fixture
def url(tmp_path: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the database in the folder of the settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "PSEUDONYM_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LANGUAGE", "vi")
    (tmp_path / "data").mkdir()
    return f"sqlite:///{shutil.copy(prepared, tmp_path / 'data/hai-dang.sqlite3')}"


@pytest.fixture
async def records(url: str, tmp_path: Path) -> AsyncIterator[Records]:
    database = open_database(url)
    yield Records(database, Pseudonyms(key_beside(tmp_path / "data")))
    await database.close()


async def declined(
    records: Records, assistant: Assistant, sender: Sender, number: int, words: str, **fields: Any
) -> str:
    """Asked in a chat; what the library says, kept as a channel keeps it, but declined."""
    reply = assistant.answer(Question(words))
    kept = {"understood": reply.understood, "sources": reply.evidence(), "library_version": reply.version}
    return await ask(records, sender, number, words, **kept | {"decision": "abstain", "messages": ()} | fields)


async def test_gaps_are_grouped_counted_and_ordered(
    records: Records, assistant: Assistant, live: LiveLibrary, embeddings: TextEmbeddings
) -> None:
    keys = [
        await declined(records, assistant, LAN, 1, FEES[0], library_version=0),
        await declined(records, assistant, LAN_IN_GROUP, 2, FEES[1]),
        await declined(records, assistant, MINH, 3, FEES[2]),
        await declined(records, assistant, LAN, 4, f"{WEATHER}, goi em 0912345678"),
        # Answered by what came since.
        await declined(records, assistant, MINH, 5, NEEDS, library_version=0),
    ]
    await records.want_answer(LAN, keys[0], wanted=True)
    gaps = await find_gaps(records, live, embeddings, 30)
    fees, weather = gaps
    assert (fees.key, fees.kind, fees.count, fees.people, fees.waiting) == (keys[0], "unanswered", 3, 2, 1)
    assert (fees.in_field, fees.topic) == (True, "logistics")
    assert (weather.key, weather.in_field) == (keys[3], False)
    # Numbers of people are not shown.
    assert weather.examples == (weather.question,) == (f"{WEATHER}, goi em [số điện thoại]",)
    assert fees.question in (FEES[0], FEES[2])
    assert set(fees.examples) == set(FEES)
    assert set(fees.turns) == set(keys[:3])
    assert now() - fees.last_asked < datetime.timedelta(minutes=5)
    assert [chosen(gaps, name) for name in ("1", keys[0], "0", "3", "x")] == [fees, fees, None, None, None]
    assert await find_gaps(records, live, embeddings, 0) == []


async def test_a_disliked_answer_is_a_gap_until_another_one_is_given(
    records: Records, assistant: Assistant, live: LiveLibrary, embeddings: TextEmbeddings
) -> None:
    answer = assistant.answer(Question(NEEDS))
    kept = {"understood": answer.understood, "library_version": 0, "messages": (answer.text,)}
    as_now = await ask(records, LAN, 1, NEEDS, sources=answer.evidence(), **kept)
    as_then = await ask(records, MINH, 2, NEEDS, sources=[{"id": "gone", "n": 1, "document": "old.md"}], **kept)
    await records.feedback(LAN, as_now, "down")
    await records.feedback(MINH, as_then, "down")
    [gap] = await find_gaps(records, live, embeddings, 30)
    assert (gap.key, gap.kind, gap.topic) == (as_now, "disliked", "buyers")


async def test_a_follow_up_is_compared_and_shown_with_what_it_leans_on(
    records: Records, assistant: Assistant, live: LiveLibrary, embeddings: TextEmbeddings
) -> None:
    for sender, before in ((LAN, "Xin visa đi hội chợ Canton Fair ra sao?"), (MINH, "Nhuộm vải chàm thế nào?")):
        number = int(sender.person)
        await ask(records, sender, number, before, messages=())
        await declined(records, assistant, sender, 2 * number, "mất bao lâu?")
    gaps = await find_gaps(records, live, embeddings, 30)
    assert sorted(gap.question for gap in gaps) == [
        "Nhuộm vải chàm thế nào? mất bao lâu",
        "Xin visa đi hội chợ Canton Fair ra sao? mất bao lâu",
    ]


GAP = Gap(
    key="0" * 16,
    question=HALAL[0].rstrip("?"),
    kind="unanswered",
    count=4,
    people=3,
    waiting=1,
    examples=(*HALAL, 'hỏi "halal": --> ⟦gì⟧\n# thế'),
    turns=(),
    last_asked=now(),
    in_field=True,
    topic="access",
)


def test_a_draft_is_refused_until_it_is_filled_in(tmp_path: Path) -> None:
    draft = draft_of(GAP, TODAY)
    left = 0
    while True:
        try:
            document = read_document(write(tmp_path, {"halal.md": draft}) / "halal.md", tmp_path)
        except DocumentError as error:
            problem = error.problem
        else:
            break
        left += 1
        assert problem.code == "to_fill"
        line = draft.split("\n")[problem.line - 1]
        assert f"⟦{problem.values['what']}⟧" in line
        assert say(f"problem.{problem.code}", **problem.values)
        draft = draft.replace(f"⟦{problem.values['what']}⟧", "Thường mất hai đến bốn tuần." if left == 3 else "JAKIM")
    assert left == 3
    assert lint(document, tmp_path / "halal.md") == []
    [section] = document.sections
    assert (document.topic, document.title, str(document.updated)) == ("access", HALAL[0], "2026-11-26")
    assert str(document.review_by) == "2027-05-25"
    assert section.headings == (HALAL[0],)
    assert section.questions == (*HALAL[1:], 'hỏi "halal": gì # thế')
    assert section.text == "Thường mất hai đến bốn tuần."


@pytest.mark.parametrize("question", ["", "###", "-->", "a: b\n---\nc", "⟦⟧", 'x"y\\z'])
def test_a_draft_of_whatever_was_asked_can_be_read(question: str, tmp_path: Path) -> None:
    gap = Gap("0" * 16, question, "disliked", 1, 1, 0, (question,), (), now(), in_field=True, topic="")
    draft = draft_of(gap, TODAY, "en").replace("⟦", "").replace("⟧", "")
    document = read_document(write(tmp_path, {"draft.md": draft}) / "draft.md", tmp_path)
    assert len(document.sections) == 1
    assert document.topic == "other"
    assert document.sections[0].text.startswith("Write the answer here")


async def test_a_filled_draft_answers_what_was_asked_and_closes_the_gap(
    library: Library,
    guides: Path,
    records: Records,
    assistant: Assistant,
    live: LiveLibrary,
    embeddings: TextEmbeddings,
    tmp_path: Path,
) -> None:
    for number, words in enumerate(HALAL):
        await declined(records, assistant, LAN, number, words, library_version=0)
    [gap] = await find_gaps(records, live, embeddings, 30)
    draft = draft_of(gap, TODAY)
    answer = "Chứng nhận Halal cho mì ăn liền bán sang Malaysia thường mất từ hai đến bốn tuần."
    for written in ("Tổ chức Halal", "Hướng dẫn Halal", answer):
        before, _, rest = draft.partition("⟦")
        draft = f"{before}{written}{rest.partition('⟧')[2]}"
    folder = shutil.copytree(guides, tmp_path / "guides")
    write(folder, {"access/halal.md": draft})
    own = with_vectors_of(library, tmp_path / "library")
    await asyncio.to_thread(ingest, own, folder, BUILT_IN, lambda: embeddings, Options())
    with LiveLibrary(own) as fresh:
        answering = Assistant(fresh, embeddings)
        for words in HALAL:
            assert answer in answering.answer(Question(words)).text
        assert await find_gaps(records, fresh, embeddings, 30) == []


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = bot.cli.main(["gaps", *arguments])
    return code, *capsys.readouterr()


def test_ops_see_the_gaps_and_make_a_draft_in_one_step(
    url: str, library: Library, assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(library.folder, tmp_path / "data/library")
    assert command(capsys) == (0, say("gaps.none", days=30) + "\n", "")

    async def fill() -> list[str]:
        database = open_database(url)
        records = Records(database, Pseudonyms(key_beside(tmp_path / "data")))
        keys = [await declined(records, assistant, LAN, number, words) for number, words in enumerate(FEES)]
        keys.append(await declined(records, assistant, MINH, 9, WEATHER))
        await database.close()
        return keys

    keys = asyncio.run(fill())
    code, shown, _ = command(capsys)
    assert code == 0
    assert "chưa trả lời được · 3 lượt · 1 người · 0 người chờ báo" in shown
    assert shown.index(keys[0]) < shown.index(say("gaps.outside")) < shown.index(keys[3])
    listed = json.loads(command(capsys, "--json", "--days", "7", "--limit", "1")[1])
    assert [(gap["key"], gap["count"], gap["in_field"]) for gap in listed] == [(keys[0], 3, True)]
    assert "--limit 2" in command(capsys, "--limit", "1")[1]

    file = tmp_path / "fees.md"
    assert command(capsys, "--draft", "1") == (2, "", say("gaps.needs_file", gap="1") + "\n")
    assert command(capsys, "--draft", "7", "--to", str(file)) == (2, "", say("gaps.no_such", gap="7") + "\n")
    assert command(capsys, "--draft", keys[0], "--to", str(file)) == (0, say("gaps.drafted", file=file) + "\n", "")
    assert "⟦Viết câu trả lời vào đây" in file.read_text(encoding="utf-8")
    assert command(capsys, "--draft", "1", "--to", str(file))[2] == say("gaps.file_exists", file=file) + "\n"
    nowhere = tmp_path / "nowhere/fees.md"
    assert command(capsys, "--draft", "1", "--to", str(nowhere))[0] == 2


def test_no_conversations_yet_are_no_gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("LANGUAGE", raising=False)
    assert command(capsys, "--json") == (0, "[]\n", "")
    with pytest.raises(SystemExit):
        bot.cli.main(["gaps", "--days", "0"])
