"""The way from a question to the composed reply, step by step: understand, search, decide, compose."""

import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.assistant.deciding import Judgement, judge
from bot.assistant.dialogue import NOTHING_TOLD, About, Question, Reply
from bot.assistant.leaning import subject
from bot.assistant.replying import answer, refusal, talk, without_answer
from bot.assistant.understanding import Understanding, understand
from knowledge.embedding import TextEmbeddings
from knowledge.entities import find_entities
from knowledge.index import Index, bag
from knowledge.passages import Passage
from knowledge.reranking import Reranker
from knowledge.search import Hit, search
from knowledge.vietnamese import normalise

# Passages looked at for an answer, its rivals and what to ask next.
_HITS = 12
# The share of what was asked for, by rarity, that an answer for the asker's own goods must hold.
_SPOKEN_OF = 0.6
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
    """What was found for a question in one version. hits: best first. judgement: None where nothing was found.

    about: what of the asker's profile the answer is for.
    """

    question: Question
    understanding: Understanding
    index: Index
    hits: list[Hit] = field(default_factory=list)
    judgement: Judgement | None = None
    about: About = NOTHING_TOLD

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
        return replace(reply, confidence=confidence, about=self.about, trace=self._trace())

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
    """Search and decide; for talk and what is declined nothing is searched.

    Where what was found with the asker's profile does not answer for their goods or market, it is as without one.
    """
    if understanding.about:
        found = _find(question, understanding, index, embeddings, reranker, steps)
        if about := _answered_for(found):
            return replace(found, about=about)
        understanding = understand(replace(question, about=NOTHING_TOLD), index)
    return _find(question, understanding, index, embeddings, reranker, steps)


def _answered_for(found: Found) -> About:
    """What of the profile the first passage that the answer cites is about; nothing where it is headed by others."""
    cited = next((source.passage for source in found.reply().sources), None)
    passage = next((hit.passage for hit in found.hits if hit.passage.id == cited), None)
    if passage is None or not _speaks_of_it(passage, found):
        return NOTHING_TOLD
    about = found.understanding.about
    headed, within = _named(" ".join((passage.title, *passage.headings))), _named(passage.text)
    if any(name and headed[kind] and name not in headed[kind] for kind, name in asdict(about).items()):
        return NOTHING_TOLD
    goods = about.goods if about.goods in headed["goods"] else ""
    # What is about the goods is for the market if it speaks of it; elsewhere it may be one of many examples.
    market = about.market if about.market in headed["market"] | (within["market"] if goods else set()) else ""
    return About(goods, market)


def _speaks_of_it(passage: Passage, found: Found) -> bool:
    """Whether a passage holds what was asked, and not only the goods and market that were put beside it."""
    stands = bag(passage)
    weights = {word: found.index.weight(word) for word in subject(found.understanding.query.text)}
    return sum(weights[word] for word in weights if word in stands) >= _SPOKEN_OF * sum(weights.values())


def _named(text: str) -> dict[str, set[str]]:
    """The goods and markets of a text, by kind."""
    named: dict[str, set[str]] = {"goods": set(), "market": set()}
    for entity in find_entities(normalise(text)):
        named.setdefault(entity.kind, set()).add(entity.name)
    return named


def _find(
    question: Question,
    understanding: Understanding,
    index: Index,
    embeddings: TextEmbeddings,
    reranker: Reranker | None,
    steps: Steps,
) -> Found:
    if understanding.refusal or understanding.smalltalk:
        return Found(question, understanding, index)
    results = search(index, embeddings, understanding.query, _HITS)
    if reranker:
        results = replace(results, hits=reranker.rerank(understanding.query.text, results.hits))
    steps.done("search")
    judgement = judge(understanding, results, index) if results.hits else None
    steps.done("decide")
    return Found(question, understanding, index, results.hits, judgement)
