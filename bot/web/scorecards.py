"""Scorecards drawn for whoever looks at them: one at a time, and not more than can be waited for."""

import asyncio

from bot.onboarding.card import Card
from bot.web.errors import WebError

# Pictures and pages that wait to be drawn.
_MOST_WAITING = 16


class Scorecards:
    """Drawing takes half a second of a processor."""

    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)
        self._waiting = 0

    async def drawn(self, card: Card, *, page: bool) -> bytes:
        """The page as PDF, or the picture as PNG; raises WebError when too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise WebError(503, "web.error_full")
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(_drawn, card, page=page)
        finally:
            self._waiting -= 1


def _drawn(card: Card, *, page: bool) -> bytes:
    # What draws takes a second and much memory to be loaded; most runs of the bot never draw.
    from bot.onboarding import scorecard

    return scorecard.page(card) if page else scorecard.picture(card)
