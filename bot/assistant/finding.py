"""The way from a question to the composed reply, step by step: understand, search, decide, compose."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.assistant.deciding import Judgement, judge
from bot.assistant.dialogue import NOTHING_TOLD, About, Question, Reply
from bot.assistant.leaning import asked_for, is_general, subject
from bot.assistant.replying import answer, refusal, talk, without_answer
from bot.assistant.understanding import Understanding, understand
from knowledge.embedding import TextEmbeddings
from knowledge.entities import find_entities
from knowledge.index import Index
from knowledge.passages import Passage
from knowledge.reranking import Reranker
from knowledge.search import Hit, search
from knowledge.vietnamese import fold_syllable, normalise, syllables

# Passages looked at for an answer, its rivals and what to ask next.
_HITS = 12
# The share of what was asked for, by rarity, that an answer for the asker's own goods must hold.
_SPOKEN_OF = 0.6
# A passage for the asker may be chosen before a first one that is no better than by this.
_NEARLY = 0.65
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
        found = _fitting(_find(question, understanding, index, embeddings, reranker, steps))
        if about := _answered_for(found):
            return replace(found, about=about)
        understanding = understand(replace(question, about=NOTHING_TOLD), index)
    return _find(question, understanding, index, embeddings, reranker, steps)


def _fitting(found: Found) -> Found:
    """With the passage in front that is for the asker, of those nearly as good as the best one."""
    fitting = [hit for hit in found.hits if hit.score >= _NEARLY * found.hits[0].score and _about(hit.passage, found)]
    if not fitting:
        return found
    words = asked_for(found.understanding.query.text)

    def fits(hit: Hit) -> int:
        about, headed = _about(hit.passage, found), _named(" ".join(hit.passage.headings))
        return bool(about.goods) + (about.market in headed["market"]) + _said(words, hit.passage.headings, found)

    first = max(fitting, key=fits)
    return replace(found, hits=sorted(found.hits, key=lambda hit: hit is not first))


def _answered_for(found: Found) -> About:
    """What of the profile the first passage that the answer cites is about."""
    cited = next((source.passage for source in found.reply().sources), None)
    passage = next((hit.passage for hit in found.hits if hit.passage.id == cited), None)
    return _about(passage, found) if passage else NOTHING_TOLD


def _about(passage: Passage, found: Found) -> About:
    """What of the profile a passage is about; nothing where it is headed by others, or speaks of something else."""
    question, about = found.understanding.query.text, found.understanding.about
    if not _said(subject(question), (passage.title, *passage.headings, *passage.questions), found):
        return NOTHING_TOLD
    asked, headed = _named(question), _named(" ".join((passage.title, *passage.headings)))
    if any(headed[kind] and not headed[kind] & asked[kind] for kind in asdict(about)):
        return NOTHING_TOLD
    goods = about.goods if about.goods in headed["goods"] else ""
    # What is about the goods is for the market if it speaks of it; elsewhere it may be one of many examples.
    within = _named(passage.text)["market"] if goods else set()
    market = about.market if about.market in headed["market"] | within else ""
    # For everybody's goods only what is about nothing narrower ("lamps into Korea").
    if not goods and not is_general(passage.headings[-1] if passage.headings else passage.title, question):
        return NOTHING_TOLD
    return About(goods, market)


def _said(words: set[str], texts: Iterable[str], found: Found) -> bool:
    """Whether one of the texts holds most of the words, by rarity."""
    weights = {word: found.index.weight(fold_syllable(word)) for word in words}
    least = _SPOKEN_OF * sum(weights.values())
    return any(sum(weights[word] for word in words & set(syllables(normalise(text)))) >= least for text in texts)


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
