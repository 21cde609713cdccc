"""What a process of its own needs: its memory after loading and after answering.

    python -m bench.child ours DATA_DIR QUESTIONS         prints JSON
    python -m bench.child tutorial STORE QUESTIONS        the same of the tutorial's pipeline

QUESTIONS: a file of JSON Lines with "question" and "history".
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Answering(Protocol):
    def __call__(self, question: str, history: tuple[str, ...]) -> object: ...


def resident(process: int | str = "self") -> float:
    """Resident memory of a process in MB, mapped files included."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1000 if found else float("nan")


@contextmanager
def ours(data: Path) -> Iterator[Answering]:
    from bot.app import open_app
    from bot.assistant.dialogue import Question
    from bot.settings import load_settings

    with open_app(load_settings().model_copy(update={"data_dir": data})) as app:
        yield lambda question, history: app.assistant.answer(Question(question, history))


@contextmanager
def tutorial(folder: Path) -> Iterator[Answering]:
    from bench.tutorial import open_store
    from knowledge.embedding import BuiltInEmbeddings

    with open_store(folder, BuiltInEmbeddings()) as store:
        yield lambda question, history: store.similarity_search(question, k=4)


def main(pipeline: str, folder: Path, questions: Path) -> None:
    with {"ours": ours, "tutorial": tutorial}[pipeline](folder) as answer:
        loaded = resident()
        for line in questions.read_text(encoding="utf-8").splitlines():
            asked = json.loads(line)
            answer(asked["question"], tuple(asked["history"]))
        print(json.dumps({"loaded": loaded, "answered": resident()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
