"""The process that reads files which may be hostile: a request a line comes in, a reply a line goes out.

Started by knowledge/confined.py with `python -m knowledge.formats.child MEGABYTES`. It takes no more memory than that,
opens no connection, and dies when a file takes too long, also when nobody waits for it any more.
"""

import json
import logging
import os
import resource
import signal
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from knowledge.formats.limits import UnreadableError
from knowledge.formats.sniffing import Kind, kind_of
from knowledge.outline import Outline

# After files that took so much memory more than at first, in MiB, or after so many files, a fresh process goes on.
_STALE = 400
_FILES = 200
_LARGEST_WRITTEN = 500_000_000


def main() -> None:
    """Answer requests until the input ends."""
    megabytes = int(sys.argv[1])
    replies = _alone(megabytes)
    # Linux begins with what the parent had.
    at_first = _peak()
    for number, request in enumerate(sys.stdin, start=1):
        asked = json.loads(request)
        # The default of this signal ends the process, whatever C code it is in.
        signal.setitimer(signal.ITIMER_REAL, asked["seconds"])
        reply = _answer(Path(asked["path"]), asked["suffix"])
        signal.setitimer(signal.ITIMER_REAL, 0)
        reply["last"] = number >= _FILES or _peak() - at_first > _STALE or reply.get("code") == "too_heavy"
        replies.write(json.dumps(reply, ensure_ascii=True) + "\n")
        replies.flush()
        if reply["last"]:
            return


def _alone(megabytes: int) -> TextIO:
    """Set the limits; returns where replies go, out of the way of what libraries print."""
    for name, limit in (
        (resource.RLIMIT_AS, megabytes * 1024 * 1024),
        (resource.RLIMIT_FSIZE, _LARGEST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(name, (limit, limit))
        except (OSError, ValueError):  # macOS knows no limit of addresses
            continue
    sys.addaudithook(_refuse_network)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


def _peak() -> float:
    """The most memory that was taken so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def _refuse_network(event: str, _: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise PermissionError(event)


def _answer(path: Path, suffix: str) -> dict[str, Any]:
    """The outline of a file, or the code and values of why there is none."""
    try:
        read = _read(path, suffix)
    except UnreadableError as error:
        return {"code": error.code, "values": error.values}
    except (MemoryError, RecursionError):
        return {"code": "too_heavy", "values": {}}
    except OSError as error:
        return {"code": "damaged", "values": {"detail": error.strerror or type(error).__name__}}
    except Exception as error:  # noqa: BLE001 (a parser's many ways of saying that a file is broken)
        detail = f"{type(error).__name__}: {error}"
        return {"code": "damaged", "values": {"detail": " ".join(detail.split())[:120]}}
    if not any(section.text.strip() for section in read.sections):
        return {"code": "empty", "values": {}}
    return {"title": read.title, "sections": [asdict(section) for section in read.sections]}


def _read(path: Path, suffix: str) -> Outline:
    """Each reader is imported when its first file comes."""
    kind: Kind = kind_of(path, suffix)
    if kind == "word":
        from knowledge.formats.word import read_word as read
    elif kind == "pdf":
        from knowledge.formats.pdf import read_pdf as read
    elif kind == "workbook":
        from knowledge.formats.sheets import read_workbook as read
    elif kind == "csv":
        from knowledge.formats.sheets import read_csv as read
    elif kind == "slides":
        from knowledge.formats.slides import read_slides as read
    else:
        from knowledge.formats.web import read_web_page as read
    return read(path)


if __name__ == "__main__":
    main()
