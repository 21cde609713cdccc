"""Documents that people brought, as rows: their versions, their status, and the acts that change it."""

import dataclasses
import datetime
import hashlib
import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from knowledge.documents import Document, LibraryError
from knowledge.reading import read_document
from knowledge.vietnamese import fold

# Below this folder stand the ids of what was brought; guides may not use it.
UPLOADS = "uploads"

_LONGEST_NAME = 80

Status = Literal["draft", "live", "retired"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, live INTEGER, title TEXT, topic TEXT, review_by TEXT);
CREATE TABLE IF NOT EXISTS version (
    document TEXT NOT NULL REFERENCES document, number INTEGER NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL,
    title TEXT NOT NULL, topic TEXT NOT NULL, review_by TEXT, by_whom TEXT NOT NULL, at TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (document, number));
CREATE TABLE IF NOT EXISTS retired (id TEXT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS act (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by_whom TEXT NOT NULL, what TEXT NOT NULL,
    document TEXT NOT NULL, detail TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A file that was brought. name: as it was called. hash: SHA-256. title, topic, review_by: as the file has them.

    at: ISO 8601, UTC. published: whether it ever was. path: the file; root: the folder below which its path is the
    document's id.
    """

    document: str
    number: int
    name: str
    hash: str
    title: str
    topic: str
    review_by: datetime.date | None
    by: str
    at: str
    published: bool
    root: Path

    @property
    def path(self) -> Path:
        return self.root / self.document


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """current: the version that is live, or was before the document was retired; of a draft the newest.

    title, topic, review_by: as they were set, else as the file has them. waiting: the newest version where it has not
    been published.
    """

    id: str
    status: Status
    title: str
    topic: str
    review_by: datetime.date | None
    current: StoredVersion
    waiting: StoredVersion | None

    def read(self) -> Document:
        """The current version as the library takes it. Raises DocumentError."""
        return self.dressed(read_document(self.current.path, self.current.root))

    def reading(self, version: StoredVersion) -> Document:
        """Any version, as its file has it. Raises DocumentError."""
        return read_document(version.path, version.root)

    def dressed(self, document: Document) -> Document:
        """What was read of the current version, with the title, topic and date that count."""
        return dataclasses.replace(document, title=self.title, topic=self.topic, review_by=self.review_by)


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants done with a document, a guide or one that was brought.

    publish: its newest version, or the one of a number, goes live. retire: it leaves the library. restore: it is back.
    title: of a guide that is retired.
    """

    what: Literal["publish", "retire", "restore"]
    document: str
    by: str
    version: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An act that was done. at: ISO 8601, UTC. detail: what it needs to be undone."""

    number: int
    at: str
    by: str
    what: str
    document: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """What the library is to hold besides the guides, and the ids of guides and others that it is not to hold."""

    documents: list[StoredDocument]
    retired: set[str]


def document_id(name: str) -> str:
    """The id of a file by its name: in plain letters, and another one for each name."""
    stem, suffix = Path(name).stem, Path(name).suffix.lower()
    folded = fold(stem)
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    lost = any(character.isalnum() and not character.isascii() for character in folded)
    if lost or not slug or len(slug) > _LONGEST_NAME:
        digest = hashlib.sha256(stem.encode(errors="surrogatepass")).hexdigest()[:8]
        slug = f"{slug[:_LONGEST_NAME]}-{digest}".lstrip("-")
    return f"{UPLOADS}/{slug}{re.sub(r'[^.a-z0-9]', '', fold(suffix))}"


def is_upload(document: str) -> bool:
    """Whether an id is that of a document that was brought, and not of a guide."""
    return document.startswith(f"{UPLOADS}/")


def versions_in(database: sqlite3.Connection, folder: Path) -> list[StoredVersion]:
    """Of all documents, each document's oldest first. folder: of the store."""
    rows = database.execute(
        "SELECT document, number, name, hash, title, topic, review_by, by_whom, at, published FROM version"
        " ORDER BY document, number"
    )
    return [
        StoredVersion(
            document=document,
            number=number,
            name=name,
            hash=hash_,
            title=title,
            topic=topic,
            review_by=_date(review_by),
            by=by,
            at=at,
            published=bool(published),
            root=folder / "files" / hash_,
        )
        for document, number, name, hash_, title, topic, review_by, by, at, published in rows
    ]


def documents_in(database: sqlite3.Connection, folder: Path) -> list[StoredDocument]:
    """In the order of their ids."""
    versions: dict[str, list[StoredVersion]] = {}
    for version in versions_in(database, folder):
        versions.setdefault(version.document, []).append(version)
    found = []
    rows = database.execute("SELECT id, status, live, title, topic, review_by FROM document ORDER BY id")
    for id_, status, live, title, topic, review_by in rows:
        newest = versions[id_][-1]
        current = next((one for one in versions[id_] if one.number == live), newest)
        found.append(
            StoredDocument(
                id=id_,
                status=status,
                title=title or current.title,
                topic=topic or current.topic,
                review_by=_date(review_by) or current.review_by,
                current=current,
                waiting=None if newest.published else newest,
            )
        )
    return found


def _date(value: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if value else None


def add_version(database: sqlite3.Connection, read: Document, name: str, by: str, topic: str | None) -> None:
    """Keep what was read as a new version; nothing but the topic changes where it is the newest one already."""
    newest = database.execute(
        "SELECT number, hash FROM version WHERE document = ? ORDER BY number DESC LIMIT 1", (read.id,)
    ).fetchone()
    database.execute("INSERT OR IGNORE INTO document (id, status) VALUES (?, 'draft')", (read.id,))
    if topic is not None:
        change(database, read.id, {"topic": topic}, by)
    if newest and newest[1] == read.hash:
        return
    number = newest[0] + 1 if newest else 1
    # A file without a topic of its own has that of its folder, which here says nothing.
    own_topic = "" if read.topic == UPLOADS else read.topic
    review_by = read.review_by and read.review_by.isoformat()
    row = (read.id, number, name, read.hash, read.title, own_topic, review_by, by, now())
    database.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", row)
    note(database, by, "add", read.id, version=number, name=name, hash=read.hash)


def change(database: sqlite3.Connection, document: str, values: dict[str, str], by: str) -> None:
    """Set `title`, `topic` or `review_by`; an empty value leaves it to the file again."""
    for field, value in values.items():
        row = database.execute(f"SELECT {field} FROM document WHERE id = ?", (document,)).fetchone()  # noqa: S608
        if (row[0] or "") != value:
            database.execute(f"UPDATE document SET {field} = ? WHERE id = ?", (value or None, document))  # noqa: S608
            note(database, by, "set", document, field=field, before=row[0] or "", value=value)


def perform(database: sqlite3.Connection, act: Act) -> None:
    """Raises LibraryError for an act that cannot be done."""
    if is_upload(act.document):
        _perform_on_upload(database, act)
        return
    if act.what == "publish":
        raise LibraryError("is_guide", id=act.document)
    known = database.execute("SELECT title FROM retired WHERE id = ?", (act.document,)).fetchone()
    if act.what == "retire":
        if known:
            raise LibraryError("not_live", id=act.document)
        database.execute("INSERT INTO retired VALUES (?, ?)", (act.document, act.title))
    else:
        if not known:
            raise LibraryError("not_retired", id=act.document)
        database.execute("DELETE FROM retired WHERE id = ?", (act.document,))
    note(database, act.by, act.what, act.document, title=known[0] if known else act.title)


def _perform_on_upload(database: sqlite3.Connection, act: Act) -> None:
    row = database.execute("SELECT status, live FROM document WHERE id = ?", (act.document,)).fetchone()
    if row is None:
        raise LibraryError("no_such_document", id=act.document)
    status, live = row
    numbers = [
        number
        for (number,) in database.execute(
            "SELECT number FROM version WHERE document = ? ORDER BY number", (act.document,)
        )
    ]
    if act.what == "retire":
        if status != "live":
            raise LibraryError("not_live", id=act.document)
        database.execute("UPDATE document SET status = 'retired' WHERE id = ?", (act.document,))
        note(database, act.by, act.what, act.document, version=live)
        return
    if act.what == "restore" and act.version is None and status != "retired":
        raise LibraryError("not_retired", id=act.document)
    number = act.version or (live if act.what == "restore" else numbers[-1])
    if number not in numbers:
        raise LibraryError("no_such_document_version", id=act.document, number=str(number))
    if (status, live) == ("live", number):
        return
    database.execute("UPDATE document SET status = 'live', live = ? WHERE id = ?", (number, act.document))
    database.execute("UPDATE version SET published = 1 WHERE document = ? AND number = ?", (act.document, number))
    note(database, act.by, act.what, act.document, version=number, before={"status": status, "version": live})


def history_in(database: sqlite3.Connection, document: str | None) -> list[Entry]:
    """What was done, with one document or all, newest first."""
    rows = database.execute(
        "SELECT number, at, by_whom, what, document, detail FROM act"
        " WHERE ?1 IS NULL OR document = ?1 ORDER BY number DESC",
        (document,),
    )
    return [Entry(number, at, by, what, id_, json.loads(detail)) for number, at, by, what, id_, detail in rows]


def note(database: sqlite3.Connection, by: str, what: str, document: str, **detail: object) -> None:
    database.execute(
        "INSERT INTO act (at, by_whom, what, document, detail) VALUES (?, ?, ?, ?, ?)",
        (now(), by, what, document, json.dumps(detail, ensure_ascii=False)),
    )


def now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
