"""JSON and forms that a page sends, taken only in the shape and size that is expected."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request

from bot.web.errors import WebError

# Bytes of a request, and of a form, where each of the up to three bytes of a letter is sent as three; fields of a form.
_MOST, _MOST_OF_FORM = 32_768, 131_072
_MOST_FIELDS = 100

Form = Mapping[str, list[str]]


async def read_json(request: Request) -> dict[str, Any]:
    """The object in a request; raises WebError for what is too large or no object."""
    try:
        found = json.loads(await _body(request, "application/json", _MOST))
    except (ValueError, RecursionError):
        raise WebError(400, "web.error_request") from None
    if not isinstance(found, dict):
        raise WebError(422, "web.error_request")
    return found


async def read_form(request: Request) -> Form:
    """The fields of a plain form, each with all its values; raises WebError for what is too large or no form."""
    body = await _body(request, "application/x-www-form-urlencoded", _MOST_OF_FORM)
    try:
        # What is no UTF-8 comes from no page of ours, and is read as best it can be.
        return parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError:
        raise WebError(422, "web.error_request") from None


async def _body(request: Request, kind: str, most: int) -> bytes:
    """The body of a request of a kind; raises WebError for another one and for what is too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != kind:
        raise WebError(415, "web.error_request")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise WebError(413, "web.error_large")
    return body


def text_in(body: dict[str, Any], name: str, most: int) -> str:
    """A text out of it, of at most so many characters; raises WebError."""
    text = body.get(name)
    if not isinstance(text, str) or len(text) > most:
        raise WebError(422, "web.error_request")
    # NUL and what is half of a character can be neither written down nor looked for.
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def value_in(form: Form, name: str) -> str:
    """The value of a field, the first one of several; empty where there is none."""
    return form.get(name, [""])[0]
