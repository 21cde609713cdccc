"""Questions that the library is not about: exemplars from `outside.yaml`, and how like them a question is."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.embedding import Vectors
from knowledge.function_words import content_words
from knowledge.vietnamese import normalise

_DATA = Path(__file__).with_name("outside.yaml")


@cache
def outside_questions() -> list[str]:
    """The exemplars, in the order of the file."""
    kinds: dict[str, list[str]] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return [normalise(question) for questions in kinds.values() for question in questions]


@cache
def outside_hash() -> str:
    """Tells one state of the exemplars from another."""
    return hashlib.sha256("\n".join(outside_questions()).encode()).hexdigest()[:16]


@cache
def _words() -> list[frozenset[str]]:
    return [frozenset(content_words(question)) for question in outside_questions()]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of a question and the exemplars, each 0 to 1 and of the exemplar that is most alike.

    cosine: of their vectors; 0 without vectors. covered: share of the question's content words, weighted by rarity,
    that an exemplar has. overlap: the same for both (Dice's coefficient).
    """

    cosine: float
    covered: float
    overlap: float


def likeness(vector: Vectors | None, vectors: Vectors, words: set[str], weight: Callable[[str], float]) -> Likeness:
    """How like the exemplars a question is.

    vector: of the question; vectors: of the exemplars. words: the question's content words, folded, each with its
    `weight`.
    """
    asked = sum(map(weight, words)) or 1.0
    covered = overlap = 0.0
    for exemplar in _words():
        shared = sum(map(weight, words & exemplar))
        if shared:
            covered = max(covered, shared / asked)
            overlap = max(overlap, 2 * shared / (asked + sum(map(weight, exemplar))))
    return Likeness(0.0 if vector is None else float((vectors @ vector).max()), covered, overlap)
