"""Replies: an answer with its sources, a question back, an honest "I do not know", or a friendly word."""

from dataclasses import replace

from bot.assistant.composing import LENGTH, LENGTH_OF_TWO, excerpt
from bot.assistant.dialogue import Citation, Decision, Question, Reply, Suggestion
from bot.assistant.grounding import ungrounded
from bot.assistant.orders import without_orders
from bot.assistant.selecting import select
from bot.assistant.smalltalk import starters
from bot.assistant.understanding import Understanding
from bot.texts import say
from knowledge.index import Index
from knowledge.passages import Passage
from knowledge.search import Hit

_SUGGESTIONS = 3


def talk(question: Question, understanding: Understanding, index: Index) -> Reply:
    """A greeting, thanks and the like, returned."""
    return Reply(
        question=question.text,
        decision="smalltalk",
        text=say(f"talk.{understanding.smalltalk}", understanding.language),
        language=understanding.language,
        suggestions=_starters(index) if understanding.smalltalk not in ("farewell", "person") else (),
        confidence=1.0,
        talk=understanding.smalltalk,
    )


def refusal(question: Question, understanding: Understanding) -> Reply:
    """One polite sentence; nothing was searched."""
    return Reply(
        question=question.text,
        decision="abstain",
        text=say(f"refuse.{understanding.refusal}", understanding.language),
        language=understanding.language,
    )


def answer(question: Question, understanding: Understanding, hits: list[Hit], index: Index) -> Reply | None:
    """The answer composed from the best passages; None where it says what they do not hold."""
    passages = select(understanding.query, hits, index)
    text = _composed(passages, understanding, index)
    if ungrounded(text, passages):
        return None
    if understanding.language == "en":
        text = f"{say('answer.guides_are_vietnamese', 'en')}\n\n{text}"
    return Reply(
        question=question.text,
        decision="answer",
        text=text,
        language=understanding.language,
        sources=tuple(cite(n, passage) for n, passage in enumerate(passages, start=1)),
        suggestions=candidates(hits, {passage.section for passage in passages}, _SUGGESTIONS),
    )


def introduced(reply: Reply) -> Reply:
    """A reply that is for the asker's own goods or market says so in front."""
    if not reply.about:
        return reply
    words = reply.about.words(reply.language)
    key = "about.answered" if len(words) > 1 else f"about.answered_{next(iter(words))}"
    return replace(reply, text=f"{say(key, reply.language, **words)}\n\n{reply.text}")


def _composed(passages: list[Passage], understanding: Understanding, index: Index) -> str:
    asked, length = understanding.query.text, LENGTH if len(passages) == 1 else LENGTH_OF_TWO // 2
    texts = [excerpt(without_orders(passage.text), asked, index.lexical, length) for passage in passages]
    parts = [f"{text} [{n}]" for n, text in enumerate(texts, start=1)]
    if len(passages) == 1:
        return parts[0]
    return "\n\n".join(f"**{passage.heading}**\n{part}" for passage, part in zip(passages, parts, strict=True))


def without_answer(
    question: Question, understanding: Understanding, hits: list[Hit], decision: Decision, index: Index
) -> Reply:
    """A question back with readings to choose from ("clarify"), or what the library can answer instead ("abstain").

    hits: what is near; where nothing is, questions to begin with are offered.
    """
    return Reply(
        question=question.text,
        decision=decision,
        text=say(decision, understanding.language),
        language=understanding.language,
        suggestions=candidates(hits, set(), _SUGGESTIONS) or _starters(index),
    )


def _starters(index: Index) -> tuple[Suggestion, ...]:
    """The questions to begin with that this library has."""
    first = {passage.heading: passage for passage in index.passages if passage.part == 0}
    return tuple(Suggestion(heading, first[heading].id) for heading in starters() if heading in first)


def cite(n: int, passage: Passage) -> Citation:
    """A passage under the number by which the text names it."""
    source = passage.sources[0] if passage.sources else None
    return Citation(
        n=n,
        title=passage.title,
        section=" › ".join(passage.headings) or passage.title,
        publisher=source.publisher if source else "",
        date=source.date if source else None,
        uri=source.url if source else None,
        passage=passage.id,
        places=passage.places,
    )


def candidates(hits: list[Hit], cited: set[tuple[str, tuple[str, ...]]], count: int) -> tuple[Suggestion, ...]:
    """Headings that people would ask, best first, each section once."""
    found: dict[tuple[str, tuple[str, ...]], Suggestion] = {}
    for hit in hits:
        passage = hit.passage
        if passage.section not in cited and passage.section not in found and passage.headings:
            found[passage.section] = Suggestion(passage.heading, passage.id)
    return tuple(found.values())[:count]
