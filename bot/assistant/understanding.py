"""A typed message to a question the library can be searched for."""

from dataclasses import dataclass

from bot.assistant.dialogue import NOTHING_TOLD, About, Question
from bot.assistant.followup import in_context
from bot.assistant.leaning import on_profile
from bot.assistant.refusals import refusal_kind
from bot.assistant.smalltalk import smalltalk_kind
from bot.texts import Language
from knowledge.function_words import is_english
from knowledge.index import Index
from knowledge.query import expand, spell_out
from knowledge.search import Query
from knowledge.vietnamese import normalise

# What a person types is cut here; the rest of a longer message is rarely part of the question.
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Understanding:
    """typed: normalised. spelled_out: without abbreviations. query: diacritics restored, with what it leans on.

    smalltalk, refusal: of which kind, when the message is talk and no question, or is to be declined. about: what of
    the asker's profile the query leans on.
    """

    typed: str
    spelled_out: str
    query: Query
    language: Language
    smalltalk: str | None = None
    refusal: str | None = None
    about: About = NOTHING_TOLD


def understand(question: Question, index: Index) -> Understanding:
    """Never fails: whatever was typed, something can be searched or answered as talk."""
    typed = " ".join(normalise(question.text).split())[:LONGEST]
    language: Language = "en" if is_english(typed) else "vi"
    if kind := refusal_kind(typed):
        return Understanding(typed, typed, Query(typed), language, refusal=kind)
    if kind := smalltalk_kind(typed):
        return Understanding(typed, typed, Query(typed), language, smalltalk=kind)
    earlier = (" ".join(normalise(text).split())[:LONGEST] for text in question.history)
    history = [expand(text, index) for text in earlier if not smalltalk_kind(text)]
    leaning = on_profile(expand(typed, index), history, question.about)
    query = in_context(leaning.question, leaning.history)
    return Understanding(typed, spell_out(typed), query, language, about=leaning.about)
