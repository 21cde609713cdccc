"""How far suppliers come, for a period, as a page and as a table for Excel."""

import csv
import datetime
import io
from collections.abc import Iterator

from starlette.responses import Response

from bot.conversations.exporting import VIETNAM
from bot.conversations.funnel import OTHER, Funnel, Group, funnel
from bot.conversations.models import now
from bot.onboarding.questionnaire import NEEDS
from bot.texts import Language, say
from bot.web.console.conversations import day_of
from bot.web.console.visiting import Visit, page
from knowledge.entities import names_of

_DAYS = 30
_MINUTE = 60
# Excel takes a file for UTF-8 only with this in front.
_BOM = "\ufeff"

Row = tuple[str, str, str, int]


async def overview_of_onboarding(visit: Visit) -> Response:
    first, last = _period(visit)
    found = await _read(visit, first, last)
    return visit.behind.pages.show(
        visit,
        "onboarding",
        first=first,
        last=last,
        found=found,
        steps=[(key, getattr(found, key)) for key in ("invited", "profiles", "worked", "finished")],
        levels=_levels(found, visit.language),
        needs=NEEDS,
        tables={"goods": _named(found.goods, visit.language), "provinces": _named(found.provinces, visit.language)},
        usual=_minutes(found.usual),
        late=_minutes(found.late),
    )


async def export_onboarding(visit: Visit) -> Response:
    first, last = _period(visit)
    found = await _read(visit, first, last)
    await visit.audit("export", "onboarding", first=str(first), last=str(last))
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(
        [say(f"console.onboarding.column.{name}", visit.language) for name in ("part", "name", "of", "count")]
    )
    writer.writerows(_rows(found, visit.language))
    headers = {"Content-Disposition": f'attachment; filename="hai-dang-onboarding-{first}-{last}.csv"'}
    return Response(_BOM + output.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _read(visit: Visit, first: datetime.date, last: datetime.date) -> Funnel:
    goods, provinces = names_of("goods"), visit.behind.provinces
    return await visit.behind.database.read(lambda connection: funnel(connection, first, last, goods, provinces))


def _period(visit: Visit) -> tuple[datetime.date, datetime.date]:
    """The days of the address, or the last month; the earlier one first."""
    last = day_of(visit.query("to")) or now().astimezone(VIETNAM).date()
    first = day_of(visit.query("from")) or last - datetime.timedelta(days=_DAYS - 1)
    return min(first, last), max(first, last)


def _levels(found: Funnel, language: Language) -> list[tuple[str, int]]:
    return [(vi if language == "vi" else en, count) for (vi, en), count in found.levels.most_common()]


def _named(groups: dict[str, Group], language: Language) -> list[tuple[str, Group]]:
    """The groups by the names that people read, the largest first, what is of no group last."""

    def name(key: str) -> str:
        if key == OTHER:
            return say("console.onboarding.other", language)
        return say(f"about.goods.{key}", language) if key in names_of("goods") else key

    ordered = sorted(groups, key=lambda key: (key == OTHER, -groups[key].suppliers, key))
    return [(name(key), groups[key]) for key in ordered]


def _minutes(span: datetime.timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds() / _MINUTE)


def _rows(found: Funnel, language: Language) -> Iterator[Row]:
    def part(key: str) -> str:
        return say(f"console.onboarding.{key}", language)

    for key in ("invited", "profiles", "worked", "finished"):
        yield part("steps"), part(key), "", getattr(found, key)
    for level, count in _levels(found, language):
        yield part("levels"), level, "", count
    for key, groups in (("goods", found.goods), ("provinces", found.provinces)):
        for name, group in _named(groups, language):
            yield part(key), name, part("suppliers"), group.suppliers
            for need in NEEDS:
                yield part(key), name, say(f"need.{need}", language), group.gaps[need]
    yield part("tickets"), part("opened"), "", found.tickets
    yield part("tickets"), part("answered"), "", found.answered
    for key, span in (("usual", found.usual), ("late", found.late)):
        if (minutes := _minutes(span)) is not None:
            yield part("tickets"), part(key), "", minutes


ROUTES = [page("/onboarding", overview_of_onboarding), page("/onboarding/export", export_onboarding)]
