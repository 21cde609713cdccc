"""Long work in the background, one after the other, whose state a page shows."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from bot.background import in_background
from knowledge.documents import DocumentError, LibraryError

_log = logging.getLogger(__name__)

# Finished ones that can still be looked at.
_KEPT = 50

T = TypeVar("T")


async def _nothing(_: object) -> None:
    return None


@dataclass(slots=True)
class Job:
    """kind: what is done (`console.job.KIND`). about: the document or version. done, total: vectors made so far.

    held_up: somebody elsewhere is at work on the library. result: what the work returned. problem: why it could not be
    done.
    """

    key: str
    kind: str
    about: str
    by: str
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    done: int = 0
    total: int = 0
    held_up: bool = False
    result: Any = None
    problem: LibraryError | DocumentError | None = None

    def progress(self, done: int, total: int) -> None:
        self.done, self.total, self.held_up = done, total, False

    def waiting(self) -> None:
        self.held_up = True

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed")


class Jobs:
    """The work of this process. What is under way when it ends is undone or finished by the library itself."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._line = asyncio.Lock()

    def start(
        self,
        kind: str,
        about: str,
        by: str,
        work: Callable[[Job], T],
        after: Callable[[T], Awaitable[None]] = _nothing,
    ) -> Job:
        """Begin with some work as soon as what was begun before is done. after: what follows from its result."""
        for key in [key for key, job in self._jobs.items() if job.ended][:-_KEPT]:
            del self._jobs[key]
        job = Job(secrets.token_hex(8), kind, about, by)
        self._jobs[job.key] = job
        task = asyncio.create_task(self._run(job, work, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def job(self, key: str) -> Job | None:
        return self._jobs.get(key)

    def latest(self) -> list[Job]:
        """Newest first."""
        return list(self._jobs.values())[::-1]

    def close(self) -> None:
        """Begin nothing more, and wait for nothing."""
        for task in self._tasks:
            task.cancel()

    async def _run(self, job: Job, work: Callable[[Job], T], after: Callable[[T], Awaitable[None]]) -> None:
        async with self._line:
            job.state = "running"
            try:
                result = await in_background(lambda: work(job))
                await after(result)
                job.result, job.state = result, "done"
            except (LibraryError, DocumentError) as error:
                job.problem, job.state = error, "failed"
            except Exception as error:  # noqa: BLE001  # whatever it is, the page says that it failed
                _log.error("console job failed", exc_info=error, extra={"event": "failure"})
                job.state = "failed"
