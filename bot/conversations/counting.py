"""Turns counted by day, for charts: what became of them, what was thought of them, how long they took."""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Date, String, case, cast, func, literal_column, select, type_coerce

from bot.conversations.exporting import Selection
from bot.conversations.models import Turn

_turn = Turn.__table__.c
_UNCOUNTED = ("ops",)
# Latencies are counted in steps of so many milliseconds; above the last step they are one.
STEP, _LAST = 10, 60_000


@dataclass(slots=True)
class Counts:
    """decisions: questions by day and decision. votes: by day and vote. topics: answers by topic. latencies: answers
    by day and milliseconds, rounded down to whole steps.
    """

    decisions: dict[datetime.date, Counter[str]] = field(default_factory=dict)
    votes: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    latencies: dict[datetime.date, Counter[int]] = field(default_factory=dict)

    def total(self, *decisions: str) -> int:
        """Questions, all or those of some decisions."""
        return sum(
            count
            for day in self.decisions.values()
            for decision, count in day.items()
            if not decisions or decision in decisions
        )

    def latency(self, share: float, day: datetime.date | None = None) -> int | None:
        """Milliseconds within which so large a share of the answers came, of a day or of all; None without answers."""
        counted = self.latencies.get(day, Counter()) if day else sum(self.latencies.values(), Counter())
        wanted, seen = share * counted.total(), 0
        for value in sorted(counted):
            seen += counted[value]
            if seen >= wanted:
                return value
        return None


def counts(connection: Connection, first: datetime.date, last: datetime.date) -> Counts:
    """Of the turns from one day to another, as days are in Vietnam. Read out of an index alone."""
    found = Counts()
    within = [*Selection(first, last).conditions(), *(_turn.decision != one for one in _UNCOUNTED)]
    day = _day(connection)
    grouped = select(day, _turn.decision, _turn.feedback, _turn.topic, func.count()).where(*within)
    for when, decision, vote, topic, count in connection.execute(
        grouped.group_by(day, _turn.decision, _turn.feedback, _turn.topic)
    ):
        found.decisions.setdefault(_date(when), Counter())[decision] += count
        if vote:
            found.votes[vote] += count
        if topic:
            found.topics[topic] += count
    step = case((_turn.total_ms >= _LAST, _LAST), else_=_turn.total_ms - _turn.total_ms % STEP)
    timed = select(day, step, func.count()).where(*within, _turn.total_ms.is_not(None)).group_by(day, step)
    for when, milliseconds, count in connection.execute(timed):
        found.latencies.setdefault(_date(when), Counter())[milliseconds] += count
    return found


def _day(connection: Connection) -> ColumnElement[object]:
    """The day of a turn in Vietnam."""
    if connection.dialect.name == "sqlite":
        return func.date(type_coerce(_turn.asked_at, String), literal_column("'+7 hours'"))
    return cast(func.timezone(literal_column("'Asia/Ho_Chi_Minh'"), _turn.asked_at), Date)


def _date(value: object) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
