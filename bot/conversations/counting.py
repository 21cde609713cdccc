"""Turns counted by day, for charts: what became of them, what was thought of them, how long they took.

Counts of finished days are kept, so that a page over ninety days of many turns reads ninety rows. Whoever changes turns
of the past calls `forget` with their days in the same transaction; these are counted anew by the next round.
"""

import asyncio
import datetime
import logging
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, select, text

from bot.conversations.database import Database, DatabaseUnavailable
from bot.conversations.exporting import VIETNAM, Selection
from bot.conversations.models import DayCount, Turn, now

_log = logging.getLogger(__name__)

_turn, _kept = Turn.__table__.c, DayCount.__table__.c
_UNCOUNTED = ("ops",)
# Latencies are counted in steps of so many milliseconds; above the last step they are one.
STEP, _LAST = 10, 60_000
# Days that a period has at most.
LONGEST = 90
# Seconds between two rounds.
_PAUSE = 3600.0
# Whoever counts a day in PostgreSQL waits for those who change turns of the past, and they for it. SQLite lets only one
# write anyway.
_COUNTING = text("SELECT pg_advisory_xact_lock(7105)")
_CHANGING = text("SELECT pg_advisory_xact_lock_shared(7105)")


@dataclass(frozen=True, slots=True)
class Day:
    """decisions: questions by decision. votes: by vote. topics: answers by topic. latencies: answers by milliseconds,
    rounded down to whole steps.
    """

    decisions: Counter[str] = field(default_factory=Counter)
    votes: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    latencies: Counter[int] = field(default_factory=Counter)

    @classmethod
    def from_json(cls, kept: dict[str, dict[str, int]]) -> "Day":
        # Keys are texts in JSON.
        latencies = Counter({int(milliseconds): count for milliseconds, count in kept["latencies"].items()})
        return cls(Counter(kept["decisions"]), Counter(kept["votes"]), Counter(kept["topics"]), latencies)

    def to_json(self) -> dict[str, dict[str, int] | dict[int, int]]:
        return {
            "decisions": self.decisions,
            "votes": self.votes,
            "topics": self.topics,
            "latencies": self.latencies,
        }

    def total(self, *decisions: str) -> int:
        """Questions, all or those of some decisions."""
        return sum(self.decisions[one] for one in decisions or self.decisions)

    def latency(self, share: float) -> int | None:
        """Milliseconds within which so large a share of the answers came; None without answers."""
        wanted, seen = share * self.latencies.total(), 0
        for value in sorted(self.latencies):
            seen += self.latencies[value]
            if seen >= wanted:
                return value
        return None


def together(days: Iterable[Day]) -> Day:
    """The counts of some days as if they were one."""
    found = Day()
    for day in days:
        found.decisions.update(day.decisions)
        found.votes.update(day.votes)
        found.topics.update(day.topics)
        found.latencies.update(day.latencies)
    return found


def day_of(moment: datetime.datetime) -> datetime.date:
    """The day of a moment in Vietnam."""
    return moment.astimezone(VIETNAM).date()


def counts(connection: Connection, first: datetime.date, last: datetime.date) -> dict[datetime.date, Day]:
    """Of the turns from one day to another, both included."""
    rows = connection.execute(select(_kept.day, _kept.counts).where(_kept.day.between(first, last)))
    kept = {day: Day.from_json(counted) for day, counted in rows}
    return {day: kept[day] if day in kept else _counted(connection, day) for day in _days(first, last)}


def forget(connection: Connection, days: Collection[datetime.date]) -> None:
    """Turns of these days were added, changed or deleted."""
    finished = [day for day in days if day < day_of(now())]
    if finished:
        _wait_for_others(connection, counting=False)
        connection.execute(delete(DayCount).where(_kept.day.in_(finished)))


def forget_turns(connection: Connection, which: ColumnElement[bool]) -> None:
    """These turns are going to be changed or deleted."""
    forget(connection, {day_of(moment) for moment in connection.scalars(select(_turn.asked_at).where(which))})


async def keep_finished_days(database: Database) -> int:
    """Count the finished days of the longest period that are not counted yet; returns how many these were.

    Raises DatabaseUnavailable.
    """
    today = day_of(now())
    wanted = _days(today - datetime.timedelta(days=LONGEST), today - datetime.timedelta(days=1))
    kept = await database.read(lambda connection: set(connection.scalars(select(_kept.day))))
    missing = [day for day in wanted if day not in kept]
    for day in missing:
        # One at a time, so that questions come in between.
        await database.write(lambda connection: _keep(connection, day))  # noqa: B023  # awaited at once
    return len(missing)


async def keep_counts(database: Database) -> None:
    """Keep the counts of finished days, now and every hour, until cancelled."""
    while True:
        try:
            await keep_finished_days(database)
        except DatabaseUnavailable as error:
            _log.warning("days are not counted, next try in an hour (%s)", error)
        except Exception as error:  # noqa: BLE001  # one failure must not end the rounds
            _log.error("counting days failed", exc_info=error, extra={"event": "failure"})
        await asyncio.sleep(_PAUSE)


def _keep(connection: Connection, day: datetime.date) -> None:
    _wait_for_others(connection, counting=True)
    connection.execute(delete(DayCount).where(_kept.day == day))
    connection.execute(insert(DayCount), {"day": day, "counts": _counted(connection, day).to_json()})


def _counted(connection: Connection, day: datetime.date) -> Day:
    """A day counted now, read out of an index alone."""
    found = Day()
    within = [*Selection(day, day).conditions(), *(_turn.decision != one for one in _UNCOUNTED)]
    kinds = (_turn.decision, _turn.feedback, _turn.topic)
    for decision, vote, topic, count in connection.execute(
        select(*kinds, func.count()).where(*within).group_by(*kinds)
    ):
        found.decisions[decision] += count
        if vote:
            found.votes[vote] += count
        if topic:
            found.topics[topic] += count
    step = case((_turn.total_ms >= _LAST, _LAST), else_=_turn.total_ms - _turn.total_ms % STEP)
    timed = select(step, func.count()).where(*within, _turn.total_ms.is_not(None)).group_by(step)
    for milliseconds, count in connection.execute(timed):
        found.latencies[milliseconds] += count
    return found


def _days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]


def _wait_for_others(connection: Connection, *, counting: bool) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_COUNTING if counting else _CHANGING)
