"""What people asked and were not answered: in groups, each with its examples, and from there to a document."""

from starlette.responses import Response

from bot.conversations.exporting import VIETNAM
from bot.conversations.models import now
from bot.curation.gap_draft import draft_of, file_name_of
from bot.curation.gaps import Gap, chosen
from bot.texts import say
from bot.web.console.conversations import TOPICS
from bot.web.console.library import editor
from bot.web.console.shelf import Typed
from bot.web.console.visiting import Visit, page

_PERIODS = (7, 30, 90)
_FIRST = 30
# Seconds that a page waits for the gaps; where finding takes longer it says so and comes again.
_PATIENCE = 0.2
_PARTS = ("in_field", "outside")


async def overview_of_gaps(visit: Visit) -> Response:
    found = await _found(visit)
    listed = [(key, [gap for gap in found or () if gap.in_field == (key == "in_field")]) for key in _PARTS]
    days = _days(visit)
    return visit.behind.pages.show(visit, "gaps", finding=found is None, parts=listed, days=days, periods=_PERIODS)


async def gap(visit: Visit) -> Response:
    found = await _found(visit)
    one = _one(visit, found)
    if one is None and found is not None:
        return visit.behind.pages.message(visit, "gaps.gone", 404)
    return visit.behind.pages.show(visit, "gap", gap=one, days=_days(visit), topics=TOPICS)


async def draft(visit: Visit) -> Response:
    """The Library's page to write on, with the draft of a document that answers; nothing is kept before it is saved."""
    found = await visit.behind.gaps.of(_days(visit))
    one = _one(visit, found)
    if one is None:
        return visit.behind.pages.message(visit, "gaps.gone", 404)
    text = draft_of(one, now().astimezone(VIETNAM).date(), visit.language)
    return editor(visit, Typed(name=file_name_of(one), text=text), about=say("console.gaps.drafted", visit.language))


async def _found(visit: Visit) -> list[Gap] | None:
    return await visit.behind.gaps.of(_days(visit), _PATIENCE)


def _one(visit: Visit, found: list[Gap] | None) -> Gap | None:
    return chosen(found or (), visit.request.path_params["key"])


def _days(visit: Visit) -> int:
    asked = visit.query("days")
    return int(asked) if asked in map(str, _PERIODS) else _FIRST


ROUTES = [
    page("/gaps", overview_of_gaps),
    page("/gaps/{key:str}", gap),
    page("/gaps/{key:str}/draft", draft, role="admin"),
]
