"""A question to ranked passages: dense and lexical scores, fused."""

from dataclasses import dataclass

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.embedding import TextEmbeddings, Vectors
from knowledge.function_words import content_words
from knowledge.index import Index
from knowledge.outside import Likeness, likeness
from knowledge.passages import Passage
from knowledge.query import expand
from knowledge.vietnamese import folded_syllables, normalise, terms

# What hits are ranked by: shares of what a passage says, of how it is asked for, and of the lexical score, each in
# standard deviations above the library's mean passage. Fitted by bench/fit_search.py: the first on the tuning
# questions, the second, for passages without other ways to ask, on documents nobody here wrote.
SHARES = (0.26, 0.48, 0.26)
SHARES_WITHOUT_QUESTIONS = (0.6, 0.0, 0.4)

# How much the questions before count beside a question. Fitted likewise.
CONTEXT_SHARE = 0.3

# The same for whether a question is one the library is about at all.
CONTEXT_IN_FIELD = 0.5

# How many of each index's best are looked at.
DENSE_CANDIDATES = 100
LEXICAL_CANDIDATES = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question.

    score: what hits are ranked by, in standard deviations above the library's mean passage.
    cosine: the greater of the passage's two dense similarities, -1 to 1; 0 where the version has no vectors.
    bm25: lexical score, 0 or more.
    """

    passage: Passage
    score: float
    cosine: float
    bm25: float


@dataclass(frozen=True, slots=True)
class Query:
    """text: a normalised question with its diacritics. context: what the same person asked before it, or nothing.

    leans: the text names no subject of its own ("mất bao lâu?"), so the context counts as much as the text.
    """

    text: str
    context: str = ""
    leans: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """hits: best first. inside: the greatest cosine of a passage with the question and what it leans on; 0 without
    vectors. outside: how like the questions that the library is not about it is.
    """

    hits: list[Hit]
    inside: float
    outside: Likeness


def search(index: Index, embeddings: TextEmbeddings, query: Query, limit: int = 10) -> Results:
    """The best passages for a question."""
    if not index.passages:
        return Results([], 0.0, Likeness(0.0, 0.0, 0.0))
    asked = _Asked(index, embeddings, query.text)
    context = _Asked(index, embeddings, query.context) if query.context else None
    candidates = list(dict.fromkeys([*asked.candidates, *(context.candidates if context else ())]))
    scores = asked.scores(candidates)
    if context:
        scores = scores + (1.0 if query.leans else CONTEXT_SHARE) * context.scores(candidates)
    cosines = asked.cosines(candidates)
    hits = [
        Hit(
            passage=index.passages[candidates[place]],
            score=float(scores[place]),
            cosine=float(cosines[place]),
            bm25=float(asked.lexical[candidates[place]]),
        )
        for place in np.argsort(-scores, kind="stable")[:limit]
    ]
    return Results(hits, *_in_and_outside(asked, context, index))


def _in_and_outside(asked: "_Asked", context: "_Asked | None", index: Index) -> tuple[float, Likeness]:
    """The field of a question is also that of what it leans on ("mất bao lâu thì chín?" after a question on rice)."""
    words = set(content_words(asked.text)) | set(content_words(context.text) if context else ())
    vector = asked.vector
    if vector is None:
        return 0.0, likeness(None, index.outside, words, index.weight)
    candidates = asked.candidates
    if context and context.vector is not None:
        vector = vector + CONTEXT_IN_FIELD * context.vector
        vector = vector / np.linalg.norm(vector)
        candidates = [*candidates, *context.candidates]
    cosines = index.cosines(vector, candidates)
    inside = float(np.maximum(cosines.says, cosines.asked).max()) if candidates else 0.0
    return inside, likeness(vector, index.outside, words, index.weight)


class _Asked:
    """One text looked up in both indexes of a version."""

    def __init__(self, index: Index, embeddings: TextEmbeddings, text: str) -> None:
        self._index = index
        self.text = text
        self.lexical = index.lexical.scores(terms(folded_syllables(text)))
        best = np.argsort(-self.lexical, kind="stable")[:LEXICAL_CANDIDATES]
        self.candidates = [int(number) for number in best if self.lexical[number] > 0]
        self.vector = embeddings.queries([text])[0] if index.manifest.dense else None
        if self.vector is not None:
            self.candidates += index.nearest(self.vector, DENSE_CANDIDATES)

    def scores(self, passages: list[int]) -> Vectors:
        """The fused score of some passages."""
        lexical: Vectors = (self.lexical[passages] - self.lexical.mean()) / (self.lexical.std() + 1e-6)
        if self.vector is None:
            return lexical
        dense = self._index.cosines(self.vector, passages)
        asked_for = [bool(self._index.passages[number].questions) for number in passages]
        shares = np.where(np.array(asked_for)[:, None], SHARES, SHARES_WITHOUT_QUESTIONS)
        fused: Vectors = (shares * np.stack((dense.says_z, dense.asked_z, lexical), axis=1)).sum(axis=1)
        return fused

    def cosines(self, passages: list[int]) -> Vectors:
        """The greater of each passage's two cosines; 0 in a version without vectors."""
        if self.vector is None:
            return np.zeros(len(passages), dtype=np.float32)
        dense = self._index.cosines(self.vector, passages)
        return np.maximum(dense.says, dense.asked)


class LibraryRetriever(BaseRetriever):
    """The library behind LangChain's retriever interface."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    embeddings: TextEmbeddings
    limit: int = 5

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        question = expand(normalise(query), self.index)
        return [_langchain(hit) for hit in search(self.index, self.embeddings, Query(question), self.limit).hits]


def _langchain(hit: Hit) -> LangChainDocument:
    passage = hit.passage
    return LangChainDocument(
        page_content=passage.text,
        id=passage.id,
        metadata={
            "document": passage.document,
            "title": passage.title,
            "headings": list(passage.headings),
            "topic": passage.topic,
            "score": hit.score,
            "cosine": hit.cosine,
            "bm25": hit.bm25,
        },
    )
