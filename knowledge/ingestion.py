"""A folder of documents, and those that people brought, to a published version of the library."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from knowledge.acts import Act, Selection, StoredDocument, is_upload
from knowledge.confined import Confined
from knowledge.documents import Document, DocumentError, LibraryError, Problem
from knowledge.embedding import TextEmbeddings
from knowledge.index import FORMAT, read_documents
from knowledge.library import Library
from knowledge.lint import lint
from knowledge.outside import outside_hash
from knowledge.reading import document_files, read_document
from knowledge.store import DocumentStore

# How long a second ingest waits for the one at work, in seconds.
WAIT = 600.0

# A run that removes a larger share of the documents is refused: more often a wrong folder than a wish.
LARGEST_SHRINK = 0.5


@dataclass(slots=True)
class Report:
    """What an ingest did. Lists hold document ids; seconds: the whole run; first_answer: until questions can be asked.

    version: the one published by this run; None when there was nothing to publish. refused: a version was built and
    not published, as it was not accepted. pinned: the library was gone back to a version, which stays.
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
    refused: bool = False
    pinned: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Options:
    """strict: warnings reject a document. rebuild: read all anew and build a version even if nothing changed.

    unpin: publish although the library was gone back to a version.
    """

    strict: bool = False
    rebuild: bool = False
    allow_empty: bool = False
    allow_shrink: bool = False
    unpin: bool = False


def ingest(
    library: Library,
    folder: Path,
    model: str,
    embeddings: Callable[[], TextEmbeddings],
    options: Options,
    progress: Callable[[int, int], None] = lambda done, total: None,
    waiting: Callable[[], None] = lambda: None,
    *,
    store: DocumentStore | None = None,
    act: Act | None = None,
    accept: Callable[[int, Report], bool] | None = None,
    trial: bool = False,
) -> Report:
    """Publish what stands in a folder and in a store; a document that cannot be read keeps its previous content.

    embeddings: loads the model named `model`; called only when there is something to embed.
    progress: called with the vectors done and their total. waiting: called when another ingest is at work.
    act: what is done in the store with this version, for good only when it is published.
    accept: called with a version that is built, before it takes the place of another one; whether to publish it.
    trial: the version is built and shown to `accept`, and nothing is done or published whatever it says.
    Raises LibraryError when the folder is missing, holds nothing, or would remove more than half of the
    documents, unless the options allow it, or the act cannot be done; nothing is changed then.
    """
    started = time.monotonic()
    with library.writing(WAIT, waiting):
        previous, current_model = _published(library)
        pinned = bool(previous) and library.pinned() and not options.unpin and act is None
        if pinned:
            report, documents = Report(unchanged=sorted(previous), pinned=True), list(previous.values())
        else:
            act = act and _titled(act, previous)
            selection = store.selection(act) if store else Selection([], set())
            report, documents = _read(folder, previous, options, selection)
            _guard(folder, report, previous, options, selection)
        changed = bool(report.added or report.updated or report.removed)
        stale = options.rebuild or (bool(documents) and current_model != model)
        read = {*report.added, *report.updated, *report.unchanged}
        if act and act.document in {problem.document for problem in report.rejected} - read:
            report.refused = True
        elif changed or stale:
            if not previous and documents and not trial:
                _do(store, act)
                library.publish(library.build(documents, None, model))
                report.first_answer = time.monotonic() - started
                act = None
            number = library.build(documents, embeddings(), model, progress, trial=True)
            accepted = not (accept and (previous or trial)) or accept(number, report)
            if trial or not accepted:
                report.refused = True
                library.drop_trials()
            else:
                _do(store, act)
                library.publish(number, pinned=pinned)
                report.version = number
        elif not trial:
            _do(store, act)
            if not pinned:
                library.unpin()
        report.passages = next((version.passages for version in library.versions() if version.published), 0)
    report.seconds = time.monotonic() - started
    return report


def _titled(act: Act, previous: dict[str, Document]) -> Act:
    """A guide that is retired is listed by its title. Raises LibraryError for one that the library does not hold."""
    if act.what != "retire" or is_upload(act.document):
        return act
    if act.document not in previous:
        raise LibraryError("no_such_document", id=act.document)
    return replace(act, title=previous[act.document].title)


def _do(store: DocumentStore | None, act: Act | None) -> None:
    """Before the version is published: whoever is killed between the two has it in the library with the next ingest."""
    if store and act:
        store.apply(act)


def check(folder: Path) -> Report:
    """Read and lint every document of a folder without publishing anything."""
    started = time.monotonic()
    report, _ = _read(folder, {}, Options(), Selection([], set()), lint_all=True)
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
    folder: Path, previous: dict[str, Document], options: Options, selection: Selection, *, lint_all: bool = False
) -> tuple[Report, list[Document]]:
    if not folder.is_dir():
        raise LibraryError("no_documents_folder", folder=str(folder))
    report = Report()
    documents = []
    guides = [(path, folder, None) for path in document_files(folder)]
    stored = [(document.current.path, document.current.root, document) for document in selection.documents]
    with Confined() as confined:
        for path, root, brought in [*guides, *stored]:
            name = path.relative_to(root).as_posix()
            if name in selection.retired:
                continue
            if brought is None and is_upload(name):
                report.rejected.append(Problem("reserved_folder", name))
                continue
            before = previous.get(name)
            try:
                document = _read_one(path, root, brought, confined, None if options.rebuild else before)
                same = before is not None and _alike(document, before)
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


def _read_one(
    path: Path, root: Path, brought: StoredDocument | None, confined: Confined, known: Document | None
) -> Document:
    if brought is None:
        return read_document(path, root, confined, known)
    # Never what was made of it before: what was set apart from the file may have been taken back since.
    document = read_document(path, root, confined)
    if document.hash != brought.current.hash:
        raise DocumentError(Problem("changed_on_disk", document.id))
    return brought.dressed(document)


def _alike(document: Document, before: Document) -> bool:
    """Whether a document is as it was; what was set apart from the file may have changed too."""
    return (document.hash, document.title, document.topic, document.review_by) == (
        before.hash,
        before.title,
        before.topic,
        before.review_by,
    )


def _guard(folder: Path, report: Report, previous: dict[str, Document], options: Options, selection: Selection) -> None:
    """What was retired is meant to go; the rest is more often a wrong folder than a wish."""
    read = len(report.added) + len(report.updated) + len(report.unchanged)
    if not read and not report.rejected and not options.allow_empty and not selection.retired:
        raise LibraryError("empty_folder", folder=str(folder))
    lost = [name for name in report.removed if name not in selection.retired]
    shrinks = len(lost) > LARGEST_SHRINK * len(previous)
    if previous and shrinks and not options.allow_shrink and not (options.allow_empty and not read):
        raise LibraryError("shrinks", removed=str(len(lost)), total=str(len(previous)))
