"""Something that runs until it is told to stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_stopped(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Work until `stop` is set, then cancel it and wait for its end; what it raises before that is raised."""
    stopping, running = asyncio.create_task(stop.wait()), asyncio.create_task(work)
    try:
        await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
    finally:
        for task in (stopping, running):
            task.cancel()
        await asyncio.wait({stopping, running})
