"""Tickets: who wants a human, who takes care of it, what was answered."""

from datetime import timedelta
from functools import partial
from typing import get_args

from sqlalchemy import Connection
from starlette.responses import Response

from bot.conversations import tickets
from bot.conversations.accounts import users
from bot.conversations.desk import Answered, OpsWords, answer_as_ops, close_as_ops
from bot.conversations.holding import GROUP
from bot.conversations.models import AnyRow, TicketState, new_key, now
from bot.desk import done_words
from bot.texts import Language, say
from bot.web.console.visiting import Visit, page

_LISTED = 50
_MEASURED = timedelta(days=30)
_LONGEST = 3000


async def overview_of_tickets(visit: Visit) -> Response:
    state = visit.query("state")
    picked: TicketState | None = "closed" if state == "closed" else None if state == "all" else "open"
    whose = visit.query("whose")
    owner = visit.user.name if whose == "mine" else "" if whose == "nobody" else None
    before = visit.query("before")
    after = int(before) if before.isascii() and before.isdecimal() and len(before) <= len("999999999") else None
    read = visit.behind.database.read
    found = await read(lambda connection: tickets.tickets(connection, picked, owner, after, _LISTED + 1))
    return visit.behind.pages.show(
        visit,
        "tickets",
        tickets=found[:_LISTED],
        older=found[_LISTED - 1].number if len(found) > _LISTED else None,
        state=state if state in (*get_args(TicketState), "all") else "open",
        whose=whose,
        waiting=await read(tickets.waiting),
        usual=await read(lambda connection: tickets.answer_time(connection, now() - _MEASURED)),
    )


async def ticket(visit: Visit) -> Response:
    number = visit.request.path_params["number"]
    found = await visit.behind.database.read(lambda connection: tickets.ticket_by(connection, number))
    if found is None:
        return visit.behind.pages.message(visit, "console.not_found", 404)
    return await _shown(visit, found)


async def _shown(visit: Visit, found: AnyRow, typed: str = "") -> Response:
    """typed: an answer that was not sent, as somebody else has answered meanwhile."""
    names = [one.name for one in await visit.behind.database.read(users) if not one.disabled]
    status = 409 if typed else 200
    return visit.behind.pages.show(visit, "ticket", status, ticket=found, names=names, longest=_LONGEST, typed=typed)


async def assign(visit: Visit) -> Response:
    number, by, owner = visit.request.path_params["number"], visit.user.name, visit.typed("owner")
    names = {one.name for one in await visit.behind.database.read(users) if not one.disabled}
    if not owner or owner in names:
        await visit.behind.database.write(lambda connection: tickets.assign(connection, number, owner or None, by))
    return visit.go(f"/tickets/{number}")


async def answer(visit: Visit) -> Response:
    number, by, text = visit.request.path_params["number"], visit.user.name, visit.typed("text")[:_LONGEST]
    if not text:
        return visit.go(f"/tickets/{number}")
    words, hold, seen = OpsWords(new_key(), by, by, text), visit.behind.hold, visit.typed("seen")

    def told(language: Language, first: bool) -> str:  # as the records call it
        return say("person.ticket_answered", language, number=number, name=by, text=text)

    def send(connection: Connection) -> Answered | AnyRow:
        found = tickets.ticket_by(connection, number)
        if found is None:
            return "gone"
        if found.state == "open" and seen and seen != str(len(found.answers)):
            return found
        return answer_as_ops(connection, found, words, told, hold)

    became = await visit.behind.database.write(send)
    if not isinstance(became, str):
        return await _shown(visit, became, text)
    if became not in ("first", "sent"):
        return visit.behind.pages.message(visit, "console.ticket.not_open", 409)
    return visit.go(f"/tickets/{number}")


async def close(visit: Visit) -> Response:
    """The person is told, and the bot answers again unless another user holds the conversation."""
    number, by = visit.request.path_params["number"], visit.user.name

    def end(connection: Connection) -> None:
        if found := tickets.ticket_by(connection, number):
            close_as_ops(connection, found, by, (by, GROUP), partial(done_words, number))

    await visit.behind.database.write(end)
    return visit.go(f"/tickets/{number}")


ROUTES = [
    page("/tickets", overview_of_tickets),
    page("/tickets/{number:int}", ticket),
    page("/tickets/{number:int}/assign", assign, ("POST",)),
    page("/tickets/{number:int}/answer", answer, ("POST",)),
    page("/tickets/{number:int}/close", close, ("POST",)),
]
