"""For whoever watches the bot: is it alive, can it answer, what does it do."""

import hmac
import ipaddress

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.conversations.database import DatabaseUnavailable
from bot.conversations.records import Records
from bot.metrics import exposition
from bot.web.errors import WebError
from knowledge.live import LiveLibrary


def health_routes(live: LiveLibrary, records: Records, token: str | None) -> list[BaseRoute]:
    """/healthz, /readyz and /metrics. token: that /metrics asks for; without one only this machine may read it."""

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(request: Request) -> Response:
        version = live.index.manifest.number
        try:
            await records.backlog()
        except DatabaseUnavailable:
            return JSONResponse({"status": "not ready", "library": version, "database": False}, 503)
        return JSONResponse({"status": "ready", "library": version, "database": True})

    async def metrics(request: Request) -> Response:
        if not _may_read(request, token):
            raise WebError(403, "web.error_metrics")
        figures = exposition(await records.backlog(), live.index.manifest.number)
        return Response(figures, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


def _may_read(request: Request, token: str | None) -> bool:
    if token:
        shown = request.headers.get("authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    if any(name.startswith(("x-forwarded", "forwarded")) for name in request.headers):
        return False  # through a proxy on this machine everybody seems to be on it
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
