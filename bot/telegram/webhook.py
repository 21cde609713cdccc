"""Updates that Telegram brings by itself, where it can reach this machine; the other way is `intake.Polling`."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.conversations.database import DatabaseUnavailable
from bot.settings import SettingsError
from bot.telegram.intake import Payload

_log = logging.getLogger(__name__)

Take = Callable[[Sequence[Payload]], Awaitable[tuple[int, ...]]]

# Seconds that requests under way have to end in when the bot stops.
_CLOSING = 2
# The header in which Telegram shows the secret that it was told with the address.
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header


def secret_of(token: str) -> str:
    """What Telegram shows with every update: nobody can work it out without the token, and no setting is needed."""
    return hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()


def webhook(path: str, secret: str, take: Take) -> Starlette:
    """The application that takes updates. 200: it is written down. 503: Telegram is to bring it again."""

    async def receive(request: Request) -> Response:
        shown = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            return Response(status_code=403)
        try:
            payload = json.loads(await request.body())
        except ValueError:
            return Response(status_code=400)
        if not isinstance(payload, dict) or not isinstance(payload.get("update_id"), int):
            return Response(status_code=400)
        try:
            left = await take([payload])
        except DatabaseUnavailable as error:
            _log.warning("an update cannot be written (%s)", error, extra={"event": "records_away"})
            return Response(status_code=503)
        if left:
            _log.warning("no room for more updates", extra={"event": "full", "left": 1})
        return Response(status_code=503 if left else 200)

    return Starlette(routes=[Route(path, receive, methods=["POST"])])


class _Server(uvicorn.Server):
    """A server that leaves the signals to the program that it is a part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Webhook:
    """Listens for updates. url: as Telegram calls it. listen: HOST:PORT of this machine, behind a proxy with TLS."""

    def __init__(self, url: str, listen: str, secret: str, take: Take) -> None:
        """Raises SettingsError when this machine cannot listen there."""
        host, _, port = listen.rpartition(":")
        try:
            self._socket = socket.create_server((host, int(port)))
        except OSError as error:
            raise SettingsError(f"TELEGRAM_WEBHOOK_LISTEN={listen!r}: {error.strerror}") from None
        path = urlsplit(url).path or "/"
        config = uvicorn.Config(
            webhook(path, secret, take),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_CLOSING,
        )
        self._server = _Server(config)

    @property
    def port(self) -> int:
        number: int = self._socket.getsockname()[1]
        return number

    async def run(self) -> None:
        """Serve until cancelled; requests under way are answered first."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(serving)
        finally:
            self._server.should_exit = True
            await serving

    async def close(self) -> None:
        """Stop to listen."""
        self._socket.close()
