"""Files of one's own in place of ours, and what whoever starts the bot is told of a mistake in them."""

from pathlib import Path

import pytest

from bot.app import onboarding_files
from bot.commands.doctor import _onboarding
from bot.onboarding import checklist
from bot.settings import Settings, SettingsError
from tests.onboarding.files import changed


def test_files_of_ones_own_take_the_place_of_ours(tmp_path: Path) -> None:
    questions, _ = changed(tmp_path, "vi: Chưa thử lần nào", "vi: Chưa từng thử")
    steps, _ = changed(tmp_path, "vi: Chụp bộ ảnh sản phẩm", "vi: Chụp ảnh", checklist.BUNDLED)
    files = onboarding_files(Settings(_env_file=None, onboarding_file=questions, checklist_file=steps))
    assert files.questionnaire.questions["quality.test"].options[0].vi == "Chưa từng thử"
    assert "Chụp ảnh" in [step.vi for step in files.steps.steps]


def test_a_mistake_is_told_with_setting_file_and_line(tmp_path: Path) -> None:
    path, line = changed(tmp_path, "    weight: 15", "    weigth: 15")
    settings = Settings(_env_file=None, onboarding_file=path)
    with pytest.raises(SettingsError) as error:
        onboarding_files(settings)
    for wanted in ("ONBOARDING_FILE", f"readiness.yaml, dòng {line}: ", "weigth"):
        assert wanted in str(error.value)
    finding = _onboarding(settings)
    assert not finding.ok
    assert "weigth" in finding.text
    assert _onboarding(Settings(_env_file=None)).ok
