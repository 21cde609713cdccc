"""Guides and documents as one library: published, looked at first, retired, gone back to, and killed in between."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.curation.guarding import Findings
from bot.curation.publishing import Publisher
from bot.settings import Settings
from knowledge.acts import Act
from knowledge.documents import LibraryError
from knowledge.embedding import TextEmbeddings
from knowledge.holdings import holdings
from knowledge.ingestion import Options
from knowledge.library import Library
from tests.auxil.libraries import with_vectors_of, write
from tests.auxil.programs import PATIENCE, ROOT, environment

RICE = "uploads/gao.md"
GUIDE = "logistics/tin-dung-thu.md"
L_C = f"{GUIDE}#Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?"
CHECK = f"""\
- ask: Nộp bộ chứng từ L/C trong mấy ngày?
  style: written
  section: '{L_C}'
  shows: 21 ngày
"""
SPOILS = """\
## Nộp bộ chứng từ L/C trong mấy ngày?
<!--
questions:
- nộp bộ chứng từ L/C mất mấy ngày
-->
Nộp bộ chứng từ L/C lúc nào cũng được, ngân hàng không kiểm.
"""


@pytest.fixture
def settings(guides: Path, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    own = shutil.copytree(guides, tmp_path / "guides")
    write(own, {"check_questions.yaml": CHECK})
    with_vectors_of(library, tmp_path / "data/library")
    return Settings(data_dir=tmp_path / "data", knowledge_dir=own)  # type: ignore[call-arg]


@pytest.fixture
def publisher(settings: Settings, embeddings: TextEmbeddings) -> Publisher:
    """Of a library that holds the small guides."""
    publisher = Publisher(settings, embeddings)
    publisher.publish()
    return publisher


def bring(publisher: Publisher, text: str, name: str = "Gạo.md") -> Act:
    inbox = write(publisher.store.folder.parent / "inbox", {name: text})
    return Act("publish", publisher.store.add(inbox / name, "Lan").id, "Lan")


def ids(publisher: Publisher) -> list[str]:
    return [document.id for document in publisher.documents() if document.id.startswith("uploads/")]


def text_of(publisher: Publisher, document: str) -> str:
    return next(one.sections[0].text for one in publisher.documents() if one.id == document)


def test_a_document_joins_the_guides_and_a_draft_does_not(publisher: Publisher) -> None:
    act = bring(publisher, "Gạo giá 500 USD.\n")
    assert publisher.publish().report.version is None
    outcome = publisher.publish(act)
    assert (outcome.report.added, outcome.findings) == ([RICE], None)
    assert ids(publisher) == [RICE]
    bring(publisher, "Gạo giá 600 USD.\n")
    assert publisher.publish().report.version is None
    assert publisher.publish(Act("publish", RICE, "Minh")).report.updated == [RICE]
    assert text_of(publisher, RICE) == "Gạo giá 600 USD."


def test_what_is_set_apart_from_the_file_reaches_the_library(publisher: Publisher) -> None:
    publisher.publish(bring(publisher, "Gạo giá 500 USD.\n"))
    publisher.store.change(RICE, {"topic": "buyers", "title": "Giá gạo", "review_by": "2099-01-31"}, "Lan")
    assert publisher.publish().report.updated == [RICE]
    found = next(one for one in publisher.documents() if one.id == RICE)
    assert (found.title, found.topic, str(found.review_by)) == ("Giá gạo", "buyers", "2099-01-31")
    assert publisher.publish().report.version is None


def test_a_document_that_spoils_an_answer_stays_a_draft_until_it_is_wanted_all_the_same(publisher: Publisher) -> None:
    act = bring(publisher, SPOILS)
    live = publisher.library.published()
    kept = publisher.library.versions()
    for outcome in (publisher.publish(act, guarded=True), publisher.preview(act)):
        assert outcome.report.refused
        assert outcome.report.version is None
        assert outcome.findings is not None
        assert [one.check.section for one in outcome.findings.spoilt] == [L_C]
    assert (publisher.library.published(), publisher.library.versions()) == (live, kept)
    assert publisher.store.document(RICE).status == "draft"

    said: list[Findings] = []
    outcome = publisher.publish(act, guarded=True, accept=lambda findings: not said.append(findings))
    assert said == [outcome.findings]
    assert publisher.library.published() == outcome.report.version
    assert publisher.store.document(RICE).status == "live"


def test_a_preview_does_nothing_even_where_there_is_nothing_to_say(
    settings: Settings, embeddings: TextEmbeddings
) -> None:
    """In an empty library, and for a document that the library holds already."""
    publisher = Publisher(settings, embeddings)
    act = bring(publisher, "Gạo giá 500 USD.\n")
    assert publisher.preview(act).findings is None
    assert (publisher.library.versions(), publisher.store.document(RICE).status) == ([], "draft")
    publisher.publish(act)
    publisher.publish(Act("retire", RICE, "Lan"))
    publisher.roll_back(publisher.library.versions()[1].number, "Lan")
    publisher.preview(Act("publish", RICE, "Lan"))
    assert publisher.library.pinned()


def test_a_harmless_document_passes_the_guard(publisher: Publisher) -> None:
    outcome = publisher.publish(bring(publisher, "Gạo của xưởng An Phú giá 500 USD.\n"), guarded=True)
    assert outcome.findings is not None
    assert (outcome.findings.checked, outcome.findings.spoilt, ids(publisher)) == (1, [], [RICE])


def test_guides_and_documents_are_retired_and_restored(publisher: Publisher) -> None:
    publisher.publish(bring(publisher, "Gạo giá 500 USD.\n"))
    for document in (RICE, GUIDE):
        assert publisher.publish(Act("retire", document, "Lan")).report.removed == [document]
        # Neither comes back by itself.
        assert publisher.publish().report.version is None
    listed = {one.id: one for one in holdings(publisher.documents(), publisher.store)}
    assert listed[GUIDE].status == listed[RICE].status == "retired"
    assert listed[GUIDE].title.startswith("L/C")
    for document in (RICE, GUIDE):
        assert publisher.publish(Act("restore", document, "Lan")).report.added == [document]
    with pytest.raises(LibraryError) as error:
        publisher.publish(Act("retire", "no/such.md", "Lan"))
    assert error.value.code == "no_such_document"


def test_the_last_document_may_be_retired_but_not_lost(publisher: Publisher, settings: Settings) -> None:
    for document in publisher.documents()[1:]:
        publisher.publish(Act("retire", document.id, "Lan"))
    [last] = publisher.documents()
    publisher.publish(Act("retire", last.id, "Lan"))
    assert publisher.documents() == []
    publisher.publish(Act("restore", last.id, "Lan"))
    shutil.rmtree(settings.knowledge_dir / Path(last.id).parent)
    with pytest.raises(LibraryError) as error:
        publisher.publish()
    assert error.value.code == "shrinks"


def test_going_back_is_not_undone_by_the_next_ingest(publisher: Publisher, settings: Settings) -> None:
    """Neither by itself nor after a guide has changed; a change of a document on purpose goes on from there."""
    publisher.publish(bring(publisher, "Gạo giá 500 USD.\n"))
    good = publisher.library.published()
    assert good is not None
    publisher.publish(bring(publisher, "Gạo giá 1 USD.\n"))
    publisher.publish(bring(publisher, "Chè giá 2 USD.\n", "Chè.md"))

    publisher.roll_back(good, "Lan")
    assert (publisher.library.published(), publisher.library.pinned(), ids(publisher)) == (good, True, [RICE])
    statuses = {one.id: (one.status, one.current.number) for one in publisher.store.documents()}
    assert statuses == {RICE: ("live", 1), "uploads/che.md": ("retired", 1)}

    write(settings.knowledge_dir, {"new.md": "## Mới?\n\nMới.\n"})
    report = publisher.publish().report
    assert (report.pinned, report.version, publisher.library.published()) == (True, None, good)

    outcome = publisher.publish(bring(publisher, "Muối giá 3 USD.\n", "Muối.md"))
    assert sorted(outcome.report.added) == ["new.md", "uploads/muoi.md"]
    assert not publisher.library.pinned()
    assert text_of(publisher, RICE) == "Gạo giá 500 USD."


def test_unpinning_goes_on_with_the_folder(publisher: Publisher, settings: Settings) -> None:
    live = publisher.library.published()
    write(settings.knowledge_dir, {"new.md": "## Mới?\n\nMới.\n"})
    publisher.publish()
    publisher.roll_back(live or 0, "Lan")
    report = publisher.publish(options=Options(unpin=True)).report
    assert (report.added, report.pinned, publisher.library.pinned()) == (["new.md"], False, False)


def test_a_pinned_library_is_built_again_of_its_own_documents(publisher: Publisher, settings: Settings) -> None:
    """A program that wants another format must not be left without a library."""
    live = publisher.library.published()
    write(settings.knowledge_dir, {"new.md": "## Mới?\n\nMới.\n"})
    publisher.publish()
    publisher.roll_back(live or 0, "Lan")
    before = [document.id for document in publisher.documents()]
    report = publisher.publish(options=Options(rebuild=True)).report
    assert report.version is not None
    assert [document.id for document in publisher.documents()] == before
    assert publisher.library.pinned()


def test_going_back_to_no_version_changes_nothing(publisher: Publisher) -> None:
    live = publisher.library.published()
    with pytest.raises(LibraryError) as error:
        publisher.roll_back(77, "Lan")
    assert error.value.code == "no_such_version"
    assert (publisher.library.published(), publisher.library.pinned()) == (live, False)


def test_a_guide_may_not_stand_where_documents_are_brought(publisher: Publisher, settings: Settings) -> None:
    write(settings.knowledge_dir, {RICE: "Gạo trong thư mục.\n"})
    publisher.publish(bring(publisher, "Gạo được thêm.\n"))
    assert text_of(publisher, RICE) == "Gạo được thêm."
    report = publisher.publish().report
    assert [problem.code for problem in report.rejected] == ["reserved_folder"]
    assert text_of(publisher, RICE) == "Gạo được thêm."


def test_a_kept_file_that_was_changed_is_rejected_and_its_content_stays(publisher: Publisher) -> None:
    publisher.publish(bring(publisher, "Gạo giá 500 USD.\n"))
    publisher.store.document(RICE).current.path.write_text("Gạo giá 1 USD.\n", encoding="utf-8")
    report = publisher.publish().report
    assert [problem.code for problem in report.rejected] == ["changed_on_disk"]
    assert text_of(publisher, RICE) == "Gạo giá 500 USD."


def test_a_document_with_warnings_stays_a_draft_where_they_reject_it(publisher: Publisher) -> None:
    outcome = publisher.publish(bring(publisher, "Gạo giá 500 USD.\n"), options=Options(strict=True))
    assert outcome.report.refused
    assert (publisher.store.document(RICE).status, ids(publisher)) == ("draft", [])


def test_several_who_publish_documents_at_once_lose_none(
    publisher: Publisher, settings: Settings, tmp_path: Path
) -> None:
    names = ("Chè", "Gạo", "Muối")
    write(tmp_path / "inbox", {f"{name}.md": f"{name} giá 5 USD.\n" for name in names})
    env = environment(settings.data_dir, settings.knowledge_dir)
    command = [sys.executable, str(ROOT / "ingest.py"), "--json", "--add"]
    running = [
        subprocess.Popen([*command, str(tmp_path / f"inbox/{name}.md")], env=env, cwd=tmp_path, stdout=subprocess.PIPE)
        for name in names
    ]
    for process in running:
        process.communicate(timeout=PATIENCE)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert ids(publisher) == ["uploads/che.md", RICE, "uploads/muoi.md"]


@pytest.mark.parametrize("before", ["build", "apply", "publish"])
def test_killed_at_any_part_of_publishing_the_next_ingest_goes_on(
    before: str, publisher: Publisher, settings: Settings, tmp_path: Path
) -> None:
    """A real SIGKILL before the version is built, before the act is done, and between the act and publishing."""
    act = bring(publisher, "Gạo giá 500 USD.\n")
    live, kept = publisher.library.published(), publisher.library.versions()
    program = f"""
import os, signal
from knowledge.library import Library
from knowledge.store import DocumentStore
def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
{"DocumentStore" if before == "apply" else "Library"}.{before} = die
from bot.curation.publishing import Publisher
from bot.settings import Settings
from knowledge.acts import Act
Publisher(Settings()).publish(Act("publish", {act.document!r}, "Lan"), guarded=True)
"""
    env = environment(settings.data_dir, settings.knowledge_dir)
    done = subprocess.run([sys.executable, "-c", program], env=env, cwd=tmp_path, timeout=PATIENCE, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (publisher.library.published(), publisher.library.versions(), ids(publisher)) == (live, kept, [])
    assert publisher.store.document(RICE).status == ("live" if before == "publish" else "draft")

    publisher.publish()
    assert ids(publisher) == ([RICE] if before == "publish" else [])
    ready = {f"{version.number:06}" for version in publisher.library.versions()}
    assert {path.name for path in (publisher.library.folder / "versions").iterdir()} == ready
    publisher.publish(act)
    assert ids(publisher) == [RICE]
