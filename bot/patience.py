"""Waiting longer with every attempt that fails."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.conversations.database import DatabaseUnavailable

T = TypeVar("T")

_log = logging.getLogger(__name__)

# Seconds before the second attempt to reach the records, doubled with each one up to the last.
_FIRST, _LAST = 0.2, 10.0


def back_off(tries: int, first: float, last: float) -> float:
    """Seconds to wait after so many failed attempts: doubled each time, and spread so that not all come at once."""
    # Bounded before the power is taken: a float has an end.
    return float(min(first * 2.0 ** min(tries, 30), last) * random.uniform(0.75, 1.25))  # noqa: S311  # no secret


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Call until the records can be reached."""
    tries = 0
    while True:
        try:
            return await call()
        except DatabaseUnavailable as error:
            delay = back_off(tries, _FIRST, _LAST)
            _log.warning(
                "the records cannot be reached (%s), next try in %.1f s", error, delay, extra={"event": "records_away"}
            )
        await asyncio.sleep(delay)
        tries += 1
