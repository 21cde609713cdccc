"""Who looks at which conversation just now, and that something is new there."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.web.errors import WebError

# Pages of one session that are open at the same time.
_MOST = 8


@dataclass(eq=False, slots=True)
class Listener:
    """One open page. changed: the records of its conversation hold more. draft: key and text of an answer so far."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    changed: bool = False
    draft: tuple[str, str] | None = None
    closed: bool = False

    async def news(self, within: float) -> None:
        """Wait until something is new, or so many seconds."""
        try:
            await asyncio.wait_for(self.wake.wait(), within)
        except TimeoutError:
            return
        self.wake.clear()


class Streams:
    """The open pages by session."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._closed = False

    def check(self, session: str) -> None:
        """Raises WebError when too many pages of the session are open."""
        if len(self._listeners.get(session, ())) >= _MOST:
            raise WebError(429, "web.error_pages")

    @contextmanager
    def listening(self, session: str) -> Iterator[Listener]:
        """A listener for as long as the block lasts."""
        listener = Listener(closed=self._closed)
        self._listeners[session].add(listener)
        try:
            yield listener
        finally:
            self._listeners[session].discard(listener)
            if not self._listeners[session]:
                del self._listeners[session]

    @property
    def sessions(self) -> list[str]:
        """Those that a page of is open."""
        return list(self._listeners)

    def looked_at(self, session: str) -> bool:
        return session in self._listeners

    def changed(self, session: str) -> None:
        """The records of a conversation hold something new."""
        for listener in self._listeners.get(session, ()):
            listener.changed = True
            listener.draft = None
            listener.wake.set()

    def draft(self, session: str, key: str, text: str) -> None:
        """An answer is being written; so much of it is there."""
        for listener in self._listeners.get(session, ()):
            listener.draft = (key, text)
            listener.wake.set()

    def close(self, session: str | None = None) -> None:
        """End the streams of a session, or all of them, and those that begin later."""
        self._closed = self._closed or session is None
        for name in [session] if session else list(self._listeners):
            for listener in self._listeners.get(name, ()):
                listener.closed = True
                listener.wake.set()
