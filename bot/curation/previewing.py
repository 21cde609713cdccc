"""What a document that waits would be in the library: what was read of it, what it would answer and what spoil."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.assistant.dialogue import Question, Reply
from bot.assistant.finding import Steps, find
from bot.assistant.understanding import understand
from bot.curation.guarding import Findings
from bot.curation.publishing import Publisher
from knowledge.acts import Act, StoredDocument, StoredVersion
from knowledge.documents import DocumentError, Problem
from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.ingestion import Report
from knowledge.passages import Passage
from knowledge.reranking import Reranker

# Questions that are shown, and questions that are tried for them.
QUESTIONS = 3
_TRIED = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """A question that the library answers from the document, and the reply."""

    question: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Preview:
    """version: the one that was looked at. live: it is in the library already, and there is nothing to publish.

    warnings: of this document. findings: None where there is nothing to compare with. others: how many other documents
    would change with it, as the folder of guides has changed.
    """

    document: StoredDocument
    version: StoredVersion
    title: str
    sections: int
    passages: int
    live: bool
    warnings: list[Problem]
    findings: Findings | None
    samples: list[Sample]
    others: int


def preview(publisher: Publisher, document: str, by: str, waiting: Callable[[], None] = lambda: None) -> Preview:
    """Look at the newest version of a document that was brought, as it would be in the library; nothing is published.

    waiting: called when another ingest is at work. Raises LibraryError, and DocumentError when it cannot be read.
    """
    stored = publisher.store.document(document)
    version = stored.waiting or stored.current
    seen: list[tuple[str, int, int, list[Sample]]] = []

    def see(_: Index | None, index: Index) -> None:
        held = next((one for one in index.documents if one.id == document), None)
        if held:
            passages = sum(passage.document == document for passage in index.passages)
            asked = samples(index, document, publisher.embeddings, publisher.reranker)
            seen.append((held.title, len(held.sections), passages, asked))

    live = is_live(publisher, stored, version)
    outcome = None if live else publisher.preview(Act("publish", document, by, version.number), see, waiting)
    report = outcome.report if outcome else Report()
    for problem in report.rejected:
        if problem.document == document:
            raise DocumentError(problem)
    if not seen:  # the library says the same already, if by another version
        with publisher.library.open() as published:
            see(None, published)
    title, sections, passages, asked = seen[0]
    return Preview(
        stored,
        version,
        title,
        sections,
        passages,
        live,
        [problem for problem in report.warnings if problem.document == document],
        outcome.findings if outcome else None,
        asked,
        len({*report.added, *report.updated, *report.removed} - {document}),
    )


def is_live(publisher: Publisher, document: StoredDocument, version: StoredVersion) -> bool:
    """Whether a version is the live one, and the published library holds it."""
    if document.status != "live" or document.current.number != version.number:
        return False
    return any(one.id == document.id and one.hash == version.hash for one in publisher.documents())


def samples(index: Index, document: str, embeddings: TextEmbeddings, reranker: Reranker | None = None) -> list[Sample]:
    """Questions in the document's own words that a version answers from it, at most `QUESTIONS`."""
    of_it = {passage.id for passage in index.passages if passage.document == document}
    found: dict[str, Sample] = {}
    for text in _asked(index, document):
        question = Question(text)
        reply = find(question, understand(question, index), index, embeddings, reranker, Steps()).reply()
        first = reply.sources[0].passage if reply.sources else ""
        if reply.decision == "answer" and first in of_it:
            found.setdefault(first, Sample(text, reply))
        if len(found) == QUESTIONS:
            break
    return list(found.values())


def _asked(index: Index, document: str) -> Iterator[str]:
    """What stands above its sections, from all over the document, and after that other ways to ask for them."""
    sections: dict[tuple[str, ...], Passage] = {}
    for passage in index.passages:
        if passage.document == document:
            sections.setdefault(passage.headings, passage)
    passages = list(sections.values())
    step = max(1, len(passages) // _TRIED)
    chosen = passages[::step][:_TRIED]
    headings = [passage.heading for passage in chosen]
    ways = [passage.questions[0] for passage in chosen if passage.questions]
    yield from list(dict.fromkeys([*headings, *ways]))[:_TRIED]
