"""What to check, ask and compare before paying an agent: `agents.yaml`, as the guides on agents say it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml

from bot.texts import Language, say, shown_date

_FILE = Path(__file__).with_name("agents.yaml")

Both = Mapping[Language, str]
# money: an amount can be read from it. period: a number of months. choice: one of the options.
Kind = Literal["text", "money", "period", "choice"]

# The option that says no more than an empty field.
UNSAID = "unsaid"
# What a warning is about where a sum of money is zero.
FREE = "free"

# The section on how to verify an agent, and the one that says why none is named.
VERIFYING = "agents/kiem-tra-dai-ly.md#Kiểm tra một đại lý Alibaba.com theo những bước nào?"
NAMING = "agents/dai-ly-o-viet-nam.md#Hiện nay đại lý uỷ quyền Alibaba.com tại Việt Nam gồm những công ty nào?"

# What a source said longer ago is to be asked anew.
_FRESH = datetime.timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Item:
    """A point to tick. label: fits a button. guide: "document.md#heading" of the section that says it."""

    key: str
    label: Both
    why: Both
    guide: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and the section that says it."""

    words: Both
    guide: str


@dataclass(frozen=True, slots=True)
class Questions:
    """What to ask one party."""

    key: str
    title: Both
    intro: Both
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked about an offer. options: of a choice, by key."""

    key: str
    label: Both
    kind: Kind
    ask: Both
    why: Both
    guide: str
    options: Mapping[str, Both]


@dataclass(frozen=True, slots=True)
class Remark:
    """What to say where an offer's field has an answer; without one, where offers have different answers."""

    field: str
    answer: str | None
    words: Both
    guide: str


@dataclass(frozen=True, slots=True)
class Agents:
    """All of the file. lists: by key. skip, clear: folded answers that leave a field as it is, and that empty it."""

    lists: Mapping[str, tuple[Item, ...]]
    questions: tuple[Questions, ...]
    fields: tuple[Field, ...]
    warnings: tuple[Remark, ...]
    unlike: tuple[Remark, ...]
    skip: frozenset[str]
    clear: frozenset[str]

    def field(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)

    def item(self, list_key: str, key: str) -> Item | None:
        return next((item for item in self.lists.get(list_key, ()) if item.key == key), None)

    def group(self, key: str) -> Questions | None:
        return next((group for group in self.questions if group.key == key), None)

    def guides(self) -> set[str]:
        """Every section that the file names."""
        items = {item.guide for items in self.lists.values() for item in items}
        lines = {line.guide for group in self.questions for line in group.lines}
        fields = {field.guide for field in self.fields}
        return items | lines | fields | {remark.guide for remark in (*self.warnings, *self.unlike)}


@cache
def agents() -> Agents:
    """The file, read once."""
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Agents(
        lists={key: tuple(Item(**item) for item in items) for key, items in read["lists"].items()},
        questions=tuple(
            Questions(group["key"], group["title"], group["intro"], tuple(_line(line) for line in group["lines"]))
            for group in read["questions"]
        ),
        fields=tuple(Field(**{"options": {}, **field}) for field in read["fields"]),
        warnings=tuple(Remark(entry["field"], entry["is"], _both(entry), entry["guide"]) for entry in read["warnings"]),
        unlike=tuple(Remark(entry["field"], None, _both(entry), entry["guide"]) for entry in read["unlike"]),
        skip=frozenset(read["skip"]),
        clear=frozenset(read["clear"]),
    )


def _line(entry: dict[str, str]) -> Line:
    return Line(_both(entry), entry["guide"])


def _both(entry: dict[str, str]) -> Both:
    return {"vi": entry["vi"], "en": entry["en"]}


def described(
    *, tax_code: str, name: str, source: str, dated: str, note: str | None, today: datetime.date, language: Language
) -> str:
    """An agent that an admin entered, with source and date, in light Markdown. dated: YYYY-MM-DD."""
    host = urlsplit(source).hostname or source
    values = {"name": name, "tax_code": tax_code, "date": shown_date(dated), "host": host, "source": source}
    lines = [say("agents.entry", language, **values), note]
    if today - datetime.date.fromisoformat(dated) > _FRESH:
        lines.append(say("agents.old", language))
    return "\n".join(line for line in lines if line)
