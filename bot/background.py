"""Long work in a thread of its own, which the program does not wait for when it stops."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def in_background(work: Callable[[], T]) -> T:
    """What the work returns or raises.

    Where the caller is cancelled the work goes on until the process ends: it must be safe to be killed, and to be done
    again meanwhile. A pool's threads would be waited for, however long that takes.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # of the type that the work returns

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001  # whatever it is, the caller is to have it
            error = raised
        with suppress(RuntimeError):  # the program is gone
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="background", daemon=True).start()
    return await future
