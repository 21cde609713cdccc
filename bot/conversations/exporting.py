"""Turns as lines of JSON or as a table for Excel, page by page while the bot goes on writing."""

import csv
import datetime
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, select

from bot.conversations.database import Database
from bot.conversations.masking import masked
from bot.conversations.models import Decided, OutboxItem, Turn, Vote
from bot.conversations.searching import asked_with

Format = Literal["jsonl", "csv"]

# Moments are written as they were in Vietnam, which has one time all year.
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))
# Turns read at once. Each page is a transaction of its own: a long one would keep the log of SQLite from shrinking.
_PAGE = 500
# Excel takes a file for UTF-8 only with this in front.
_BOM = "\ufeff"
# Excel takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_FREE_TEXT = ("question", "understood", "reply", "feedback_note")
_COLUMNS = (
    "key",
    "asked_at",
    "answered_at",
    "channel",
    "person",
    "conversation",
    "decision",
    "question",
    "understood",
    "reply",
    "confidence",
    "sources",
    "library_version",
    "latency",
    "feedback",
    "feedback_reason",
    "feedback_note",
    "feedback_at",
    "reference",
    "late",
    "writing",
    "wants_answer",
    "question_message",
    "reply_messages",
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which turns: asked from the first day to the last, both included, as days are in Vietnam; None is any.

    topic: the folder of the guide that answered. least, most: confidence. words: in the question, see `searching.py`.
    """

    first: datetime.date | None = None
    last: datetime.date | None = None
    decision: Decided | None = None
    feedback: Vote | None = None
    channel: str | None = None
    topic: str | None = None
    least: float | None = None
    most: float | None = None
    words: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        chosen: list[ColumnElement[bool]] = []
        if self.first:
            chosen.append(Turn.asked_at >= _midnight(self.first))
        if self.last:
            chosen.append(Turn.asked_at < _midnight(self.last + datetime.timedelta(days=1)))
        for column, value in ((Turn.decision, self.decision), (Turn.feedback, self.feedback)):
            if value:
                chosen.append(column == value)
        if self.channel:
            chosen.append(Turn.channel == self.channel)
        if self.topic:
            chosen.append(Turn.topic == self.topic)
        if self.least is not None:
            chosen.append(Turn.confidence >= self.least)
        if self.most is not None:
            chosen.append(Turn.confidence <= self.most)
        found = asked_with(Turn.__table__.c.id, self.words)
        if found is not None:
            chosen.append(found)
        return chosen


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), VIETNAM)


async def export(database: Database, selection: Selection, form: Format, *, mask: bool = True) -> AsyncIterator[str]:
    """The turns, oldest first, in pieces of text. mask: without numbers and addresses that lead to a person.

    Raises DatabaseUnavailable.
    """
    write = _as_table if form == "csv" else _as_lines
    if form == "csv":
        yield _BOM + _as_table([dict.fromkeys(_COLUMNS)], header=True)
    after = 0
    while True:
        last, rows = await database.read(lambda connection: _page(connection, selection, after))  # noqa: B023
        if not rows:
            return
        after = last
        yield write([_masked(row) for row in rows] if mask else rows)


def _page(connection: Connection, selection: Selection, after: int) -> tuple[int, list[dict[str, Any]]]:
    """The last turn's number, and the rows."""
    turns = connection.execute(
        select(*Turn.__table__.c).where(Turn.id > after, *selection.conditions()).order_by(Turn.id).limit(_PAGE)
    ).all()
    numbers = [turn.id for turn in turns]
    replies: dict[int | None, list[int | None]] = {}
    for turn, message in connection.execute(
        select(OutboxItem.turn_id, OutboxItem.channel_message_id)
        .where(OutboxItem.turn_id.in_(numbers), OutboxItem.channel_message_id.is_not(None))
        .order_by(OutboxItem.id)
    ):
        replies.setdefault(turn, []).append(message)
    rows = [_row(turn._mapping, replies.get(turn.id, [])) for turn in turns]
    return (numbers[-1] if numbers else after), rows


def _row(turn: Any, replies: list[int | None]) -> dict[str, Any]:  # noqa: ANN401
    names = {"person": "person_id", "conversation": "conversation_id"}
    row = {name: replies if name == "reply_messages" else turn[names.get(name, name)] for name in _COLUMNS}
    for name, value in row.items():
        if isinstance(value, datetime.datetime):
            row[name] = value.astimezone(VIETNAM).isoformat(timespec="seconds")
    return row


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: masked(row[name]) for name in _FREE_TEXT if row[name]}


def _as_lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _as_table(rows: Sequence[dict[str, Any]], *, header: bool = False) -> str:
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    if header:
        writer.writerow(_COLUMNS)
    else:
        writer.writerows([_cell(row[name]) for name in _COLUMNS] for row in rows)
    return output.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return value
