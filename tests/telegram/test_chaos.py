"""The whole bot, killed at random moments while people ask: nobody's question is lost."""

import shutil
from pathlib import Path

import pytest

from bot.assistant.assistant import Assistant
from knowledge.library import Library
from tests.auxil.chaos import Chaos, Plan
from tests.auxil.programs import environment

pytestmark = [pytest.mark.xdist_group("chaos")]

PLANS = {
    "killed": Plan(chats=60, questions=4, kills=4),
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
