"""`ingest.py` with documents that people bring, with the guard, and watching."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from knowledge.library import Library
from tests.auxil.editions import NAMES, edition
from tests.auxil.libraries import library_with, write
from tests.auxil.programs import INGEST, PATIENCE, environment, run, start

SPOILS = """\
## Xuất gạo cần giấy gì?
<!--
questions:
- xuất gạo cần giấy nào
-->
Gạo xuất khẩu không cần giấy tờ gì.
"""

Ingest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def guides_folder(tmp_path: Path) -> Path:
    return write(tmp_path / "guides", edition(0))


@pytest.fixture
def env(tmp_path: Path, guides_folder: Path) -> dict[str, str]:
    return environment(tmp_path / "data", guides_folder)


@pytest.fixture
def ingest(env: dict[str, str], tmp_path: Path) -> Ingest:
    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run([*INGEST, *arguments], env, tmp_path)

    return ran


@pytest.fixture(autouse=True)
def library(tmp_path: Path, vectors: Path) -> Library:
    return library_with(vectors, tmp_path / "data/library")


def test_a_day_with_documents(ingest: Ingest, tmp_path: Path, library: Library) -> None:
    """Added, listed, shown, set, retired, restored, discarded: each with its exit code and what it says."""
    assert ingest().returncode == 0
    inbox = write(tmp_path / "inbox", {"Bảng giá.md": "# Giá muối\n\n## Muối giá bao nhiêu?\n\nMuối giá 5 USD.\n"})
    file, id_ = str(inbox / "Bảng giá.md"), "uploads/bang-gia.md"
    done = ingest("--add", file, "--by", "Lan", "--topic", "buyers")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "Read “Giá muối” (uploads/bang-gia.md, version 1): 1 sections, 4 words.\n  Muối giá bao nhiêu? (4)"
        in done.stdout
    )
    assert "WARNING  uploads/bang-gia.md:1: review_by is missing" in done.stdout
    assert "Of 0 questions" in done.stdout
    assert "Published version 3" in done.stdout

    done = ingest("--list")
    assert [line.split("  ")[:2] for line in done.stdout.splitlines()] == [
        *([f"{name}.md", "live"] for name in sorted(NAMES)),
        [id_, "live"],
    ]
    assert f"{id_}  live  v1  buyers  Lan 20" in done.stdout
    [listed] = [one for one in json.loads(ingest("--list", "--json").stdout) if one["id"] == id_]
    assert (listed["title"], listed["topic"], listed["version"], listed["by"]) == ("Giá muối", "buyers", 1, "Lan")
    assert listed["review_by"] is None

    done = ingest("--set", id_, "review_by=2099-01-31", "title=Giá muối 2026", "--by", "Lan")
    assert "updated 1" in done.stdout
    done = ingest("--show", id_)
    assert "2099-01-31  Giá muối 2026" in done.stdout
    assert "  Muối giá bao nhiêu? (4)" in done.stdout
    assert "* v1  " in done.stdout
    assert "held by library version 4" in done.stdout
    shown = json.loads(ingest("--show", id_, "--json").stdout)
    assert [entry["what"] for entry in shown["history"]] == ["set", "set", "publish", "add", "set"]
    assert ingest("--show", "Gạo.md").stdout.startswith("Gạo.md  live  -  buyers")

    assert "Nothing new" in ingest("--add", file).stdout
    for document in (id_, "Gạo.md"):
        assert "removed 1" in ingest("--retire", document).stdout
        assert ingest("--retire", document).returncode == 2
    assert "Gạo.md  retired" in ingest("--list").stdout
    for document in (id_, "Gạo.md"):
        assert "Added 1" in ingest("--restore", document).stdout
        assert ingest("--restore", document).returncode == 2
    for arguments, said in (
        (("--set", "Gạo.md", "topic=x"), "is a guide"),
        (("--set", id_, "hash=0"), "cannot be set"),
        (("--set", id_, "review_by=mai"), "mai is no date"),
        (("--show", "none.md"), "There is no document"),
        (("--discard", id_), "has no draft"),
        (("--add", str(inbox / "none.md")), ""),
    ):
        done = ingest(*arguments)
        assert done.returncode == 2, arguments
        assert said in done.stderr
    assert library.published() == library.versions()[0].number


def test_what_spoils_an_answer_is_published_only_with_yes(
    ingest: Ingest, guides_folder: Path, tmp_path: Path, library: Library
) -> None:
    """For a document that is added and for a folder; --guard lets a folder pass that spoils nothing."""
    section = "Gạo.md#Gạo xuất khẩu cần giấy tờ gì?"
    check = {"ask": "Xuất gạo cần giấy gì?", "style": "short", "section": section, "shows": "tờ khai hải quan"}
    write(guides_folder, {"check_questions.yaml": json.dumps([check])})
    assert ingest().returncode == 0
    live = library.published()
    inbox = write(tmp_path / "inbox", {"spoils.md": SPOILS})
    done = ingest("--add", str(inbox / "spoils.md"))
    assert done.returncode == 1
    assert f"SPOILT  “Xuất gạo cần giấy gì?” is answered right by {section} now:" in done.stdout
    assert "Gạo xuất khẩu không cần giấy tờ gì." in done.stdout
    assert "NOT published" in done.stdout
    assert "--discard uploads/spoils.md" in done.stdout
    assert library.published() == live
    assert "uploads/spoils.md  draft" in ingest("--list").stdout
    findings = json.loads(ingest("--add", str(inbox / "spoils.md"), "--json").stdout)["findings"]
    assert [one["check"]["ask"] for one in findings["spoilt"]] == [check["ask"]]
    assert ingest("--discard", "uploads/spoils.md").returncode == 0

    write(guides_folder, {"spoils.md": SPOILS})
    assert ingest("--guard").returncode == 1
    assert library.published() == live
    assert ingest("--guard", "--yes").returncode == 0
    assert library.published() != live
    (guides_folder / "spoils.md").unlink()
    done = ingest(str(guides_folder), "--guard")
    assert done.returncode == 0
    assert "Of 0 questions that are answered right now, 0 would be answered wrong." in done.stdout


def test_a_watched_folder_is_published_as_it_changes(
    env: dict[str, str], guides_folder: Path, tmp_path: Path, library: Library
) -> None:
    """A broken document and an empty folder are told, and watching goes on."""
    watching = start([*INGEST, "--watch"], env, tmp_path)
    assert watching.stdout is not None
    assert watching.stderr is not None

    def until(said: str, stream: IO[str]) -> None:
        for line in stream:
            if said in line:
                return
        pytest.fail(f"it ended without saying {said!r}")

    try:
        until("Watching", watching.stdout)
        until("Published version 2", watching.stdout)
        write(guides_folder, {"Gạo.md": "---\ntitle: [\n---\n"})
        until("REJECTED  Gạo.md", watching.stdout)
        for path in list(guides_folder.iterdir()):
            path.rename(tmp_path / path.name)
        until("--allow-empty", watching.stderr)
        write(guides_folder, edition(5))
        until("Published version 3", watching.stdout)
        with library.open() as index:
            assert all("Bài viết lần 5" in document.sections[0].text for document in index.documents)
    finally:
        watching.kill()
        watching.communicate(timeout=PATIENCE)
