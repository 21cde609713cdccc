"""The web server inside the program's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.settings import SettingsError

# Seconds that requests under way have to end in when the program stops.
_CLOSING = 2


class _Server(uvicorn.Server):
    """A server that leaves the signals to the program that it is a part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Serving:
    """Listens on an address of this machine; TLS is for a proxy in front of it."""

    def __init__(self, application: ASGIApp, host: str, port: int) -> None:
        """Raises SettingsError when this machine cannot listen there."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family)
        except OSError as error:
            raise SettingsError(f"HOST={host!r}, PORT={port}: {error.strerror}") from None
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_CLOSING,
        )
        self._server = _Server(config)
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104  # compared, not listened on
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{self._socket.getsockname()[1]}"

    async def run(self) -> None:
        """Serve until cancelled; requests under way are answered first."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(serving)
        finally:
            self._server.should_exit = True
            await serving

    def close(self) -> None:
        """Stop to listen."""
        self._socket.close()
