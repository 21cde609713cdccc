"""The published version, followed while others publish."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import knowledge.library
from knowledge.documents import Document, LibraryError
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary, open_when_published
from tests.auxil.libraries import document, find, lexical_version, with_vectors_of

# The promise is five seconds after publishing; a test waits longer, as the machine may be busy.
PATIENCE = 60.0


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def own(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def guide(folder: Path, words: str) -> Document:
    return document(folder, f"## Hỏi về {words}?\n\nĐáp về {words}.\n")


@pytest.fixture
def following(own: Library, tmp_path: Path) -> Iterator[LiveLibrary]:
    lexical_version(own, [guide(tmp_path, "gạo")])
    with LiveLibrary(own) as live:
        yield live


def heading(live: LiveLibrary) -> str:
    return live.index.passages[0].heading


def test_nothing_published_cannot_be_followed(own: Library) -> None:
    with pytest.raises(LibraryError) as error:
        LiveLibrary(own)
    assert error.value.code == "nothing_published"


def test_a_new_version_is_taken_up_by_itself(own: Library, following: LiveLibrary, tmp_path: Path) -> None:
    assert heading(following) == "Hỏi về gạo?"
    lexical_version(own, [guide(tmp_path, "chè")])
    assert eventually(lambda: heading(following) == "Hỏi về chè?")


def test_going_back_is_taken_up_too(own: Library, following: LiveLibrary, tmp_path: Path) -> None:
    first = following.index.manifest.number
    lexical_version(own, [guide(tmp_path, "chè")])
    assert eventually(lambda: heading(following) == "Hỏi về chè?")
    with own.writing(1):
        own.publish(first)
    assert eventually(lambda: heading(following) == "Hỏi về gạo?")


def test_a_version_not_published_is_not_taken_up(own: Library, following: LiveLibrary, tmp_path: Path) -> None:
    lexical_version(own, [guide(tmp_path, "chè")], publish=False)
    following._take_up()
    assert heading(following) == "Hỏi về gạo?"


def test_the_old_version_answers_while_the_new_one_is_taken_up(
    library: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    own = with_vectors_of(library, tmp_path)
    with library.open() as index:
        documents = index.documents
    failures: list[Exception] = []
    answered: set[int] = set()
    stop = threading.Event()

    def ask(live: LiveLibrary) -> None:
        while not stop.is_set():
            index = live.index
            try:
                best = find(index, embeddings, "đại lý uỷ quyền làm những việc gì")[0]
                assert best.passage.document == "agents/dai-ly-uy-quyen.md"
                answered.add(index.manifest.number)
            except Exception as error:  # noqa: BLE001 (a thread's error must reach the test)
                failures.append(error)
                return

    with own.writing(1):
        own.publish(own.build(documents, embeddings, BUILT_IN))
        with LiveLibrary(own) as live:
            readers = [threading.Thread(target=ask, args=(live,)) for _ in range(2)]
            for reader in readers:
                reader.start()
            for _ in range(3):
                number = own.build(documents, embeddings, BUILT_IN)
                own.publish(number)
                assert eventually(lambda number=number: number in answered or bool(failures))
            stop.set()
            for reader in readers:
                reader.join(PATIENCE)
    assert failures == []
    assert len(answered) == 4


def test_a_half_built_version_is_never_seen(
    own: Library, following: LiveLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    write = knowledge.library.write_version

    def watched(folder: Path, *arguments: object) -> None:
        following._take_up()
        seen.append(heading(following))
        write(folder, *arguments)
        following._take_up()
        seen.append(heading(following))

    monkeypatch.setattr(knowledge.library, "write_version", watched)
    lexical_version(own, [guide(tmp_path, "chè")])
    assert seen == ["Hỏi về gạo?", "Hỏi về gạo?"]
    assert eventually(lambda: heading(following) == "Hỏi về chè?")


def test_a_broken_version_is_not_taken_up_and_the_next_good_one_is(
    own: Library, following: LiveLibrary, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    number = lexical_version(own, [guide(tmp_path, "chè")], publish=False)
    (own.folder_of(number) / "lexical.npz").write_bytes(b"")
    with own.writing(1):
        own.publish(number)
    assert eventually(lambda: "library not taken up" in caplog.text)
    assert heading(following) == "Hỏi về gạo?"
    lexical_version(own, [guide(tmp_path, "cà phê")])
    assert eventually(lambda: heading(following) == "Hỏi về cà phê?")


def test_whoever_waits_for_the_first_version_gets_it(own: Library, tmp_path: Path) -> None:
    publisher = threading.Timer(0.5, lexical_version, (own, [guide(tmp_path, "gạo")]))
    publisher.start()
    with open_when_published(own, PATIENCE) as live:
        assert heading(live) == "Hỏi về gạo?"
    publisher.join()


def test_whoever_waits_in_vain_is_told(own: Library) -> None:
    with pytest.raises(LibraryError) as error:
        open_when_published(own, 0.2)
    assert error.value.code == "nothing_published"
