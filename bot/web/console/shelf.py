"""The library as the console shows it. Everything here reads files: call it in a thread."""

import datetime
import hashlib
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt

from bot.curation.curating import answers_fully, tidy_name
from bot.curation.publishing import Publisher
from knowledge.acts import Entry, StoredVersion, document_id, is_upload
from knowledge.comparing import Difference, compare
from knowledge.documents import Document, DocumentError, LibraryError, Problem
from knowledge.holdings import Holding, holdings
from knowledge.library import Version
from knowledge.lint import lint
from knowledge.reading import read_document

# What is typed by hand is of this kind.
TYPED = ".md"
# Nothing is fetched from elsewhere, and no HTML of the document's own gets through.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@dataclass(frozen=True, slots=True)
class Shown:
    """A document with what was done with it. document: None where it cannot be read. text: where it can be edited."""

    holding: Holding
    document: Document | None
    versions: list[StoredVersion]
    history: list[Entry]
    text: str | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A text that is written by hand. id: of the document, empty where the name is to make one. over: the hash of the
    version that it was written over, empty where there was none.
    """

    id: str = ""
    name: str = ""
    text: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """html: of each section, safe to show. problem: why it cannot be read at all."""

    title: str
    sections: list[tuple[str, str]]
    warnings: list[Problem]
    problem: Problem | None = None


class Shelf:
    """The publisher's library and store, with the live version's documents read once."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self._lock = threading.Lock()
        self._keeping = threading.Lock()
        self._read: tuple[int, list[Document]] | None = None

    def _published(self) -> list[Document]:
        number = self.publisher.library.published()
        if number is None:
            return []
        with self._lock:
            if self._read is None or self._read[0] != number:
                self._read = (number, self.publisher.documents(number))
            return self._read[1]

    def holdings(self) -> list[Holding]:
        return holdings(self._published(), self.publisher.store)

    def due(self) -> list[Holding]:
        """Live documents whose day to be looked at again has come, the oldest first."""
        found = [one for one in self.holdings() if one.status == "live" and one.overdue]
        return sorted(found, key=lambda one: one.review_by or datetime.date.max)

    def document(self, id_: str) -> Shown:
        """Raises LibraryError when there is none."""
        holding = next((one for one in self.holdings() if one.id == id_), None)
        if holding is None:
            raise LibraryError("no_such_document", id=id_)
        versions = self.publisher.store.versions(id_)
        document = next((one for one in self._published() if one.id == id_), None)
        if is_upload(id_):
            document = self._newest(versions[0]) or document
        text = None
        if versions and versions[0].path.suffix == TYPED:
            text = versions[0].path.read_text(encoding="utf-8-sig", errors="replace")
        return Shown(holding, document, versions, self.publisher.store.history(id_), text)

    def _newest(self, version: StoredVersion) -> Document | None:
        try:
            return read_document(version.path, version.root)
        except DocumentError:
            return None

    def changes(self, id_: str, before: int, after: int) -> Difference:
        """What differs between two versions of a document. Raises LibraryError, DocumentError."""
        versions = {one.number: one for one in self.publisher.store.versions(id_)}
        if before not in versions or after not in versions:
            raise LibraryError("no_such_document", id=f"{id_} v{before if after in versions else after}")
        return compare(*([read_document(versions[number].path, versions[number].root)] for number in (before, after)))

    def versions(self) -> tuple[list[Version], bool]:
        """The kept versions of the library, and whether the live one is pinned."""
        return self.publisher.library.versions(), self.publisher.library.pinned()

    def changes_since(self, number: int) -> tuple[int, Difference, bool]:
        """The live version, what it has changed since another one, and whether that one answers as well as it.

        Raises LibraryError.
        """
        live = self.publisher.library.published() or 0
        difference = compare(self.publisher.documents(number), self.publisher.documents(live or None))
        kept = (one for one in self.publisher.library.versions() if one.number == number)
        return live, difference, any(answers_fully(one) for one in kept)

    def add(self, content: bytes, name: str, by: str, topic: str | None) -> str:
        """Keep a file as a draft; returns its id. Raises DocumentError."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(content)
            return self.publisher.store.add(path, by, topic, tidy_name(name)).id

    def named(self, typed: Typed) -> Typed:
        """With the name of the document's file, or one that such a text may have. Raises LibraryError."""
        if typed.id:
            self.publisher.store.document(typed.id)
            return replace(typed, name=self.publisher.store.versions(typed.id)[0].name)
        name = typed.name if typed.name.lower().endswith(TYPED) else f"{typed.name or 'tai-lieu'}{TYPED}"
        return replace(typed, name=tidy_name(name))

    def keep(self, typed: Typed, by: str) -> str | StoredVersion:
        """Keep a text as a draft; returns its id, or the version that came over the one that it was written over, and
        nothing is kept then. Raises DocumentError.
        """
        content = typed.text.encode("utf-8", "replace")
        # Of two who save at once the second is to see what the first has kept.
        with self._keeping:
            newest = next(iter(self.publisher.store.versions(document_id(typed.name))), None)
            if newest and newest.hash not in (typed.over, hashlib.sha256(content).hexdigest()):
                return newest
            return self.publisher.store.add(content, by, name=typed.name).id

    def preview(self, typed: Typed) -> Preview:
        """What would be read of a Markdown document, and what an editor should mend."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "uploads" / f"document{TYPED}"
            path.parent.mkdir()
            path.write_bytes(typed.text.encode("utf-8", "replace"))
            try:
                document = read_document(path, Path(folder))
            except DocumentError as error:
                return Preview(typed.name, [], [], error.problem)
            return Preview(document.title, rendered(document), lint(document, path))


def rendered(document: Document) -> list[tuple[str, str]]:
    """Heading and HTML of each section."""
    return [
        (" › ".join(section.headings) or document.title, _MARKDOWN.render(section.text))
        for section in document.sections
    ]
