"""People, by pseudonym or by a turn: what is kept of them to be handed over, or erased; and what was done by whom."""

import json
import re
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from starlette.responses import Response

from bot.conversations.auditing import entries
from bot.conversations.exchange import Sender
from bot.conversations.models import AnyRow, Person, Turn
from bot.conversations.privacy import erase, personal_data
from bot.conversations.reading import turn_by
from bot.conversations.tickets import tickets_of
from bot.texts import catalogue
from bot.web.console.visiting import Visit, page

_PSEUDONYM = re.compile(r"[0-9a-f]{32}")
_LOGGED = 100
# What has words in the catalogue.
_DONE = {key.removeprefix("console.did.") for key in catalogue() if key.startswith("console.did.")}
_turn, _person = Turn.__table__.c, Person.__table__.c


@dataclass(frozen=True, slots=True)
class Found:
    """A person with how much is kept. newest: the key of their last turn."""

    person: AnyRow
    turns: int
    newest: str | None
    tickets: int


def found(connection: Connection, wanted: str) -> Found | None:
    """By pseudonym, or by the key or the reference of one of their turns."""
    if not _PSEUDONYM.fullmatch(wanted):
        turn = turn_by(connection, wanted)
        wanted = turn.person_id if turn else ""
    person = connection.execute(select(*_person).where(_person.id == wanted)).one_or_none()
    if person is None:
        return None
    turns = connection.execute(select(func.count()).where(_turn.person_id == wanted)).scalar_one()
    newest = connection.execute(
        select(_turn.key).where(_turn.person_id == wanted).order_by(_turn.asked_at.desc()).limit(1)
    ).scalar_one_or_none()
    return Found(person, turns, newest, len(tickets_of(connection, wanted)))


async def find(visit: Visit) -> Response:
    wanted = visit.query("of").lower()
    one = await visit.behind.database.read(lambda connection: found(connection, wanted)) if wanted else None
    return visit.behind.pages.show(visit, "people", wanted=wanted, found=one)


async def export(visit: Visit) -> Response:
    name = visit.request.path_params["name"]
    one = await visit.behind.database.read(lambda connection: found(connection, name))
    if one is None:
        return visit.behind.pages.message(visit, "console.not_found", 404)
    # Not the whole pseudonym: the log outlives who is erased.
    await visit.audit("export_person", one.person.id[:6])
    data = await visit.behind.database.read(lambda connection: personal_data(connection, one.person.id))
    headers = {"Content-Disposition": f'attachment; filename="{one.person.id}.json"'}
    return Response(json.dumps(data, ensure_ascii=False, indent=1), media_type="application/json", headers=headers)


async def remove(visit: Visit) -> Response:
    """Erase everything of a person, for good, after it was confirmed by typing the beginning of the pseudonym."""
    name = visit.request.path_params["name"]
    one = await visit.behind.database.read(lambda connection: found(connection, name))
    if one is None:
        return visit.behind.pages.message(visit, "console.not_found", 404)
    if visit.typed("confirm").lower() != one.person.id[:6]:
        return visit.behind.pages.message(visit, "console.person.not_confirmed", 400)
    # Of a group nothing else is theirs.
    sender = Sender(one.person.channel, "", "", private=False)
    questions = await erase(visit.behind.database, one.person.id, sender, by=visit.user.name)
    visit.behind.forget(questions)
    return visit.behind.pages.message(visit, "console.person.erased", 200, count=len(questions))


async def log(visit: Visit) -> Response:
    before = visit.query("before")
    after = int(before) if before.isascii() and before.isdecimal() and len(before) <= len("9223372036854775") else None
    rows = await visit.behind.database.read(lambda connection: entries(connection, after, _LOGGED))
    older = rows[-1].id if len(rows) == _LOGGED else None
    return visit.behind.pages.show(visit, "log", entries=rows, known=_DONE, older=older)


ROUTES = [
    page("/people", find, role="admin"),
    page("/people/{name:str}/export", export, ("POST",), role="admin"),
    page("/people/{name:str}/erase", remove, ("POST",), role="admin"),
    page("/log", log, role="admin"),
]
