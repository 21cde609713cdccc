"""The pipeline that tutorials build, over the same documents with the same embeddings.

RecursiveCharacterTextSplitter 1000/200, Chroma as it comes, similarity search, no threshold, no history.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

import chromadb
import numpy as np
from chromadb.api.client import Client
from chromadb.config import Settings
from langchain_chroma import Chroma
from langchain_text_splitters import RecursiveCharacterTextSplitter

from bench.measures import Ranking, distinct
from knowledge.documents import Document
from knowledge.embedding import TextEmbeddings, Vectors
from knowledge.library import Library
from knowledge.vector_cache import VectorCache

# Chunks looked at for a ranking of ten sections.
_FOUND = 30
# Chroma takes at most 5,461 at once.
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Chunk:
    """sections: those whose text it holds at least one character of, as `document#heading`."""

    text: str
    sections: frozenset[str]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a section's text stands in its document's text; end is exclusive."""

    section: str
    start: int
    end: int


def text_of(document: Document) -> tuple[str, list[Span]]:
    """A document as a reader sees it, and where its sections stand."""
    text = f"# {document.title}\n\n"
    spans = []
    for section in document.sections:
        if section.headings:
            text += f"{'#' * (1 + len(section.headings))} {section.headings[-1]}\n\n"
        spans.append(Span(_name(document, section.headings), len(text), len(text) + len(section.text)))
        text += f"{section.text}\n\n"
    return text, spans


def file_of(document: Document, folder: Path) -> tuple[str, list[Span]]:
    """A document's file as it is, with front matter and comments, and where its sections stand."""
    text = (folder / document.id).read_text(encoding="utf-8-sig")
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    begins = [starts[section.line - 1] for section in document.sections]
    spans = []
    for section, (_, end) in zip(document.sections, pairwise([*begins, len(text)]), strict=True):
        start = starts[section.line if section.headings else section.line - 1]
        spans.append(Span(_name(document, section.headings), start, end))
    return text, spans


def _name(document: Document, headings: tuple[str, ...]) -> str:
    return f"{document.id}#{headings[-1] if headings else document.title}"


def chunks_of(text: str, spans: list[Span]) -> list[Chunk]:
    """A text cut as tutorials cut it, each piece with the sections it overlaps."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    chunks = []
    for piece in splitter.create_documents([text]):
        start = int(piece.metadata["start_index"])
        end = start + len(piece.page_content)
        assert text[start:end] == piece.page_content
        touched = frozenset(span.section for span in spans if start < span.end and span.start < end)
        chunks.append(Chunk(piece.page_content, touched))
    return chunks


class Known(TextEmbeddings):
    """Embeddings that look up what is already known of passages; questions go to the real ones."""

    def __init__(self, vectors: Mapping[str, Vectors], real: TextEmbeddings) -> None:
        self.name = real.name
        self._vectors = vectors
        self._real = real

    def passages(self, texts: list[str]) -> Vectors:
        return np.vstack([self._vectors[text] for text in texts])

    def queries(self, texts: list[str]) -> Vectors:
        return self._real.queries(texts)


def cached(
    library: Library,
    chunks: Iterable[Chunk],
    embeddings: TextEmbeddings,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Vectors]:
    """The vectors of chunks, kept in a file beside a library: building the store again embeds nothing."""
    return VectorCache(library.folder / "tutorial.sqlite3").fill([chunk.text for chunk in chunks], embeddings, progress)


@contextmanager
def open_store(folder: Path, embeddings: TextEmbeddings) -> Iterator[Chroma]:
    """The vector store in a folder, with Chroma's defaults; a new one where there is none."""
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    try:
        yield Chroma(client=client, embedding_function=embeddings)
    finally:
        cast("Client", client).close()


def fill(store: Chroma, chunks: Iterable[Chunk]) -> None:
    listed = list(chunks)
    for start in range(0, len(listed), _BATCH):
        batch = listed[start : start + _BATCH]
        metadatas = [{"sections": "\n".join(sorted(chunk.sections))} for chunk in batch]
        store.add_texts([chunk.text for chunk in batch], metadatas)


def ranking(store: Chroma, question: str) -> Ranking:
    """What is found for a question, best first."""
    found = store.similarity_search(question, k=_FOUND)
    return distinct(frozenset(filter(None, str(document.metadata["sections"]).split("\n"))) for document in found)
