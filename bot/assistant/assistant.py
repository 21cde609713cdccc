"""A question to a reply: understand, search, decide, compose."""

import threading
import time
from dataclasses import asdict, replace
from typing import Any

from bot.assistant.deciding import Judgement, judge
from bot.assistant.dialogue import Question, Reply
from bot.assistant.replying import answer, refusal, talk, without_answer
from bot.assistant.understanding import LONGEST, Understanding, understand
from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.live import LiveLibrary
from knowledge.reranking import Reranker
from knowledge.search import Hit, search

# Passages looked at for an answer, its rivals and what to ask next.
_HITS = 12
# With less confidence than this what was found has nothing to do with the question.
_NEAR = 0.1
# Replies kept for questions that are asked again; a new version of the library empties them.
_REMEMBERED = 2000


class Assistant:
    """Answers questions from the live library; safe to use from several threads."""

    def __init__(self, library: LiveLibrary, embeddings: TextEmbeddings, reranker: Reranker | None = None) -> None:
        self._library = library
        self._embeddings = embeddings
        self._reranker = reranker
        self._remembered: dict[tuple[str, ...], Reply] = {}
        self._remembered_version = 0
        self._lock = threading.Lock()

    @property
    def index(self) -> Index:
        """The version that the next question is answered from."""
        return self._library.index

    def answer(self, question: Question) -> Reply:
        """Never raises for what a person typed."""
        started = time.perf_counter()
        index = self.index
        key = tuple(_asked(text) for text in (*question.history, question.text))
        reply = self._recall(key, index)
        if reply is None:
            reply = replace(self._think(question, index), version=index.manifest.number)
            self._remember(key, reply, index)
        latency = (time.perf_counter() - started) * 1000
        return replace(reply, question=question.text, latency_ms=latency)

    def _think(self, question: Question, index: Index) -> Reply:
        understanding = understand(question, index)
        if understanding.refusal:
            return refusal(question, understanding)
        if understanding.smalltalk:
            return talk(question, understanding, index)
        results = search(index, self._embeddings, understanding.query, _HITS)
        hits = results.hits
        if self._reranker:
            hits = self._reranker.rerank(understanding.query.text, hits)
        judgement = judge(understanding, replace(results, hits=hits), index) if hits else None
        decision = judgement.decision if judgement else "abstain"
        reply = answer(question, understanding, hits, index) if decision == "answer" else None
        confidence = judgement.confidence if judgement else 0.0
        if reply is None:
            near = hits if confidence >= _NEAR else []
            decision = "clarify" if decision == "clarify" else "abstain"
            reply = without_answer(question, understanding, near, decision, index)
        return replace(reply, confidence=confidence, trace=_trace(understanding, hits, judgement))

    def _recall(self, key: tuple[str, ...], index: Index) -> Reply | None:
        with self._lock:
            if self._remembered_version != index.manifest.number:
                self._remembered.clear()
                self._remembered_version = index.manifest.number
            return self._remembered.get(key)

    def _remember(self, key: tuple[str, ...], reply: Reply, index: Index) -> None:
        with self._lock:
            if self._remembered_version == index.manifest.number:
                self._remembered[key] = reply
                if len(self._remembered) > _REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]


def _asked(text: str) -> str:
    """Two questions with the same of these are answered alike."""
    return " ".join(text[:LONGEST].lower().split()).rstrip(" ?!.")


def _trace(understanding: Understanding, hits: list[Hit], judgement: Judgement | None) -> dict[str, Any]:
    """Every step from question to decision with its values, for `bot ask --explain` and for whoever tunes."""
    return {
        "typed": understanding.typed,
        "spelled_out": understanding.spelled_out,
        "query": asdict(understanding.query),
        "signals": {name: round(value, 3) for name, value in asdict(judgement.signals).items()} if judgement else {},
        "passages": [
            {
                "id": hit.passage.id,
                "document": hit.passage.document,
                "section": hit.passage.heading,
                "score": round(hit.score, 3),
                "cosine": round(hit.cosine, 4),
                "bm25": round(hit.bm25, 2),
            }
            for hit in hits[:5]
        ],
    }
