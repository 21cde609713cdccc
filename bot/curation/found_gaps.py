"""The gaps for those who look at them while the bot runs: finding takes long, so it is done once for all who ask."""

import asyncio
import time
from dataclasses import dataclass

from bot.conversations.records import Records
from bot.curation.gaps import Gap, find_gaps
from knowledge.embedding import TextEmbeddings
from knowledge.live import LiveLibrary

# Seconds for which what was found is shown again, as long as no other version of the library is live.
_KEPT = 30.0


@dataclass(frozen=True, slots=True)
class _Found:
    """version: of the library. at: seconds of the monotonic clock."""

    gaps: list[Gap]
    version: int
    at: float


class FoundGaps:
    """Gaps as of half a minute ago at most."""

    def __init__(self, records: Records, live: LiveLibrary, embeddings: TextEmbeddings) -> None:
        self._records = records
        self._live = live
        self._embeddings = embeddings
        # By days.
        self._found: dict[int, _Found] = {}
        self._finding: dict[int, asyncio.Task[list[Gap]]] = {}

    async def of(self, days: int, patience: float | None = None) -> list[Gap] | None:
        """The gaps of the last days, as `find_gaps` orders them.

        patience: seconds after which None is returned while the finding goes on; whoever asks again then has what it
        finds. Raises DatabaseUnavailable.
        """
        finding = self._finding.get(days)
        if finding is None:
            found = self._found.get(days)
            if found and found.version == self._live.index.manifest.number and time.monotonic() < found.at + _KEPT:
                return found.gaps
            finding = self._finding[days] = asyncio.create_task(self._find(days))
        await asyncio.wait({finding}, timeout=patience)
        return finding.result() if finding.done() else None

    async def _find(self, days: int) -> list[Gap]:
        version = self._live.index.manifest.number
        try:
            gaps = await find_gaps(self._records, self._live, self._embeddings, days)
            self._found[days] = _Found(gaps, version, time.monotonic())
        finally:
            del self._finding[days]
        return gaps
