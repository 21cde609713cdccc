"""Versions: built aside, checked by a child, published in one step, the last three kept."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import knowledge.library
from knowledge.documents import Document, LibraryError
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.index import Index, check_version
from knowledge.library import KEPT_VERSIONS, Library
from tests.auxil.libraries import document, find, lexical_version, with_vectors_of


@pytest.fixture
def own(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def guide(tmp_path: Path) -> Document:
    return document(tmp_path / "documents", "## Hỏi gì?\n\nĐáp về gạo.\n")


def folders(library: Library) -> list[str]:
    return sorted(path.name for path in (library.folder / "versions").iterdir())


def test_a_new_library_has_nothing_to_open(own: Library) -> None:
    assert own.published() is None
    assert own.versions() == []
    with pytest.raises(LibraryError) as error:
        own.open()
    assert error.value.code == "nothing_published"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError) as error:
        Library(tmp_path / "file/library")
    assert error.value.code == "no_folder"


def test_a_library_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite3").write_bytes(b"not a database, not at all, not even nearly one" * 30)
    with pytest.raises(LibraryError) as error:
        Library(tmp_path)
    assert error.value.code == "no_folder"


def test_a_published_version_is_opened_by_default(own: Library, guide: Document) -> None:
    number = lexical_version(own, [guide])
    assert own.published() == number
    with own.open() as index:
        assert index.documents == [guide]
        assert (index.manifest.number, index.manifest.dense, index.manifest.passages) == (number, False, 1)
    [version] = own.versions()
    assert (version.number, version.model, version.documents, version.published) == (number, BUILT_IN, 1, True)


def test_a_version_not_published_is_never_live(own: Library, guide: Document) -> None:
    first = lexical_version(own, [guide])
    second = lexical_version(own, [guide], publish=False)
    assert own.published() == first
    assert [(version.number, version.published) for version in own.versions()] == [(second, False), (first, True)]


def test_going_back_makes_an_older_version_live_and_keeps_the_newer(own: Library, guide: Document) -> None:
    first, second = lexical_version(own, [guide]), lexical_version(own, [guide])
    with own.writing(1):
        own.publish(first)
    assert own.published() == first
    assert {version.number for version in own.versions()} == {first, second}


def test_a_version_that_is_not_there_cannot_be_published(own: Library, guide: Document) -> None:
    number = lexical_version(own, [guide])
    with own.writing(1), pytest.raises(LibraryError) as error:
        own.publish(99)
    assert (error.value.code, error.value.values) == ("no_such_version", {"number": "99", "known": str(number)})
    assert own.published() == number


def test_the_last_three_versions_are_kept(own: Library, guide: Document) -> None:
    numbers = [lexical_version(own, [guide]) for _ in range(KEPT_VERSIONS + 2)]
    assert [version.number for version in own.versions()] == numbers[: -KEPT_VERSIONS - 1 : -1]
    assert folders(own) == [f"{number:06}" for number in numbers[-KEPT_VERSIONS:]]


def test_the_live_version_is_kept_even_when_it_is_the_oldest(own: Library, guide: Document) -> None:
    first, second, third = (lexical_version(own, [guide]) for _ in range(3))
    with own.writing(1):
        own.publish(first)
    assert {version.number for version in own.versions()} == {first, second, third}
    assert own.published() == first


def test_what_a_killed_writer_left_is_removed_by_the_next(own: Library, guide: Document) -> None:
    number = lexical_version(own, [guide])
    (own.folder / "versions/000099/chroma").mkdir(parents=True)
    with sqlite3.connect(own.folder / "library.sqlite3") as database:
        database.execute(
            "INSERT INTO version (number, created, model, format, dense, documents, passages)"
            " VALUES (99, '', '', 1, 1, 1, 1)"
        )
    database.close()
    assert [version.number for version in own.versions()] == [number]
    with own.writing(1):
        assert folders(own) == [f"{number:06}"]
    assert lexical_version(own, [guide]) > 99


def test_a_number_is_never_used_twice(own: Library, guide: Document) -> None:
    first = lexical_version(own, [guide])
    dropped = lexical_version(own, [guide], publish=False)
    with own.writing(1):
        own._keep({first})
    assert lexical_version(own, [guide]) > dropped


def test_a_second_writer_waits_for_the_first_and_says_so(own: Library) -> None:
    said, entered = threading.Event(), threading.Event()

    def second() -> None:
        with own.writing(30, said.set):
            entered.set()

    thread = threading.Thread(target=second)
    with own.writing(1):
        thread.start()
        assert said.wait(30)
        assert not entered.is_set()
    thread.join(30)
    assert entered.is_set()


def test_a_second_writer_that_waited_too_long_is_told(own: Library) -> None:
    other = Library(own.folder)
    failed: list[LibraryError] = []

    def second() -> None:
        try:
            with other.writing(0.1):
                pass
        except LibraryError as error:
            failed.append(error)

    with own.writing(1):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(30)
    assert [error.code for error in failed] == ["busy"]


def test_the_lock_is_free_again_after_an_error(own: Library) -> None:
    with pytest.raises(ZeroDivisionError), own.writing(1):
        _ = 1 / 0
    with own.writing(0):
        pass


def test_an_empty_library_can_be_published_and_opened(own: Library, embeddings: TextEmbeddings) -> None:
    with own.writing(1):
        own.publish(own.build([], embeddings, BUILT_IN))
    with own.open() as index:
        assert index.passages == []
        assert find(index, embeddings, "gạo") == []


def test_documents_stand_in_the_order_of_their_ids(own: Library, tmp_path: Path) -> None:
    documents = [document(tmp_path, f"{name}\n", f"{name}.md") for name in ("c", "a", "b")]
    lexical_version(own, documents)
    with own.open() as index:
        assert [found.id for found in index.documents] == ["a.md", "b.md", "c.md"]


def test_two_readers_of_one_version_do_not_disturb_each_other(library: Library, embeddings: TextEmbeddings) -> None:
    vector = embeddings.queries(["gạo"])[0]
    first, second = library.open(), library.open()
    first.close()
    assert second.nearest(vector, 3)
    second.close()
    second.close()


# --- What the check in the child sees ---


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite(path: Path) -> None:
    content = bytearray(path.read_bytes())
    quarter = len(content) // 4
    content[quarter : 2 * quarter] = b"\xa5" * quarter
    path.write_bytes(bytes(content))


CHECKED = ["chroma/chroma.sqlite3", "lexical.npz", "moments.npz", "documents.jsonl", "manifest.json", "syllables.tsv"]
DAMAGES = [*((name, overwrite) for name in CHECKED), *((name, os.remove) for name in CHECKED)]


@pytest.mark.parametrize(("name", "damage"), [*DAMAGES, ("vectors.npy", cut), ("vectors.npy", os.remove)])
def test_a_damaged_version_cannot_be_opened(
    name: str, damage: Callable[[Path], None], library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "000001"
    shutil.copytree(library.folder_of(library.versions()[0].number), folder)
    damage(folder / name)
    with pytest.raises(LibraryError) as error:
        Index(folder)
    assert error.value.code == "broken_version"
    assert error.value.values["detail"]


@pytest.mark.usefixtures("checked_in_child")
@pytest.mark.parametrize("name", ["chroma/chroma.sqlite3", "lexical.npz"])
@pytest.mark.parametrize("damage", [cut, overwrite])
def test_a_version_damaged_while_it_was_built_is_refused_and_the_live_one_stays(
    name: str,
    damage: Callable[[Path], None],
    library: Library,
    embeddings: TextEmbeddings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fresh = with_vectors_of(library, tmp_path)
    with library.open() as index:
        documents = index.documents
    live = lexical_version(fresh, documents[:1])
    write = knowledge.library.write_version

    def write_and_damage(folder: Path, *arguments: object) -> None:
        write(folder, *arguments)
        damage(folder / name)

    monkeypatch.setattr(knowledge.library, "write_version", write_and_damage)
    with fresh.writing(1), pytest.raises(LibraryError) as error:
        fresh.build(documents[:1], embeddings, BUILT_IN)
    assert error.value.code == "broken_version"
    assert fresh.published() == live
    assert [version.number for version in fresh.versions()] == [live]


def test_a_version_with_passages_missing_is_refused(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "000001"
    shutil.copytree(library.folder_of(library.versions()[0].number), folder)
    documents = (folder / "documents.jsonl").read_text(encoding="utf-8").split("\n")
    (folder / "documents.jsonl").write_text("\n".join(documents[:-1]), encoding="utf-8")
    with pytest.raises(LibraryError):
        check_version(folder)


def test_a_version_with_vectors_missing_is_refused(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "000001"
    shutil.copytree(library.folder_of(library.versions()[0].number), folder)
    with Index(folder) as index:
        index._collection.delete(ids=["0"])
    with pytest.raises(LibraryError) as error:
        check_version(folder)
    assert "vectors" in error.value.values["detail"]


def test_a_version_of_another_format_is_not_opened(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "000001"
    shutil.copytree(library.folder_of(library.versions()[0].number), folder)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": ', '"format": 9'))
    with pytest.raises(LibraryError) as error:
        Index(folder)
    assert "format 9" in error.value.values["detail"]
