"""What was meant by what was typed: diacritics restored, slips of the finger mended, from how the library writes.

A bigram model of the documents' own syllables; the best reading of a whole question is found by Viterbi's
algorithm. A marked syllable that the library or everyday speech uses is kept as it was typed, and so is whatever has no
likely reading.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.function_words import function_words
from knowledge.vietnamese import SYLLABLE, fold_syllable, marks, syllables

# Share of syllables that carry a mark in ordinary Vietnamese; a text with fewer left some of them out.
ORDINARY_MARKS = 0.7

_EDGE = ""
# Share of the estimate that comes from the single syllable when the pair was never seen.
_BACK_OFF = 0.1
# How likely a syllable is mistyped; a reading one slip away must fit its neighbours to make up for that.
_SLIP = 1e-4
# And with another mark than was typed, as against a mark left out: "vạ" is hardly ever meant as "và".
_WRONG_MARK = 1e-8
# Chat drops the n of a final ng or nh ("hàg", "hìh", "xog"); no syllable ends so otherwise.
_CHOPPED = re.compile(r"(.*[aeiouy])([gh])")
# Shorter syllables are one slip away from too much.
_SHORTEST_MENDED = 3


class Restorer:
    """Restores the marks that were left out, and mends syllables that the library never uses."""

    def __init__(self, singles: Counter[str], pairs: Counter[tuple[str, str]]) -> None:
        self._singles = singles
        self._pairs = pairs
        self._total = sum(singles.values()) or 1
        self._readings: defaultdict[str, list[str]] = defaultdict(list)
        for syllable in singles:
            self._readings[fold_syllable(syllable)].append(syllable)
        self._folded = [folded for folded in self._readings if folded.isalpha()]

    @classmethod
    def train(cls, texts: Iterable[str]) -> "Restorer":
        """texts: normalised, written with their marks."""
        singles: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for text in texts:
            for line in text.split("\n"):
                found = syllables(line)
                singles.update(found)
                pairs.update(zip([_EDGE, *found], [*found, _EDGE], strict=True))
        return cls(singles, pairs)

    def restore(self, text: str) -> str:
        """A normalised text as it was likely meant; what is not a syllable stays as it is."""
        typed = syllables(text)
        if not typed:
            return text
        # Where three of four syllables carry a mark the bare ones are meant to be bare.
        left_out = min(max(1 - marks(text) / ORDINARY_MARKS, 0.001), 0.999)
        meant = iter(self._likeliest([self._readings_of(syllable, left_out) for syllable in typed]))

        def rewrite(match: re.Match[str]) -> str:
            syllable = next(meant)
            return match[0] if match[0].lower() == syllable else syllable

        return SYLLABLE.sub(rewrite, text)

    def _likeliest(self, readings: list[dict[str, float]]) -> list[str]:
        """The best path through the readings of each syllable with their log probabilities."""
        best = {_EDGE: 0.0}
        backwards: list[dict[str, str]] = []
        for options in readings:
            scores: dict[str, float] = {}
            came_from: dict[str, str] = {}
            for reading, own in options.items():
                before = max(best, key=lambda before: best[before] + self._log_probability(before, reading))
                scores[reading] = best[before] + self._log_probability(before, reading) + own
                came_from[reading] = before
            best = scores
            backwards.append(came_from)
        reading = max(best, key=lambda last: best[last] + self._log_probability(last, _EDGE))
        path = []
        for came_from in reversed(backwards):
            path.append(reading)
            reading = came_from[reading]
        return path[::-1]

    def _readings_of(self, syllable: str, left_out: float) -> dict[str, float]:
        """What a syllable may stand for, with the log probability of typing it so."""
        syllable = self._whole(syllable)
        folded = fold_syllable(syllable)
        if folded != syllable and (syllable in self._singles or syllable in function_words("vietnamese")):
            return {syllable: 0.0}
        # A bare word is always typed bare; a marked one only where its marks were left out.
        readings = {syllable: 0.0}
        for reading in self._readings.get(folded, ()):
            if folded == syllable and reading != syllable:
                readings[reading] = math.log(left_out)
            elif folded != syllable:
                readings[reading] = math.log(_slip(syllable, reading))
        if folded not in self._readings and folded.isalpha() and len(folded) >= _SHORTEST_MENDED:
            near = process.extract(folded, self._folded, scorer=OSA.distance, score_cutoff=1, limit=None)
            meant = (reading for word, _, _ in near for reading in self._readings[word])
            readings |= {reading: math.log(_slip(syllable, reading)) for reading in meant}
        return readings

    def _whole(self, syllable: str) -> str:
        """A syllable that the library does not use with the n that chat dropped, where it uses that."""
        folded = fold_syllable(syllable)
        chopped = _CHOPPED.fullmatch(folded) if folded not in self._readings else None
        if chopped and f"{chopped[1]}n{chopped[2]}" in self._readings:
            return f"{syllable[:-1]}n{syllable[-1]}"
        return syllable

    def _log_probability(self, before: str, syllable: str) -> float:
        single = (self._singles[syllable] + 0.1) / (self._total + 0.1)
        seen = self._singles[before] if before else self._pairs[(_EDGE, syllable)] + 1
        pair = self._pairs[(before, syllable)] / seen if seen else 0.0
        return math.log((1 - _BACK_OFF) * pair + _BACK_OFF * single)

    def save(self, path: Path) -> None:
        lines = [f"{count}\t{syllable}" for syllable, count in self._singles.items()]
        lines += [f"{count}\t{a}\t{b}" for (a, b), count in self._pairs.items()]
        path.write_text("\n".join(lines), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Restorer":
        singles: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for line in path.read_text(encoding="utf-8").split("\n"):
            match line.split("\t"):
                case [count, syllable]:
                    singles[syllable] = int(count)
                case [count, a, b]:
                    pairs[(a, b)] = int(count)
        return cls(singles, pairs)


def _slip(typed: str, meant: str) -> float:
    """How likely a syllable is typed for another one by a slip."""
    return _SLIP if _marks_of(typed) <= _marks_of(meant) else _WRONG_MARK


def _marks_of(syllable: str) -> Counter[str]:
    return Counter(c for c in unicodedata.normalize("NFD", syllable) if unicodedata.combining(c))
