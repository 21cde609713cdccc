"""Pages out of templates, in the language of whoever looks at them."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.texts import Language, say

_HERE = Path(__file__).parent
LANGUAGE_COOKIE = "hd_lang"


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


def fragment(template: str, language: Language, **values: object) -> str:
    """A piece of a page. In templates `t(key, …)` is the text of a key."""

    def t(key: str, **filled: object) -> str:
        return say(key, language, **filled)

    return templates().get_template(template).render(t=t, language=language, **values)


def page(template: str, connection: HTTPConnection, *, status: int = 200, **values: object) -> HTMLResponse:
    """A whole page."""
    language = language_of(connection)
    response = HTMLResponse(fragment(template, language, **values), status)
    if connection.query_params.get("lang") == language:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="lax", httponly=True)
    return response
