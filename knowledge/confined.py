"""Files that a parser must not be trusted with here are read in a child process with limits on memory and time."""

import contextlib
import importlib.util
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any, Self, cast

from knowledge.documents import DocumentError, Place, Problem, Section
from knowledge.outline import Outline

# For one file. Pictures of text take longer, where they can be read at all.
SECONDS = 120.0
SECONDS_WITH_OCR = 1_200.0
MEGABYTES = 1_500
# Of a reply; more than a document of the greatest length takes.
_LONGEST_REPLY = 64_000_000
# Until the child ends itself after its time; the parent does not wait for that.
_GRACE = 5.0

_ROOT = Path(__file__).parent.parent
# What a parser may need; no secret of the bot is among it.
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "PYTHONPATH", "TESSDATA_PREFIX", "VIRTUAL_ENV")


class Confined:
    """Reads files one after the other in a process that is started for the first and replaced when it dies.

    For one thread at a time.
    """

    def __init__(self, seconds: float | None = None, megabytes: int = MEGABYTES) -> None:
        """seconds: for one file; None allows more where pictures of text can be read."""
        with_ocr = importlib.util.find_spec("pytesseract") is not None
        self._seconds = seconds or (SECONDS_WITH_OCR if with_ocr else SECONDS)
        self._megabytes = megabytes
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, path: Path, name: str) -> Outline:
        """Raises DocumentError for the document `name` when its file cannot be read within the limits."""
        values = {"seconds": f"{self._seconds:.0f}", "megabytes": str(self._megabytes)}
        try:
            reply = self._ask(path)
        except TimeoutError as error:  # before OSError, of which it is one
            self.close()
            raise DocumentError(Problem("too_slow", name, values=values)) from error
        except (OSError, ValueError) as error:
            self.close()
            raise DocumentError(Problem("too_heavy", name, values=values)) from error
        if reply.get("last"):
            self.close()
        if "code" in reply:
            given = {str(key): str(value) for key, value in reply["values"].items()}
            raise DocumentError(Problem(str(reply["code"]), name, values=values | given))
        sections = tuple(
            Section(tuple(section["headings"]), section["text"], places=tuple(Place(**p) for p in section["places"]))
            for section in reply["sections"]
        )
        return Outline(str(reply["title"]), sections)

    def _ask(self, path: Path) -> dict[str, Any]:
        """Raises TimeoutError, and OSError or ValueError when the child died or said nothing of sense."""
        if self._child is not None and self._child.poll() is not None:
            self.close()
        child = self._child = self._child or self._start()
        request = {"path": str(path.absolute()), "suffix": path.suffix.lower(), "seconds": self._seconds + _GRACE}
        os.write(cast("IO[bytes]", child.stdin).fileno(), json.dumps(request).encode() + b"\n")
        return dict(json.loads(self._line(cast("IO[bytes]", child.stdout))))

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        return subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "knowledge.formats.child", str(self._megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=environment,
            start_new_session=True,
        )

    def _line(self, replies: IO[bytes]) -> bytes:
        """One reply."""
        until, received = time.monotonic() + self._seconds, bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(replies, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError
                part = os.read(replies.fileno(), 1 << 16)
                received += part
                if not part or len(received) > _LONGEST_REPLY:
                    raise ValueError("no whole reply")
        return bytes(received)

    def close(self) -> None:
        """End the child, and what it started."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
