"""The one place where everything is put together."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.assistant.assistant import Assistant
from bot.settings import Settings
from knowledge.embedding import load_embeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary, open_when_published
from knowledge.reranking import CrossEncoderReranker

_ROOT = Path(__file__).parent.parent

# The first version answers from the lexical index alone and is there within seconds.
FIRST_VERSION_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class App:
    live: LiveLibrary
    assistant: Assistant


@dataclass(frozen=True, slots=True)
class Ingest:
    """An ingest at work. report: the file that it writes what it says to."""

    report: Path
    process: subprocess.Popen[bytes]

    def running(self) -> bool:
        return self.process.poll() is None


@contextlib.contextmanager
def open_app(settings: Settings, *, wait: float = 0.0, hope: Callable[[], bool] = lambda: True) -> Iterator[App]:
    """The assistant over the live library, waiting up to `wait` seconds, as long as there is hope, for a version.

    Raises LibraryError when there is no library or its model cannot be loaded.
    """
    with open_when_published(Library(settings.library_dir), wait, hope) as live:
        reranker = CrossEncoderReranker(settings.reranker_model) if settings.reranker_model else None
        yield App(live, Assistant(live, load_embeddings(settings.embedding_model), reranker))


@contextlib.contextmanager
def ingest_beside(settings: Settings) -> Iterator[Ingest]:
    """Bring the library up to date in a process of its own while the bot answers.

    The process is ended with the bot: what it had embedded is kept and the next one goes on from there.
    """
    report = settings.data_dir / "ingest.log"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with report.open("w", encoding="utf-8") as output:
        child = subprocess.Popen([sys.executable, str(_ROOT / "ingest.py")], stdout=output, stderr=output)  # noqa: S603
        try:
            yield Ingest(report, child)
        finally:
            child.terminate()
            child.wait()
