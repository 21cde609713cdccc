"""JSON that a page sends, taken only in the form and size that is expected."""

import json
from typing import Any

from starlette.requests import Request

from bot.web.errors import WebError

# Bytes of a request.
_MOST = 32_768


async def read_json(request: Request) -> dict[str, Any]:
    """The object in a request; raises WebError for what is too large or no object."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise WebError(415, "web.error_request")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST:
            raise WebError(413, "web.error_large")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise WebError(400, "web.error_request") from None
    if not isinstance(found, dict):
        raise WebError(422, "web.error_request")
    return found


def text_in(body: dict[str, Any], name: str, most: int) -> str:
    """A text out of it, of at most so many characters; raises WebError."""
    text = body.get(name)
    if not isinstance(text, str) or len(text) > most:
        raise WebError(422, "web.error_request")
    # NUL and what is half of a character can be neither written down nor looked for.
    return text.replace("\0", "").encode("utf-8", "replace").decode()
