"""Whether to answer: a calibrated probability from several signals, not one threshold on one score."""

import json
import math
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from bot.assistant.dialogue import Decision
from bot.assistant.understanding import Understanding
from knowledge.function_words import content_words
from knowledge.index import Index, bag
from knowledge.passages import Passage
from knowledge.search import Results

# Written by bench/fit_decision.py from the tuning half of the golden questions.
MODEL = Path(__file__).with_name("decision.json")


# A lead over the next section that leaves no doubt, in the unit of the margin.
CLEAR_LEAD = 0.4


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision is made from.

    inside: the greatest cosine of a passage with the question and what it leans on; outside: with a question that the
    library is not about. field: on which side of the two it lies, about -1 to 1. resembles, covered_outside: likeness
    of the words with those questions, 0 to 1.
    above: fused score of the best passage, margin: its lead over the best of another section, both as multiples of
    what the best of as many passages reaches by chance, so that libraries of all sizes compare. coverage: share of the
    question's content, weighted by rarity, that stands in it, 0 to 1. unknown: share of the content words that the
    library never uses. english: 1 for a question
    in English. words: logarithm of the number of content words. follows: 1 where something was asked before.
    """

    inside: float
    outside: float
    field: float
    resembles: float
    covered_outside: float
    above: float
    coverage: float
    unknown: float
    margin: float
    english: float
    words: float
    follows: float


def signals(understanding: Understanding, results: Results, index: Index) -> Signals:
    """The signals of a question and what was found for it, which is not nothing."""
    best, *rest = results.hits
    content = content_words(understanding.query.text)
    size = len(index.passages)
    by_chance = math.sqrt(2 * math.log(max(3, size)))
    # The best of few cannot stand out far: half of as far as it could is the unit then.
    by_chance = min(by_chance, max(0.5, math.sqrt(size - 1) / 2))
    others = [hit.score for hit in rest if hit.passage.section != best.passage.section]
    return Signals(
        inside=results.inside,
        outside=results.outside.cosine,
        field=results.field,
        resembles=results.outside.overlap,
        covered_outside=results.outside.covered,
        above=best.score / by_chance,
        coverage=_covered(content, best.passage, index),
        unknown=sum(index.lexical.rarity(word) is None for word in content) / max(1, len(content)),
        margin=(best.score - max(others, default=0.0)) / by_chance,
        english=float(understanding.language == "en"),
        words=math.log1p(len(content)),
        follows=float(bool(understanding.query.context)),
    )


def _covered(wanted: list[str], passage: Passage, index: Index) -> float:
    stands = bag(passage)
    weights = {word: index.weight(word) for word in wanted}
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in stands) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """confidence: probability that the best passage answers the question, 0 to 1."""

    decision: Decision
    confidence: float
    signals: Signals


@dataclass(frozen=True, slots=True)
class Model:
    """Logistic regression over the signals. answer, clarify: the least confidence for each."""

    intercept: float
    weights: dict[str, float]
    answer: float
    clarify: float

    def confidence(self, found: Signals) -> float:
        total = self.intercept + sum(self.weights[name] * value for name, value in asdict(found).items())
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


def judge(understanding: Understanding, results: Results, index: Index) -> Judgement:
    """Answer where it is likely enough, ask back where two subjects compete, else say so."""
    found = signals(understanding, results, index)
    model = _models()["dense" if index.manifest.dense else "lexical"]
    confidence = model.confidence(found)
    if confidence < model.clarify:
        return Judgement("abstain", confidence, found)
    if confidence < model.answer or _says_too_little(understanding, found):
        return Judgement("clarify", confidence, found)
    return Judgement("answer", confidence, found)


def _says_too_little(understanding: Understanding, found: Signals) -> bool:
    """Whether the question is one bare word ("giá", "EU") that several sections answer alike ("MOQ" is not)."""
    bare = len(content_words(understanding.query.text)) <= 1 and not understanding.query.context
    return bare and found.margin < CLEAR_LEAD


@cache
def _models() -> dict[str, Model]:
    """One for versions with vectors, one for those that are lexical only."""
    return {kind: Model(**numbers) for kind, numbers in json.loads(MODEL.read_text(encoding="utf-8")).items()}
