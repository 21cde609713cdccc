"""The console as an application that is mounted below a path of its own."""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from bot.conversations.database import Database, DatabaseUnavailable
from bot.curation.found_gaps import FoundGaps
from bot.curation.publishing import Publisher
from bot.texts import Language
from bot.web.console import acts, conversations, gaps, library, onboarding, overview, people, signing, tickets, today
from bot.web.console.backstage import Backstage
from bot.web.console.jobs import Jobs
from bot.web.console.pages import HERE, Pages
from bot.web.console.shelf import Shelf
from bot.web.console.shielding import Shield
from bot.web.console.visiting import Visit, language_of

_KEYS = {404: "console.not_found", 413: "console.too_large"}


def console_app(
    database: Database,
    publisher: Publisher,
    found_gaps: FoundGaps,
    forget: Callable[[Iterable[str]], None],
    *,
    hold: timedelta,
    language: Language = "vi",
    provinces: Collection[str] = (),
) -> Starlette:
    """The pages of the console; see `Backstage`.

    To be mounted, as all its addresses begin where it is, and behind `bot.web.security.Guard`, which refuses what other
    sites send.
    """
    behind = Backstage(database, Shelf(publisher), Pages(), Jobs(), found_gaps, forget, hold, language, provinces)
    app = Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=HERE / "static"), name="console-static"),
            *signing.ROUTES,
            *overview.ROUTES,
            *today.ROUTES,
            *conversations.ROUTES,
            *gaps.ROUTES,
            *tickets.ROUTES,
            *onboarding.ROUTES,
            *people.ROUTES,
            *library.ROUTES,
            *acts.ROUTES,
        ],
        middleware=[Middleware(Shield)],
        exception_handlers={HTTPException: _http_error, DatabaseUnavailable: _unavailable},
    )
    app.state.behind = behind
    return app


def _told(request: Request, key: str, status: int) -> Response:
    behind: Backstage = request.app.state.behind
    return behind.pages.message(Visit(request, behind, language_of(request, behind)), key, status)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = _told(request, _KEYS.get(status, "console.not_understood"), status)
    response.headers.update((error.headers if isinstance(error, HTTPException) else None) or {})
    return response


async def _unavailable(request: Request, _: Exception) -> Response:
    return _told(request, "console.unavailable", 503)
