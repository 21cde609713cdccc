"""The way from a question to the composed reply, step by step: understand, search, decide, compose."""

import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.assistant.deciding import Judgement, judge
from bot.assistant.dialogue import Question, Reply
from bot.assistant.replying import answer, refusal, talk, without_answer
from bot.assistant.understanding import Understanding
from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.reranking import Reranker
from knowledge.search import Hit, search

# Passages looked at for an answer, its rivals and what to ask next.
_HITS = 12
# With less confidence than this what was found has nothing to do with the question.
_NEAR = 0.1


class Steps:
    """Milliseconds that each step took, by its name."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self._since = time.perf_counter()

    def done(self, step: str) -> None:
        now = time.perf_counter()
        self.taken[step] = round((now - self._since) * 1000, 2)
        self._since = now


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question in one version. hits: best first. judgement: None where nothing was found."""

    question: Question
    understanding: Understanding
    index: Index
    hits: list[Hit] = field(default_factory=list)
    judgement: Judgement | None = None

    def reply(self) -> Reply:
        """The reply out of the passages' own words."""
        understanding, judgement = self.understanding, self.judgement
        if understanding.refusal:
            return refusal(self.question, understanding)
        if understanding.smalltalk:
            return talk(self.question, understanding, self.index)
        decision = judgement.decision if judgement else "abstain"
        confidence = judgement.confidence if judgement else 0.0
        reply = answer(self.question, understanding, self.hits, self.index) if decision == "answer" else None
        if reply is None:
            near = self.hits if confidence >= _NEAR else []
            decision = "clarify" if decision == "clarify" else "abstain"
            reply = without_answer(self.question, understanding, near, decision, self.index)
        return replace(reply, confidence=confidence, trace=self._trace())

    def _trace(self) -> dict[str, Any]:
        """Every step from question to decision with its values, for `bot ask --explain` and for whoever tunes."""
        signals = asdict(self.judgement.signals) if self.judgement else {}
        return {
            "typed": self.understanding.typed,
            "spelled_out": self.understanding.spelled_out,
            "query": asdict(self.understanding.query),
            "signals": {name: round(value, 3) for name, value in signals.items()},
            "passages": [
                {
                    "id": hit.passage.id,
                    "document": hit.passage.document,
                    "section": hit.passage.heading,
                    "score": round(hit.score, 3),
                    "cosine": round(hit.cosine, 4),
                    "bm25": round(hit.bm25, 2),
                }
                for hit in self.hits[:5]
            ],
        }


def find(
    question: Question,
    understanding: Understanding,
    index: Index,
    embeddings: TextEmbeddings,
    reranker: Reranker | None,
    steps: Steps,
) -> Found:
    """Search and decide; for talk and what is declined nothing is searched."""
    if understanding.refusal or understanding.smalltalk:
        return Found(question, understanding, index)
    results = search(index, embeddings, understanding.query, _HITS)
    if reranker:
        results = replace(results, hits=reranker.rerank(understanding.query.text, results.hits))
    steps.done("search")
    judgement = judge(understanding, results, index) if results.hits else None
    steps.done("decide")
    return Found(question, understanding, index, results.hits, judgement)
