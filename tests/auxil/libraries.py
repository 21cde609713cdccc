"""Libraries for tests that write: small documents, and vectors that are not computed twice."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from bot.curation.publishing import Publisher
from bot.settings import Settings
from knowledge.documents import Document
from knowledge.embedding import BUILT_IN, TextEmbeddings, Vectors
from knowledge.index import Index, outside_questions
from knowledge.library import Library
from knowledge.query import expand
from knowledge.reading import read_document
from knowledge.search import Hit, Query, search
from knowledge.vietnamese import normalise

_L_C = "logistics/tin-dung-thu.md#Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?"
L_C_CHECK = f"- {{ask: 'Nộp bộ chứng từ L/C trong mấy ngày?', style: written, section: '{_L_C}', shows: 21 ngày}}\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write documents into a folder by their names."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def document(folder: Path, text: str, name: str = "guide.md") -> Document:
    """A document as it is read from a file with this text."""
    return read_document(write(folder, {name: text}) / name, folder)


def lexical_version(library: Library, documents: Iterable[Document], *, publish: bool = True) -> int:
    """Build a version without vectors, which takes no model, and publish it."""
    with library.writing(10):
        number = library.build(list(documents), None, BUILT_IN)
        if publish:
            library.publish(number)
    return number


def library_with(vectors: Path, folder: Path) -> Library:
    """A new, empty library that has the vectors of a file in its cache."""
    library = Library(folder)
    shutil.copy(vectors, folder / "vectors.sqlite3")
    return library


def with_vectors_of(library: Library, folder: Path) -> Library:
    """A new, empty library that has the vectors of another one in its cache."""
    return library_with(library.folder / "vectors.sqlite3", folder)


def publisher_of(library: Library, guides: Path, folder: Path, embeddings: TextEmbeddings) -> Publisher:
    """What looks after a copy of a library and its guides in a folder; one check question is about L/C."""
    own = write(shutil.copytree(guides, folder / "guides"), {"check_questions.yaml": L_C_CHECK})
    shutil.copytree(library.folder, folder / "library")
    return Publisher(Settings(_env_file=None, data_dir=folder, knowledge_dir=own), embeddings)


def find(index: Index, embeddings: TextEmbeddings, typed: str, limit: int = 10) -> list[Hit]:
    """What is found for a question as a person types it."""
    return search(index, embeddings, Query(expand(normalise(typed), index)), limit).hits


class Counting(TextEmbeddings):
    """Embeddings that remember which texts of the documents they were asked for."""

    def __init__(self, real: TextEmbeddings, name: str | None = None) -> None:
        self.name = name or real.name
        self.asked: list[str] = []
        self._real = real

    def passages(self, texts: list[str]) -> Vectors:
        self.asked += [text for text in texts if text not in outside_questions()]
        return self._real.passages(texts)

    def queries(self, texts: list[str]) -> Vectors:
        self.asked += texts
        return self._real.queries(texts)
