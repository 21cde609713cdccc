"""The part of the Bot API server that brings updates to a webhook."""

import asyncio
import contextlib
from typing import Any

import aiohttp

# Seconds before an update that was not taken is brought again.
AGAIN = 0.1


class Bringer:
    """Brings each chat's updates in order, chats side by side, again until they are taken.

    pending: the server's updates, from which what is taken is removed. webhook: the parameters of setWebhook, if any.
    brought: number of each update brought and the status it was answered with (0: not at all).
    """

    def __init__(self, pending: list[dict[str, Any]]) -> None:
        self.webhook: dict[str, Any] | None = None
        self.brought: list[tuple[int, int]] = []
        self.changed = asyncio.Event()
        self._pending = pending
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Bring updates until cancelled."""
        async with aiohttp.ClientSession() as session:
            try:
                while True:
                    self.changed.clear()
                    self._start(session)
                    await self.changed.wait()
            finally:
                for task in self._tasks.values():
                    task.cancel()
                await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _start(self, session: aiohttp.ClientSession) -> None:
        lines, webhook = set(self._tasks), self.webhook
        for update in self._pending:
            chat = _chat_of(update)
            if webhook and chat not in lines and update.keys() & set(webhook.get("allowed_updates") or update):
                self._tasks[chat] = asyncio.create_task(self._bring(session, chat, update, webhook))
                lines.add(chat)

    async def _bring(
        self, session: aiohttp.ClientSession, chat: int, update: dict[str, Any], webhook: dict[str, Any]
    ) -> None:
        secret = webhook.get("secret_token")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        status = 0
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with session.post(webhook["url"], json=update, headers=headers) as answer:
                status = answer.status
        self.brought.append((update["update_id"], status))
        if 200 <= status < 300:
            self._pending.remove(update)
        else:
            await asyncio.sleep(AGAIN)
        del self._tasks[chat]
        self.changed.set()


def _chat_of(update: dict[str, Any]) -> int:
    body = next(value for name, value in update.items() if name != "update_id")
    chat: int = (body.get("message") or body).get("chat", {}).get("id", 0)
    return chat
