"""What is declined before anything is searched: instructions to the bot, other people's data, abuse."""

import re
from functools import cache
from pathlib import Path

import yaml

from knowledge.vietnamese import fold

_DATA = Path(__file__).with_name("refusals.yaml")


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return [(kind, re.compile("|".join(f"(?:{pattern})" for pattern in patterns))) for kind, patterns in data.items()]


def refusal_kind(text: str) -> str | None:
    """injection, private or abuse for a normalised message that is to be declined; else None."""
    folded = " ".join(fold(text).split())
    return next((kind for kind, pattern in _patterns() if pattern.search(folded)), None)
