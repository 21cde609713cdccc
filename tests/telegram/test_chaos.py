"""The whole bot, killed at random moments while people ask: nobody's question is lost."""

import shutil
from pathlib import Path

import pytest

from bot.assistant.assistant import Assistant
from knowledge.library import Library
from tests.auxil.asking import Sent, deviations
from tests.auxil.chaos import Chaos, Plan
from tests.auxil.programs import environment

pytestmark = [pytest.mark.xdist_group("chaos")]

PLANS = {
    "killed": Plan(chats=60, questions=4, kills=4),
    "killed, Telegram refusing, database held": Plan(chats=30, questions=3, kills=2, refused=0.1, slow=True, seed=5),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
async def test_every_question_is_answered_once_and_in_order(
    plan: Plan, assistant: Assistant, library: Library, guides: Path, tmp_path: Path
) -> None:
    shutil.copytree(library.folder, tmp_path / "data/library")
    url = f"sqlite:///{tmp_path / 'data/hai-dang.sqlite3'}"
    result = await Chaos(plan, assistant, environment(tmp_path / "data", guides), tmp_path, url).run()
    assert (result.lost, result.disordered, result.strange, result.unfinished) == (0, 0, 0, 0)
    assert result.turns == result.questions
    assert result.unexplained == 0
    assert result.errors == 0
    assert result.ended == 0


@pytest.mark.parametrize(
    ("came", "lost", "disordered", "strange", "twice"),
    [
        ("anbnc", 0, 0, 0, 0),
        ("aannbncc", 0, 0, 0, 3),
        ("annbnnc", 0, 0, 0, 2),
        ("anbc", 1, 0, 0, 0),
        ("anbcn", 0, 1, 0, 0),
        ("nabnc", 0, 1, 0, 0),
        ("anbnxc", 0, 0, 1, 0),
    ],
)
def test_what_comes_again_is_told_from_what_comes_too_early(
    came: str, lost: int, disordered: int, strange: int, twice: int
) -> None:
    """n is said twice in a group, to two people in the same words."""
    found = deviations([Sent(text) for text in "anbnc"], [Sent(text) for text in came])
    assert (found.lost, found.disordered, found.strange, found.twice.total()) == (lost, disordered, strange, twice)
