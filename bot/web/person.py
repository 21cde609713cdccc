"""Who wants a human on the chat page: what they agree to, and the ticket."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.conversations.exchange import Talk
from bot.conversations.records import Records
from bot.desk import Desk
from bot.web.chat_session import sender_of
from bot.web.chat_streams import Streams
from bot.web.errors import WebError
from bot.web.pages import fragment, language_of
from bot.web.reading import read_json, text_in
from bot.web.rendering import answer_html


class PersonRoutes:
    """The routes of the dialog."""

    def __init__(self, desk: Desk, records: Records, streams: Streams) -> None:
        self._desk = desk
        self._records = records
        self._streams = streams

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/person", self.offer),
            Route("/api/person", self.request, methods=["POST"]),
        ]

    async def offer(self, request: Request) -> Response:
        """The question for consent with its buttons; or that nobody takes requests, or that one is open."""
        offer = await self._desk.offer(await self._talk(request))
        html = fragment(
            "person.html",
            language_of(request),
            text=answer_html(offer.text, {}),
            turn=offer.turn,
            possible=offer.possible,
        )
        return Response(html, media_type="text/html")

    async def request(self, request: Request) -> Response:
        """Make the ticket, which then stands in the conversation; where there is no new one the answer says why."""
        talk, body = await self._talk(request), await read_json(request)
        turn, shown = text_in(body, "turn", 16), body.get("shown")
        if not isinstance(shown, bool):
            raise WebError(422, "web.error_request")
        text, key = await self._desk.request(talk, turn, shown=shown)
        self._streams.changed(sender_of(request).chat)
        return JSONResponse({"text": "" if key else text.strip()})

    async def _talk(self, request: Request) -> Talk:
        """Where they are, in the language of the page."""
        return replace(await self._records.talk(sender_of(request)), language=language_of(request))
