"""What every response says to the browser, and which requests are not taken at all."""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.errors import error_response
from bot.web.pages import is_framed

_SAFE = {"GET", "HEAD", "OPTIONS"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}


def policy(framed_by: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of a page: its own files only. framed_by: origins whose pages may show it."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {' '.join(framed_by) or chr(39) + 'none' + chr(39)}"
    )


class Guard:
    """Puts the headers on every response that does not say otherwise, and refuses what another site's page sends.

    framed_by: origins of the sites that may show the pages made for it inside theirs.
    """

    def __init__(self, application: ASGIApp, framed_by: Sequence[str] = ()) -> None:
        self._application = application
        self._framed_policy = policy(("'self'", *framed_by))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        connection = HTTPConnection(scope)
        allowed = self._framed_policy if is_framed(connection) else policy()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (*_HEADERS.items(), ("Content-Security-Policy", allowed)):
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in _SAFE and not from_our_page(connection):
            refusal: Response = error_response(connection, 403, "web.error_foreign")
            await refusal(scope, receive, sent)
            return
        await self._application(scope, receive, sent)


def from_our_page(connection: HTTPConnection) -> bool:
    """Whether a page of this very site sent the request, as the browser says; what says nothing is no page of ours."""
    headers: Headers = connection.headers
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = headers.get("origin", "")
    return origin == f"{connection.url.scheme}://{headers.get('host', '')}"
