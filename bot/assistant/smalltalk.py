"""Greetings, thanks and the like: told from questions by the whole message, never by a word in it."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.vietnamese import folded_syllables

_DATA = Path(__file__).with_name("smalltalk.yaml")
# Longer messages carry something else beside the greeting.
_LONGEST = 10


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return data


def starters() -> list[str]:
    """Questions to offer someone who has not asked yet."""
    return list(_data()["starters"])


@cache
def _patterns() -> tuple[frozenset[str], list[tuple[str, re.Pattern[str]]]]:
    data = _data()
    kinds = [
        (kind, re.compile("|".join(f"(?:{pattern})" for pattern in patterns)))
        for kind, patterns in data["kinds"].items()
    ]
    return frozenset(data["fillers"]), kinds


def smalltalk_kind(text: str) -> str | None:
    """The kind of a message that is nothing but talk, else None: greeting, thanks, farewell, identity, or person (they
    want a human). text: normalised.
    """
    words = folded_syllables(text)
    if len(words) > _LONGEST:
        return None
    fillers, kinds = _patterns()
    bare = [word for word in words if word not in fillers]
    for kind, pattern in kinds:
        if pattern.fullmatch(" ".join(words)) or (bare and pattern.fullmatch(" ".join(bare))):
            return kind
    return None if bare else "greeting"
