"""What starting costs: the first ingest, the first answer, imports, memory; each in processes of their own."""

import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measures import percentile, table
from bot.assistant.dialogue import Question
from knowledge.library import Library
from tests.auxil.programs import BOT, INGEST, environment

HOW = (
    "Every figure is of a process of its own, with the files already in the disk cache. `bot ask` loads the published "
    "library and model, answers one question and ends; the tutorial's process opens its store and model and finds four "
    "chunks. Memory is VmRSS, mapped files included; no question is asked twice."
)

_IMPORT = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s*(\S+)$", re.MULTILINE)
_CHILD = (sys.executable, "-m", "bench.child")
_PATIENCE = 3600.0


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds, unless named otherwise. first_*: from an empty DATA_DIR; cold: runs of one question each.

    importing: of one run with -X importtime, its imports and its whole time. packages: seconds by top-level package.
    memory: MB by pipeline, after loading and after answering.
    """

    passages: int
    ingest: float
    first_version: float
    first_answer: float
    cold: dict[str, list[float]]
    importing: tuple[float, float]
    packages: dict[str, float]
    memory: dict[str, tuple[float, float]]
    answers: int


def measure(
    guides: Path, store: Path, folder: Path, questions: Sequence[Question], runs: int, progress: Callable[[str], None]
) -> Started:
    """Start everything from nothing.

    guides: documents to ingest. store: a tutorial's store. folder: empty, for all that is written.
    """
    asked = questions[0].text
    data = folder / "data"
    env = environment(data, guides.resolve())
    file = folder / "questions.jsonl"
    one = folder / "one.jsonl"
    lines = [json.dumps({"question": q.text, "history": q.history}) for q in questions]
    file.write_text("\n".join(lines), encoding="utf-8")
    one.write_text(lines[0], encoding="utf-8")

    def run(*command: str) -> tuple[float, subprocess.CompletedProcess[str]]:
        started = time.perf_counter()
        done = subprocess.run(
            command, env=env, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        took = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
        return took, done

    progress("start: first ingest")
    library = Library(data / "library")
    began = time.perf_counter()
    with subprocess.Popen(INGEST, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        while library.published() is None and child.poll() is None:
            time.sleep(0.02)
        first_version = time.perf_counter() - began
        run(*BOT, "ask", asked)
        first_answer = time.perf_counter() - began
        _, errors = child.communicate(timeout=_PATIENCE)
        ingest = time.perf_counter() - began
    if child.returncode:
        raise RuntimeError(f"ingest.py: exit {child.returncode}\n{errors.decode()}")

    progress("start: cold starts")
    cold = {
        "ours": [run(*BOT, "ask", asked)[0] for _ in range(runs)],
        "tutorial": [run(*_CHILD, "tutorial", str(store), str(one))[0] for _ in range(runs)],
    }
    whole, traced = run(sys.executable, "-X", "importtime", *BOT[1:], "ask", asked)
    packages: dict[str, float] = defaultdict(float)
    for microseconds, module in _IMPORT.findall(traced.stderr):
        packages[module.partition(".")[0]] += int(microseconds) / 1e6

    progress(f"start: memory, {len(questions)} answers")
    memory = {}
    for pipeline, place in (("ours", data), ("tutorial", store)):
        found = json.loads(run(*_CHILD, pipeline, str(place), str(file))[1].stdout)
        memory[pipeline] = (found["loaded"], found["answered"])
    with library.open() as index:
        passages = len(index.passages)
    importing = (sum(packages.values()), whole)
    return Started(
        passages, ingest, first_version, first_answer, cold, importing, dict(packages), memory, len(questions)
    )


def startup_table(started: Started) -> str:
    cold = {name: f"{percentile(runs, 50):.1f} s (worst {max(runs):.1f})" for name, runs in started.cold.items()}
    imports, whole = started.importing
    dearest = sorted(started.packages.items(), key=lambda package: -package[1])[:6]
    named = ", ".join(f"{name} {seconds:.2f}" for name, seconds in dearest)
    (loaded, answered), (their_loaded, their_answered) = started.memory["ours"], started.memory["tutorial"]
    rows = [
        ("first ingest, process from start to end", f"{started.ingest:.1f} s", "-"),
        ("empty DATA_DIR to the first version (lexical only)", f"{started.first_version:.1f} s", "-"),
        (
            "empty DATA_DIR to the first printed answer (`bot ask` beside the ingest)",
            f"{started.first_answer:.1f} s",
            "-",
        ),
        (f"cold start to first answer, median of {len(started.cold['ours'])}", cold["ours"], cold["tutorial"]),
        (f"imports' share of a cold start ({named} s)", f"{imports / whole:.0%} of {whole:.1f} s", "-"),
        ("resident memory after loading", f"{loaded:.0f} MB", f"{their_loaded:.0f} MB"),
        (f"resident memory after {started.answers:,} answers", f"{answered:.0f} MB", f"{their_answered:.0f} MB"),
    ]
    return table((f"{started.passages:,} passages", "Hải Đăng", "tutorial"), rows)
