"""Questions that lean on the one before ("thế còn EU?"), made to stand alone."""

import re

from knowledge.entities import Entity, find_entities
from knowledge.function_words import content_words, function_words
from knowledge.search import Query

_LEADS = re.compile(
    r"^(?:(?:thế|vậy|rồi|ừ|ok|dạ|à|và|thế thì|vậy thì)[ ,]+)*"
    r"(?:còn|thế còn|vậy còn|ngoài ra|how about|what about|and)\b[ ,]*"
    r"|^(?:(?:thế|vậy|rồi|thế thì|vậy thì)[ ,]+)+",
    re.IGNORECASE,
)
_TAILS = re.compile(
    r"[ ,]*\b(?:thì sao|thì thế nào|thì như thế nào|thì làm sao|sao rồi)\b[ ?!.]*$|[ ?!.]+$", re.IGNORECASE
)
# What was asked longer ago than this, in characters, says little about what is asked now.
LONGEST_CONTEXT = 300

# A turn away from what was asked before.
_CHANGES = re.compile(
    r"^(?:à|ủa|ê|ờ|ah) mà (?!thế|còn)|hỏi (?:chuyện|câu|cái|việc|vấn đề) khác|chuyển sang chuyện",
    re.IGNORECASE,
)


def in_context(question: str, history: list[str]) -> Query:
    """A question with what it leans on of the questions before it.

    question, history: as search wants them, the history oldest first.
    """
    context = ""
    for earlier in history:
        query = _joined(earlier, context)
        context = f"{query.context} {query.text}".strip()[-LONGEST_CONTEXT:]
    return _joined(question, context)


def bared(question: str) -> str:
    """Without the words that only join it to what was said ("thế còn … thì sao?")."""
    return _TAILS.sub("", _LEADS.sub("", question)).strip() or question


def turns_away(question: str) -> bool:
    """Whether it says that it is about something else than what was asked before."""
    return bool(_CHANGES.search(question))


def _joined(question: str, before: str) -> Query:
    if not before or turns_away(question):
        return Query(question)
    bare = bared(question)
    named = find_entities(bare)
    swapped = _swapped(bare, named, before)
    if swapped and set(content_words(bare)) <= {
        word for entity in named for word in content_words(bare[entity.start : entity.end])
    }:
        return Query(swapped)
    return Query(bare, before, leans=set(content_words(bare)) <= function_words("attributes"))


def _swapped(bare: str, named: list[Entity], before: str) -> str | None:
    """The question before with its market, goods or paper put in place of the one named now ("thế còn EU?")."""
    for new in named:
        for old in find_entities(before):
            if old.kind == new.kind:
                return before[: old.start] + bare[new.start : new.end] + before[old.end :]
    return None
