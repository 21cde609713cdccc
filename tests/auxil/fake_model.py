"""A language model's server that speaks OpenAI's way and does as it is told: says, hangs, refuses, dies half way.

In a test: `async with FakeModel("Nộp trong 21 ngày. [1]") as model`, then `model.url`.
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True)
class Does:
    """What the server does with a request: says a text in pieces, `pause` seconds apart.

    status: else refuses with it. stops_after: so many characters, then it hangs, or closes the connection if it dies.
    """

    text: str = ""
    status: int = 200
    piece: int = 12
    pause: float = 0.0
    stops_after: int | None = None
    dies: bool = False
    counts: bool = True


Script = Callable[[list[dict[str, Any]]], Does]


class FakeModel:
    """does: what it says to everything, what it does in turn (the last again and again), or by the messages.

    requests: the messages of each request.
    """

    def __init__(self, *does: str | Does | Script) -> None:
        self._does = list(does)
        self.requests: list[list[dict[str, Any]]] = []
        self.stopped = 0
        # LangChain keeps a client for each address, and a port may be that of a test whose event loop is gone.
        self._name = secrets.token_hex(4)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**24)
        app.router.add_post(f"/{self._name}/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/{self._name}/v1"

    def asked(self, rule: str) -> list[str]:
        """The data of the requests whose rules hold a text."""
        return [messages[1]["content"] for messages in self.requests if rule in messages[0]["content"]]

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        messages = (await request.json())["messages"]
        self.requests.append(messages)
        given = self._does.pop(0) if len(self._does) > 1 else self._does[0]
        does = given if isinstance(given, Does) else Does(given) if isinstance(given, str) else given(messages)
        if does.status != 200:
            return web.json_response({"error": {"message": "no", "type": "error"}}, status=does.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            for start in range(0, len(does.text), does.piece):
                if does.stops_after is not None and start >= does.stops_after:
                    break
                await self._event(response, [{"index": 0, "delta": {"content": does.text[start : start + does.piece]}}])
                await asyncio.sleep(does.pause)
            if does.stops_after is not None:
                if does.dies:
                    request.transport.abort()  # type: ignore[union-attr]
                    return response
                await asyncio.sleep(3600)
            await self._event(response, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
            if does.counts:
                await self._event(response, [], {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120})
            await response.write(b"data: [DONE]\n\n")
        except (asyncio.CancelledError, ConnectionError):
            self.stopped += 1
            raise
        return response

    async def _event(
        self, response: web.StreamResponse, choices: list[dict[str, Any]], usage: dict[str, int] | None = None
    ) -> None:
        event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": choices}
        await response.write(f"data: {json.dumps(event | ({'usage': usage} if usage else {}))}\n\n".encode())
