"""What a question names: markets, goods, papers and platforms, from `entities.yaml`."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.vietnamese import fold, marks, normalise

_DATA = Path(__file__).with_name("entities.yaml")

# A text with a smaller share of marked syllables was typed without marks.
_MARKED = 0.25


@dataclass(frozen=True, slots=True)
class Entity:
    """kind: market, goods, paper or platform. name: its key in the data. start, end: where it stands in the text."""

    kind: str
    name: str
    start: int
    end: int


def find_entities(text: str) -> list[Entity]:
    """The entities of a normalised text in the order in which they stand; the longest reading of a place wins.

    Marks may be left out only in a text that was typed without: "giay" can be shoes ("giày"), "giấy" cannot.
    """
    typed_bare = marks(text) < _MARKED
    found = []
    for match in _pattern().finditer(_fold_in_place(text)):
        written = text[match.start() : match.end()]
        for kind, name, word, exact in _names()[match[0]]:
            bare = typed_bare and written.lower() == match[0]
            if written == word or (not exact and (written.lower() == word.lower() or bare)):
                found.append(Entity(kind, name, match.start(), match.end()))
                break
    return found


@cache
def names_of(kind: str) -> frozenset[str]:
    """The keys of all entities of a kind."""
    return frozenset(name for named in _names().values() for found, name, _, _ in named if found == kind)


def _fold_in_place(text: str) -> str:
    """Folded, a character for a character, so that places stay the same."""
    return "".join((fold(character) + " ")[0] for character in text)


@cache
def _names() -> dict[str, list[tuple[str, str, str, bool]]]:
    """By folded word: kind, name, the word with its marks, whether marks and case must be as they are."""
    names: dict[str, list[tuple[str, str, str, bool]]] = {}
    for kind, entities in yaml.safe_load(_DATA.read_text(encoding="utf-8")).items():
        for name, words in entities.items():
            for word in words:
                plain = normalise(word.removeprefix("="))
                names.setdefault(fold(plain), []).append((kind, name, plain, word.startswith("=")))
    return names


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_names(), key=len, reverse=True)
    return re.compile(r"(?<![\w/])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w/])")
