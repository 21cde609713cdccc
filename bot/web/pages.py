"""Pages out of templates, in the language of whoever looks at them."""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.texts import Language, say

_HERE = Path(__file__).parent
LANGUAGE_COOKIE = "hd_lang"
# Pages below it are those inside another site's page.
FRAME = "/embed"

Endpoint = Callable[[Request], Awaitable[Response]]


class Static(StaticFiles):
    """Our own files; small, so that the browser asks each time whether they have changed."""

    def __init__(self) -> None:
        super().__init__(directory=_HERE / "static")

    async def get_response(self, path: str, scope: Scope) -> Any:  # noqa: ANN401  # of the framework's own making
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


@cache
def templates() -> Environment:
    """Every value in a page is escaped, and one that is missing is an error."""
    # Where this was not installed as files there would be no templates at all; Jinja says so.
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language_of(connection: HTTPConnection) -> Language:
    """Chosen on the page, else what the browser asks for, else Vietnamese."""
    for chosen in (connection.query_params.get("lang"), connection.cookies.get(LANGUAGE_COOKIE)):
        if chosen in ("vi", "en"):
            return "en" if chosen == "en" else "vi"
    wanted = [
        part.split(";")[0].strip().lower()[:2] for part in connection.headers.get("accept-language", "").split(",")
    ]
    return "en" if "en" in wanted and "vi" not in wanted else "vi"


def is_framed(connection: HTTPConnection) -> bool:
    """Whether the page is inside another site's page, or asks for something from there."""
    path = connection.url.path
    if path.startswith("/api/"):
        path = urlsplit(connection.headers.get("referer", "")).path
    return path == FRAME or path.startswith(f"{FRAME}/")


def address(path: str, language: Language, *, framed: bool) -> str:
    """Where a page is for people is found; framed: within the frame, where no cookie tells the language."""
    if not framed:
        return path
    place, mark, part = path.partition("#")
    return f"{FRAME}{place.removesuffix('/')}?lang={language}{mark}{part}"


def fragment(template: str, language: Language, *, framed: bool = False, **values: object) -> str:
    """A piece of a page. In templates `t(key, …)` is the text of a key, `at(path)` the address of a page for people."""

    def t(key: str, **filled: object) -> str:
        return say(key, language, **filled)

    def at(path: str) -> str:
        return address(path, language, framed=framed)

    return templates().get_template(template).render(t=t, at=at, language=language, framed=framed, **values)


def page(template: str, connection: HTTPConnection, *, status: int = 200, **values: object) -> HTMLResponse:
    """A whole page. In its template `here` is its path, outside the frame."""
    language, framed = language_of(connection), is_framed(connection)
    here = connection.url.path.removeprefix(FRAME if framed else "") or "/"
    response = HTMLResponse(fragment(template, language, framed=framed, here=here, **values), status)
    if connection.query_params.get("lang") == language:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="lax", httponly=True)
    return response


def go(connection: HTTPConnection, path: str) -> Response:
    """On to a page for people, after a form was sent or where there is nothing to show."""
    return RedirectResponse(address(path, language_of(connection), framed=is_framed(connection)), 303)


def page_routes(path: str, show: Endpoint, take: Endpoint | None = None) -> list[BaseRoute]:
    """A page for people, also inside another site's page. take: what becomes of its form."""
    places = (path, f"{FRAME}{path}")
    taking = [Route(place, take, methods=["POST"]) for place in places] if take else []
    return [*(Route(place, show, methods=["GET"]) for place in places), *taking]
