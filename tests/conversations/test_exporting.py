"""Exports: the chosen turns, whole, in order, masked unless asked for, as programs and as Excel read them."""

import csv
import datetime
import io
import json
from typing import Any

import pytest

from bot.conversations import exporting
from bot.conversations.database import Database
from bot.conversations.exporting import Format, Selection, export
from bot.conversations.models import new_key
from bot.conversations.records import Records
from tests.conversations.asking import LAN, MINH, ask, send_all

# Half past midnight of the second day in Vietnam, when it is still the first in Greenwich.
EARLY = datetime.datetime(2026, 11, 1, 17, 30, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
WRITING = {"made_by": "generated", "calls": [{"model": "m", "tokens_in": 900, "tokens_out": 80, "usd": 0.0021}]}


async def exported(database: Database, selection: Selection, form: Format = "jsonl", **options: bool) -> str:
    return "".join([piece async for piece in export(database, selection, form, **options)])


async def lines(database: Database, **chosen: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (await exported(database, Selection(**chosen))).splitlines()]


@pytest.fixture
async def turns(records: Records) -> list[str]:
    """The keys of four turns."""
    keys = [
        await ask(records, LAN, 1, "Xin C/O?", asked_at=EARLY - DAY, sources=[{"passage": "co.md#1", "score": 7.68}]),
        await ask(records, LAN, 2, "gọi em 0912345678", asked_at=EARLY, decision="abstain", confidence=0.25),
        await ask(
            records,
            MINH,
            3,
            "thuế Mỹ",
            asked_at=EARLY,
            latency={"search": 20.5},
            writing=WRITING,
            messages=("một", "hai"),
        ),
        await ask(records, MINH, 4, "=HYPERLINK(1)", asked_at=EARLY + DAY),
    ]
    await records.feedback(MINH, keys[2], "down", "wrong", "viết lan@cty.vn")
    await send_all(records)
    return keys


async def test_lines_hold_all_that_ops_need(turns: list[str], database: Database) -> None:
    first, second, third, fourth = await lines(database)
    assert [row["key"] for row in (first, second, third, fourth)] == turns
    assert first["sources"] == [{"passage": "co.md#1", "score": 7.68}]
    assert first["asked_at"] == "2026-11-01T00:30:00+07:00"
    assert (second["decision"], second["confidence"]) == ("abstain", 0.25)
    assert third["latency"] == {"search": 20.5}
    assert third["writing"] == WRITING
    assert second["writing"] is None
    assert (third["feedback"], third["feedback_reason"]) == ("down", "wrong")
    assert len(third["reply_messages"]) == 2
    assert third["question_message"] == 3
    assert first["person"] != third["person"]
    everything = json.dumps([first, second, third, fourth])
    assert LAN.person not in everything
    assert MINH.chat not in everything


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({}, [0, 1, 2, 3]),
        ({"first": datetime.date(2026, 11, 2)}, [1, 2, 3]),
        ({"last": datetime.date(2026, 11, 2)}, [0, 1, 2]),
        ({"first": datetime.date(2026, 11, 2), "last": datetime.date(2026, 11, 2)}, [1, 2]),
        ({"decision": "abstain"}, [1]),
        ({"feedback": "down"}, [2]),
        ({"channel": "telegram"}, [0, 1, 2, 3]),
        ({"channel": "web"}, []),
        ({"first": datetime.date(2026, 11, 2), "decision": "answer", "feedback": "down"}, [2]),
    ],
)
async def test_only_what_was_chosen(
    turns: list[str], database: Database, chosen: dict[str, Any], numbers: list[int]
) -> None:
    assert [row["key"] for row in await lines(database, **chosen)] == [turns[number] for number in numbers]


async def test_personal_numbers_are_masked_unless_asked_for(turns: list[str], database: Database) -> None:
    masked = await exported(database, Selection())
    assert "0912345678" not in masked
    assert "lan@cty.vn" not in masked
    assert "gọi em [số điện thoại]" in masked
    assert "viết [email]" in masked
    plain = await exported(database, Selection(), mask=False)
    assert "gọi em 0912345678" in plain
    assert "viết lan@cty.vn" in plain


async def test_a_table_opens_in_excel(turns: list[str], database: Database) -> None:
    table = await exported(database, Selection(), "csv")
    assert table.encode().startswith(b"\xef\xbb\xbfkey,")
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline="")))
    assert [row["key"] for row in rows] == turns
    assert rows[2]["question"] == "thuế Mỹ"
    assert rows[2]["reply"] == "một\nhai"
    assert json.loads(rows[0]["sources"]) == [{"passage": "co.md#1", "score": 7.68}]
    assert rows[0]["feedback"] == ""
    # What people typed is never run as a formula.
    assert rows[3]["question"] == "'=HYPERLINK(1)"
    assert await exported(database, Selection(channel="web"), "csv") == table.splitlines(keepends=True)[0]


async def test_many_turns_come_in_pages_and_new_ones_do_not_disturb(
    records: Records, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 3)
    for number in range(8):
        await ask(records, LAN, number, f"câu {number}")
    pieces = []
    async for piece in export(database, Selection(), "jsonl"):
        pieces.append([json.loads(line)["question"] for line in piece.splitlines()])
        if len(pieces) == 1:
            await ask(records, MINH, 99, "mới")
    assert [len(piece) for piece in pieces] == [3, 3, 3]
    assert [question for piece in pieces for question in piece] == [*(f"câu {number}" for number in range(8)), "mới"]


def test_no_key_of_a_turn_looks_like_a_formula() -> None:
    """One in 64 did: then the table had another key than the button."""
    assert all(new_key().isalnum() and len(new_key()) == 16 for _ in range(1000))
