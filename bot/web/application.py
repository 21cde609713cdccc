"""The web application, put together and run."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from bot.asking import Answering
from bot.assistant.assistant import Assistant
from bot.conversations.database import DatabaseUnavailable
from bot.conversations.records import Records
from bot.desk import desk_of
from bot.limits import Limits
from bot.onboarding.files import Files
from bot.patience import patiently
from bot.readiness import Readiness
from bot.running import until_stopped
from bot.settings import Settings
from bot.web.agents import AgentPages
from bot.web.chat import Chat
from bot.web.chat_processing import ChatProcessing
from bot.web.chat_session import CHANNEL
from bot.web.chat_streams import Streams
from bot.web.check import CheckPages
from bot.web.checklist import BotLink, ChecklistPages
from bot.web.description import DESCRIPTION_ROUTE
from bot.web.errors import WebError, told
from bot.web.health import health_routes
from bot.web.offers import OfferPages
from bot.web.pages import Static
from bot.web.person import PersonRoutes
from bot.web.profile import ProfilePages
from bot.web.security import Guard
from bot.web.serving import Serving
from knowledge.live import LiveLibrary

_log = logging.getLogger(__name__)

# Seconds after the signal to stop until the last moment for work; the program is to end within ten.
_WORK_UNTIL = 5.5
# Seconds between two looks for words from elsewhere, which wake nobody.
_LOOK = 2.0
# Sessions looked at in one go.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Web:
    """The parts of the web side. url: where it listens on this machine."""

    application: Starlette
    serving: Serving
    processing: ChatProcessing
    streams: Streams
    answering: Answering
    records: Records

    @property
    def url(self) -> str:
        return self.serving.url


def build_web(
    settings: Settings,
    live: LiveLibrary,
    assistant: Assistant,
    records: Records,
    files: Files,
    more: Sequence[BaseRoute] = (),
    bot: BotLink | None = None,
) -> Web:
    """The web side, which listens from now on. more: routes of other rooms, such as /console. bot: the address of the
    bot on Telegram, where there is one.

    Raises SettingsError when this machine cannot listen where it is told to.
    """
    limits = Limits(settings.limit_queue, settings.limit_open, settings.limit_per_minute, settings.limit_per_day)
    streams, answering = Streams(), Answering(assistant)
    processing = ChatProcessing(records, answering, limits, streams)
    days = settings.retention_days
    readiness = Readiness(records.onboarding, files.questionnaire)
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    routes = [
        *Chat(live, assistant, records, processing, streams, limits, days).routes(),
        *PersonRoutes(desk_of(settings, records, files.questionnaire.profile), records, streams).routes(),
        *ProfilePages(records, readiness).routes(),
        *CheckPages(live, records, readiness, days).routes(),
        *ChecklistPages(live, records, files.steps, bot).routes(),
        *AgentPages(live, records).routes(),
        *OfferPages(live, records).routes(),
        *health_routes(live, records, token),
        DESCRIPTION_ROUTE,
        *more,
    ]
    application = create_application(routes, settings.framed_by)
    serving = Serving(application, settings.host, settings.port)
    return Web(application, serving, processing, streams, answering, records)


def create_application(routes: Sequence[BaseRoute], framed_by: Sequence[str] = ()) -> Starlette:
    """Routes with our static files, headers and errors around them. framed_by: origins of sites that may show them."""
    static = Static()

    async def widget(request: Request) -> Response:
        response: Response = await static.get_response("widget.js", request.scope)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return Starlette(
        routes=[*routes, Route("/widget.js", widget), Mount("/static", static)],
        middleware=[Middleware(Guard, framed_by)],
        exception_handlers={
            WebError: told,
            HTTPException: told,
            DatabaseUnavailable: told,
            Exception: told,
        },
    )


async def run_web(web: Web, stop: asyncio.Event) -> None:
    """Answer until `stop` is set, then finish what was begun."""
    try:
        await until_stopped(_run(web), stop)
    finally:
        web.serving.close()
        web.answering.close()


async def _run(web: Web) -> None:
    """Take up what an earlier run left, and serve until cancelled."""
    await web.processing.resume(await patiently(lambda: web.records.open_updates(CHANNEL)))
    _log.info("listening on the web", extra={"event": "listening", "url": web.url})
    tasks = {asyncio.create_task(web.serving.run()), asyncio.create_task(_look_for_notes(web))}
    try:
        # Neither ends by itself: if one does, its error is to end the program, which is started anew.
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        web.streams.close()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await web.processing.stop(_WORK_UNTIL)


async def _look_for_notes(web: Web) -> None:
    """Wake the pages that something was told to from elsewhere."""
    while True:
        looking = web.streams.sessions
        with suppress(DatabaseUnavailable):
            for start in range(0, len(looking), _AT_ONCE):
                for session in await web.records.with_notes(CHANNEL, looking[start : start + _AT_ONCE]):
                    web.streams.changed(session)
        await asyncio.sleep(_LOOK)
