"""Tickets: who wants a human, who takes care of it, what was answered."""

from datetime import timedelta
from typing import get_args

from starlette.responses import Response

from bot.conversations import tickets
from bot.conversations.accounts import users
from bot.conversations.models import TicketState, now
from bot.texts import say
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
    names = [one.name for one in await visit.behind.database.read(users) if not one.disabled]
    return visit.behind.pages.show(visit, "ticket", ticket=found, names=names, longest=_LONGEST)


async def assign(visit: Visit) -> Response:
    number, by, owner = visit.request.path_params["number"], visit.user.name, visit.typed("owner")
    names = {one.name for one in await visit.behind.database.read(users) if not one.disabled}
    if not owner or owner in names:
        await visit.behind.database.write(lambda connection: tickets.assign(connection, number, owner or None, by))
    return visit.go(f"/tickets/{number}")


async def answer(visit: Visit) -> Response:
    number, by, text = visit.request.path_params["number"], visit.user.name, visit.typed("text")[:_LONGEST]
    found = await visit.behind.database.read(lambda connection: tickets.ticket_by(connection, number))
    if found is not None and text:
        told = say("person.ticket_answered", found.language, number=number, name=by, text=text)
        sent = await visit.behind.database.write(lambda connection: tickets.answer(connection, number, by, text, told))
        if not sent:
            return visit.behind.pages.message(visit, "console.ticket.not_open", 409)
    return visit.go(f"/tickets/{number}")


async def close(visit: Visit) -> Response:
    number, by = visit.request.path_params["number"], visit.user.name
    await visit.behind.database.write(lambda connection: tickets.close(connection, number, by))
    return visit.go(f"/tickets/{number}")


ROUTES = [
    page("/tickets", overview_of_tickets),
    page("/tickets/{number:int}", ticket),
    page("/tickets/{number:int}/assign", assign, ("POST",)),
    page("/tickets/{number:int}/answer", answer, ("POST",)),
    page("/tickets/{number:int}/close", close, ("POST",)),
]
