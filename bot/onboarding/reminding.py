"""When and with which words a supplier who agreed is reminded of the next step."""

import datetime

from bot.onboarding.checklist import Checklist
from bot.texts import Language, say

# How often, in days, a supplier may choose to be reminded.
EVERY = (7, 14, 30)
# Vietnam has one time all year.
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))
# Nobody is written to from the evening hour to the morning hour.
MORNING, EVENING = 8, 21


def is_quiet(moment: datetime.datetime) -> bool:
    return not MORNING <= moment.astimezone(VIETNAM).hour < EVENING


def next_time(moment: datetime.datetime, days: int) -> datetime.datetime:
    """So many days later at the same time of day, put off to the morning where that is quiet."""
    there = (moment + datetime.timedelta(days=days)).astimezone(VIETNAM)
    if is_quiet(there):
        if there.hour >= EVENING:
            there += datetime.timedelta(days=1)
        there = there.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return there.astimezone(datetime.UTC)


def words(found: Checklist, language: Language) -> str:
    """What to remind of; nothing where every step is done."""
    step = found.next_step()
    if step is None:
        return ""
    values = {"done": found.done, "of": found.of, "step": step.of(language), "why": step.why.of(language)}
    return say("reminder.text", language, **values)
