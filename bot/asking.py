"""From a question to the turn that is kept, for every channel."""

import asyncio
import datetime
from concurrent.futures import ThreadPoolExecutor

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import NOTHING_TOLD, About, Question, Reply
from bot.assistant.understanding import LONGEST
from bot.conversations.exchange import NewTurn, Talk
from bot.onboarding.profile import Profile
from knowledge.entities import names_of
from knowledge.vietnamese import normalise

# What a person may say is wrong with an answer.
REASONS = ("wrong", "off_topic", "incomplete", "unclear")
# A person who has waited longer than this is told that the answer comes late.
LATE = datetime.timedelta(hours=1)
# Answers computed at the same time in one channel; each keeps a processor busy.
_WORKERS = 2


class Answering:
    """Computes answers in a bounded number of threads."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="answer")

    async def composed(self, question: Question) -> Reply:
        """The reply without a language model."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.assistant.answer, question)

    def close(self) -> None:
        """Let go of the threads; nothing can be answered any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def question_in_talk(text: str, talk: Talk, *, quoted: bool, for_anybody: bool = False) -> Question:
    """quoted: a question out of the library, which stands alone: earlier ones could only bend it.

    for_anybody: whatever the person told of themselves is left aside.
    """
    if quoted:
        return Question(text)
    history = tuple(earlier[:LONGEST] for earlier in talk.history)
    told = talk.profile and not for_anybody
    return Question(text, history, about_of(Profile.from_json(talk.profile)) if told else NOTHING_TOLD)


def about_of(profile: Profile) -> About:
    """What answers are to be for: of several goods and markets the first that were chosen."""
    if not profile.for_answers:
        return NOTHING_TOLD
    goods, markets = names_of("goods"), names_of("market")
    return About(
        next((name for name in profile.goods if name in goods), ""),
        next((name for name in profile.markets if name in markets), ""),
    )


def readable(text: str) -> bool:
    """Whether anything is left of a text that can be read."""
    return bool(normalise(text).strip())


def is_too_long(text: str) -> bool:
    """Whether only the first `LONGEST` characters of a question are read."""
    return len(" ".join(normalise(text).split())) > LONGEST


def answered_turn(
    reply: Reply,
    text: str,
    *,
    key: str,
    asked_at: datetime.datetime,
    queued_ms: float,
    total_ms: float,
    message: int | None = None,
    late: bool = False,
) -> NewTurn:
    """The turn of a question that was answered. message: the channel's number of the question."""
    return NewTurn(
        key=key,
        question=text,
        decision=reply.decision,
        asked_at=asked_at,
        understood=reply.understood,
        reply=reply.text,
        sources=reply.evidence(),
        confidence=reply.confidence,
        library_version=reply.version,
        latency={"queue": queued_ms, **reply.steps_ms, "total": round(total_ms, 1)},
        question_message=message,
        late=late,
        writing=reply.writing(),
        suggestions=[{"text": suggestion.text, "passage": suggestion.passage} for suggestion in reply.suggestions],
    )
