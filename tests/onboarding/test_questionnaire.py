"""The readiness file: what ships is sound, and a mistake is told with its line."""

import re
import unicodedata
from pathlib import Path

import pytest

from bot.onboarding.check import Check
from bot.onboarding.loading import OnboardingError
from bot.onboarding.profile import Profile
from bot.onboarding.questionnaire import BUNDLED, NEEDS, load_questionnaire
from knowledge.entities import names_of
from tests.onboarding.files import changed, sections


def test_what_ships_asks_two_or_three_things_about_each_need_whatever_the_goods() -> None:
    questionnaire = load_questionnaire()
    for goods in [(), *((name,) for name in names_of("goods")), tuple(names_of("goods"))]:
        asked = [found.need for found in Check(questionnaire, Profile(goods=goods)).questions()]
        assert all(2 <= asked.count(need) <= 3 for need in NEEDS)
    assert sum(need.weight for need in questionnaire.needs.values()) == 100


def test_every_group_of_goods_and_market_that_is_known_can_be_chosen() -> None:
    profile = load_questionnaire().profile
    assert set(profile.goods) == names_of("goods")
    assert set(profile.markets) == names_of("market")
    assert len(profile.provinces) == len(set(profile.provinces)) == 34


def test_every_guide_that_is_named_exists() -> None:
    assert [q.guide for q in load_questionnaire().questions.values() if q.guide not in sections()] == []


def test_texts_are_composed_with_modern_tone_marks() -> None:
    text = BUNDLED.read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text
    assert re.findall(r"\w*(?:[òóỏõọ][ae]|[ùúủũụ]y)(?!\w)", text) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    weight: 15", "    weigth: 15", "extra_forbidden"),
        ("    weight: 15", "    weight: much", "value"),
        ("      - key: spec", "      - key: Mô tả", "name"),
        ("      - key: test\n", "      - key: spec\n", "same_key"),
        ("points: 50, vi: Có cho vài mã bán chạy", "points: 150, vi: Có cho vài mã bán chạy", "value"),
        ("vi: Chưa thử lần nào", "vi: ''", "label"),
        ("goods: &food [coffee", "goods: &food [cofee", "no_such_name"),
        ('guide: "buyers/need-price.md#', 'guide: "need-price ', "guide"),
        ('\nversion: "', '\nversion: "mới nhất ', "version"),
        ("    floor: 30", "    floor: 60", "levels"),
        ("  speed:\n    weight", "  pace:\n    weight", "value"),
        ("    weight: 13", "    weight: [13", "yaml"),
        ("    weight: 13", "    weight: 13\n    weight: 14", "twice"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    path, line = changed(tmp_path, old, new)
    with pytest.raises(OnboardingError) as error:
        load_questionnaire(path)
    assert error.value.code == code
    # Of two levels that do not fit together the later one is named; a repeated key is, where it stands again.
    assert 0 <= error.value.line - line <= (6 if code == "levels" else 1)
    assert f"readiness.yaml, dòng {error.value.line}: " in error.value.text("vi")
    assert f"readiness.yaml, line {error.value.line}: " in error.value.text("en")


def test_falling_points_are_a_mistake_at_the_options(tmp_path: Path) -> None:
    path, line = changed(tmp_path, "points: 50, vi: Có cho vài mã bán chạy", "points: 0, vi: Có cho vài mã bán chạy")
    load_questionnaire(path)
    path, line = changed(tmp_path, 'points: 0, vi: "Chưa, nói miệng', 'points: 60, vi: "Chưa, nói miệng')
    with pytest.raises(OnboardingError) as error:
        load_questionnaire(path)
    assert (error.value.code, error.value.line) == ("order", line + 1)
    assert "60, 50, 100" in error.value.text("vi")


def test_a_missing_need_a_missing_key_and_a_missing_file_are_told(tmp_path: Path) -> None:
    text = BUNDLED.read_text(encoding="utf-8")
    path = tmp_path / "readiness.yaml"
    for broken, code in (
        (text[: text.index("  speed:")], "needs"),
        (re.sub(r"\n +find_out:\n.*\n.*\n", "\n", text, count=1), "missing"),
        ("", "value"),
    ):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(OnboardingError) as error:
            load_questionnaire(path)
        assert error.value.code == code
    with pytest.raises(OnboardingError) as error:
        load_questionnaire(tmp_path / "none.yaml")
    assert error.value.code == "unreadable"


def test_words_that_yaml_takes_for_something_else_are_words(tmp_path: Path) -> None:
    path, _ = changed(tmp_path, 'en: "No, by word or by sample"', "en: No")
    assert load_questionnaire(path).questions["quality.spec"].options[0].en == "No"
