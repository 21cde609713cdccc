"""BM25 over folded syllables and their pairs: finds words however they are typed, with marks or without."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.6


class Lexical:
    """An inverted index with each term's contribution to each passage computed beforehand.

    Columns of a sparse matrix: for the term with number t, passages[starts[t]:starts[t + 1]] and their impacts.
    """

    def __init__(
        self,
        terms: list[str],
        starts: NDArray[np.int64],
        passages: NDArray[np.int32],
        impacts: NDArray[np.float32],
        size: int,
    ) -> None:
        self._number = {term: number for number, term in enumerate(terms)}
        self._terms = terms
        self._starts = starts
        self._passages = passages
        self._impacts = impacts
        self.size = size

    @classmethod
    def build(cls, bags: Iterable[Mapping[str, float]]) -> "Lexical":
        """bags: for each passage, in order, how often each term stands in it (weighted by field)."""
        postings: dict[str, list[tuple[int, float]]] = {}
        lengths = []
        for passage, bag in enumerate(bags):
            lengths.append(sum(bag.values()))
            for term, count in bag.items():
                postings.setdefault(term, []).append((passage, count))
        average = sum(lengths) / len(lengths) if lengths else 1.0
        terms = sorted(postings)
        starts = np.zeros(len(terms) + 1, dtype=np.int64)
        passages: list[int] = []
        impacts: list[float] = []
        for number, term in enumerate(terms):
            found = postings[term]
            rarity = math.log(1 + (len(lengths) - len(found) + 0.5) / (len(found) + 0.5))
            for passage, count in found:
                passages.append(passage)
                saturation = count + K1 * (1 - B + B * lengths[passage] / average)
                impacts.append(rarity * count * (K1 + 1) / saturation)
            starts[number + 1] = len(passages)
        return cls(terms, starts, np.array(passages, dtype=np.int32), np.array(impacts, dtype=np.float32), len(lengths))

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """The BM25 score of every passage for a question's terms."""
        total = np.zeros(self.size, dtype=np.float32)
        for term, count in Counter(terms).items():
            number = self._number.get(term)
            if number is not None:
                column = slice(self._starts[number], self._starts[number + 1])
                total[self._passages[column]] += count * self._impacts[column]
        return total

    def rarity(self, term: str) -> float | None:
        """Inverse document frequency, 0 for a term of every passage; None for a term of no passage."""
        number = self._number.get(term)
        if number is None:
            return None
        frequency = int(self._starts[number + 1] - self._starts[number])
        return math.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5))

    def save(self, path: Path) -> None:
        np.savez(
            path,
            terms=np.frombuffer("\n".join(self._terms).encode(), dtype=np.uint8),
            starts=self._starts,
            passages=self._passages,
            impacts=self._impacts,
            size=np.array(self.size),
        )

    @classmethod
    def load(cls, path: Path) -> "Lexical":
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            text = arrays["terms"].tobytes().decode()
            terms = text.split("\n") if text else []
            return cls(terms, arrays["starts"], arrays["passages"], arrays["impacts"], int(arrays["size"]))
