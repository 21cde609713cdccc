"""A watched folder: run after changes, once for many, and never ended by an error."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.curation.watching
from bot.curation.watching import watch

# How long what is expected may take on a busy machine, and how long nothing must come, in seconds.
PATIENCE = 60.0
NOTHING = 3.0


class Watched:
    """A folder that is watched in a thread. What was run and what failed comes in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.came: queue.Queue[str] = queue.Queue()
        self.fails = False
        self._end = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        watch(self.folder, self._run, lambda error: self.came.put(type(error).__name__), quiet=0.3)

    def _run(self) -> None:
        self.came.put("run")
        if self.fails:
            raise ZeroDivisionError

    def next(self) -> str:
        return self.came.get(timeout=PATIENCE)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(bot.curation.watching, "_LOOK", 0.5)
    monkeypatch.setattr(bot.curation.watching, "_AGAIN", 0.2)
    folder = tmp_path / "guides"
    folder.mkdir()
    watched = Watched(folder)
    assert watched.next() == "run"
    return watched


def test_many_changes_at_once_are_one_run_and_quiet_is_none(watched: Watched) -> None:
    for number in range(20):
        (watched.folder / f"{number}.md").write_text("Gạo.\n", encoding="utf-8")
    assert watched.next() == "run"
    with pytest.raises(queue.Empty):
        watched.came.get(timeout=NOTHING)
    (watched.folder / "topic").mkdir()
    assert watched.next() == "run"
    (watched.folder / "topic/new.md").write_text("Chè.\n", encoding="utf-8")
    assert watched.next() == "run"


def test_a_run_that_fails_is_told_and_the_next_change_runs_again(watched: Watched) -> None:
    watched.fails = True
    (watched.folder / "a.md").write_text("Gạo.\n", encoding="utf-8")
    assert [watched.next(), watched.next()] == ["run", "ZeroDivisionError"]
    watched.fails = False
    (watched.folder / "a.md").write_text("Chè.\n", encoding="utf-8")
    assert watched.next() == "run"


def test_a_folder_that_is_taken_away_and_put_back_is_watched_again(watched: Watched) -> None:
    away = watched.folder.rename(watched.folder.with_name("away"))
    while (said := watched.next()) == "run":
        pass
    assert said == "FileNotFoundError"
    away.rename(watched.folder)
    while watched.next() != "run":
        pass
    while not watched.came.empty():
        watched.came.get()
    (watched.folder / "new.md").write_text("Chè.\n", encoding="utf-8")
    while watched.next() != "run":
        pass
