"""Sentences that give orders to the assistant instead of telling people something, in guides or from a model."""

import re
from functools import cache, lru_cache
from pathlib import Path

import yaml

from bot.assistant.refusals import refusal_kind
from knowledge.vietnamese import fold, normalise

_DATA = Path(__file__).with_name("orders.yaml")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_AI = re.compile(r"\bAI\b")


@cache
def _pattern() -> re.Pattern[str]:
    patterns: list[str] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))["orders"]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def gives_orders(sentence: str) -> bool:
    """Whether a sentence speaks to the machine and not to a person."""
    folded = " ".join(fold(_AI.sub("assistant", normalise(sentence))).split())
    return bool(_pattern().search(folded)) or refusal_kind(folded) == "injection"


@lru_cache(maxsize=1024)
def without_orders(markdown: str) -> str:
    """A section without its sentences and list items that give orders; one without any comes back as it is."""
    lines = [[part for part in _SENTENCE_END.split(line) if not gives_orders(part)] for line in markdown.split("\n")]
    kept = "\n".join(" ".join(parts) for parts in lines)
    return markdown if len(kept.split()) == len(markdown.split()) else kept
