"""A folder of documents to a published version of the library."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from knowledge.confined import Confined
from knowledge.documents import Document, DocumentError, LibraryError, Problem
from knowledge.embedding import TextEmbeddings
from knowledge.index import FORMAT, read_documents
from knowledge.library import Library
from knowledge.lint import lint
from knowledge.outside import outside_hash
from knowledge.reading import document_files, read_document

# How long a second ingest waits for the one at work, in seconds.
WAIT = 600.0

# A run that removes a larger share of the documents is refused: more often a wrong folder than a wish.
LARGEST_SHRINK = 0.5


@dataclass(slots=True)
class Report:
    """What an ingest did. Lists hold document ids; seconds: the whole run; first_answer: until questions can be asked.

    version: the one published by this run; None when there was nothing to publish.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    passages: int = 0
    version: int | None = None
    seconds: float = 0.0
    first_answer: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Options:
    """strict: warnings reject a document. rebuild: read all anew and build a version even if nothing changed."""

    strict: bool = False
    rebuild: bool = False
    allow_empty: bool = False
    allow_shrink: bool = False


def ingest(
    library: Library,
    folder: Path,
    model: str,
    embeddings: Callable[[], TextEmbeddings],
    options: Options,
    progress: Callable[[int, int], None] = lambda done, total: None,
    waiting: Callable[[], None] = lambda: None,
) -> Report:
    """Publish what stands in a folder; a document that cannot be read keeps its previous content.

    embeddings: loads the model named `model`; called only when there is something to embed.
    progress: called with the vectors done and their total. waiting: called when another ingest is at work.
    Raises LibraryError when the folder is missing, holds nothing, or would remove more than half of the
    documents, unless the options allow it; nothing is changed then.
    """
    started = time.monotonic()
    with library.writing(WAIT, waiting):
        previous, current_model = _published(library)
        report, documents = _read(folder, previous, options)
        _guard(folder, report, previous, options)
        changed = bool(report.added or report.updated or report.removed)
        stale = options.rebuild or (bool(documents) and current_model != model)
        if changed or stale:
            if not previous and documents:
                library.publish(library.build(documents, None, model))
                report.first_answer = time.monotonic() - started
            number = library.build(documents, embeddings(), model, progress)
            library.publish(number)
            report.version = number
        report.passages = next((version.passages for version in library.versions() if version.published), 0)
    report.seconds = time.monotonic() - started
    return report


def check(folder: Path) -> Report:
    """Read and lint every document of a folder without publishing anything."""
    started = time.monotonic()
    report, _ = _read(folder, {}, Options(), lint_all=True)
    if not report.added and not report.rejected:
        raise LibraryError("empty_folder", folder=str(folder))
    report.seconds = time.monotonic() - started
    return report


def _published(library: Library) -> tuple[dict[str, Document], str | None]:
    """The live documents by id, and the model whose vectors are live; none where they must be made again."""
    version = next((version for version in library.versions() if version.published), None)
    if version is None:
        return {}, None
    try:
        folder = library.folder_of(version.number)
        documents = {document.id: document for document in read_documents(folder)}
        outside = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("outside")
    except (OSError, ValueError, KeyError, TypeError):
        return {}, None
    current = version.dense and version.format == FORMAT and outside == outside_hash()
    return documents, version.model if current else None


def _read(
    folder: Path, previous: dict[str, Document], options: Options, *, lint_all: bool = False
) -> tuple[Report, list[Document]]:
    if not folder.is_dir():
        raise LibraryError("no_documents_folder", folder=str(folder))
    report = Report()
    documents = []
    with Confined() as confined:
        for path in document_files(folder):
            name = path.relative_to(folder).as_posix()
            before = previous.get(name)
            try:
                document = read_document(path, folder, confined, None if options.rebuild else before)
                same = before is not None and document.hash == before.hash
                warnings = [] if same and not lint_all and not options.strict else lint(document, path)
                report.warnings += warnings
                rejected = warnings if options.strict else []
            except DocumentError as error:
                rejected = [error.problem]
            if rejected:
                report.rejected += rejected
                documents += [before] if before else []
                continue
            documents.append(document)
            (report.unchanged if same else report.updated if before else report.added).append(name)
    kept = {document.id for document in documents}
    report.removed = sorted(previous.keys() - kept)
    return report, documents


def _guard(folder: Path, report: Report, previous: dict[str, Document], options: Options) -> None:
    read = len(report.added) + len(report.updated) + len(report.unchanged)
    if not read and not report.rejected and not options.allow_empty:
        raise LibraryError("empty_folder", folder=str(folder))
    shrinks = len(report.removed) > LARGEST_SHRINK * len(previous)
    if previous and shrinks and not options.allow_shrink and not (options.allow_empty and not read):
        raise LibraryError("shrinks", removed=str(len(report.removed)), total=str(len(previous)))
