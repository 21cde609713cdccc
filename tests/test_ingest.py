"""`ingest.py` as admins run it: exit codes, reports, two at once, and killed at any moment."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knowledge.library import Library
from tests.auxil.editions import GUIDE, NAMES, edition
from tests.auxil.libraries import library_with, write
from tests.auxil.programs import INGEST, PATIENCE, environment, run, start

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


def report(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


def test_a_day_of_an_admin(ingest: Ingest, guides_folder: Path, library: Library) -> None:
    """First run, nothing new, a bad document, going back: each with its exit code and what it says."""
    done = ingest("--json")
    first = report(done)
    assert done.returncode == 0
    assert set(first) == {
        "added", "updated", "unchanged", "removed", "rejected", "warnings",
        "passages", "version", "seconds", "first_answer", "refused", "pinned",
    }  # fmt: skip
    assert first["added"] == sorted(f"{name}.md" for name in NAMES)
    assert (first["passages"], first["version"], library.published()) == (3, 2, 2)

    done = ingest()
    assert (done.returncode, done.stderr) == (0, "")
    assert "unchanged 3" in done.stdout
    assert "Nothing new" in done.stdout
    assert library.published() == 2

    write(guides_folder, {"Chè.md": "---\ntitle: [\n---\n", "Gạo.md": GUIDE.format(title="Gạo", edition=1)})
    done = ingest()
    assert done.returncode == 1
    assert "REJECTED  Chè.md:3: The front matter is not valid YAML" in done.stdout
    assert "updated 1, unchanged 1, removed 0, rejected 1" in done.stdout
    assert "Published version 3" in done.stdout
    with library.open() as index:
        assert sorted(document.title for document in index.documents) == sorted(NAMES)

    done = ingest("--rollback", "2")
    assert done.returncode == 0
    assert done.stdout.startswith("Version 2 is live again and pinned")
    assert library.published() == 2
    done = ingest("--rollback", "77")
    assert done.returncode == 2
    assert "There is no version 77. Known versions: 3, 2, 1." in done.stderr

    done = ingest("--versions")
    assert [line[:8].split() for line in done.stdout.splitlines()] == [["3"], ["!", "2"], ["1"]]
    listed = json.loads(ingest("--versions", "--json").stdout)
    assert [(version["number"], version["published"], version["dense"]) for version in listed] == [
        (3, False, True),
        (2, True, True),
        (1, False, False),
    ]

    done = ingest("--diff", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert "CHANGED  Gạo.md  Gạo" in done.stdout
    assert "-Bài viết lần 1.\n+Bài viết lần 0." in done.stdout
    assert "Chè" not in done.stdout
    done = ingest("--diff", "2")
    assert done.stdout == "Version 2 and the live one are the same.\n"
    assert ingest("--diff", "77").returncode == 2

    done = ingest()
    assert done.returncode == 0
    assert "pinned" in done.stdout
    assert library.published() == 2
    done = ingest("--unpin")
    assert "Published version 4" in done.stdout


def test_checking_publishes_nothing_and_shows_warnings(ingest: Ingest, guides_folder: Path, library: Library) -> None:
    done = ingest("--check")
    assert (done.returncode, done.stdout) == (0, "3 documents read, 0 rejected, 0 warnings. Nothing was published.\n")
    write(guides_folder, {"new.md": "## Hỏi?\n\nĐáp.\n"})
    done = ingest("--check")
    assert done.returncode == 0
    assert "WARNING  new.md:1: review_by is missing" in done.stdout
    assert ingest("--check", "--strict").returncode == 1
    assert library.versions() == []


def test_strict_rejects_documents_with_warnings(ingest: Ingest, guides_folder: Path, library: Library) -> None:
    write(guides_folder, {"new.md": "## Hỏi?\n\nĐáp.\n"})
    done = ingest("--strict")
    assert done.returncode == 1
    assert "REJECTED  new.md:1: The guide names no source" in done.stdout
    with library.open() as index:
        assert len(index.documents) == 3


def test_what_would_empty_the_library_is_refused(ingest: Ingest, guides_folder: Path, tmp_path: Path) -> None:
    done = ingest(str(tmp_path / "missing"))
    assert done.returncode == 2
    assert "There is no folder" in done.stderr
    for name in NAMES:
        (guides_folder / f"{name}.md").unlink()
    done = ingest()
    assert done.returncode == 2
    assert "--allow-empty" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(env: dict[str, str], tmp_path: Path) -> None:
    done = run(INGEST, {**env, "EMBEDDING_MODEL": "word2vec"}, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("EMBEDDING_MODEL='word2vec'")


def test_a_data_folder_that_cannot_be_written_is_named(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(INGEST, {**env, "DATA_DIR": str(tmp_path / "file")}, tmp_path)
    assert done.returncode == 2
    assert "Cannot write to the folder" in done.stderr


def test_a_second_run_waits_for_the_one_at_work_and_says_so(
    env: dict[str, str], tmp_path: Path, library: Library
) -> None:
    with library.writing(1):
        second = start(INGEST, env, tmp_path)
        assert second.stderr is not None
        assert "Another ingest is running" in second.stderr.readline()
        assert second.poll() is None
        assert library.published() is None
    out, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0
    assert "Published version" in out


def test_two_runs_at_once_do_the_work_once(env: dict[str, str], tmp_path: Path, library: Library) -> None:
    both = [start([*INGEST, "--json"], env, tmp_path) for _ in range(2)]
    reports = [json.loads(process.communicate(timeout=PATIENCE)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(len(done["added"]) for done in reports) == [0, 3]
    assert sorted(len(done["unchanged"]) for done in reports) == [0, 3]
    assert len(library.versions()) == 2


# --- Killed at any moment, beside a reader ---


@pytest.fixture
def reader(env: dict[str, str], tmp_path: Path, ingest: Ingest) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps asking from the first edition on."""
    assert ingest().returncode == 0
    question = "Gạo xuất khẩu cần giấy tờ gì?"
    command = [sys.executable, "-m", "tests.auxil.reader", str(tmp_path / "data/library"), question]
    process = start(command, env, tmp_path)
    with process:
        yield process
        process.kill()


def newest(library: Library) -> Path:
    """The folder of the newest version, finished or not."""
    return max((library.folder / "versions").iterdir())


def kill_when(moment: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """SIGKILL the process at a moment of its work, or when it has finished before."""
    while process.poll() is None and not moment():
        time.sleep(0.001)
    process.kill()
    process.communicate(timeout=PATIENCE)


def test_killed_at_any_moment_it_never_disturbs_the_reader(
    ingest: Ingest, reader: subprocess.Popen[str], env: dict[str, str], tmp_path: Path, library: Library
) -> None:
    assert reader.stdout is not None
    assert reader.stdin is not None
    assert json.loads(reader.stdout.readline())["version"] == library.published()

    started = time.monotonic()
    write(tmp_path / "guides", edition(1))
    assert ingest().returncode == 0
    whole = time.monotonic() - started

    def after(share: float) -> Callable[[], bool]:
        until = time.monotonic() + share * whole
        return lambda: time.monotonic() > until

    def appears(name: str) -> Callable[[], bool]:
        before = newest(library)
        return lambda: newest(library) != before and (newest(library) / name).exists()

    moments = [
        *((after, share) for share in (0.2, 0.5, 0.7, 0.9)),
        *((appears, name) for name in ("documents.jsonl", "chroma", "chroma/chroma.sqlite3", "moments.npz")),
        *((appears, name) for name in ("chroma/chroma.sqlite3-journal", "manifest.json")),
    ]
    unfinished = 0
    for number, (kind, argument) in enumerate(moments, start=2):
        write(tmp_path / "guides", edition(number))
        live = library.published()
        moment = kind(argument)
        kill_when(moment, start(INGEST, env, tmp_path))
        unfinished += library.published() == live
    # Each kill that was tied to a file of the new version came before that version was published.
    assert unfinished >= 5

    last = len(moments) + 2
    write(tmp_path / "guides", edition(last))
    assert ingest().returncode == 0
    ready = {f"{version.number:06}" for version in library.versions()}
    assert {path.name for path in (library.folder / "versions").iterdir()} == ready

    seen = []
    for line in reader.stdout:
        seen.append(json.loads(line))
        if seen[-1].get("version") == library.published():
            reader.stdin.close()
    turns = seen.pop()["turns"]
    assert turns > len(seen)
    for answer in seen:
        assert answer["decision"] == "answer"
        assert sorted(answer["titles"]) == sorted(NAMES)
        assert "Bài viết lần " in answer["answer"]
    assert f"Bài viết lần {last}." in seen[-1]["answer"]
    versions = [answer["version"] for answer in seen]
    assert versions == sorted(versions)
    assert reader.wait(PATIENCE) == 0
    assert reader.stderr is not None
    assert reader.stderr.read() == ""
