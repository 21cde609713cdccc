"""A last look at every answer: its numbers and names must stand in the passages that it cites."""

import re
from collections.abc import Iterable

from knowledge.passages import Passage
from knowledge.vietnamese import fold, normalise

_CITATION = re.compile(r"\[\d+\]")
_STEP = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# A word that does not begin a sentence, a line or a bullet; with a capital it is a name.
_INNER_WORD = re.compile(r"(?<=[^\W\d_,;] )[^\W\d_]{2,}")


def ungrounded(answer: str, passages: Iterable[Passage]) -> list[str]:
    """The numbers and names of an answer that no cited passage holds; empty for an answer that may be sent."""
    said = " ".join("\n".join((passage.title, *passage.headings, passage.text)) for passage in passages)
    numbers = set(_NUMBER.findall(normalise(said)))
    words = set(re.findall(r"[^\W\d_]+", fold(normalise(said))))
    claims = _CITATION.sub("", _STEP.sub("", normalise(answer)))
    wrong = [number for number in _NUMBER.findall(claims) if number not in numbers]
    names = [word for word in _INNER_WORD.findall(claims) if word[0].isupper()]
    return wrong + [name for name in names if fold(name) not in words]
