"""A typed question in the library's own words: abbreviations spelled out, diacritics restored."""

import re
from functools import cache
from pathlib import Path

import yaml

from knowledge.function_words import is_english
from knowledge.index import Index
from knowledge.vietnamese import SYLLABLE

_ABBREVIATIONS = Path(__file__).with_name("abbreviations.yaml")


@cache
def abbreviations() -> dict[str, str]:
    """What each abbreviation stands for, by its lower-case form."""
    data: dict[str, str] = yaml.safe_load(_ABBREVIATIONS.read_text(encoding="utf-8"))
    return data


def expand(text: str, index: Index) -> str:
    """A normalised question as search wants it."""
    if is_english(text):
        return text
    return index.restorer.restore(spell_out(text))


def spell_out(text: str) -> str:
    """Abbreviations of chat and trade written in full: "dn xk ko có co" says "doanh nghiệp xuất khẩu không có co"."""
    known = abbreviations()

    def full(match: re.Match[str]) -> str:
        return known.get(match[0].lower(), match[0])

    return SYLLABLE.sub(full, text)
