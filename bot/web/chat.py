"""The routes of the chat: its page, its questions, its stream of news, and what a person may do with their data."""

import asyncio
import hashlib
import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.asking import REASONS, readable
from bot.assistant.assistant import Assistant
from bot.assistant.browsing import questions_of, topics
from bot.assistant.understanding import LONGEST
from bot.conversations.exchange import Incoming, Sender
from bot.conversations.models import Vote
from bot.conversations.records import Records
from bot.limits import Limits
from bot.texts import Language, say
from bot.web import chat_session
from bot.web.chat_processing import ChatProcessing
from bot.web.chat_session import CHANNEL, sender_of, visit_of
from bot.web.chat_showing import Reader, items
from bot.web.chat_streams import Streams
from bot.web.errors import WebError
from bot.web.pages import FRAME, fragment, is_framed, language_of, page
from bot.web.reading import read_json, text_in
from bot.web.rendering import answer_html
from knowledge.index import Index
from knowledge.live import LiveLibrary

# Seconds after which a stream says that it is alive, so that nothing in between takes it for dead.
_ALIVE = 20.0
# Example questions on the first page.
_EXAMPLES = 6
# Characters of a question that are kept; beyond LONGEST none are read.
_MOST_TYPED = 4000
_KEY = re.compile(r"[0-9a-f]{16,64}")


class Chat:
    """days: how long things are kept."""

    def __init__(
        self,
        live: LiveLibrary,
        assistant: Assistant,
        records: Records,
        processing: ChatProcessing,
        streams: Streams,
        limits: Limits,
        days: int,
    ) -> None:
        self._live = live
        self._assistant = assistant
        self._records = records
        self._processing = processing
        self._streams = streams
        self._limits = limits
        self._days = days
        # One at a time in each session, so that a question that comes twice is found to be there.
        self._taking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._newest = 0
        # By version of the library and language, as each page shows them.
        self._examples: dict[tuple[int, Language], list[tuple[str, str]]] = {}

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.show),
            Route(FRAME, self.show),
            Route("/topics", self.topics),
            Route("/topics/{guide}", self.questions),
            Route("/api/questions", self.ask, methods=["POST"]),
            _route("/api/conversation", GET=self.conversation, DELETE=self.begin_anew),
            Route("/api/news", self.news),
            Route("/api/feedback", self.judge, methods=["POST"]),
            Route("/api/wishes", self.wish, methods=["POST"]),
            _route("/api/data", GET=self.hand_over, DELETE=self.erase),
        ]

    async def show(self, request: Request) -> Response:
        """The page; what was said so far comes with the news."""
        index, language = self._live.index, language_of(request)
        made = (index.manifest.number, language)
        if made not in self._examples:
            self._examples[made] = _examples(index, language)
        response = page("chat.html", request, examples=self._examples[made], days=self._days, longest=_MOST_TYPED)
        visit = visit_of(request)
        if visit.new:
            chat_session.keep(visit, request, response)
        return response

    async def topics(self, request: Request) -> Response:
        """All topics with their guides, to open."""
        language = language_of(request)
        return Response(
            fragment("topics.html", language, topics=topics(self._live.index, language)), media_type="text/html"
        )

    async def questions(self, request: Request) -> Response:
        """The questions of a guide."""
        found = questions_of(self._live.index, request.path_params["guide"])
        return Response(fragment("questions.html", language_of(request), questions=found), media_type="text/html")

    async def ask(self, request: Request) -> Response:
        """Write a question down; the answer comes with the news. The same key is the same question."""
        sender, body = sender_of(request), await read_json(request)
        key, text = text_in(body, "key", 64), text_in(body, "text", _MOST_TYPED)
        how = {name: body.get(name, False) for name in ("quoted", "for_anybody")}
        if not _KEY.fullmatch(key) or not all(isinstance(chosen, bool) for chosen in how.values()):
            raise WebError(422, "web.error_request")
        if not readable(text):
            raise WebError(422, "web.error_empty")
        # Nobody can take the key of another one's turn.
        turn_key = hashlib.sha256(f"{sender.person}:{key}".encode()).hexdigest()[:16]
        payload = {"kind": "ask", "key": turn_key, "text": text, **how}
        async with self._taking_of(sender):
            if not await self._records.asked(sender, turn_key):
                await self._take(sender, payload, text)
        return JSONResponse({"id": f"turn-{turn_key}"}, 202)

    async def begin_anew(self, request: Request) -> Response:
        """End the conversation once what waits in it is answered."""
        sender = sender_of(request)
        async with self._taking_of(sender):
            await self._take(sender, {"kind": "anew"}, "")
        return JSONResponse({}, 202)

    def _taking_of(self, sender: Sender) -> asyncio.Lock:
        if len(self._taking) > self._limits.open:
            for session in [session for session, lock in self._taking.items() if not lock.locked()]:
                del self._taking[session]
        return self._taking[sender.chat]

    async def _take(self, sender: Sender, payload: dict[str, Any], question: str) -> None:
        """Raises WebError when there is no room."""
        payload = {**payload, "session": sender.chat}
        while True:
            # Numbers rise whatever the clock does; one that was given before by another clock is passed over.
            self._newest = max(self._newest + 1, time.time_ns() // 1000)
            update = Incoming(self._newest, payload, sender, question)
            taken = await self._records.take(
                CHANNEL, [update], limit_queue=self._limits.queue, limit_open=self._limits.open
            )
            if taken.refused:
                raise WebError(429, "limit.queue")
            if taken.left:
                raise WebError(503, "web.error_full")
            if taken.new:
                self._processing.add(sender.chat, update.update_id)
                self._streams.changed(sender.chat)
                return

    async def conversation(self, request: Request) -> Response:
        """All that the page shows, for one that gets no stream."""
        sender = sender_of(request)
        shown = await self._records.shown(sender)
        found = items(shown, self._live.index, await self._reader(request, sender))
        await self._mark(shown.notes)
        return JSONResponse({"items": found, "whole": True})

    async def news(self, request: Request) -> Response:
        """A stream of events: "conversation" with what is new, "draft" with an answer that is being written."""
        sender = sender_of(request)
        self._streams.check(sender.chat)
        return StreamingResponse(
            self._events(request, sender),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _events(self, request: Request, sender: Sender) -> AsyncIterator[str]:
        with self._streams.listening(sender.chat) as listener:
            conversation, turn, note, first = 0, 0, 0, True
            while not listener.closed:
                if first or listener.changed:
                    listener.changed = False
                    shown = await self._records.shown(sender, after_turn=turn, after_note=note)
                    if first or shown.conversation != conversation:
                        shown = await self._records.shown(sender)
                        first = True
                    found = items(shown, self._live.index, await self._reader(request, sender))
                    yield _event("conversation", {"items": found, "whole": first})
                    conversation, first = shown.conversation, False
                    turn = max([turn, *(turn.id for turn in shown.turns)])
                    note = max([note, *(note.id for note in shown.notes)])
                    await self._mark(shown.notes)
                elif draft := listener.draft:
                    listener.draft = None
                    yield _event("draft", {"id": f"turn-{draft[0]}", "html": answer_html(draft[1], {})})
                else:
                    yield ": alive\n\n"
                await listener.news(_ALIVE)

    async def _reader(self, request: Request, sender: Sender) -> Reader:
        beside = await self._records.onboarding.beside(self._records.pseudonym(sender))
        return Reader(language_of(request), is_framed(request), beside)

    async def _mark(self, notes: Sequence[Any]) -> None:
        if new := [note.id for note in notes if note.new]:
            await self._records.mark_shown(new)

    async def judge(self, request: Request) -> Response:
        """👍 or 👎 for a turn, with a reason or words of one's own; null takes it back."""
        sender, body = sender_of(request), await read_json(request)
        key, vote = text_in(body, "turn", 16), body.get("vote")
        reason, note = body.get("reason"), body.get("note")
        if vote not in ("up", "down", None) or reason not in (*REASONS, None) or not isinstance(note, str | None):
            raise WebError(422, "web.error_request")
        chosen: Vote | None = vote
        if not await self._records.feedback(sender, key, chosen, reason, note[:LONGEST] if note else None):
            raise WebError(404, "web.error_no_turn")
        return JSONResponse({})

    async def wish(self, request: Request) -> Response:
        """Whether the person wants to be told once a declined question can be answered; what is kept, and in words."""
        sender, body, language = sender_of(request), await read_json(request), language_of(request)
        key, wanted = text_in(body, "turn", 16), body.get("wanted")
        if not isinstance(wanted, bool):
            raise WebError(422, "web.error_request")
        try:
            state = await self._records.want_answer(sender, key, wanted=wanted)
        except LookupError:
            raise WebError(404, "web.error_no_wish") from None
        said = {"asked": "gaps.will_tell", "told": "gaps.told_already", None: "gaps.will_not_tell"}[state]
        return JSONResponse({"state": state, "text": say(said, language)})

    async def hand_over(self, request: Request) -> Response:
        """Everything that is kept of the person, as a file."""
        data = await self._records.personal_data(sender_of(request))
        return Response(
            json.dumps(data, ensure_ascii=False, indent=1),
            media_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="hai-dang-du-lieu-cua-toi.json"'},
        )

    async def erase(self, request: Request) -> Response:
        """Erase all that is kept of the person; the browser goes on as somebody new."""
        sender = sender_of(request)
        self._assistant.forget(await self._records.erase(sender))
        response = JSONResponse({})
        chat_session.keep(chat_session.fresh(), request, response)
        self._streams.close(sender.chat)
        return response


def _route(path: str, **handlers: Callable[[Request], Awaitable[Response]]) -> Route:
    """One route for several methods, so that a refusal of another one names them all."""

    async def endpoint(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, endpoint, methods=list(handlers))


def _examples(index: Index, language: Language) -> list[tuple[str, str]]:
    """Topics with a question each, of the first guide in it."""
    found = []
    for topic in topics(index, language)[:_EXAMPLES]:
        asked = [question for guide in topic.guides[:1] for question in questions_of(index, guide.key)[:1]]
        found += [(topic.label, question.text) for question in asked]
    return found


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
