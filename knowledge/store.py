"""Documents that people brought, beside the bundled guides: every version of each, its status, and who did what.

documents.sqlite3          documents and their versions, which guides are retired, and the history of acts
files/HASH/uploads/NAME    the file of a version; HASH: SHA-256 of its bytes
incoming/                  files on their way in
writer.lock                held by the one who writes

An act is one transaction, and a file is on the disk before a row names it: whoever is killed in between leaves a file
that the next writer removes.
"""

import contextlib
import datetime
import io
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.acts import (
    SCHEMA,
    Act,
    Entry,
    Selection,
    StoredDocument,
    StoredVersion,
    add_version,
    change,
    document_id,
    documents_in,
    history_in,
    is_upload,
    note,
    perform,
    versions_in,
)
from knowledge.documents import Document, DocumentError, LibraryError, Problem
from knowledge.reading import document_files, read_document

# How long an act waits for another one, in seconds.
WAIT = 600.0


class DocumentStore:
    """The documents in a folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Create the folder where there is none. Raises LibraryError when it cannot be written."""
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._database() as database:
                database.execute("PRAGMA journal_mode=WAL")
                database.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise LibraryError("no_folder", folder=str(folder), detail=str(error)) from error

    # --- Looking ---

    def documents(self) -> list[StoredDocument]:
        """All of them, in the order of their ids."""
        with self._database() as database:
            return documents_in(database, self.folder)

    def document(self, document: str) -> StoredDocument:
        """Raises LibraryError when there is none with this id."""
        found = next((one for one in self.documents() if one.id == document), None)
        if found is None:
            raise LibraryError("no_such_document", id=document)
        return found

    def versions(self, document: str) -> list[StoredVersion]:
        """The versions of a document, newest first."""
        with self._database() as database:
            return [one for one in versions_in(database, self.folder) if one.document == document][::-1]

    def retired_guides(self) -> dict[str, str]:
        """Titles of the guides that are retired, by id."""
        with self._database() as database:
            return dict(database.execute("SELECT id, title FROM retired ORDER BY id").fetchall())

    def history(self, document: str | None = None) -> list[Entry]:
        """What was done, newest first."""
        with self._database() as database:
            return history_in(database, document)

    def selection(self, act: Act | None = None) -> Selection:
        """What the library is to hold, once an act is done. Raises LibraryError when it cannot be."""
        with contextlib.closing(self._connect()) as database:
            if act:
                perform(database, act)
            documents = documents_in(database, self.folder)
            retired = {row[0] for row in database.execute("SELECT id FROM retired")}
            retired |= {one.id for one in documents if one.status == "retired"}
            return Selection([one for one in documents if one.status == "live"], retired)

    # --- Doing ---

    def add(self, content: Path | bytes, by: str, topic: str | None = None, name: str | None = None) -> StoredDocument:
        """Keep a file as a new version of the document of its name, to be published; one that is live stays so.

        content: the file, or its bytes. name: of the file, where it is not that of the path. The same content again
        makes no new version. Raises DocumentError for a file that cannot be read; nothing is kept then.
        """
        name = name or (content.name if isinstance(content, Path) else "")
        document = document_id(name)
        with self._writing():
            root = self.folder / "incoming" / os.urandom(8).hex()
            file = root / document
            file.parent.mkdir(parents=True)
            try:
                _copy(content, file, document)
                if not document_files(root):
                    raise DocumentError(Problem("other_kind", document))
                read = read_document(file, root)
                kept = self._files / read.hash / document
                kept.parent.mkdir(parents=True, exist_ok=True)
                file.replace(kept)
                _sync_folders(kept, self.folder)
            finally:
                shutil.rmtree(root, ignore_errors=True)
            with self._database() as database:
                add_version(database, read, name, by, topic)
        return self.document(document)

    def apply(self, act: Act) -> None:
        """Do an act for good. Raises LibraryError when it cannot be done."""
        with self._writing(), self._database() as database:
            perform(database, act)

    def change(self, document: str, values: dict[str, str], by: str) -> StoredDocument:
        """Set `title`, `topic` or `review_by` (a date); an empty value leaves it to the file again.

        Raises LibraryError for a guide, whose front matter says it, and for what is none of the three or no date.
        """
        for field, value in values.items():
            if field not in ("title", "topic", "review_by"):
                raise LibraryError("no_such_field", field=field)
            if field == "review_by" and value and not _is_date(value):
                raise LibraryError("bad_date", value=value)
        self.document(document)
        with self._writing(), self._database() as database:
            change(database, document, values, by)
        return self.document(document)

    def discard(self, document: str, by: str) -> None:
        """Delete the newest version of a document that was never published. Raises LibraryError when it was."""
        waiting = self.document(document).waiting
        if waiting is None:
            raise LibraryError("no_draft", id=document)
        with self._writing():
            with self._database() as database:
                key = (document, waiting.number)
                database.execute("DELETE FROM version WHERE document = ? AND number = ?", key)
                database.execute(
                    "DELETE FROM document WHERE id = ?1 AND NOT EXISTS (SELECT * FROM version WHERE document = ?1)",
                    (document,),
                )
                note(database, by, "discard", document, version=waiting.number, name=waiting.name)
            self._remove_leftovers()

    def follow(self, documents: Iterable[Document], by: str) -> None:
        """Make live what a version of the library holds, and retire what it does not: it is published again."""
        wanted = {document.id: document.hash for document in documents}
        with self._writing(), self._database() as database:
            for one in documents_in(database, self.folder):
                held = next((v for v in versions_in(database, self.folder)
                             if v.document == one.id and v.hash == wanted.get(one.id)), None)  # fmt: skip
                if held and (one.status != "live" or one.current.hash != held.hash):
                    perform(database, Act("publish", one.id, by, held.number))
                elif one.id not in wanted and one.status == "live":
                    perform(database, Act("retire", one.id, by))
            retired = dict(database.execute("SELECT id, title FROM retired"))
            for guide in retired.keys() & wanted.keys():
                perform(database, Act("restore", guide, by))
            acts = database.execute("SELECT DISTINCT document, json_extract(detail, '$.title') FROM act")
            guides = {id_: title or "" for id_, title in acts if not is_upload(id_)}
            for guide in guides.keys() - wanted.keys() - retired.keys():
                perform(database, Act("retire", guide, by, title=guides[guide]))

    # --- Within ---

    @property
    def _files(self) -> Path:
        return self.folder / "files"

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.folder / "documents.sqlite3", timeout=10)
        database.execute("PRAGMA synchronous=FULL")
        return database

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(self._connect()) as database, database:
            yield database

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        lock = FileLock(self.folder / "writer.lock")
        try:
            lock.acquire(timeout=WAIT)
        except Timeout as error:
            raise LibraryError("busy", seconds=f"{WAIT:.0f}") from error
        try:
            self._remove_leftovers()
            yield
        finally:
            lock.release()

    def _remove_leftovers(self) -> None:
        """What a killed writer left, and the files that no version names any longer."""
        shutil.rmtree(self.folder / "incoming", ignore_errors=True)
        with self._database() as database:
            known = {one.path for one in versions_in(database, self.folder)}
        for file in [path for path in self._files.rglob("*") if path.is_file() and path not in known]:
            file.unlink()
            for folder in (file.parent, file.parent.parent):
                with contextlib.suppress(OSError):  # not empty
                    folder.rmdir()


def _is_date(value: str) -> bool:
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _copy(content: Path | bytes, file: Path, document: str) -> None:
    try:
        opened = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
        with opened as source, file.open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        values = {"detail": error.strerror or str(error)}
        raise DocumentError(Problem("unreadable", document, values=values)) from error


def _sync_folders(file: Path, top: Path) -> None:
    """Have a file's name on the disk, in each folder below `top`."""
    for folder in [file.parent, *file.parent.parents]:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if folder == top:
            return
