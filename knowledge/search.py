"""A question to ranked passages: dense and lexical scores, fused."""

import math
from dataclasses import dataclass

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.embedding import TextEmbeddings, Vectors
from knowledge.function_words import content_words
from knowledge.index import Cosines, Index
from knowledge.outside import Likeness
from knowledge.passages import Passage
from knowledge.query import expand
from knowledge.vietnamese import folded_syllables, normalise, terms

# What hits are ranked by: shares of what a passage says, of the middle of how it is asked for, of the way it is asked
# for that is most like the question, and of the lexical score, each in standard deviations above the library's mean
# passage. Fitted by bench/fit_search.py: the first on the tuning questions, the second, for passages without other
# ways to ask, on documents nobody here wrote.
SHARES = (0.2, 0.4, 0.25, 0.15)
SHARES_WITHOUT_QUESTIONS = (0.6, 0.0, 0.0, 0.4)

# How much the questions before count beside a question, and how much the guide that answers them: what is asked next
# often stands in the same one. Fitted likewise.
CONTEXT_SHARE = 0.3
GUIDE_SHARE = 1.5

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
    vectors. outside: how like the questions that the library is not about it is. field: on which side of the two it
    lies (`Index.field`); 0 without vectors.
    """

    hits: list[Hit]
    inside: float
    outside: Likeness
    field: float = 0.0


def search(index: Index, embeddings: TextEmbeddings, query: Query, limit: int = 10) -> Results:
    """The best passages for a question."""
    if not index.passages:
        return Results([], 0.0, Likeness(0.0, 0.0, 0.0))
    asked = _Asked(index, embeddings, query.text)
    context = _Asked(index, embeddings, query.context) if query.context else None
    candidates = list(dict.fromkeys([*asked.candidates, *(context.candidates if context else ())]))
    dense = asked.cosines(candidates)
    scores = asked.scores(candidates, dense)
    if context:
        before = context.scores(candidates, context.cosines(candidates))
        guides = [index.passages[number].document for number in candidates]
        scores = scores + (1.0 if query.leans else CONTEXT_SHARE) * before
        scores = scores + GUIDE_SHARE * guide_likelihood(before, guides)
    nearest = np.maximum(dense.says, dense.best) if dense else np.zeros(len(candidates), dtype=np.float32)
    hits = [
        Hit(
            passage=index.passages[candidates[place]],
            score=float(scores[place]),
            cosine=float(nearest[place]),
            bm25=float(asked.lexical[candidates[place]]),
        )
        for place in np.argsort(-scores, kind="stable")[:limit]
    ]
    inside, vector = float(nearest.max(initial=0.0)), asked.vector
    words = set(content_words(asked.text))
    if context:
        words |= set(content_words(context.text))
        inside, vector = _with_context(asked, context, index, candidates)
    field = 0.0 if vector is None else index.field(vector)
    return Results(hits, inside, index.exemplars.likeness(vector, words), field)


def guide_likelihood(scores: Vectors, guides: list[str]) -> Vectors:
    """How likely each passage's guide is the one that answers, by its best passage; over all guides 1 in sum."""
    best: dict[str, float] = {}
    for guide, score in zip(guides, scores, strict=True):
        best[guide] = max(best.get(guide, -math.inf), float(score))
    total = sum(map(math.exp, best.values()))
    return np.array([math.exp(best[guide]) / total for guide in guides])


def _with_context(
    asked: "_Asked", context: "_Asked", index: Index, candidates: list[int]
) -> tuple[float, Vectors | None]:
    """The field of a question is also that of what it leans on ("mất bao lâu thì chín?" after a question on rice):
    the greatest cosine of a passage with both, and the vector of both.
    """
    if asked.vector is None or context.vector is None:
        return 0.0, None
    vector = asked.vector + CONTEXT_IN_FIELD * context.vector
    vector = vector / np.linalg.norm(vector)
    cosines = index.cosines(vector, candidates)
    return float(np.maximum(cosines.says, cosines.best).max(initial=0.0)), vector


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

    def cosines(self, passages: list[int]) -> Cosines | None:
        """Of some passages; None in a version without vectors."""
        return None if self.vector is None else self._index.cosines(self.vector, passages)

    def scores(self, passages: list[int], dense: Cosines | None) -> Vectors:
        """The fused score of some passages whose cosines are `dense`."""
        lexical: Vectors = (self.lexical[passages] - self.lexical.mean()) / (self.lexical.std() + 1e-6)
        if dense is None:
            return lexical
        asked_for = [bool(self._index.passages[number].questions) for number in passages]
        shares = np.where(np.array(asked_for)[:, None], SHARES, SHARES_WITHOUT_QUESTIONS)
        fused: Vectors = (shares * np.stack((dense.says_z, dense.asked_z, dense.best_z, lexical), axis=1)).sum(axis=1)
        return fused


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
