"""The checklist: what ships says nothing that the guides do not, and steps follow from gaps, goods and markets."""

import re
import unicodedata
from pathlib import Path

import pytest

from bot.onboarding.checklist import BUNDLED, Step, checklist, load_steps
from bot.onboarding.loading import OnboardingError
from bot.onboarding.profile import Profile
from tests.onboarding.files import changed, questionnaire, sections

QUESTIONNAIRE = questionnaire()
STEPS = load_steps(QUESTIONNAIRE)
ALL_GAPS = frozenset(QUESTIONNAIRE.questions)
EVERY = {step.key: step for step in STEPS.steps}


def keys(profile: Profile, gaps: frozenset[str] = frozenset()) -> set[str]:
    return {item.step.key for item in checklist(STEPS, profile, gaps, {}).items}


def said(step: Step, language: str) -> str:
    words = (step, step.why, step.papers, step.takes)
    return " ".join(getattr(part, language) for part in words if part)


@pytest.mark.parametrize("key", EVERY)
def test_a_step_leads_to_a_section_and_every_figure_stands_there(key: str) -> None:
    step = EVERY[key]
    text = sections()[step.guide]
    figures = re.findall(r"\d[\d.,/]*\d|\d", text)
    for language in ("vi", "en"):
        said_here = re.findall(r"\d[\d.,/]*\d|\d", re.sub(r"EUR\.1|EN 71", "", said(step, language)))
        english = {figure.translate(str.maketrans(",.", ".,")) for figure in figures}
        assert set(said_here) <= {*figures, *english}


@pytest.mark.parametrize("key", EVERY)
def test_a_duration_stands_in_its_section(key: str) -> None:
    step = EVERY[key]
    units = r"giờ|ngày|tuần|tháng"
    outside = " ".join(part.vi for part in (step, step.why, step.papers) if part)
    assert not re.search(rf"\d+\s*(?:{units})", outside)
    if step.takes:
        assert re.search(units, step.takes.vi)
        for amount in re.findall(rf"(?:\d+|một đến hai)\s*(?:{units})", step.takes.vi):
            assert amount in sections()[step.guide]


def test_texts_are_composed_with_modern_tone_marks() -> None:
    text = BUNDLED.read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text
    assert re.findall(r"\w*(?:[òóỏõọ][ae]|[ùúủũụ]y)(?!\w)", text) == []


def test_coffee_to_the_eu() -> None:
    found = keys(Profile(goods=("coffee",), markets=("eu",), experience="none"))
    assert {"eu_origin", "eu_eudr", "eu_coffee", "phyto", "co_account", "first_papers", "hs_code"} <= found
    assert not {"us_fda", "us_lacey", "mould", "eu_reach", "spec_sheet", "haccp"} & found


def test_rattan_to_the_us() -> None:
    found = keys(Profile(goods=("rattan",), markets=("us",), experience="few"), frozenset({"quality.inspection"}))
    assert {"us_lacey", "us_tsca", "us_origin", "us_tariff", "mould", "fumigation", "inspection"} <= found
    # The United States give no preference, and rattan is no food.
    assert not {"co_account", "us_fda", "eu_origin", "phyto", "first_papers"} & found


def test_every_gap_leads_to_a_step_and_without_a_profile_there_is_something_to_do() -> None:
    named = {gap for step in STEPS.steps for gap in step.when.gaps}
    assert named == ALL_GAPS
    for_all = {"hs_code", "product_photos", "check_buyer", "trademark", "check_agent"}
    shop = {f"shop_{key}" for key in ("account", "banned", "rights", "listing", "assurance")}
    assert keys(Profile()) == for_all | shop


def test_every_group_of_goods_and_every_market_has_steps_of_its_own() -> None:
    markets = {market for step in STEPS.steps for market in step.when.markets}
    assert markets == set(QUESTIONNAIRE.profile.markets)
    # Of these three the guides know nothing by goods; `other_rules` says so.
    for market in markets - {"in", "au", "ca"}:
        for goods in QUESTIONNAIRE.profile.goods:
            alone = keys(Profile(markets=(market,))) | keys(Profile(goods=(goods,)))
            assert keys(Profile(goods=(goods,), markets=(market,))) > alone, (market, goods)


def test_what_is_written_and_not_known_is_to_be_looked_up() -> None:
    assert "look_up_rules" in keys(Profile().told("goods", "phần mềm kế toán"))
    assert "look_up_rules" in keys(Profile(goods=("coffee",)).told("markets", "Pakistan"))
    # Words that name something are answered by its own steps.
    assert "look_up_rules" not in keys(Profile().told("goods", "gốm Bát Tràng").told("markets", "Nhật"))


def test_nothing_is_said_of_preference_where_there_is_none() -> None:
    assert not {"other_origin", "halal"} & keys(Profile(goods=("pepper",), markets=("me",)))
    assert {"me_origin", "me_payment", "halal_raw", "fumigation"} <= keys(Profile(goods=("pepper",), markets=("me",)))
    assert not {"co_account", "import_duty"} & keys(Profile(goods=("garments",), markets=("us",)))


def test_progress_counts_what_is_for_the_supplier() -> None:
    profile = Profile(goods=("coffee",), markets=("eu",))
    found = checklist(STEPS, profile, (), {"hs_code": "done", "trademark": "not_for_me", "moq": "done"})
    # A step that was done stays though nothing asks for it any more.
    assert found.item("moq") is not None
    assert found.done == 2
    assert found.of == len(found.items) - 1
    assert found.next_step() == found.items[[item.mark for item in found.items].index(None)].step
    everything = {item.step.key: "done" for item in found.items}
    assert checklist(STEPS, profile, (), everything).next_step() is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("gaps: [quality.spec]", "gaps: [quality.specs]", "no_such_name"),
        ("experience: [none, agent]", "experience: [none, agents]", "no_such_name"),
        ("markets: [us], goods: [fruit]", "markets: [usa], goods: [fruit]", "no_such_name"),
        ("key: moq", "key: hs_code", "same_key"),
        ('    papers: {vi: "Số DUNS', '    paper: {vi: "Số DUNS', "extra_forbidden"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    path, line = changed(tmp_path, old, new, BUNDLED)
    with pytest.raises(OnboardingError) as error:
        load_steps(QUESTIONNAIRE, path)
    assert (error.value.code, error.value.line) == (code, line)
