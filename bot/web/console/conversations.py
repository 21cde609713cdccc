"""Conversations: found by filters, read, exported, taken over and handed back."""

import datetime
from collections.abc import AsyncIterator
from typing import Any, get_args

from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from bot.conversations.exporting import Format, Selection, export
from bot.conversations.holding import GROUP, hand_back, take_over, write_as
from bot.conversations.models import AnyRow, Decided, Vote, now
from bot.conversations.reading import Mark, conversation_of, listed, newer, transcript, turn_by
from bot.texts import catalogue, say
from bot.web.console.visiting import Visit, page

# Turns in a list, and in a transcript.
_LISTED, _SHOWN = 50, 100
# More new ones than this are "99+".
_COUNTED = 99
_LONGEST_MESSAGE = 3000
REASONS = [key.removeprefix("console.reason.") for key in catalogue() if key.startswith("console.reason.")]
DECISIONS = [decision for decision in get_args(Decided) if decision != "ops"]
TOPICS = [key.removeprefix("topic.") for key in catalogue() if key.startswith("topic.")]
CHANNELS = ("telegram", "web")
_FILTERS = ("from", "to", "decision", "feedback", "channel", "topic", "least", "most", "words")


def chosen(visit: Visit) -> Selection:
    """The filters of the address; what is none of what can be chosen counts as not chosen."""
    one_of = {
        "decision": DECISIONS,
        "feedback": get_args(Vote),
        "channel": CHANNELS,
        "topic": TOPICS,
    }
    picked: dict[str, Any] = {
        name: visit.query(name) if visit.query(name) in values else None for name, values in one_of.items()
    }
    return Selection(
        first=day_of(visit.query("from")),
        last=day_of(visit.query("to")),
        least=_share(visit.query("least")),
        most=_share(visit.query("most")),
        words=visit.query("words")[:200],
        **picked,
    )


def day_of(text: str) -> datetime.date | None:
    """A day of an address or a form; None where it is none."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    # One day more or less must still be a date.
    return day if datetime.date.min.year < day.year < datetime.date.max.year else None


def _share(text: str) -> float | None:
    """A confidence, which is typed in percent."""
    try:
        return min(max(float(text.replace(",", ".")) / 100, 0.0), 1.0)
    except ValueError:
        return None


def filters(visit: Visit) -> dict[str, str]:
    """As they were typed, to stand in the form and in the addresses of the pages that follow."""
    return {name: visit.query(name) for name in _FILTERS}


def unmasked(visit: Visit) -> bool:
    """Whether an admin asks for numbers and addresses as they were typed."""
    return visit.is_admin and visit.query("unmasked") == "1"


async def overview_of_turns(visit: Visit) -> Response:
    selection, after = chosen(visit), Mark.of(visit.query("after"))
    found = await visit.behind.database.read(lambda connection: listed(connection, selection, after, _LISTED))
    newest = Mark(found.turns[0].asked_at, found.turns[0].id) if found.turns else None
    return visit.behind.pages.show(
        visit,
        "conversations",
        turns=found.turns,
        older=found.older,
        first=after is None,
        newest=newest,
        filters=filters(visit),
        decisions=DECISIONS,
        topics=TOPICS,
        channels=CHANNELS,
    )


async def count_new(visit: Visit) -> Response:
    """How many turns came since a mark, for a page that is open."""
    selection, since = chosen(visit), Mark.of(visit.query("since"))
    if since is None:
        return JSONResponse({"new": 0})
    count = await visit.behind.database.read(lambda connection: newer(connection, selection, since, _COUNTED))
    text = say("console.new_turns", visit.language, count=count if count < _COUNTED else f"{_COUNTED}+")
    return JSONResponse({"new": count, "text": text})


async def export_turns(visit: Visit) -> Response:
    form: Format = "csv" if visit.query("format") == "csv" else "jsonl"
    selection, mask = chosen(visit), not unmasked(visit)
    await visit.audit("export", form, masked=mask, filters=[name for name, value in filters(visit).items() if value])
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl; charset=utf-8"
    name = f"hai-dang-{now():%Y%m%d-%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_pieces(visit, selection, form, mask=mask), media_type=kind, headers=headers)


async def _pieces(visit: Visit, selection: Selection, form: Format, *, mask: bool) -> AsyncIterator[str]:
    async for piece in export(visit.behind.database, selection, form, mask=mask):
        yield piece


async def conversation(visit: Visit) -> Response:
    number = visit.request.path_params["number"]
    before = _number(visit.query("before"))
    head = await visit.behind.database.read(lambda connection: conversation_of(connection, number))
    if head is None:
        return visit.behind.pages.message(visit, "console.not_found", 404)
    turns = await visit.behind.database.read(
        lambda connection: transcript(connection, number, _SHOWN + 1, before=before)
    )
    await _noted_unmasked(visit, number)
    return _transcript(visit, head, turns[-_SHOWN:], earlier=turns[1].id if len(turns) > _SHOWN else None)


async def _noted_unmasked(visit: Visit, subject: object) -> None:
    """Whoever reads what is masked for others is in the log."""
    if unmasked(visit):
        await visit.audit("unmask", subject)


def _transcript(visit: Visit, head: AnyRow, turns: Any, earlier: int | None = None) -> HTMLResponse:  # noqa: ANN401
    held = bool(head and head.held_by and head.held_until > now())
    return visit.behind.pages.show(
        visit,
        "conversation",
        head=head,
        turns=turns,
        earlier=earlier,
        held=held,
        theirs=held and head is not None and head.held_by not in (visit.user.name, GROUP),
        mine=held and head is not None and head.held_by == visit.user.name,
        unmasked=unmasked(visit),
        longest=_LONGEST_MESSAGE,
        minutes=int(visit.behind.hold.total_seconds() // 60),
        reasons=REASONS,
    )


async def news(visit: Visit) -> Response:
    """The turns that came since one, as they stand in the page, and who holds the conversation now."""
    number, after = visit.request.path_params["number"], _number(visit.query("after")) or 0
    turns = await visit.behind.database.read(lambda connection: transcript(connection, number, _SHOWN, after=after))
    if turns:
        await _noted_unmasked(visit, number)
    shown = visit.behind.pages.show(visit, "turns", turns=turns, unmasked=unmasked(visit), reasons=REASONS)
    return HTMLResponse(shown.body)


async def turn(visit: Visit) -> Response:
    """A turn by its key or reference: in its conversation, or alone where it has none."""
    key = visit.request.path_params["key"]
    found = await visit.behind.database.read(lambda connection: turn_by(connection, key))
    if found is None:
        return visit.behind.pages.message(visit, "console.not_found", 404)
    if found.conversation_id is None:
        await _noted_unmasked(visit, found.key)
        return _transcript(visit, None, [found])
    return visit.go(f"/conversations/{found.conversation_id}")


async def take(visit: Visit) -> Response:
    number, by, hold = visit.request.path_params["number"], visit.user.name, visit.behind.hold
    held = await visit.behind.database.write(lambda connection: take_over(connection, number, by, hold))
    if held is None:
        return visit.behind.pages.message(visit, "console.held_by_other", 409)
    return visit.go(f"/conversations/{held}")


async def write(visit: Visit) -> Response:
    number, by, hold = visit.request.path_params["number"], visit.user.name, visit.behind.hold
    text = visit.typed("text")[:_LONGEST_MESSAGE]
    head = await visit.behind.database.read(lambda connection: conversation_of(connection, number))
    if text and head is not None:
        told = say("person.written_by", head.language, name=by, text=text)
        kept = await visit.behind.database.write(lambda connection: write_as(connection, number, by, text, told, hold))
        if kept is None:
            return visit.behind.pages.message(visit, "console.not_held", 409)
    return visit.go(f"/conversations/{number}")


async def give_back(visit: Visit) -> Response:
    number, by = visit.request.path_params["number"], visit.user.name
    head = await visit.behind.database.read(lambda connection: conversation_of(connection, number))
    if head is not None:
        told = say("person.handed_back", head.language)
        await visit.behind.database.write(lambda connection: hand_back(connection, number, by, told))
    return visit.go(f"/conversations/{number}")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len("9223372036854775") else None


ROUTES = [
    page("/conversations", overview_of_turns),
    page("/conversations/new", count_new),
    page("/conversations/export", export_turns),
    page("/conversations/{number:int}", conversation),
    page("/conversations/{number:int}/news", news),
    page("/conversations/{number:int}/take", take, ("POST",)),
    page("/conversations/{number:int}/write", write, ("POST",)),
    page("/conversations/{number:int}/hand-back", give_back, ("POST",)),
    page("/turns/{key:str}", turn),
]
