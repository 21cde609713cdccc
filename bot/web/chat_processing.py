"""What a page asks for, worked off: questions and the wish to begin anew."""

import datetime
import logging
import secrets
import time
from contextlib import aclosing

from bot.asking import LATE, Answering, answered_turn, question_in_talk
from bot.assistant.dialogue import Question, Reply
from bot.conversations.exchange import Claimed, Message, NewTurn, Outcome, Sender, Talk
from bot.conversations.models import now
from bot.conversations.records import Records
from bot.limits import Limits
from bot.lines import MOST_TRIES, Lines
from bot.logs import log_turn
from bot.patience import patiently
from bot.readiness import to_be_invited
from bot.texts import say
from bot.web.chat_session import CHANNEL
from bot.web.chat_streams import Streams

_log = logging.getLogger(__name__)

# Seconds between two states of an answer that is being written.
_PACE = 0.15


class ChatProcessing(Lines):
    """Handles what `Chat` wrote into the inbox.

    Payload: kind ("ask" or "anew") and session; of a question also key, text, whether it is quoted, and whether it is
    to be answered for anybody.
    """

    def __init__(self, records: Records, answering: Answering, limits: Limits, streams: Streams) -> None:
        super().__init__(CHANNEL, records)
        self._answering = answering
        self._limits = limits
        self._streams = streams

    async def _work_off(self, update_id: int, claimed: Claimed) -> None:
        session = str(claimed.payload["session"])
        sender = Sender(CHANNEL, session, session)
        talk = await patiently(lambda: self._records.talk(sender))
        if claimed.payload["kind"] == "anew":
            await self._finish(update_id, Outcome(talk, anew=True))
        else:
            await self._answer(update_id, claimed, talk, session)
        self._streams.changed(session)

    async def _answer(self, update_id: int, claimed: Claimed, talk: Talk, session: str) -> None:
        reply, invitation = None, []
        try:
            turn, reply = await self._turn(claimed, talk, session)
            invitation = await self._invitation(talk, reply)
        except Exception as error:  # noqa: BLE001  # whatever it is, the person is told
            turn = self._failed(claimed, error, claimed.payload["text"])
        # The page says what is kept before anybody can ask.
        language = reply.language if reply else None
        outcome = Outcome(talk, turn, invitation, language, informed=True, invited=bool(invitation))
        try:
            kept = await self._finish(update_id, outcome)
        except Exception as error:  # noqa: BLE001
            # What the database refuses is what was typed: the turn is kept without it.
            kept = await self._finish(update_id, Outcome(talk, self._failed(claimed, error, "")))
        if kept and reply:
            log_turn(reply, CHANNEL)

    async def _turn(self, claimed: Claimed, talk: Talk, session: str) -> tuple[NewTurn, Reply | None]:
        if claimed.tries > MOST_TRIES:
            raise RuntimeError(f"begun {claimed.tries} times")
        key, text = claimed.payload["key"], claimed.payload["text"]
        if talk.held:
            told = "" if talk.told_held else say("person.reading", talk.language)
            return NewTurn(key, text, "held", claimed.received_at, reply=told), None
        if limit := self._limits.exceeded(talk):
            most = self._limits.per_day if limit == "limit.day" else self._limits.per_minute
            told = say(limit, talk.language, limit=most)
            return NewTurn(key, text, "limited", claimed.received_at, reply=told), None
        begun, started = now(), time.perf_counter()
        quoted, for_anybody = claimed.payload["quoted"], claimed.payload.get("for_anybody", False)
        question = question_in_talk(text, talk, quoted=quoted, for_anybody=for_anybody)
        reply = await self._reply(question, session, key)
        turn = answered_turn(
            reply,
            text,
            key=key,
            asked_at=claimed.received_at,
            queued_ms=_milliseconds(begun - claimed.received_at),
            total_ms=(time.perf_counter() - started) * 1000,
            late=begun - claimed.received_at > LATE,
        )
        return turn, reply

    async def _invitation(self, talk: Talk, reply: Reply | None) -> list[Message]:
        """The suggestion to take the readiness check, below an answer; once."""
        if reply is None or reply.decision != "answer":
            return []
        if not to_be_invited(await self._records.onboarding.beside(talk.person), talk):
            return []
        return [Message("note", {"text": say("onboarding.invite", reply.language), "invites": True})]

    async def _reply(self, question: Question, session: str, key: str) -> Reply:
        if not self._answering.assistant.writes:
            return await self._answering.composed(question)
        text, shown = "", 0.0
        async with aclosing(self._answering.assistant.reply_stream(question)) as parts:
            async for part in parts:
                if isinstance(part, Reply):
                    return part
                text += part.joins + part.text
                if time.monotonic() >= shown + _PACE:
                    self._streams.draft(session, key, text)
                    shown = time.monotonic()
        raise RuntimeError("a stream without a reply")

    def _failed(self, claimed: Claimed, error: Exception, text: str) -> NewTurn:
        """The turn of a question that failed: for ops, and for the person with the same reference."""
        reference = secrets.token_hex(4)
        _log.error("update failed", exc_info=error, extra={"event": "failure", "reference": reference})
        return NewTurn(claimed.payload["key"], text, "failed", claimed.received_at, reference=reference)


def _milliseconds(span: datetime.timedelta) -> float:
    return round(span.total_seconds() * 1000, 1)
