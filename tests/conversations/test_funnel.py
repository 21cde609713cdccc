"""How far suppliers come, counted on both databases."""

import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from bot.conversations import onboarding
from bot.conversations.database import Database
from bot.conversations.exchange import Sender
from bot.conversations.exporting import VIETNAM
from bot.conversations.funnel import Funnel, Group, funnel
from bot.conversations.models import Ticket, now
from bot.conversations.records import Records
from bot.conversations.supplier_models import ReadinessCheck
from tests.conversations.asking import CHANNEL

KNOWN = ({"coffee", "tea"}, {"Đắk Lắk"})
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)


def result(level: str, *needs: str) -> dict[str, Any]:
    return {"level": {"vi": level, "en": level.upper()}, "gaps": [{"need": need} for need in needs]}


async def checked(records: Records, name: str, profile: dict[str, Any], *results: dict[str, Any] | None) -> str:
    """Somebody with a profile who finished checks with these results; None is one that is left open."""
    person = (await records.talk(Sender(CHANNEL, name, name))).person
    if profile:
        await records.onboarding.keep_profile(person, profile)
    for made in results:
        key = await records.onboarding.begin(person, "1", {})
        if made:
            await records.onboarding.finish(person, key, "1", made)
    return person


def ticket(connection: Connection, number: int, person: str, opened: datetime.datetime, took: int | None) -> None:
    answered = opened + took * HOUR if took else None
    values = {"number": number, "person_id": person, "state": "open", "opened_at": opened, "answered_at": answered}
    connection.execute(insert(Ticket), {**values, "subject": "?", "shown": False, "answers": []})


async def counted(database: Database, days_ago: int = 0) -> Funnel:
    day = now().astimezone(VIETNAM).date() - days_ago * DAY
    return await database.read(lambda connection: funnel(connection, day, day, *KNOWN))


async def test_each_person_counts_once_by_their_last_check(records: Records, database: Database) -> None:
    assert await counted(database) == Funnel()
    beans = {"goods": ["coffee", "tea"], "province": "Đắk Lắk"}
    lan = await checked(records, "1", beans, result("a", "price"), result("b", "quality", "price"))
    await checked(records, "2", {"goods": ["coffee"], "province": "số 3 ngõ 5"}, result("b", "quality"), None)
    await checked(records, "3", {}, None)
    old = await checked(records, "4", {}, result("a", "speed"))
    await database.write(lambda connection: onboarding.invited(connection, lan))
    long_ago = now() - 3 * DAY

    def prepare(connection: Connection) -> None:
        mine = ReadinessCheck.person_id == old
        connection.execute(update(ReadinessCheck).where(mine).values(updated_at=long_ago))
        for number, took in enumerate((1, 3, 5, None), start=1):
            ticket(connection, number, lan, now(), took)
        ticket(connection, 5, lan, long_ago, 9)

    await database.write(prepare)
    found = await counted(database)
    assert (found.invited, found.profiles, found.worked, found.finished) == (1, 2, 3, 2)
    assert found.levels == {("b", "B"): 2}
    both = {"quality": 2, "price": 1}
    # What somebody wrote of their own is not shown to anybody.
    assert found.goods == {"coffee": Group(2, both), "tea": Group(1, {"quality": 1, "price": 1})}  # type: ignore[arg-type]
    assert {name: group.suppliers for name, group in found.provinces.items()} == {"Đắk Lắk": 1, "": 1}
    assert (found.tickets, found.answered, found.usual, found.late) == (4, 3, 3 * HOUR, 5 * HOUR)
    before = await counted(database, 3)
    assert (before.finished, before.tickets, before.usual) == (1, 1, 9 * HOUR)
