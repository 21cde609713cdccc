"""What the library holds, as whoever looks after it sees it: guides and documents that people brought, in one list."""

import datetime
from dataclasses import asdict, dataclass
from typing import Any

from knowledge.acts import Status, is_upload
from knowledge.documents import Document
from knowledge.store import DocumentStore


@dataclass(frozen=True, slots=True)
class Holding:
    """A document of the list. version: of one that was brought; 0 for a guide, whose file has none. waiting: the number
    of a version that was brought and not published.

    by, at: who brought it and when, ISO 8601; of a guide nobody, and the day it says it was updated.
    """

    id: str
    title: str
    topic: str
    status: Status
    version: int
    waiting: int | None
    by: str
    at: str
    review_by: datetime.date | None

    @property
    def overdue(self) -> bool:
        """Whether the day has come to look at it again."""
        return self.review_by is not None and self.review_by < datetime.datetime.now().astimezone().date()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"review_by": self.review_by and self.review_by.isoformat()}


def holdings(published: list[Document], store: DocumentStore) -> list[Holding]:
    """All documents in the order of their ids. published: those of the live version."""
    found = [_guide(document) for document in published if not is_upload(document.id)]
    held = {one.id for one in found}
    found += [
        Holding(id_, title, "", "retired", 0, None, "", "", None)
        for id_, title in store.retired_guides().items()
        if id_ not in held
    ]
    for document in store.documents():
        current, waiting = document.current, document.waiting
        found.append(
            Holding(
                document.id,
                document.title,
                document.topic,
                document.status,
                current.number,
                waiting.number if waiting else None,
                current.by,
                current.at,
                document.review_by,
            )
        )
    return sorted(found, key=lambda one: one.id)


def _guide(document: Document) -> Holding:
    at = document.updated.isoformat() if document.updated else ""
    return Holding(document.id, document.title, document.topic, "live", 0, None, "", at, document.review_by)
