"""A folder to a published version: what is reported, what is kept, what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

import knowledge.index
from knowledge.documents import LibraryError
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.index import outside_questions
from knowledge.ingestion import Options, Report, check, ingest
from knowledge.library import Library
from tests.auxil import hostile, office
from tests.auxil.libraries import Counting, library_with, write

FRONT = """\
---
title: {title}
topic: buyers
sources:
- {{publisher: VnExpress, title: Bài báo, date: 2019-11-01}}
review_by: 2099-01-01
---

## {title} là gì?

{title} là câu trả lời.
"""
BROKEN = "---\ntitle: [\n---\n\nHỏng.\n"

Run = Callable[..., Report]


def guide(title: str) -> str:
    return FRONT.format(title=title)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "documents", {f"{name}.md": guide(name) for name in ("gao", "che", "go")})


@pytest.fixture
def own(tmp_path: Path, vectors: Path) -> Library:
    return library_with(vectors, tmp_path / "library")


@pytest.fixture(autouse=True)
def _few_outside_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted here is the documents; the exemplars of other subjects would take a new model half a minute."""
    few = outside_questions()[:3]
    monkeypatch.setattr(knowledge.index, "outside_questions", lambda: few)


@pytest.fixture
def run(own: Library, folder: Path, embeddings: TextEmbeddings) -> Run:
    def ingested(**options: bool) -> Report:
        return ingest(own, folder, BUILT_IN, lambda: embeddings, Options(**options))

    return ingested


def titles(library: Library) -> list[str]:
    with library.open() as index:
        return [document.title for document in index.documents]


def refusal(run: Run, **options: bool) -> LibraryError:
    with pytest.raises(LibraryError) as error:
        run(**options)
    return error.value


def test_the_first_run_adds_everything_and_answers_from_words_first(own: Library, run: Run) -> None:
    report = run()
    assert report.added == ["che.md", "gao.md", "go.md"]
    assert (report.updated, report.unchanged, report.removed, report.rejected) == ([], [], [], [])
    lexical, dense = reversed(own.versions())
    assert (lexical.dense, dense.dense) == (False, True)
    assert (report.version, report.passages) == (dense.number, 3)
    assert own.published() == dense.number
    assert report.first_answer is not None
    assert 0 < report.first_answer < report.seconds


def test_the_lexical_version_is_live_while_the_first_vectors_are_made(
    own: Library, folder: Path, embeddings: TextEmbeddings
) -> None:
    seen = []

    def load() -> TextEmbeddings:
        seen.append((own.published(), own.versions()[0].dense))
        return embeddings

    ingest(own, folder, BUILT_IN, load, Options())
    assert seen == [(1, False)]


def test_a_second_run_with_nothing_changed_publishes_nothing_and_loads_no_model(
    own: Library, folder: Path, run: Run
) -> None:
    first = run()

    def never() -> TextEmbeddings:
        pytest.fail("the model was loaded")

    report = ingest(own, folder, BUILT_IN, never, Options())
    assert report.unchanged == ["che.md", "gao.md", "go.md"]
    assert (report.added, report.updated, report.removed, report.version) == ([], [], [], None)
    assert report.passages == 3
    assert own.published() == first.version


def test_changes_are_reported_by_kind_and_only_what_is_new_is_embedded(
    own: Library, folder: Path, run: Run, embeddings: TextEmbeddings
) -> None:
    run()
    write(folder, {"gao.md": guide("gao moi"), "ca-phe.md": guide("ca phe")})
    (folder / "go.md").unlink()
    counting = Counting(embeddings)
    report = ingest(own, folder, BUILT_IN, lambda: counting, Options())
    assert (report.added, report.updated) == (["ca-phe.md"], ["gao.md"])
    assert (report.unchanged, report.removed) == (["che.md"], ["go.md"])
    assert titles(own) == ["ca phe", "che", "gao moi"]
    assert len(counting.asked) == 2
    assert report.first_answer is None


def test_a_bad_document_keeps_its_previous_content_and_the_others_go_live(own: Library, folder: Path, run: Run) -> None:
    run()
    write(folder, {"gao.md": BROKEN, "che.md": guide("che moi"), "new.md": BROKEN})
    report = run()
    assert [(problem.code, problem.document, problem.line) for problem in report.rejected] == [
        ("bad_yaml", "gao.md", 3),
        ("bad_yaml", "new.md", 3),
    ]
    assert (report.updated, report.unchanged, report.removed) == (["che.md"], ["go.md"], [])
    assert titles(own) == ["che moi", "gao", "go"]


def test_a_bad_document_alone_publishes_nothing(own: Library, folder: Path, run: Run) -> None:
    first = run()
    write(folder, {"gao.md": BROKEN})
    assert run().version is None
    assert own.published() == first.version


def test_a_bad_document_mended_goes_live(own: Library, folder: Path, run: Run) -> None:
    write(folder, {"gao.md": BROKEN})
    assert run().added == ["che.md", "go.md"]
    write(folder, {"gao.md": guide("gao")})
    assert run().added == ["gao.md"]
    assert titles(own) == ["che", "gao", "go"]


def test_a_first_run_with_nothing_good_publishes_nothing(own: Library, folder: Path, run: Run) -> None:
    write(folder, dict.fromkeys(("gao.md", "che.md", "go.md"), BROKEN))
    report = run()
    assert len(report.rejected) == 3
    assert (report.version, own.published()) == (None, None)


def test_a_missing_folder_is_refused_whatever_is_allowed(
    own: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    with pytest.raises(LibraryError) as error:
        ingest(own, tmp_path / "missing", BUILT_IN, lambda: embeddings, Options(allow_empty=True, allow_shrink=True))
    assert error.value.code == "no_documents_folder"
    assert own.published() is None


def test_an_empty_folder_is_refused_and_the_library_stays(own: Library, folder: Path, run: Run) -> None:
    run()
    for path in folder.iterdir():
        path.unlink()
    assert refusal(run).code == "empty_folder"
    assert refusal(run, allow_shrink=True).code == "empty_folder"
    assert titles(own) == ["che", "gao", "go"]


def test_an_empty_folder_empties_the_library_when_that_is_meant(own: Library, folder: Path, run: Run) -> None:
    run()
    for path in folder.iterdir():
        path.unlink()
    report = run(allow_empty=True)
    assert report.removed == ["che.md", "gao.md", "go.md"]
    assert titles(own) == []
    assert run(allow_empty=True).version is None
    write(folder, {"gao.md": guide("gao")})
    assert run().added == ["gao.md"]


def test_removing_more_than_half_is_refused_unless_allowed(own: Library, folder: Path, run: Run) -> None:
    run()
    (folder / "gao.md").unlink()
    (folder / "go.md").unlink()
    error = refusal(run)
    assert (error.code, error.values) == ("shrinks", {"removed": "2", "total": "3"})
    assert titles(own) == ["che", "gao", "go"]
    assert run(allow_shrink=True).removed == ["gao.md", "go.md"]
    assert titles(own) == ["che"]


def test_removing_just_half_is_no_matter(own: Library, folder: Path, run: Run) -> None:
    write(folder, {"ca-phe.md": guide("ca phe")})
    run()
    (folder / "gao.md").unlink()
    (folder / "go.md").unlink()
    assert run().removed == ["gao.md", "go.md"]


def test_strict_rejects_what_has_warnings(own: Library, folder: Path, run: Run) -> None:
    write(folder, {"gao.md": "## Gạo là gì?\n\nLà gạo.\n"})
    report = run(strict=True)
    assert {(problem.code, problem.document) for problem in report.rejected} == {
        ("no_review_by", "gao.md"),
        ("no_source", "gao.md"),
    }
    assert report.added == ["che.md", "go.md"]
    assert run().added == ["gao.md"]


def test_warnings_are_reported_for_what_is_new_or_changed(folder: Path, run: Run) -> None:
    write(folder, {"gao.md": "## Gạo là gì?\n\nLà gạo.\n"})
    assert {problem.code for problem in run().warnings} == {"no_review_by", "no_source"}
    assert run().warnings == []


def test_rebuild_builds_a_version_from_the_cache(
    own: Library, folder: Path, run: Run, embeddings: TextEmbeddings
) -> None:
    first = run()
    counting = Counting(embeddings)
    report = ingest(own, folder, BUILT_IN, lambda: counting, Options(rebuild=True))
    assert report.version == (first.version or 0) + 1
    assert len(report.unchanged) == 3
    assert counting.asked == []


@pytest.mark.parametrize("name", ["chroma/chroma.sqlite3", "lexical.npz", "documents.jsonl"])
def test_rebuild_mends_a_live_version_that_was_damaged(name: str, own: Library, run: Run) -> None:
    first = run()
    assert first.version
    path = own.folder_of(first.version) / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(LibraryError):
        own.open()
    run(rebuild=True)
    assert titles(own) == ["che", "gao", "go"]


def test_a_run_stopped_before_the_vectors_were_made_is_finished_by_the_next(
    own: Library, folder: Path, run: Run
) -> None:
    def stop() -> TextEmbeddings:
        raise LibraryError("no_avx2")

    with pytest.raises(LibraryError):
        ingest(own, folder, BUILT_IN, stop, Options())
    assert not own.versions()[0].dense
    report = run()
    assert len(report.unchanged) == 3
    assert own.versions()[0].dense
    assert own.published() == report.version


def test_a_changed_model_embeds_everything_anew(
    own: Library, folder: Path, run: Run, embeddings: TextEmbeddings
) -> None:
    run()
    other = Counting(embeddings, name="another model")
    report = ingest(own, folder, other.name, lambda: other, Options())
    assert len(report.unchanged) == 3
    assert len(other.asked) == 3
    assert own.versions()[0].model == "another model"


def test_progress_goes_up_to_the_number_of_new_vectors(own: Library, folder: Path, embeddings: TextEmbeddings) -> None:
    steps: list[tuple[int, int]] = []
    ingest(own, folder, BUILT_IN, lambda: embeddings, Options(), lambda *step: steps.append(step))
    assert steps[0] == (0, 3)
    assert steps[-1] == (3, 3)


def test_checking_reads_and_lints_without_publishing(folder: Path) -> None:
    write(folder, {"gao.md": BROKEN, "che.md": "Không nguồn.\n"})
    report = check(folder)
    assert report.added == ["che.md", "go.md"]
    assert [problem.document for problem in report.rejected] == ["gao.md"]
    assert {problem.document for problem in report.warnings} == {"che.md"}
    assert report.version is None


def test_checking_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as error:
        check(tmp_path)
    assert error.value.code == "empty_folder"


def test_a_report_can_be_printed_as_json(folder: Path) -> None:
    write(folder, {"gao.md": BROKEN})
    report = check(folder).to_json()
    assert report["rejected"][0]["code"] == "bad_yaml"
    assert set(report) >= {"added", "updated", "unchanged", "removed", "rejected", "passages", "seconds", "version"}


def test_broken_files_change_nothing_but_the_report(tmp_path: Path, embeddings: TextEmbeddings, vectors: Path) -> None:
    """What was read of a document before stays when its file is replaced by a trap."""
    mine = library_with(vectors, tmp_path / "library")
    folder = tmp_path / "documents"
    folder.mkdir()
    office.word_file(folder / "phi.docx")
    office.pdf_file(folder / "so-tay.pdf")
    first = ingest(mine, folder, BUILT_IN, lambda: embeddings, Options())
    assert first.added == ["phi.docx", "so-tay.pdf"]
    bomb = {"word/document.xml": b" " * 210_000_000}
    (folder / "phi.docx").write_bytes(hostile.changed((folder / "phi.docx").read_bytes(), bomb))
    office.pdf_file(folder / "so-tay.pdf", password="x")
    (folder / "cu.doc").write_bytes(hostile.OLE)
    second = ingest(mine, folder, BUILT_IN, lambda: embeddings, Options())
    assert second.version is None
    assert {problem.document: problem.code for problem in second.rejected} == {
        "phi.docx": "unpacks_large",
        "so-tay.pdf": "password",
        "cu.doc": "old_office",
    }
    with mine.open() as index:
        assert [document.id for document in index.documents] == ["phi.docx", "so-tay.pdf"]
        assert any("Listeria" in passage.text for passage in index.passages)
