"""The library on disk: versions that are built aside, checked, and published in one transaction.

library.sqlite3   which versions there are, which one is published, and whether it is pinned
vectors.sqlite3   vectors already computed
versions/000007/  one version (see knowledge/index.py); never changed after it was published
writer.lock       held by the one process that writes
"""

import contextlib
import datetime
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.documents import Document, LibraryError
from knowledge.embedding import TextEmbeddings
from knowledge.index import FORMAT, Index, Manifest, texts_to_embed, write_version
from knowledge.outside import outside_hash
from knowledge.passages import passages_of
from knowledge.vector_cache import VectorCache

KEPT_VERSIONS = 3

_SCHEMA = """
CREATE TABLE IF NOT EXISTS version (
    number INTEGER PRIMARY KEY AUTOINCREMENT, created TEXT NOT NULL, model TEXT NOT NULL, format INTEGER NOT NULL,
    dense INTEGER NOT NULL, documents INTEGER NOT NULL, passages INTEGER NOT NULL, ready INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS published (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pinned (only INTEGER PRIMARY KEY CHECK (only = 1));
"""

# What `ready` of a version says. A trial is whole, but only published after somebody looked at it.
_UNFINISHED, _READY, _TRIAL = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Version:
    """A version that can be published. created: ISO 8601, UTC."""

    number: int
    created: str
    model: str
    format: int
    dense: bool
    documents: int
    passages: int
    published: bool


class Library:
    """The versions in a folder. Reading needs no lock; writing happens inside `writing()`."""

    def __init__(self, folder: Path) -> None:
        """Create the folder where there is none. Raises LibraryError when it cannot be written."""
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._database() as database:
                database.execute("PRAGMA journal_mode=WAL")
                database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise LibraryError("no_folder", folder=str(folder), detail=str(error)) from error
        self.vectors = VectorCache(folder / "vectors.sqlite3")

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self.folder / "library.sqlite3", timeout=10)) as database, database:
            yield database

    def published(self) -> int | None:
        """The number of the live version; None before the first is published."""
        with self._database() as database:
            row = database.execute("SELECT number FROM published").fetchone()
        return int(row[0]) if row else None

    def versions(self) -> list[Version]:
        """The kept versions, newest first."""
        with self._database() as database:
            rows = database.execute(
                "SELECT number, created, model, format, dense, documents, passages,"
                " number = (SELECT number FROM published) FROM version WHERE ready = ?"
                " ORDER BY number DESC",
                (_READY,),
            ).fetchall()
        return [
            Version(number, created, model, format_, bool(dense), documents, passages, bool(published))
            for number, created, model, format_, dense, documents, passages, published in rows
        ]

    def pinned(self) -> bool:
        """Whether the live version was gone back to, and stays until somebody changes the library on purpose."""
        with self._database() as database:
            return bool(database.execute("SELECT * FROM pinned").fetchone())

    def unpin(self) -> None:
        """Let the next ingest publish again."""
        with self._database() as database:
            database.execute("DELETE FROM pinned")

    def folder_of(self, number: int) -> Path:
        return self.folder / "versions" / f"{number:06}"

    def open(self, number: int | None = None) -> Index:
        """Open a version, by default the published one, for reading; raises LibraryError when there is none."""
        number = self.published() if number is None else number
        if number is None:
            raise LibraryError("nothing_published")
        return Index(self.folder_of(number))

    @contextlib.contextmanager
    def writing(self, wait: float, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Be the one writer, waiting up to `wait` seconds for another to finish; `waiting` is called before that.

        Raises LibraryError when the other one takes longer. What a killed writer left behind is removed.
        """
        lock = FileLock(self.folder / "writer.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            try:
                lock.acquire(timeout=wait)
            except Timeout as error:
                raise LibraryError("busy", seconds=f"{wait:.0f}") from error
        try:
            self._remove_leftovers()
            yield
        finally:
            lock.release()

    def build(
        self,
        documents: Sequence[Document],
        embeddings: TextEmbeddings | None,
        model: str,
        progress: Callable[[int, int], None] = lambda done, total: None,
        *,
        trial: bool = False,
    ) -> int:
        """Build and check a version without publishing it; the caller is the writer.

        embeddings: None builds a lexical version, at once; the vectors are those of `model` later.
        progress: called with how many of the missing vectors are embedded, and their total.
        trial: it is no version to go back to until it is published, and is gone when the caller is killed.
        Raises LibraryError when the check in a child process fails.
        """
        documents = sorted(documents, key=lambda document: document.id)
        passages = [passage for document in documents for passage in passages_of(document)]
        vectors = self.vectors.fill(texts_to_embed(passages), embeddings, progress) if embeddings and passages else None
        created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        dense = vectors is not None
        with self._database() as database:
            row = database.execute(
                "INSERT INTO version (created, model, format, dense, documents, passages) VALUES (?, ?, ?, ?, ?, ?)"
                " RETURNING number",
                (created, model, FORMAT, dense, len(documents), len(passages)),
            ).fetchone()
        number = int(row[0])
        folder = self.folder_of(number)
        folder.mkdir(parents=True)
        manifest = Manifest(number, created, model, dense, len(documents), len(passages), outside_hash())
        write_version(folder, manifest, documents, vectors)
        _check_in_child(folder)
        _sync(folder)
        with self._database() as database:
            database.execute("UPDATE version SET ready = ? WHERE number = ?", (_TRIAL if trial else _READY, number))
        return number

    def publish(self, number: int, *, pinned: bool = False) -> None:
        """Make a version the live one, in one transaction, and drop versions beyond the kept ones.

        pinned: it stays the live one until somebody changes the library on purpose; an ingest alone does not.
        """
        with self._database() as database:
            row = database.execute("SELECT ready FROM version WHERE number = ?", (number,)).fetchone()
            if row is None or row[0] == _UNFINISHED:
                raise LibraryError("no_such_version", number=str(number), known=self._known())
            database.execute("UPDATE version SET ready = ? WHERE number = ?", (_READY, number))
            database.execute("INSERT OR REPLACE INTO published VALUES (1, ?)", (number,))
            database.execute("INSERT OR REPLACE INTO pinned VALUES (1)" if pinned else "DELETE FROM pinned")
        kept = [version.number for version in self.versions() if version.number != number][: KEPT_VERSIONS - 1]
        self._keep({number, *kept})

    def drop_trials(self) -> None:
        """Remove versions that were built to be looked at and not published; the caller is the writer."""
        self._remove_leftovers()

    def _known(self) -> str:
        return ", ".join(str(version.number) for version in self.versions()) or "-"

    def _remove_leftovers(self) -> None:
        self._keep({version.number for version in self.versions()})

    def _keep(self, numbers: set[int]) -> None:
        with self._database() as database:
            dropped = [(row[0],) for row in database.execute("SELECT number FROM version") if row[0] not in numbers]
            database.executemany("DELETE FROM version WHERE number = ?", dropped)
        for folder in (self.folder / "versions").glob("*"):
            if not (folder.name.isdigit() and int(folder.name) in numbers):
                shutil.rmtree(folder, ignore_errors=True)


def _check_in_child(folder: Path) -> None:
    """A crash inside Chroma takes the process with it, so another process looks first."""
    child = subprocess.run(  # noqa: S603 (our own module and folder)
        [sys.executable, "-m", "knowledge.index", str(folder)],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=Path(__file__).parent.parent,
    )
    if child.returncode:
        detail = (child.stderr.strip().split("\n") or [""])[-1]
        raise LibraryError("broken_version", folder=folder.name, detail=detail or f"exit {child.returncode}")


def _sync(folder: Path) -> None:
    """Have everything below the folder on the disk before the version may be published."""
    for path in [folder, *folder.rglob("*")]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
