"""The real parts with a stopwatch around them; each call costs about a microsecond more."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.measures import Clock
from knowledge.embedding import TextEmbeddings, Vectors
from knowledge.index import Cosines, Index
from knowledge.lexical import Lexical
from knowledge.library import Library


class TimedEmbeddings(TextEmbeddings):
    """Adds to the part `embedding`."""

    def __init__(self, real: TextEmbeddings, clock: Clock) -> None:
        self.name = real.name
        self._real = real
        self._clock = clock

    def passages(self, texts: list[str]) -> Vectors:
        return self._real.passages(texts)

    def queries(self, texts: list[str]) -> Vectors:
        with self._clock.part("embedding"):
            return self._real.queries(texts)


class TimedLexical(Lexical):
    """Adds to the part `lexical`; shares the arrays of the index it stands for."""

    def __init__(self, real: Lexical, clock: Clock) -> None:
        self.__dict__.update(vars(real))
        self._clock = clock

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        with self._clock.part("lexical"):
            return super().scores(terms)


class TimedIndex(Index):
    """Adds to the parts `dense` and `lexical`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder)
        self._clock = clock
        self.lexical = TimedLexical(self.lexical, clock)

    def nearest(self, vector: Vectors, count: int) -> list[int]:
        with self._clock.part("dense"):
            return super().nearest(vector, count)

    def cosines(self, vector: Vectors, passages: list[int]) -> Cosines:
        with self._clock.part("dense"):
            return super().cosines(vector, passages)


class TimedLibrary(Library):
    """A library whose versions open with stopwatches.

    only: the number of the one version in a folder that was written without a database of versions.
    """

    def __init__(self, folder: Path, clock: Clock, only: int | None = None) -> None:
        super().__init__(folder)
        self._clock = clock
        self._only = only

    def published(self) -> int | None:
        return super().published() if self._only is None else self._only

    def open(self, number: int | None = None) -> Index:
        wanted = self.published() if number is None else number
        assert wanted is not None
        return TimedIndex(self.folder_of(wanted), self._clock)
