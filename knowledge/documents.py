"""Documents as the library keeps them: a guide is a document, made of sections that each answer a question."""

import datetime
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self


@dataclass(frozen=True, slots=True)
class Source:
    """Where a section's facts come from.

    date: YYYY, YYYY-MM or YYYY-MM-DD; None for an undated page. url: None for practice nobody published.
    """

    publisher: str
    title: str
    url: str | None = None
    date: str | None = None


PlaceKind = Literal["page", "sheet", "slide"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands, for citing. name: the number of the page or slide, the name of the sheet.

    start: the character of the section's text with which it begins there.
    """

    kind: PlaceKind
    name: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """headings: the path from below the title down to this section; empty for text before any heading.

    text: Markdown. questions: other ways in which people ask for it, indexed but never shown.
    sources: the first one carries the answer. line: where the section begins in its file, from 1.
    places: the pages, sheet or slide on which the text stands, in its order; nothing where a file has none.
    """

    headings: tuple[str, ...]
    text: str
    questions: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    line: int = 1
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """id: the file's path below the folder of documents. hash: SHA-256 of the file's bytes."""

    id: str
    hash: str
    title: str
    sections: tuple[Section, ...]
    summary: str = ""
    topic: str = ""
    audience: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    updated: datetime.date | None = None
    review_by: datetime.date | None = None

    def to_json(self) -> dict[str, Any]:
        fields = asdict(self)
        fields["updated"] = self.updated and self.updated.isoformat()
        fields["review_by"] = self.review_by and self.review_by.isoformat()
        return fields

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        sections = tuple(
            Section(
                headings=tuple(section["headings"]),
                text=section["text"],
                questions=tuple(section["questions"]),
                sources=tuple(Source(**source) for source in section["sources"]),
                line=section["line"],
                places=tuple(Place(**place) for place in section.get("places", ())),
            )
            for section in fields["sections"]
        )
        dates = {
            name: datetime.date.fromisoformat(fields[name]) if fields[name] else None
            for name in ("updated", "review_by")
        }
        tuples = {name: tuple(fields[name]) for name in ("audience", "markets", "keywords")}
        sources = tuple(Source(**source) for source in fields["sources"])
        return cls(**fields | {"sections": sections, "sources": sources} | dates | tuples)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a document: a code of the catalogue (`problem.<code>`), the values it names, the line."""

    code: str
    document: str
    line: int = 1
    values: dict[str, str] = field(default_factory=dict)


class DocumentError(Exception):
    """A document that cannot be read. Seen by the admin, as a line of the ingest report."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.document}:{problem.line}: {problem.code}")
        self.problem = problem


class LibraryError(Exception):
    """The library cannot do what was asked. Seen by the admin: a code of the catalogue (`library.<code>`)."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(f"{code} {values}")
        self.code = code
        self.values = values
