"""Do something in a store again and again, killed by SIGKILL one step later each time; a line of JSON a time.

    python -m tests.auxil.killed_store FOLDER FILE

A step is an event that Python reports to audit hooks: files opened, renamed and removed, databases connected to.
What is killed first publishes a version, then adds another one and publishes it too.
"""

import json
import os
import signal
import sys
from pathlib import Path

from knowledge.acts import Act
from knowledge.documents import LibraryError
from knowledge.store import DocumentStore

_MOST = 400


def _die_at(step: int) -> None:
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "sqlite3.connect", "shutil.rmtree"):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _work(folder: Path, file: Path) -> None:
    store = DocumentStore(folder)
    document = store.add(file, "Lan")
    store.apply(Act("publish", document.id, "Lan"))


def main() -> None:
    folder, file = Path(sys.argv[1]), Path(sys.argv[2])
    for step in range(1, _MOST):
        file.write_text(f"Lần {step}\n", encoding="utf-8")
        child = os.fork()
        if child == 0:
            _die_at(step)
            _work(folder, file)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        store = DocumentStore(folder)
        found = store.documents()
        current = found[0].current.number if found else 0
        waiting = bool(found and found[0].waiting)
        whole = all(version.path.is_file() for one in found for version in store.versions(one.id))
        try:
            texts = [one.read().sections[0].text for one in found]
        except LibraryError as error:
            texts = [error.code]
        killed = os.WIFSIGNALED(status)
        print(json.dumps({"step": step, "killed": killed, "current": current, "waiting": waiting, "whole": whole,
                          "texts": texts}, ensure_ascii=False))  # fmt: skip
        if not killed:
            return


if __name__ == "__main__":
    main()
