"""How much a request to the console may bring. What every answer says to the browser is `bot/web/security.py`."""

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge.reading import MAX_CONFINED_BYTES

# Bytes of a form, and of one that brings a document along.
_FORM, _DOCUMENT = 300_000, MAX_CONFINED_BYTES + 300_000


class Shield:
    """Stops bodies that are too large while they come; our own files may be kept by the browser, as each has a mark."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        inner = scope["path"].removeprefix(scope.get("root_path", ""))
        limit = _DOCUMENT if inner.startswith("/library/") else _FORM
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > limit:
                raise HTTPException(413)
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200 and inner.startswith("/static/"):
                MutableHeaders(scope=message)["Cache-Control"] = "max-age=31536000"
            await send(message)

        await self._app(scope, counted, sent)
