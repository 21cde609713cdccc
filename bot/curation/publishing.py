"""What whoever looks after the library does with it: publish, look before publishing, retire, restore, go back.

Used by `ingest.py` and by any channel that takes documents; nothing here prints or asks.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.assistant.dialogue import Question, Reply
from bot.assistant.finding import Steps, find
from bot.assistant.understanding import understand
from bot.curation.guarding import Check, Findings, examine, load_checks
from bot.settings import Settings
from knowledge.acts import Act
from knowledge.documents import Document, LibraryError
from knowledge.embedding import TextEmbeddings, load_embeddings
from knowledge.index import Index, read_documents
from knowledge.ingestion import Options, Report, ingest
from knowledge.library import Library
from knowledge.reranking import CrossEncoderReranker, Reranker
from knowledge.store import DocumentStore
from knowledge.vector_cache import VectorCache

# How long going back waits for an ingest at work, in seconds.
_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """findings: None where nothing was looked at, as nothing was asked for or there was no version to compare with."""

    report: Report
    findings: Findings | None = None


class Publisher:
    """The library and the documents of the settings. Safe to use from several threads and processes."""

    def __init__(self, settings: Settings, embeddings: TextEmbeddings | None = None) -> None:
        """embeddings: those of the settings, where they are loaded already. Raises LibraryError."""
        self._settings = settings
        self._given = embeddings
        self.library = Library(settings.library_dir)
        self.store = DocumentStore(settings.documents_dir)

    @cached_property
    def embeddings(self) -> TextEmbeddings:
        return self._given or load_embeddings(self._settings.embedding_model)

    @cached_property
    def reranker(self) -> Reranker | None:
        name = self._settings.reranker_model
        return CrossEncoderReranker(name) if name else None

    def publish(
        self,
        act: Act | None = None,
        *,
        folder: Path | None = None,
        options: Options | None = None,
        guarded: bool = False,
        checks: list[Check] | None = None,
        trial: bool = False,
        accept: Callable[[Findings], bool] = lambda findings: not findings.spoilt,
        see: Callable[[Index | None, Index], None] = lambda live, fresh: None,
        progress: Callable[[int, int], None] = lambda done, total: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Bring the library up to date with the guides and the documents, and do an act with that.

        folder: of the guides, where it is not that of the settings. guarded: look at the new version first and publish
        it only if `accept` says so of what was found; nothing is done otherwise, and the report says it was refused.
        checks: what is asked for that, where it is not the check questions of the folder. see: called with the live
        version, where there is one to compare with, and the new one, both open, when it is looked at. trial: look, and
        publish nothing in any case.
        Raises LibraryError.
        """
        folder = folder or self._settings.knowledge_dir
        checks = [] if not guarded else load_checks(folder) if checks is None else checks
        found: list[Findings] = []

        def look(number: int, report: Report) -> bool:
            with self.library.open(number) as fresh, contextlib.ExitStack() as stack:
                try:
                    live = stack.enter_context(self.library.open())
                except LibraryError:  # none, or one of an older format: there is nothing to compare with
                    see(None, fresh)
                    return True
                see(live, fresh)
                found.append(
                    examine(
                        live,
                        fresh,
                        {*report.added, *report.updated},
                        checks,
                        self.embeddings,
                        VectorCache(self.library.folder / "check_vectors.sqlite3"),
                        self.reranker,
                    )
                )
            return accept(found[-1])

        report = ingest(
            self.library,
            folder,
            self._settings.embedding_model,
            lambda: self.embeddings,
            options or Options(),
            progress,
            waiting,
            store=self.store,
            act=act,
            accept=look if guarded else None,
            trial=trial,
        )
        return Outcome(report, found[-1] if found else None)

    def preview(
        self,
        act: Act,
        see: Callable[[Index | None, Index], None] = lambda live, fresh: None,
        waiting: Callable[[], None] = lambda: None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Outcome:
        """What doing an act would do to the answers; nothing is published. Raises LibraryError."""
        return self.publish(act, guarded=True, trial=True, see=see, waiting=waiting, progress=progress)

    def ask_both(self, act: Act, question: str) -> tuple[Reply, Reply] | None:
        """What the live version and the one after an act reply to a question; None where the act changes nothing.

        Nothing is published. Raises LibraryError.
        """
        replies: list[Reply] = []

        def ask(live: Index | None, fresh: Index) -> None:
            asked = Question(question)
            for index in (live, fresh) if live else ():
                found = find(asked, understand(asked, index), index, self.embeddings, self.reranker, Steps())
                replies.append(found.reply())

        self.publish(act, checks=[], guarded=True, trial=True, see=ask)
        return (replies[0], replies[1]) if replies else None

    def roll_back(self, number: int, by: str) -> None:
        """Publish a kept version again, and pin it; the documents' status follows it. Raises LibraryError.

        Whoever is killed in between has the documents as they were in that version, and the next ingest publishes them.
        """
        with self.library.writing(_WAIT):
            documents = self.documents(number)
            self.store.follow(documents, by)
            self.library.publish(number, pinned=True)

    def documents(self, number: int | None = None) -> list[Document]:
        """Those of a kept version, by default of the live one; none before the first. Raises LibraryError."""
        live = self.library.published()
        if number is None:
            return read_documents(self.library.folder_of(live)) if live is not None else []
        kept = [version.number for version in self.library.versions()]
        if number not in kept:
            raise LibraryError("no_such_version", number=str(number), known=", ".join(map(str, kept)) or "-")
        return read_documents(self.library.folder_of(number))
