"""Errors as the web tells them: one shape in JSON for what pages ask for, a page for people."""

import logging
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from bot.conversations.database import DatabaseUnavailable
from bot.texts import say
from bot.web.pages import language_of, page

_log = logging.getLogger(__name__)

_KEYS = {404: "web.error_missing", 405: "web.error_method", 413: "web.error_large", 429: "limit.queue"}


class WebError(Exception):
    """A request that cannot be answered as it is. Seen by the browser; key: of the text that says why."""

    def __init__(self, status: int, key: str, **values: object) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.values = values


def error_response(connection: HTTPConnection, status: int, key: str, **values: object) -> Response:
    """The error for whoever asked: JSON `{"error": {"code", "text"}}` below /api, else a page."""
    language = language_of(connection)
    text = say(key, language, **values)
    if connection.url.path.startswith("/api/"):
        return JSONResponse({"error": {"code": key.rpartition(".")[2], "text": text}}, status)
    return page("error.html", connection, status=status, text=text)


async def told(request: Request, error: Exception) -> Response:
    """What becomes of an error of our own, of the framework or of the records."""
    if isinstance(error, WebError):
        return error_response(request, error.status, error.key, **error.values)
    if isinstance(error, HTTPException):
        response = error_response(request, error.status_code, _KEYS.get(error.status_code, "web.error_request"))
        response.headers.update(error.headers or {})
        return response
    if isinstance(error, DatabaseUnavailable):
        _log.warning("the records cannot be reached (%s)", error, extra={"event": "records_away"})
        return error_response(request, 503, "web.error_away")
    reference = secrets.token_hex(4)
    _log.error("request failed", exc_info=error, extra={"event": "failure", "reference": reference})
    return error_response(request, 500, "web.error_failed", reference=reference)
