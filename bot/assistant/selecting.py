"""Which of the passages found an answer is composed from: the best one, or two where the question asks for two."""

import re

from knowledge.entities import find_entities
from knowledge.function_words import content_words
from knowledge.index import Index, bag
from knowledge.passages import Passage
from knowledge.search import Hit, Query
from knowledge.vietnamese import normalise

_COMPARES = re.compile(
    r"so sánh|so với|khác (?:gì|nhau|chỗ|ở|với|biệt)|giống (?:và|hay)|nên chọn .+ hay "
    r"|\bvs\b|versus|difference|compare",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:gì|nào|sao|bao nhiêu|bao lâu|mấy|đâu|ai|không|what|which|how|when|where|who|why)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"[?,;]\s*|\s+(?:và|với lại|rồi|and)\s+", re.IGNORECASE)

# A passage further down the list is not what was asked for.
_LOOKED_AT = 6
_CLOSE = 0.7
# A clause of the question of which the best passage holds less than this asks for something else as well.
_UNANSWERED = 0.4
_ANSWERED = 0.8


def select(query: Query, hits: list[Hit], index: Index) -> list[Passage]:
    """One or two passages, the best first; `hits` is not empty."""
    best = hits[0].passage
    rivals = [
        hit.passage
        for hit in hits[1:_LOOKED_AT]
        if hit.passage.section != best.section and hit.score >= _CLOSE * hits[0].score
    ]
    second = (
        _other_side(query, best, rivals) if _COMPARES.search(query.text) else _other_part(query, best, rivals, index)
    )
    return [best, second] if second else [best]


def _names(passage: Passage) -> set[tuple[str, str]]:
    return {(entity.kind, entity.name) for entity in find_entities(normalise(" ".join(passage.headings)))}


def _other_side(query: Query, best: Passage, rivals: list[Passage]) -> Passage | None:
    """Of a comparison: the passage headed by what is compared with the best one's subject."""
    compared = {(entity.kind, entity.name) for entity in find_entities(query.text)}
    missing = compared - _names(best)
    if len(compared) < 2 or not missing or missing == compared:
        return None
    return next((passage for passage in rivals if missing & _names(passage)), None)


def _other_part(query: Query, best: Passage, rivals: list[Passage], index: Index) -> Passage | None:
    """Of a question in two parts: the passage for the part that the best one does not hold."""
    clauses = [
        clause for clause in _CLAUSE.split(query.text) if _ASKS.search(clause) and len(content_words(clause)) >= 2
    ]
    if len(clauses) < 2:
        return None
    for clause in clauses:
        if _held(clause, best, index) < _UNANSWERED:
            return next((passage for passage in rivals if _held(clause, passage, index) >= _ANSWERED), None)
    return None


def _held(clause: str, passage: Passage, index: Index) -> float:
    """Share of a clause's content words, weighted by rarity, that a passage holds."""
    stands = bag(passage)
    weights = {word: index.lexical.rarity(word) or 0.0 for word in content_words(clause)}
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in stands) / total if total else 1.0
