"""The first page: how it goes, for a period."""

import asyncio
import datetime
from collections.abc import Iterable

from starlette.responses import Response

from bot.conversations.counting import LONGEST, Day, counts, day_of, together
from bot.conversations.models import now
from bot.web.console.charts import Chart, lined, stacked
from bot.web.console.conversations import TOPICS
from bot.web.console.visiting import Visit, page

_PERIODS = (7, 30, LONGEST)
_FIRST = 30
_MOST_TOPICS = 8
ANSWERED, CLARIFIED, DECLINED = ("answer", "smalltalk"), ("clarify",), ("abstain",)
# What was neither of these: failed, over the limit, not taken, held by ops.
_OTHER = ("limited", "not_taken", "failed", "held")
_GROUPS = {"answered": ANSWERED, "clarified": CLARIFIED, "declined": DECLINED, "other": _OTHER}


async def overview(visit: Visit) -> Response:
    asked = visit.query("days")
    days = int(asked) if asked in map(str, _PERIODS) else _FIRST
    last = day_of(now())
    first = last - datetime.timedelta(days=days - 1)
    counted = await visit.behind.database.read(lambda connection: counts(connection, first, last))
    found = together(counted.values())
    votes = found.votes.total()
    due = await asyncio.to_thread(visit.behind.shelf.due)
    return visit.behind.pages.show(
        visit,
        "overview",
        periods=_PERIODS,
        days=days,
        total=found.total(),
        answered=found.total(*ANSWERED),
        clarified=found.total(*CLARIFIED),
        declined=found.total(*DECLINED),
        other=found.total(*_OTHER),
        votes=votes,
        liked=round(100 * found.votes["up"] / votes) if votes else None,
        median=found.latency(0.5),
        late=found.latency(0.95),
        topics=found.topics.most_common(_MOST_TOPICS),
        most=max(found.topics.values(), default=1),
        counted=counted,
        groups=_GROUPS,
        questions=_questions(counted),
        latencies=_latencies(counted),
        due=due,
        known_topics=TOPICS,
    )


def _questions(counted: dict[datetime.date, Day]) -> Chart:
    days = counted.values()
    return stacked(_names(counted), {kind: [day.total(*of) for day in days] for kind, of in _GROUPS.items()})


def _latencies(counted: dict[datetime.date, Day]) -> Chart:
    shares = {"median": 0.5, "late": 0.95}
    days = counted.values()
    return lined(_names(counted), {kind: [day.latency(share) for day in days] for kind, share in shares.items()})


def _names(dates: Iterable[datetime.date]) -> list[str]:
    return [f"{date:%d/%m}" for date in dates]


ROUTES = [page("/", overview)]
