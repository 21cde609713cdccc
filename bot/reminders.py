"""Reminders of the next step, to those who agreed: once each, and never at night."""

import asyncio
import datetime
import logging

from bot.conversations.database import DatabaseUnavailable
from bot.conversations.models import now
from bot.conversations.onboarding import Standing
from bot.conversations.records import Records
from bot.onboarding.checklist import Steps
from bot.onboarding.reminding import is_quiet, next_time, words
from bot.onboarding.standing import checklist_of

_log = logging.getLogger(__name__)

# Seconds between two looks at whose time has come.
_PAUSE = 60.0


async def remind_due(records: Records, steps: Steps, moment: datetime.datetime) -> int:
    """Tell everybody whose time has come by now, unless it is quiet; returns how many were due."""
    if is_quiet(moment):
        return 0

    def compose(standing: Standing, days: int) -> tuple[str, datetime.datetime]:
        found = checklist_of(steps, standing.profile, standing.result, standing.states)
        return words(found, standing.language), next_time(moment, days)

    total = 0
    while due := await records.onboarding.remind(moment, compose):
        total += due
    return total


async def remind_always(records: Records, steps: Steps) -> None:
    """Look every minute until cancelled."""
    while True:
        try:
            due = await remind_due(records, steps, now())
        except DatabaseUnavailable as error:
            _log.warning("nobody was reminded, next try in a minute (%s)", error)
        except Exception as error:  # noqa: BLE001  # one failure must not end all reminders
            _log.error("reminding failed", exc_info=error, extra={"event": "failure"})
        else:
            if due:
                _log.info("reminded", extra={"event": "reminded", "people": due})
        await asyncio.sleep(_PAUSE)
