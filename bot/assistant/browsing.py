"""What the library can be asked: topics, their guides, and each guide's questions."""

import hashlib
from dataclasses import dataclass

from bot.assistant.dialogue import Suggestion
from bot.texts import Language, catalogue, say
from knowledge.index import Index

# The order in which an SME meets the subjects; topics of other documents come after them.
_ORDER = ("digital", "alibaba", "agents", "buyers", "access", "procedure", "logistics", "figures", "assistant")


@dataclass(frozen=True, slots=True)
class Guide:
    """key: short and stable, for buttons."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Topic:
    """key: short and stable, for buttons. label: for people."""

    key: str
    label: str
    guides: tuple[Guide, ...]


def topics(index: Index, language: Language = "vi") -> list[Topic]:
    """The topics of the live library with their guides."""
    by_topic: dict[str, list[Guide]] = {}
    for document in index.documents:
        by_topic.setdefault(document.topic, []).append(Guide(_key(document.id), document.title))
    ordered = sorted(by_topic, key=lambda topic: (_ORDER.index(topic) if topic in _ORDER else len(_ORDER), topic))
    return [Topic(_key(topic), topic_label(topic, language), tuple(by_topic[topic])) for topic in ordered]


def topic_label(topic: str, language: Language = "vi") -> str:
    """The name of a topic for people; a topic the catalogue does not know is its own name."""
    if not topic:
        return say("topic.other", language)
    return say(f"topic.{topic}", language) if f"topic.{topic}" in catalogue() else topic


def questions_of(index: Index, guide: str) -> list[Suggestion]:
    """The questions of the guide with a key, in reading order; none for a guide that is gone."""
    found = {}
    for passage in index.passages:
        if passage.part == 0 and passage.headings and _key(passage.document) == guide:
            found[passage.section] = Suggestion(passage.heading, passage.id)
    return list(found.values())


def question_of(index: Index, passage: str) -> str | None:
    """The question that a passage answers; None for a passage that this version does not have."""
    return next((found.heading for found in index.passages if found.id == passage), None)


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
