"""Long work in a thread, one at a time, whose state a page shows."""

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from knowledge.documents import DocumentError, LibraryError

_log = logging.getLogger(__name__)

# Finished ones that can still be looked at.
_KEPT = 50


@dataclass(slots=True)
class Job:
    """kind: what is done (`console.job.KIND`). about: the document or version. done, total: vectors made so far.

    result: what the work returned. problem: why it could not be done.
    """

    key: str
    kind: str
    about: str
    by: str
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    done: int = 0
    total: int = 0
    result: Any = None
    problem: LibraryError | DocumentError | None = None

    def progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed")


class Jobs:
    """The work of this process. What is under way when it ends is undone or finished by the library itself."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="console-job")

    def start(self, kind: str, about: str, by: str, work: Callable[[Job], Any]) -> Job:
        """Begin with some work as soon as what was begun before is done."""
        for key in [key for key, job in self._jobs.items() if job.ended][:-_KEPT]:
            del self._jobs[key]
        job = Job(secrets.token_hex(8), kind, about, by)
        self._jobs[job.key] = job
        self._thread.submit(_run, job, work)
        return job

    def job(self, key: str) -> Job | None:
        return self._jobs.get(key)

    def latest(self) -> list[Job]:
        """Newest first."""
        return list(self._jobs.values())[::-1]

    def close(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        self._thread.shutdown(wait=True, cancel_futures=True)


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    job.state = "running"
    try:
        job.result = work(job)
        job.state = "done"
    except (LibraryError, DocumentError) as error:
        job.problem, job.state = error, "failed"
    except Exception as error:  # noqa: BLE001  # whatever it is, the page says that it failed
        _log.error("console job failed", exc_info=error, extra={"event": "failure"})
        job.state = "failed"
