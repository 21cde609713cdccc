"""A typed question in the library's own words: abbreviations spelled out, diacritics restored."""

import re
from functools import cache
from pathlib import Path

import yaml

from knowledge.function_words import is_english
from knowledge.index import Index

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
    return _pattern().sub(lambda match: abbreviations()[match[0].lower()], text)


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(abbreviations(), key=len, reverse=True)
    return re.compile(r"(?<![\w/'’])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w/'’])", re.IGNORECASE)
