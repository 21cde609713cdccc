"""Words that say nothing about a question's subject, from `function_words.yaml`."""

import re
from functools import cache
from pathlib import Path

import yaml

from knowledge.vietnamese import fold_syllable, marks, normalise, syllables

# The shape of a folded Vietnamese syllable: an initial, a vowel or two or three, a final.
VIETNAMESE_SHAPE = re.compile(
    r"(?:ngh?|nh|ph|th|tr|ch|gh|gi|kh|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?|\d+"
)

_DATA = Path(__file__).with_name("function_words.yaml")


@cache
def function_words(kind: str) -> frozenset[str]:
    """The words of a kind: vietnamese (with their marks), english, unmistakable or attributes (folded)."""
    words = yaml.safe_load(_DATA.read_text(encoding="utf-8"))[kind].split()
    return frozenset(normalise(word) for word in words)


@cache
def _folded_vietnamese() -> frozenset[str]:
    return frozenset(map(fold_syllable, function_words("vietnamese"))) - function_words("english")


def content_words(text: str) -> list[str]:
    """The folded syllables of a normalised text that are not function words of its language."""
    functions = function_words("english" if is_english(text) else "vietnamese")
    return [fold_syllable(syllable) for syllable in syllables(text) if syllable not in functions]


def is_english(text: str) -> bool:
    """Whether a question is written in English: no diacritics, and more English function words than Vietnamese ones."""
    words = syllables(text)
    english = sum(len(word) > 1 and word in function_words("english") for word in words)
    vietnamese = sum(word in _folded_vietnamese() for word in words)
    foreign = [word for word in words if word in function_words("unmistakable") or not VIETNAMESE_SHAPE.fullmatch(word)]
    return marks(text) == 0 and english > vietnamese and len(foreign) >= max(1, len(words) / 4)
