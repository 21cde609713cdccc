"""The check: order, answers, and what holds of every score."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.onboarding.check import UNKNOWN, Check
from bot.onboarding.profile import Profile
from bot.onboarding.questionnaire import NEEDS
from knowledge.entities import names_of
from tests.onboarding.files import questionnaire

COFFEE = Profile(goods=("coffee",))
QUESTIONNAIRE = questionnaire()


@st.composite
def checks(draw: st.DrawFn) -> Check:
    """A supplier of any goods who has answered some of the questions."""
    goods = tuple(draw(st.sets(st.sampled_from(sorted(names_of("goods"))), max_size=3)))
    check = Check(QUESTIONNAIRE, Profile(goods=goods))
    for asked in check.questions():
        choices = [None, UNKNOWN, *(option.key for option in asked.question.options)]
        if answer := draw(st.sampled_from(choices)):
            check = check.answered(asked.id, answer)
    return check


def all_answered(answer: int | str, profile: Profile = COFFEE) -> Check:
    """Every question answered by the option in a place, or by UNKNOWN."""
    check = Check(QUESTIONNAIRE, profile)
    for asked in check.questions():
        check = check.answered(asked.id, answer if isinstance(answer, str) else asked.question.options[answer].key)
    return check


@given(checks(), st.data())
def test_a_better_answer_lowers_nothing(check: Check, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(check.questions()))
    order = [UNKNOWN, *(option.key for option in asked.question.options)]
    worse = asked.answer or UNKNOWN
    better = data.draw(st.sampled_from(order[order.index(worse) :]))
    before, after = check.score(), check.answered(asked.id, better).score()
    assert after.total >= before.total
    assert all(after.needs[need] >= before.needs[need] for need in NEEDS)
    assert after.level.least >= before.level.least


@given(checks())
def test_a_score_is_within_its_bounds_and_its_gaps_make_up_the_rest(check: Check) -> None:
    score = check.score()
    assert all(0 <= points <= 100 for points in (score.total, *score.needs.values()))
    assert score.total == pytest.approx(100 - sum(gap.loss for gap in score.gaps), abs=1)
    assert [gap.loss for gap in score.gaps] == sorted((gap.loss for gap in score.gaps), reverse=True)
    assert min(score.needs.values()) >= score.level.floor


def test_all_unknown_is_not_a_pass_and_differs_from_no() -> None:
    unknown, none, best = all_answered(UNKNOWN).score(), all_answered(0).score(), all_answered(-1).score()
    assert (unknown.total, unknown.level.key) == (none.total, none.level.key) == (0, "start")
    assert unknown.unknown == len(all_answered(UNKNOWN).questions())
    assert all(gap.unknown for gap in unknown.gaps)
    assert not any(gap.unknown for gap in none.gaps)
    assert (best.total, best.level.key, best.gaps) == (100, "ready", ())


def test_one_weak_need_keeps_from_the_highest_level() -> None:
    check = all_answered(-1)
    for asked in check.questions():
        if asked.need == "reliability":
            check = check.answered(asked.id, UNKNOWN)
    score = check.score()
    assert score.total == 84
    assert score.level.key == "preparing"
    assert {gap.need for gap in score.gaps} == {"reliability"}


def test_questions_come_in_order_and_those_left_out_come_again() -> None:
    check = Check(QUESTIONNAIRE, COFFEE)
    first = check.next_question()
    assert first is not None
    assert (first.id, first.number, first.of) == ("quality.spec", 1, 19)
    check = check.answered("quality.test", "none")
    assert check.next_question("quality.test").id == "quality.haccp"  # type: ignore[union-attr]
    for asked in check.questions()[2:]:
        check = check.answered(asked.id, UNKNOWN)
    last = check.next_question("speed.sample")
    assert last is not None
    assert last.id == "quality.spec"
    assert check.answered("quality.spec", "all").next_question() is None
    assert check.done() == 18
    assert check.before("quality.test") == check.question("quality.spec")
    assert check.before("quality.spec") is None


def test_only_what_is_asked_can_be_answered() -> None:
    check = Check(QUESTIONNAIRE, Profile(goods=("rattan",)))
    for id_, answer in (("quality.haccp", "cert"), ("quality.spec", "cert"), ("no.such", "none")):
        with pytest.raises(KeyError):
            check.answered(id_, answer)


def test_answers_to_another_version_of_a_question_are_asked_for_again() -> None:
    check = Check(QUESTIONNAIRE, COFFEE, {"quality.spec": "gone", "quality.gone": "all", "quality.test": "market"})
    assert check.done() == 1
    assert check.next_question().id == "quality.spec"  # type: ignore[union-attr]


def test_what_is_not_asked_of_a_supplier_does_not_count() -> None:
    food = all_answered(-1)
    rattan = dataclasses.replace(food, profile=Profile(goods=("rattan",)))
    assert rattan.next_question().id == "quality.inspection"  # type: ignore[union-attr]
    assert rattan.score().needs["quality"] == 66
