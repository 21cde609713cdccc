"""An answer written by a language model from numbered passages: a stream of sentences that were checked."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from bot.assistant.chat_model import ChatModels
from bot.assistant.composing import blocks_of
from bot.assistant.dialogue import Usage
from bot.assistant.orders import without_orders
from bot.assistant.prompting import prompt
from bot.assistant.verifying import LONGEST, Evidence, Resembles
from bot.texts import Language
from knowledge.passages import Passage, plain

# Characters; what a model writes beyond it is not waited for.
LONGEST_ANSWER = 2400
# Characters; less is no answer.
_SHORTEST = 30
# Of the sentences of an answer at least this share must hold; else too little of the thought is left.
_LEAST_KEPT = 0.6
# With as many that do not hold the rest is not waited for: the model has lost its way.
_MOST_DROPPED = 5

_NOTHING = re.compile(r"\W*KHÔNG CÓ\b", re.IGNORECASE)
_NUMBERS = re.compile(r"\s*\[(\d+(?:\s*[,;]\s*\d+)*)\]")
# Where a sentence may end: at a new line, or behind its stop and its citations. What follows must have been seen.
_BREAK = re.compile(r"\s*\n\s*(?=[^\s\[])|(?:[.!?…][\"”)]?|\])(?:\s*\[\d[\d,; ]*\]\.?)*\s+(?=(?P<next>[^\s\[]))")
# The number of a step and abbreviations have a stop, but end nothing.
_NO_END = re.compile(r"(?:^|\n)\s*\d{1,2}\.$|\b(?:TP|TS|ThS|PGS|GS|Mr|Ms|Mrs|Dr|No|Co|Ltd|Inc)\.$")
_BULLET = re.compile(r"^\s*[-*•]\s+")


class UnusableError(Exception):
    """What the model wrote cannot be sent. Seen by the assistant, which sends the composed answer; says why."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A checked sentence with its [n]. joins: what stands between it and the one before it."""

    text: str
    joins: str


@dataclass(slots=True)
class Generation:
    """One answer while it is written. sentences: those that hold, so far. dropped: why each of the others fell."""

    models: ChatModels
    evidence: Evidence
    used: list[Usage]
    sentences: list[Sentence] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(sentence.joins + sentence.text for sentence in self.sentences).strip()

    @property
    def cited(self) -> list[int]:
        """The numbers of the passages that the text names."""
        return sorted({int(number) for number in re.findall(r"\[(\d+)\]", self.text)})

    async def stream(self, asked: str, until: float) -> AsyncGenerator[Sentence, None]:
        """The sentences that hold, as they come; until: a time of the running loop.

        Raises UnusableError when too little holds and ModelGaveUpError; nothing that was streamed counts then.
        """
        passages = [_as_read(passage) for passage in self.evidence.passages]
        answer = prompt("answer")
        messages = answer.messages(self.evidence.language, passages=passages, question=asked)
        pieces = self.models.stream(answer, messages, until, self.used)
        async with aclosing(_sentences(pieces)) as sentences:
            async for joins, written in sentences:
                if sentence := await asyncio.to_thread(self._checked, joins, written):
                    yield sentence
        if not self.sentences or len(self.text) < _SHORTEST:
            raise UnusableError("short")
        if len(self.sentences) < _LEAST_KEPT * (len(self.sentences) + len(self.dropped)):
            raise UnusableError("too_little_held")
        if not self.evidence.to_the_point(self.text, asked):
            raise UnusableError("beside_the_point")

    def _checked(self, joins: str, written: str) -> Sentence | None:
        """Raises UnusableError where the sentence that answers, the first one, does not hold."""
        first = not self.sentences and not self.dropped
        if first and _NOTHING.match(written):
            raise UnusableError("declined")
        cited = _NUMBERS.sub(lambda match: "".join(f" [{n}]" for n in re.split(r"\s*[,;]\s*", match[1])), written)
        problem = self.evidence.problem(cited)
        sentence = Sentence(_BULLET.sub("• ", cited.strip()), joins if self.sentences else "")
        repeated = sentence.text in {said.text for said in self.sentences}
        if problem is None and not repeated:
            self.sentences.append(sentence)
            return sentence
        if first:
            raise UnusableError(problem or "repeated")
        self.dropped.append(problem or "repeated")
        if len(self.dropped) >= _MOST_DROPPED:
            raise UnusableError("too_little_held")
        return None


def as_data(passages: Sequence[Passage]) -> list[Passage]:
    """The passages as a model may read them: without sentences that give it orders."""
    return [replace(passage, text=without_orders(passage.text)) for passage in passages]


def evidence(
    passages: Sequence[Passage], language: Language, weight: Callable[[str], float], resembles: Resembles | None = None
) -> Evidence:
    """What an answer from these passages may lean on."""
    return Evidence(as_data(passages), language, weight, prompt("answer").rules, resembles)


def _as_read(passage: Passage) -> str:
    """A passage under its title and headings, without Markdown."""
    lines = (plain(block.text).strip() for block in blocks_of(passage.text))
    return "\n".join((" › ".join((passage.title, *passage.headings)), *lines))


async def _sentences(pieces: AsyncGenerator[str, None]) -> AsyncGenerator[tuple[str, str], None]:
    """The sentences of a text that comes in pieces, each after what stands between it and the one before it."""
    waiting, joins, read = "", "", 0
    async with aclosing(pieces):
        async for piece in pieces:
            waiting += piece
            read += len(piece)
            while end := _first_end(waiting):
                yield joins, waiting[: end.end()].strip()
                gap = end[0][len(end[0].rstrip()) :]
                joins, waiting = ("\n" * min(2, gap.count("\n"))) or " ", waiting[end.end() :]
            if read > LONGEST_ANSWER or len(waiting) > 2 * LONGEST:
                return
    if waiting.strip():
        yield joins, waiting.strip()


def _first_end(text: str) -> re.Match[str] | None:
    """The end of the first sentence, as far as it is certain."""
    for match in _BREAK.finditer(text):
        following = match["next"]
        starts = following is None or "\n" in match[0] or following.isupper() or following in '"“(•-'
        if starts and text[: match.end()].strip() and not _NO_END.search(text[: match.end()].rstrip(" ")):
            return match
    return None
