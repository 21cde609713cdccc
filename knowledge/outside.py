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


class Exemplars:
    """The exemplars beside one version of the library.

    vectors: theirs, a row each, or no columns in a version without. weight: how much a folded word tells.
    """

    def __init__(self, vectors: Vectors, weight: Callable[[str], float]) -> None:
        self._vectors = vectors
        self._weight = weight
        self._weights = [sum(map(weight, words)) for words in _words()]
        self._holding: dict[str, list[int]] = {}
        for number, words in enumerate(_words()):
            for word in words:
                self._holding.setdefault(word, []).append(number)

    def likeness(self, vector: Vectors | None, words: set[str]) -> Likeness:
        """How like the exemplars a question is, by its vector and its folded content words."""
        shared: dict[int, float] = {}
        for word in words:
            for number in self._holding.get(word, ()):
                shared[number] = shared.get(number, 0.0) + self._weight(word)
        asked = sum(map(self._weight, words)) or 1.0
        covered = max(shared.values(), default=0.0) / asked
        overlap = max((2 * part / (asked + self._weights[number]) for number, part in shared.items()), default=0.0)
        return Likeness(0.0 if vector is None else float((self._vectors @ vector).max()), covered, overlap)
