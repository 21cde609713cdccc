"""What differs between the documents of two versions of the library."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.documents import Document, Section
from knowledge.passages import plain

_SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+|\n+")
_FIELDS = ("title", "summary", "topic", "audience", "markets", "keywords", "updated", "review_by")


@dataclass(frozen=True, slots=True)
class ChangedDocument:
    """fields: names of what was changed besides the text, with before and after. diff: unified, a sentence a line."""

    id: str
    title: str
    fields: dict[str, tuple[str, str]]
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """added, removed: titles by id."""

    added: dict[str, str]
    removed: dict[str, str]
    changed: list[ChangedDocument]


def compare(before: Iterable[Document], after: Iterable[Document]) -> Difference:
    """What one has to know to tell the second from the first."""
    old, new = {one.id: one for one in before}, {one.id: one for one in after}
    changes = (_changed(old[id_], new[id_]) for id_ in sorted(old.keys() & new.keys()))
    return Difference(
        added={id_: new[id_].title for id_ in sorted(new.keys() - old.keys())},
        removed={id_: old[id_].title for id_ in sorted(old.keys() - new.keys())},
        changed=[change for change in changes if change.fields or change.diff],
    )


def _changed(before: Document, after: Document) -> ChangedDocument:
    fields = {
        name: (_written(getattr(before, name)), _written(getattr(after, name)))
        for name in _FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    return ChangedDocument(after.id, after.title, fields, tuple(_diff(before, after)))


def _written(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")


def _diff(before: Document, after: Document) -> Iterator[str]:
    """The sections that differ, each under its headings."""
    old, new = _by_headings(before), _by_headings(after)
    for headings in list(dict.fromkeys([*old, *new])):
        was, is_ = old.get(headings, []), new.get(headings, [])
        lines = list(difflib.unified_diff(was, is_, n=1, lineterm=""))
        if lines:
            mark = "-" if not is_ else "+" if not was else " "
            yield f"{mark}## {' › '.join(headings) or after.title}"
            yield from lines[2:]


def _by_headings(document: Document) -> dict[tuple[str, ...], list[str]]:
    """The lines of each section; those of the same headings together."""
    found: dict[tuple[str, ...], list[str]] = {}
    for section in document.sections:
        found.setdefault(section.headings, []).extend(_lines(section))
    return found


def _lines(section: Section) -> Iterator[str]:
    """A sentence a line, then the ways in which it is asked for, then its sources."""
    for sentence in _SENTENCE_END.split(plain(section.text)):
        if sentence.strip():
            yield " ".join(sentence.split())
    yield from (f"? {question}" for question in section.questions)
    for source in section.sources:
        yield "# " + ", ".join(filter(None, (source.publisher, source.title, source.date, source.url)))
