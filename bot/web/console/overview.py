"""The first page: how it goes, for a period."""

import asyncio
import datetime
from collections.abc import Mapping

from starlette.responses import Response

from bot.conversations.counting import Counts, counts
from bot.conversations.exporting import VIETNAM
from bot.conversations.models import now
from bot.web.console.charts import Chart, lined, stacked
from bot.web.console.conversations import TOPICS
from bot.web.console.visiting import Visit, page

_PERIODS = (7, 30, 90)
_FIRST = 30
_MOST_TOPICS = 8
ANSWERED, CLARIFIED, DECLINED = ("answer", "smalltalk"), ("clarify",), ("abstain",)
# What was neither of these: failed, over the limit, not taken, held by ops.
_OTHER = ("limited", "not_taken", "failed", "held")


async def overview(visit: Visit) -> Response:
    asked = visit.query("days")
    days = int(asked) if asked in map(str, _PERIODS) else _FIRST
    last = now().astimezone(VIETNAM).date()
    first = last - datetime.timedelta(days=days - 1)
    found = await visit.behind.database.read(lambda connection: counts(connection, first, last))
    votes = found.votes.total()
    dates = [first + datetime.timedelta(days=number) for number in range(days)]
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
        dates=dates,
        counted=found,
        groups={"answered": ANSWERED, "clarified": CLARIFIED, "declined": DECLINED, "other": _OTHER},
        questions=_questions(found, dates),
        latencies=_latencies(found, dates),
        due=due,
        known_topics=TOPICS,
    )


def _questions(found: Counts, dates: list[datetime.date]) -> Chart:
    names = [f"{date:%d/%m}" for date in dates]
    kinds = {"answered": ANSWERED, "clarified": CLARIFIED, "declined": DECLINED, "other": _OTHER}
    days: list[Mapping[str, int]] = [found.decisions.get(date, {}) for date in dates]
    return stacked(names, {kind: [sum(day.get(one, 0) for one in of) for day in days] for kind, of in kinds.items()})


def _latencies(found: Counts, dates: list[datetime.date]) -> Chart:
    names = [f"{date:%d/%m}" for date in dates]
    shares = {"median": 0.5, "late": 0.95}
    return lined(names, {kind: [found.latency(share, date) for date in dates] for kind, share in shares.items()})


ROUTES = [page("/", overview)]
