"""The published version, kept open: a new one is taken up within seconds, without a pause in answering."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Self

from knowledge.documents import LibraryError
from knowledge.index import Index
from knowledge.library import Library

_log = logging.getLogger(__name__)

# How often the published number is looked up, in seconds.
POLL = 1.0


class LiveLibrary:
    """Follows a library's published version in a thread of its own; safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        """Raises LibraryError when nothing is published or the published version is broken."""
        self._library = library
        self._index = library.open()
        # A question may still be reading the version before: it is closed one version later.
        self._before: Index | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="live-library", daemon=True)
        self._thread.start()

    @property
    def index(self) -> Index:
        """The newest published version that could be opened."""
        return self._index

    def _follow(self) -> None:
        while not self._stop.wait(POLL):
            try:
                self._take_up()
            except Exception as error:  # noqa: BLE001 (the bot goes on answering from the version it has)
                _log.error("library not taken up: %s", error, extra={"event": "library_error"})

    def _take_up(self) -> None:
        number = self._library.published()
        if number is None or number == self._index.manifest.number:
            return
        started = time.monotonic()
        fresh = self._library.open(number)
        if self._before:
            self._before.close()
        self._before, self._index = self._index, fresh
        _log.info("library version %d taken up in %.1f s", number, time.monotonic() - started)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._index.close()
        if self._before:
            self._before.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_when_published(library: Library, seconds: float, hope: Callable[[], bool] = lambda: True) -> LiveLibrary:
    """The live library, waiting for a version that can be opened where an ingest is still at work.

    hope: whether the ingest still is. Raises LibraryError when there was none within `seconds`, or no hope of one.
    """
    deadline = time.monotonic() + seconds
    while True:
        hopeful = time.monotonic() < deadline and hope()
        try:
            return LiveLibrary(library)
        except LibraryError:
            if not hopeful:
                raise
        time.sleep(0.1)
