"""When somebody who agreed is reminded."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.onboarding.checklist import checklist
from bot.onboarding.files import load_files
from bot.onboarding.profile import Profile
from bot.onboarding.reminding import VIETNAM, is_quiet, next_time, words

STEPS = load_files().steps


@given(st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1)), st.sampled_from((7, 14, 30)))  # noqa: DTZ001
def test_the_next_time_is_never_at_night_and_not_before_it_is_due(naive: datetime.datetime, days: int) -> None:
    moment = naive.replace(tzinfo=datetime.UTC)
    found = next_time(moment, days)
    assert not is_quiet(found)
    assert 0 <= (found - moment).total_seconds() - days * 86400 <= 11 * 3600


def test_the_night_is_that_of_vietnam() -> None:
    for hour, quiet in ((7, True), (8, False), (20, False), (21, True), (0, True)):
        assert is_quiet(datetime.datetime(2026, 11, 26, hour, 30, tzinfo=VIETNAM)) == quiet


def test_the_next_step_is_named_until_all_are_done() -> None:
    found = checklist(STEPS, Profile(), (), {"hs_code": "done"})
    text = words(found, "vi")
    assert "1/10" in text
    assert "/dungnhac" in text
    assert words(checklist(STEPS, Profile(), (), {item.step.key: "done" for item in found.items}), "vi") == ""
