"""Documents that people brought: versions, status, history, and what a kill leaves."""

import json
import sys
import threading
from pathlib import Path

import pytest

from knowledge.acts import Act, document_id
from knowledge.documents import DocumentError, LibraryError
from knowledge.store import DocumentStore
from tests.auxil.libraries import document, write
from tests.auxil.programs import ROOT, environment, run

ID = "uploads/bang-gia.md"


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "documents")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def bring(store: DocumentStore, inbox: Path, text: str, name: str = "Bảng giá.md", by: str = "Lan") -> str:
    write(inbox, {name: text})
    return store.add(inbox / name, by).id


def files(store: DocumentStore) -> int:
    return sum(path.is_file() for path in (store.folder / "files").rglob("*"))


def test_a_document_is_brought_published_changed_retired_and_restored(store: DocumentStore, inbox: Path) -> None:
    assert bring(store, inbox, "# Giá\n\nGiá 5 USD.\n") == ID
    draft = store.document(ID)
    assert (draft.status, draft.title, draft.topic, draft.current.number) == ("draft", "Giá", "", 1)
    assert draft.waiting == draft.current
    assert store.selection().documents == []

    store.apply(Act("publish", ID, "Lan"))
    live = store.document(ID)
    assert (live.status, live.waiting) == ("live", None)
    assert live.read().sections[0].text == "Giá 5 USD."

    bring(store, inbox, "# Giá\n\nGiá 6 USD.\n", by="Minh")
    waits = store.document(ID)
    assert (waits.status, waits.current.number, waits.waiting and waits.waiting.number) == ("live", 1, 2)
    assert store.selection().documents[0].read().sections[0].text == "Giá 5 USD."
    store.apply(Act("publish", ID, "Minh"))
    assert store.document(ID).read().sections[0].text == "Giá 6 USD."

    store.apply(Act("retire", ID, "Lan"))
    assert (store.document(ID).status, store.selection().documents) == ("retired", [])
    assert store.selection().retired == {ID}
    store.apply(Act("restore", ID, "Lan"))
    assert store.document(ID).current.number == 2
    store.apply(Act("restore", ID, "Lan", version=1))
    again = store.document(ID)
    assert (again.current.number, again.waiting) == (1, None)

    history = [(entry.by, entry.what, entry.detail.get("version")) for entry in store.history(ID)]
    assert history == [
        ("Lan", "restore", 1),
        ("Lan", "restore", 2),
        ("Lan", "retire", 2),
        ("Minh", "publish", 2),
        ("Minh", "add", 2),
        ("Lan", "publish", 1),
        ("Lan", "add", 1),
    ]
    assert store.history(ID)[0].detail["before"] == {"status": "live", "version": 2}
    assert [version.by for version in store.versions(ID)] == ["Minh", "Lan"]


def test_the_same_content_again_makes_no_new_version(store: DocumentStore, inbox: Path) -> None:
    for _ in range(2):
        bring(store, inbox, "Giá 5 USD.\n")
    assert [version.number for version in store.versions(ID)] == [1]
    bring(store, inbox, "Giá 6 USD.\n")
    bring(store, inbox, "Giá 5 USD.\n")
    assert [version.number for version in store.versions(ID)] == [3, 2, 1]
    assert files(store) == 2


@pytest.mark.parametrize(("name", "code"), [("empty.md", "empty"), ("front.md", "bad_yaml"), ("x.exe", "other_kind")])
def test_what_cannot_be_read_is_not_kept(name: str, code: str, store: DocumentStore, inbox: Path) -> None:
    write(inbox, {"empty.md": " ", "front.md": "---\ntitle: [\n---\n", "x.exe": "MZ"})
    with pytest.raises(DocumentError) as error:
        store.add(inbox / name, "Lan")
    assert error.value.problem.code == code
    assert store.documents() == []
    assert files(store) == 0
    assert not list((store.folder / "incoming").iterdir())


def test_a_missing_file_is_named(store: DocumentStore, inbox: Path) -> None:
    with pytest.raises(DocumentError) as error:
        store.add(inbox / "nowhere.md", "Lan")
    assert error.value.problem.code == "unreadable"


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Bảng giá 2026.DOCX", "uploads/bang-gia-2026.docx"),
        ("../../etc/passwd.md", "uploads/passwd.md"),
        ("Đơn hàng  (bản cuối).md", "uploads/don-hang-ban-cuoi.md"),
        ("README.md", "uploads/readme.md"),
    ],
)
def test_an_id_is_made_of_the_name(name: str, id_: str) -> None:
    assert document_id(name) == id_


@pytest.mark.parametrize(
    ("one", "other"),
    [("合同.md", "报价.md"), ("💰.md", "📦.md"), ("a" * 90 + "1.md", "a" * 90 + "2.md"), ("合同 a.md", "a.md")],
)
def test_names_that_lose_letters_have_ids_of_their_own(one: str, other: str) -> None:
    assert document_id(one) != document_id(other)
    assert document_id(one).startswith("uploads/")
    assert len(document_id(one)) < 120


def test_what_is_set_counts_before_the_file_until_it_is_emptied(store: DocumentStore, inbox: Path) -> None:
    bring(store, inbox, "---\ntitle: Giá\ntopic: buyers\nreview_by: 2026-12-01\n---\n\nGiá 5 USD.\n")
    store.change(ID, {"topic": "agents", "review_by": "2027-01-31", "title": "Bảng giá"}, "Lan")
    found = store.document(ID)
    assert (found.title, found.topic, str(found.review_by)) == ("Bảng giá", "agents", "2027-01-31")
    read = found.read()
    assert (read.title, read.topic, str(read.review_by)) == ("Bảng giá", "agents", "2027-01-31")
    store.change(ID, {"topic": "", "review_by": ""}, "Lan")
    found = store.document(ID)
    assert (found.title, found.topic, str(found.review_by)) == ("Bảng giá", "buyers", "2026-12-01")
    assert store.history(ID)[0].detail == {"field": "review_by", "before": "2027-01-31", "value": ""}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"hash": "0"}, "no_such_field"),
        ({"review_by": "mai"}, "bad_date"),
        ({"topic": "x", "id": "y"}, "no_such_field"),
    ],
)
def test_what_cannot_be_set_changes_nothing(
    values: dict[str, str], code: str, store: DocumentStore, inbox: Path
) -> None:
    bring(store, inbox, "Giá 5 USD.\n")
    with pytest.raises(LibraryError) as error:
        store.change(ID, values, "Lan")
    assert error.value.code == code
    assert store.document(ID).topic == ""


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (Act("publish", "uploads/none.md", "Lan"), "no_such_document"),
        (Act("publish", ID, "Lan", version=7), "no_such_document_version"),
        (Act("retire", ID, "Lan"), "not_live"),
        (Act("restore", ID, "Lan"), "not_retired"),
        (Act("publish", "buyers/guide.md", "Lan"), "is_guide"),
        (Act("restore", "buyers/guide.md", "Lan"), "not_retired"),
    ],
)
def test_an_act_that_cannot_be_done_is_refused(act: Act, code: str, store: DocumentStore, inbox: Path) -> None:
    bring(store, inbox, "Giá 5 USD.\n")
    for attempt in (store.selection, store.apply):
        with pytest.raises(LibraryError) as error:
            attempt(act)
        assert error.value.code == code
    assert len(store.history()) == 1


def test_looking_at_what_an_act_would_do_does_not_do_it(store: DocumentStore, inbox: Path) -> None:
    bring(store, inbox, "Giá 5 USD.\n")
    assert [one.id for one in store.selection(Act("publish", ID, "Lan")).documents] == [ID]
    assert store.selection(Act("retire", "buyers/guide.md", "Lan")).retired == {"buyers/guide.md"}
    assert (store.document(ID).status, store.retired_guides(), len(store.history())) == ("draft", {}, 1)


def test_only_what_was_never_published_can_be_discarded(store: DocumentStore, inbox: Path) -> None:
    bring(store, inbox, "Giá 5 USD.\n")
    store.discard(ID, "Lan")
    assert (store.documents(), files(store)) == ([], 0)
    bring(store, inbox, "Giá 5 USD.\n")
    store.apply(Act("publish", ID, "Lan"))
    bring(store, inbox, "Giá 6 USD.\n")
    store.discard(ID, "Lan")
    assert (store.document(ID).waiting, files(store)) == (None, 1)
    with pytest.raises(LibraryError) as error:
        store.discard(ID, "Lan")
    assert error.value.code == "no_draft"


def test_documents_follow_a_version_of_the_library(store: DocumentStore, inbox: Path, tmp_path: Path) -> None:
    """As they were then: an older version, none at all, a guide that was not retired yet, one that was."""
    bring(store, inbox, "Giá 5 USD.\n")
    store.apply(Act("publish", ID, "Lan"))
    then = [store.document(ID).read(), document(tmp_path / "guides", "Gạo.\n", "rice.md")]
    store.apply(Act("retire", "tea.md", "Lan", title="Chè"))

    bring(store, inbox, "Giá 6 USD.\n")
    store.apply(Act("publish", ID, "Lan"))
    later = bring(store, inbox, "Mẫu hợp đồng.\n", "later.md")
    store.apply(Act("publish", later, "Lan"))
    store.apply(Act("retire", "rice.md", "Lan", title="Gạo"))
    store.apply(Act("restore", "tea.md", "Lan"))

    store.follow(then, "Lan")
    assert store.document(ID).read().sections[0].text == "Giá 5 USD."
    assert store.document(later).status == "retired"
    assert store.retired_guides() == {"tea.md": "Chè"}
    done = len(store.history())
    store.follow(then, "Lan")
    assert len(store.history()) == done


def test_several_who_bring_documents_at_once_lose_none(store: DocumentStore, inbox: Path) -> None:
    write(inbox, {f"{number}.md": f"Tài liệu {number}.\n" for number in range(8)})
    stores = [DocumentStore(store.folder) for _ in range(8)]
    threads = [
        threading.Thread(target=one.add, args=(inbox / f"{number}.md", "Lan")) for number, one in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one.id for one in store.documents()] == [f"uploads/{number}.md" for number in range(8)]
    assert files(store) == 8


def test_killed_at_any_step_nothing_is_half_done(tmp_path: Path) -> None:
    """A real SIGKILL, a step later each time, until all of it is done: what stands in a row stands on the disk."""
    folder, file = tmp_path / "documents", tmp_path / "note.md"
    command = [sys.executable, "-W", "ignore", "-m", "tests.auxil.killed_store", str(folder), str(file)]
    done = run(command, environment(tmp_path, tmp_path), ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(steps) > 10
    assert [one["killed"] for one in steps] == [True] * (len(steps) - 1) + [False]
    assert all(one["whole"] for one in steps)
    assert any(one["waiting"] for one in steps), "none came between keeping a version and publishing it"
    numbers = [one["current"] for one in steps]
    assert numbers == sorted(numbers)
    assert steps[-1]["texts"] == [f"Lần {len(steps)}"]
    store = DocumentStore(folder)
    kept = len(store.versions("uploads/note.md"))
    assert not list((folder / "incoming").iterdir()) if (folder / "incoming").exists() else True
    assert files(store) == kept
