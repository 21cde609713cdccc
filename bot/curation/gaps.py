"""Gaps: what people asked and were not answered, or not to their liking, grouped by meaning.

For every channel and command; nothing here prints or asks. `gap_draft.py` makes the draft of a document.
"""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.assistant.understanding import understand
from bot.background import in_background
from bot.conversations.exchange import Missed
from bot.conversations.masking import masked
from bot.conversations.models import now
from bot.conversations.records import Records
from bot.curation.grouping import grouped, middle_first
from knowledge.embedding import TextEmbeddings, Vectors
from knowledge.function_words import content_words, is_english
from knowledge.index import Index
from knowledge.live import LiveLibrary
from knowledge.vietnamese import fold, marks

Kind = Literal["unanswered", "disliked"]

# Questions looked at, the newest of those in the time asked for.
MOST = 2000
# Different wordings kept of a gap.
_EXAMPLES = 12
# How much nearer to a passage than to an exemplar of what the library is not about a gap must be, as the mean of its
# cosines: 96 % of the groups of tests/data/gaps.yaml are, and 23 % of the tuning questions outside the field.
_INSIDE = 0.009
# Passages among which the nearest one is looked for.
_NEAR = 100
# A question typed with fewer marks (share of its syllables) does not stand for others if one with more can. They are
# not restored to be shown: in words that the library lacks they would be wrong.
_MARKED = 0.4


@dataclass(frozen=True, slots=True)
class Gap:
    """key: names it for as long as its oldest question is kept. question: the one that stands for all.

    count: how often it was asked, people: by how many, waiting: how many of them want to be told of an answer.
    examples: different wordings as they were typed, the most typical first; turns: the key of a turn for each.
    in_field: what the library is about. topic: where its answer would most likely belong, or "".
    All texts are without personal numbers and addresses.
    """

    key: str
    question: str
    kind: Kind
    count: int
    people: int
    waiting: int
    examples: tuple[str, ...]
    turns: tuple[str, ...]
    last_asked: datetime.datetime
    in_field: bool
    topic: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"last_asked": self.last_asked.isoformat(timespec="seconds")}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that is still open. text: standing alone, its marks restored, as it is compared. typed: as it was
    typed, or standing alone where it leans on others.
    """

    missed: Missed
    text: str
    typed: str

    @property
    def readable(self) -> bool:
        return marks(self.typed) >= _MARKED or is_english(self.typed)


async def find_gaps(records: Records, live: LiveLibrary, embeddings: TextEmbeddings, days: int) -> list[Gap]:
    """The gaps of the last days, those in the field first, then by how many people asked.

    What the live library answers by now is none any more. Takes up to 0.1 s for each different question.
    Raises DatabaseUnavailable.
    """
    missed = await records.missed(now() - datetime.timedelta(days=days), MOST)
    return await in_background(lambda: _gaps(missed, live, embeddings))


def chosen(gaps: Sequence[Gap], name: str) -> Gap | None:
    """The gap of a key, or of a number in the list, from 1."""
    if name.isdecimal() and 1 <= int(name) <= len(gaps):
        return gaps[int(name) - 1]
    return next((gap for gap in gaps if gap.key == name), None)


def _gaps(missed: Sequence[Missed], live: LiveLibrary, embeddings: TextEmbeddings) -> list[Gap]:
    index, assistant = live.index, Assistant(live, embeddings)
    found: list[Gap] = []
    kinds: tuple[Kind, ...] = ("unanswered", "disliked")
    for kind in kinds:
        of_kind = [one for one in missed if one.disliked == (kind == "disliked")]
        asked = [_asked(one, index) for one in of_kind if not _answered_since(one, assistant, index)]
        if asked:
            found += _grouped(kind, asked, index, embeddings)
    return sorted(found, key=lambda gap: (not gap.in_field, -gap.people, -gap.count, -gap.last_asked.timestamp()))


def _answered_since(one: Missed, assistant: Assistant, index: Index) -> bool:
    """Whether a newer version answers it; what was disliked, with other passages than then."""
    if one.version == index.manifest.number:
        return False
    reply = assistant.answer(Question(one.question, one.history))
    cited = {source.passage for source in reply.sources}
    return reply.decision == "answer" and not (one.disliked and cited == set(one.cited))


def _asked(one: Missed, index: Index) -> _Asked:
    query = understand(Question(one.question, one.history), index).query
    text = f"{query.context} {query.text}" if query.leans else query.text
    # Of one that was made of those before it nothing is left to lean on.
    leaning = query.leans or (one.history and not query.context)
    return _Asked(one, text, text if leaning else " ".join(one.question.split()))


def _grouped(kind: Kind, asked: Sequence[_Asked], index: Index, embeddings: TextEmbeddings) -> Iterator[Gap]:
    texts = list(dict.fromkeys(one.text for one in asked))
    place = {text: number for number, text in enumerate(texts)}
    # A version without vectors is replaced within minutes: till then only what reads alike is one.
    apart, inside = np.eye(len(texts), dtype=np.float32), np.full(len(texts), _INSIDE)
    if index.manifest.dense:
        vectors = embeddings.queries(texts)
        apart = index.apart(vectors)
        inside = np.array([_inside(text, vector, index) for text, vector in zip(texts, vectors, strict=True)])
    rows = [place[one.text] for one in asked]
    for group in grouped(apart[rows]):
        members = [asked[number] for number in middle_first(apart[rows], group)]
        in_field = inside[[rows[number] for number in group]].mean() >= _INSIDE
        yield _gap(kind, members, index, in_field=bool(in_field))


def _inside(text: str, vector: Vectors, index: Index) -> float:
    """How much nearer a question is to a passage than to an exemplar of what the library is not about."""
    cosines = index.cosines(vector, index.nearest(vector, _NEAR))
    nearest = max(cosines.says.max(), cosines.best.max())
    return float(nearest) - index.exemplars.likeness(vector, set(content_words(text))).cosine


def _gap(kind: Kind, members: Sequence[_Asked], index: Index, *, in_field: bool) -> Gap:
    """members: the most typical first."""
    missed = sorted((one.missed for one in members), key=lambda one: one.asked_at)
    wordings = {fold(one.typed).rstrip(" ?!."): (masked(one.typed), one.missed.key) for one in reversed(members)}
    examples = tuple(reversed(wordings.values()))[:_EXAMPLES]
    typical = next((one.typed for one in members if one.readable), members[0].typed)
    return Gap(
        key=missed[0].key,
        question=masked(typical),
        kind=kind,
        count=len(missed),
        people=len({one.person for one in missed}),
        waiting=len({one.person for one in missed if one.wanted}),
        examples=tuple(wording for wording, _ in examples),
        turns=tuple(key for _, key in examples),
        last_asked=missed[-1].asked_at,
        in_field=in_field,
        topic=_topic(missed, index),
    )


def _topic(missed: Sequence[Missed], index: Index) -> str:
    """That of the documents found for the questions, each by its place."""
    topics = {document.id: document.topic for document in index.documents}
    votes: Counter[str] = Counter()
    for one in missed:
        for place, document in enumerate(one.documents, start=1):
            if topic := topics.get(document):
                votes[topic] += 1 / place  # type: ignore[assignment]  # counts of fractions
    return votes.most_common(1)[0][0] if votes else ""
