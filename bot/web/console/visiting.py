"""A request to the console, and who may make it: sessions, roles, and tokens that only our own forms know."""

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversations.accounts import Session, session_of
from bot.conversations.auditing import note, note_once
from bot.conversations.database import DatabaseUnavailable
from bot.conversations.exchange import Audited
from bot.conversations.models import Role
from bot.patience import patiently
from bot.texts import Language
from bot.web.console.backstage import Backstage

_log = logging.getLogger(__name__)

COOKIE = "hai_dang_console"
_LANGUAGE_COOKIE = "hai_dang_console_language"
_YEAR = 365 * 86400
# Fields of one form; the longest has a hidden field for each finding to confirm.
_MOST_FIELDS = 50
_LARGEST = 2**31


@dataclass(slots=True)
class Visit:
    """A request. session: of whoever is signed in; None only on the pages that need nobody. form: of a POST."""

    request: Request
    behind: Backstage
    language: Language
    session: Session | None = None
    form: FormData = field(default_factory=FormData)

    @property
    def user(self) -> Session:
        assert self.session is not None  # noqa: S101  # such pages are only reached signed in
        return self.session

    @property
    def is_admin(self) -> bool:
        return self.session is not None and self.session.role == "admin"

    def path(self, path: str = "/", **query: object) -> str:
        """The address of a page of the console on this host."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        root: str = self.request.scope.get("root_path", "")
        return root + path + (f"?{urlencode(given)}" if given else "")

    def query(self, name: str) -> str:
        return _clean(self.request.query_params.get(name, ""))

    def typed(self, name: str) -> str:
        """A field of the form as text; empty where there is none."""
        value = self.form.get(name)
        return _clean(value) if isinstance(value, str) else ""

    def file(self, name: str) -> UploadFile | None:
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def go(self, path: str, **query: object) -> Response:
        """On to a page of the console, after something was done."""
        return RedirectResponse(self.path(path, **query), 303)

    async def audit(self, action: str, subject: object = "", **detail: Any) -> None:  # noqa: ANN401
        """Keep that the user does something."""
        name = self.user.name
        await self.behind.database.write(lambda connection: note(connection, name, action, str(subject), **detail))

    async def audit_acts(self, acts: Sequence[Audited]) -> None:
        """Keep what the user did to the library; what is kept already, as it was done already, once."""
        name, database = self.user.name, self.behind.database
        if acts:
            await patiently(lambda: database.write(lambda connection: note_once(connection, name, acts)))


Handler = Callable[[Visit], Awaitable[Response]]


def page(
    path: str, handler: Handler, methods: tuple[str, ...] = ("GET",), *, role: Role = "ops", anyone: bool = False
) -> Route:
    """A page for whoever is signed in and has the role; anyone: needs nobody. A POST needs the session's token."""

    async def endpoint(request: Request) -> Response:
        behind: Backstage = request.app.state.behind
        # No database counts so far, nor keeps such characters.
        for value in request.path_params.values():
            if (isinstance(value, int) and value >= _LARGEST) or "\0" in str(value):
                raise HTTPException(404)
        switched = request.query_params.get("lang")
        if switched in ("vi", "en") and request.method == "GET":
            return _switch_language(request, switched)
        visit = Visit(request, behind, language_of(request, behind))
        token = request.cookies.get(COOKIE, "")
        if token:
            visit.session = await behind.database.read(lambda connection: session_of(connection, token))
        if visit.session is None and not anyone:
            return visit.go("/sign-in", next=_here(request) if request.method == "GET" else None)
        if role == "admin" and not visit.is_admin and not anyone:
            return behind.pages.message(visit, "console.not_allowed", 403)
        if request.method == "POST":
            visit.form = await request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=6_000_000)
            if (
                visit.session
                and not anyone
                and not hmac.compare_digest(visit.typed("csrf").encode(), visit.session.csrf.encode())
            ):
                return behind.pages.message(visit, "console.not_from_here", 403)
        try:
            return await handler(visit)
        except (HTTPException, DatabaseUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the page says that it failed
            reference = secrets.token_hex(4)
            _log.error("console page failed", exc_info=error, extra={"event": "failure", "reference": reference})
            return behind.pages.message(visit, "console.failed", 500, reference=reference)
        finally:
            await visit.form.close()

    endpoint.__name__ = handler.__name__
    return Route(path, endpoint, methods=list(methods), name=f"{handler.__module__}.{handler.__name__}")


def _clean(text: str) -> str:
    """Without NUL, which PostgreSQL refuses, and without space around it."""
    return text.replace("\0", "").strip()


def safe_next(visit: Visit, wanted: str) -> str:
    """Where to go after signing in: a page of the console, whatever was asked for; what is to be looked at, if none."""
    root = visit.request.scope.get("root_path", "")
    odd = any(character in wanted for character in "\\\r\n\t\0") or not wanted.isprintable()
    if odd or not wanted.startswith(f"{root}/") or wanted.startswith("//") or "/.." in wanted or wanted == f"{root}/":
        return visit.path("/today")
    return wanted


def _here(request: Request) -> str:
    return quote(request.scope["path"]) + (f"?{request.url.query}" if request.url.query else "")


def language_of(request: Request, behind: Backstage) -> Language:
    kept = request.cookies.get(_LANGUAGE_COOKIE)
    return "en" if kept == "en" else "vi" if kept == "vi" else behind.language


def _switch_language(request: Request, language: str) -> Response:
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    # The path alone: the browser stays on this host. Two slashes in front would be another one.
    path = "/" + quote(request.scope["path"]).lstrip("/")
    response = RedirectResponse(path + (f"?{urlencode(query)}" if query else ""), 303)
    set_cookie(request, response, _LANGUAGE_COOKIE, language, _YEAR)
    return response


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=request.scope.get("root_path", "") or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
