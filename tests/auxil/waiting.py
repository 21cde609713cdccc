"""Waiting for what a test expects to become true."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(true: Callable[[], bool | Awaitable[bool]], within: float = 20) -> None:
    """Return as soon as it is true; raises TimeoutError when it is not within so many seconds."""
    async with asyncio.timeout(within):
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.02)
