"""Sections of a new document that the library has already, nearly word for word."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from knowledge.index import Index
from knowledge.passages import Passage, plain
from knowledge.vietnamese import folded_syllables, normalise

# Passages that are compared word for word, of those nearest by vector; farther ones than this never are duplicates.
_NEAREST = 5
_LEAST_COSINE = 0.85

# Syllables of a shingle, and the share of the shorter text's shingles that makes two of them nearly the same.
_SHINGLE = 4
_SHARED = 0.5
# Of fewer shingles none is told.
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two sections, the first of a new document. shared: of the shorter one's words, 0 to 1."""

    document: str
    section: str
    other_document: str
    other_section: str
    shared: float
    cosine: float


def duplicates(index: Index, documents: Collection[str]) -> list[Duplicate]:
    """The most alike for each section of some documents of a version. Nothing in a version without vectors."""
    if not index.manifest.dense:
        return []
    new = [number for number, passage in enumerate(index.passages) if passage.document in documents]
    found: dict[tuple[str, tuple[str, ...]], Duplicate] = {}
    for number, near in zip(new, index.alike(new, _NEAREST), strict=True):
        passage = index.passages[number]
        for other, cosine in ((index.passages[other], cosine) for other, cosine in near if cosine >= _LEAST_COSINE):
            shared = overlap(passage, other)
            best = found.get(passage.section)
            if shared >= _SHARED and (best is None or shared > best.shared):
                found[passage.section] = Duplicate(
                    passage.document, passage.heading, other.document, other.heading, shared, cosine
                )
    return list(found.values())


def overlap(one: Passage, other: Passage) -> float:
    """The share of the shorter text's shingles that the other one has too."""
    first, second = _shingles(one), _shingles(other)
    fewest = min(len(first), len(second))
    return len(first & second) / fewest if fewest >= _FEWEST else 0.0


@lru_cache(maxsize=4096)
def _shingles(passage: Passage) -> frozenset[tuple[str, ...]]:
    words = folded_syllables(normalise(plain(passage.text)))
    return frozenset(tuple(words[start : start + _SHINGLE]) for start in range(len(words) - _SHINGLE + 1))
