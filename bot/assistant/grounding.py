"""A look at every answer before it is sent: its numbers, dates, codes and names must stand in the passages it cites."""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.assistant.facts import Facts, facts, missing, named_in, names
from knowledge.passages import Passage
from knowledge.vietnamese import normalise

_CITATION = re.compile(r" ?\[\d+\]")
_STEP = re.compile(r"^\s*(?:\d+[.)]|[-•*])\s+", re.MULTILINE)


def ungrounded(answer: str, passages: Iterable[Passage], *, english: bool = False) -> list[str]:
    """The facts and names of an answer that no cited passage holds; empty for an answer that may be sent."""
    said = bare(answer)
    held = "\n".join(map(wording, passages))
    unknown = (name for name in names(said, english=english) if not named_in(name, held))
    return [*missing(facts(said), _facts_held(held)), *unknown]


def bare(answer: str) -> str:
    """A normalised answer without its citations, step numbers, bullets and bold marks."""
    return _CITATION.sub("", _STEP.sub("", normalise(answer).replace("**", "")))


def wording(passage: Passage) -> str:
    """All that a reader of the cited section sees, normalised."""
    return normalise("\n".join((passage.title, *passage.headings, passage.text)))


@lru_cache(maxsize=256)
def _facts_held(text: str) -> Facts:
    return facts(text)
