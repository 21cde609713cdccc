"""Questions found by their words, and lists page by page."""

import datetime
from typing import Any

import pytest

from bot.conversations.database import Database
from bot.conversations.exporting import Selection
from bot.conversations.reading import Mark, listed, newer
from bot.conversations.records import Records
from tests.conversations.asking import LAN, MINH, ask

# Half past midnight of the second day in Vietnam, when it is still the first in Greenwich.
EARLY = datetime.datetime(2026, 11, 1, 17, 30, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
ACCESS = [{"id": "access/us-tariffs.md#1", "document": "access/us-tariffs.md", "score": 7.1, "n": 1}]
UPLOAD = [{"id": "uploads/gao.md#1", "document": "uploads/gao.md", "score": 7.1}]


@pytest.fixture
async def keys(records: Records) -> dict[str, str]:
    """The keys of some turns by what they are about."""
    asked: dict[str, dict[str, Any]] = {
        "Xin C/O mất mấy ngày?": {"confidence": 0.9},
        "Giấy phép xuất khẩu gạo đi Mỹ": {"sources": UPLOAD, "confidence": 0.95},
        "giay to xuat khau ca phe": {"decision": "abstain", "confidence": 0.2},
        "Thuế Mỹ với đồ gỗ": {"sources": ACCESS, "confidence": 0.5, "latency": {"total": 41.6}},
        "gọi 0912345678 giúp em": {"decision": "smalltalk"},
    }
    found = {}
    for number, (words, fields) in enumerate(asked.items()):
        sender = LAN if number % 2 else MINH
        found[words] = await ask(records, sender, number, words, asked_at=EARLY + number * DAY, **fields)
    await records.feedback(LAN, found["Thuế Mỹ với đồ gỗ"], "down")
    return found


async def questions(database: Database, **chosen: Any) -> list[str]:
    page = await database.read(lambda connection: listed(connection, Selection(**chosen), None, 10))
    return [turn.question for turn in page.turns]


async def test_words_are_found_with_and_without_diacritics(keys: dict[str, str], database: Database) -> None:
    rice, coffee = "Giấy phép xuất khẩu gạo đi Mỹ", "giay to xuat khau ca phe"
    for words in ("xuất khẩu", "xuat khau", "KHẨU  xuất", "xuat-khau"):
        assert await questions(database, words=words) == [coffee, rice]
    assert await questions(database, words="giấy xuất") == [coffee, rice]
    # What stands in quotation marks stands together.
    assert await questions(database, words='"giay phep"') == [rice]
    assert await questions(database, words='"xuat gao"') == []
    assert await questions(database, words="my xuat") == [rice]
    assert await questions(database, words="C/O") == ["Xin C/O mất mấy ngày?"]
    assert await questions(database, words="0912345678") == ["gọi 0912345678 giúp em"]


@pytest.mark.parametrize(
    "words", ['"', '" OR 1=1 --', "gao* OR phe", "NEAR(gao phe)", "words:gao NOT", "', ''); --", "!!! ((", "-gạo"]
)
async def test_whatever_is_typed_is_words(keys: dict[str, str], database: Database, words: str) -> None:
    assert len(await questions(database, words=words)) in (0, 1, 5)


async def test_filters_go_together(keys: dict[str, str], database: Database) -> None:
    assert await questions(database, topic="access") == ["Thuế Mỹ với đồ gỗ"]
    assert await questions(database, topic="other") == ["Giấy phép xuất khẩu gạo đi Mỹ"]
    assert await questions(database, feedback="down") == ["Thuế Mỹ với đồ gỗ"]
    assert await questions(database, least=0.9) == ["Giấy phép xuất khẩu gạo đi Mỹ", "Xin C/O mất mấy ngày?"]
    assert await questions(database, most=0.5, decision="abstain") == ["giay to xuat khau ca phe"]
    assert await questions(database, words="xuat", least=0.5) == ["Giấy phép xuất khẩu gạo đi Mỹ"]
    assert await questions(database, channel="web") == []


@pytest.mark.parametrize("words", ["", "xuat"])
async def test_pages_follow_each_other_without_a_gap(records: Records, database: Database, words: str) -> None:
    for number in range(7):
        # Some at the same moment, and not in the order in which they were kept.
        await ask(records, LAN, number, f"xuất {number}", asked_at=EARLY + (number // 2) * DAY)
    seen: list[str] = []
    mark: Mark | None = None
    while True:
        page = await database.read(lambda connection: listed(connection, Selection(words=words), mark, 2))  # noqa: B023
        seen += [turn.question for turn in page.turns]
        if page.older is None:
            break
        mark = Mark.of(str(page.older))
        assert mark == page.older
    assert seen == [f"xuất {number}" for number in reversed(range(7))]
    assert mark is not None
    assert await database.read(lambda connection: newer(connection, Selection(words=words), mark, 99)) == 5


def test_a_mark_that_nobody_made_is_none() -> None:
    for text in ("", "1", "-1", "1-", "a-b", "9" * 40 + "-1", "1-2-3", "１-２"):
        assert Mark.of(text) is None or text == "１-２"


async def test_words_of_what_was_erased_are_not_found(
    keys: dict[str, str], records: Records, database: Database
) -> None:
    await records.erase(LAN)
    assert await questions(database, words="xuat khau") == ["giay to xuat khau ca phe"]
