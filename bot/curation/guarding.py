"""A look at a version before it is published: what it answers worse, what it contradicts, what it says twice."""

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.assistant.dialogue import Decision, Question
from bot.assistant.finding import Steps, find
from bot.assistant.understanding import understand
from bot.curation.contradictions import Contradiction, contradictions
from knowledge import __file__ as _knowledge
from knowledge.documents import LibraryError
from knowledge.duplicates import Duplicate, duplicates
from knowledge.embedding import TextEmbeddings, Vectors
from knowledge.index import Index
from knowledge.reranking import Reranker
from knowledge.vector_cache import VectorCache

CHECK_QUESTIONS = "check_questions.yaml"


@dataclass(frozen=True, slots=True)
class Check:
    """A question that the library answers. section: `document#heading`. shows: a regular expression that a right answer
    holds.
    """

    ask: str
    style: str
    section: str
    shows: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one version says to a check. sections: cited, the first one answers."""

    decision: Decision
    text: str
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A check that was right and is not any more."""

    check: Check
    before: Said
    after: Said


@dataclass(frozen=True, slots=True)
class Findings:
    """checked: questions that were right before; only what is spoilt of them stands against publishing."""

    checked: int = 0
    spoilt: list[Spoilt] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def load_checks(folder: Path) -> list[Check]:
    """The check questions that stand beside a folder's documents, else those of the bundled guides.

    Raises LibraryError for a file that is none.
    """
    own = folder / CHECK_QUESTIONS
    path = own if own.is_file() else Path(_knowledge or "").with_name(CHECK_QUESTIONS)
    try:
        checks = [Check(**fields) for fields in yaml.safe_load(path.read_text(encoding="utf-8"))]
        for check in checks:
            re.compile(check.shows)
    except (yaml.YAMLError, TypeError, re.error, UnicodeDecodeError) as error:
        raise LibraryError("bad_checks", file=str(path), detail=str(error).split("\n")[0]) from error
    return checks


def examine(
    before: Index,
    after: Index,
    changed: Collection[str],
    checks: Sequence[Check],
    embeddings: TextEmbeddings,
    cache: VectorCache,
    reranker: Reranker | None = None,
) -> Findings:
    """What publishing `after` in the place of `before` would do.

    changed: the documents that are new or changed. cache: of the vectors of check questions.
    """
    known = {f"{passage.document}#{passage.heading}" for passage in before.passages}
    asked = [check for check in checks if check.section in known]
    known_vectors = _Known(embeddings, cache, [_searched(check, index) for check in asked for index in (before, after)])
    answered = [(check, _said(check, before, known_vectors, reranker)) for check in asked]
    right = [(check, said) for check, said in answered if _right(check, said, ())]
    again = [(check, said, _said(check, after, known_vectors, reranker)) for check, said in right]
    return Findings(
        checked=len(right),
        spoilt=[Spoilt(check, was, now) for check, was, now in again if not _right(check, now, changed)],
        contradictions=contradictions(after, changed),
        duplicates=duplicates(after, changed),
    )


def _searched(check: Check, index: Index) -> str:
    return understand(Question(check.ask), index).query.text


def _said(check: Check, index: Index, embeddings: TextEmbeddings, reranker: Reranker | None) -> Said:
    question = Question(check.ask)
    reply = find(question, understand(question, index), index, embeddings, reranker, Steps()).reply()
    cited = {source.passage for source in reply.sources}
    by_id = {passage.id: f"{passage.document}#{passage.heading}" for passage in index.passages if passage.id in cited}
    return Said(reply.decision, reply.text, tuple(by_id[source.passage] for source in reply.sources))


def _right(check: Check, said: Said, changed: Collection[str]) -> bool:
    """Answered with the key fact, by the section that should or by a document that is new."""
    documents = {section.partition("#")[0] for section in said.sections}
    cited = check.section in said.sections or bool(documents & set(changed))
    return said.decision == "answer" and cited and bool(re.search(check.shows, said.text, re.IGNORECASE))


class _Questions(TextEmbeddings):
    """Embeds as questions what a cache takes for passages; in a cache of its own."""

    def __init__(self, embeddings: TextEmbeddings) -> None:
        self.name = embeddings.name
        self._embeddings = embeddings

    def passages(self, texts: list[str]) -> Vectors:
        return self._embeddings.queries(texts)

    def queries(self, texts: list[str]) -> Vectors:
        return self._embeddings.queries(texts)


class _Known(TextEmbeddings):
    """Embeddings that know some questions' vectors already."""

    def __init__(self, embeddings: TextEmbeddings, cache: VectorCache, questions: list[str]) -> None:
        self.name = embeddings.name
        self._embeddings = embeddings
        self._vectors = cache.fill(questions, _Questions(embeddings))

    def passages(self, texts: list[str]) -> Vectors:
        return self._embeddings.passages(texts)

    def queries(self, texts: list[str]) -> Vectors:
        if len(texts) == 1 and texts[0] in self._vectors:
            return self._vectors[texts[0]][None]
        return self._embeddings.queries(texts)
