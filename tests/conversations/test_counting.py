"""Turns counted by day, and the counts of finished days that are kept."""

import datetime

import pytest
from sqlalchemy import select

from bot.conversations import privacy
from bot.conversations.counting import LONGEST, Day, counts, day_of, keep_finished_days, together
from bot.conversations.database import Database
from bot.conversations.models import DayCount, now
from bot.conversations.records import Records
from tests.conversations.asking import LAN, MINH, ask

DAY = datetime.timedelta(days=1)
TODAY = day_of(now())
# Half past midnight in Vietnam four days ago, when it was still the day before in Greenwich.
EARLY = now().replace(hour=17, minute=30) - 4 * DAY
FIRST = day_of(EARLY)
SOURCE = [{"id": "access/us-tariffs.md#1", "document": "access/us-tariffs.md", "score": 7.1, "n": 1}]


@pytest.fixture
async def keys(records: Records) -> list[str]:
    """The keys of turns of four people's days."""
    asked = [
        (LAN, {"decision": "abstain"}),
        (MINH, {"sources": SOURCE, "latency": {"total": 41.6}}),
        (LAN, {"decision": "smalltalk"}),
        (MINH, {"latency": {"total": 99_000.0}}),
    ]
    found = [
        await ask(records, sender, number, "Xin C/O?", asked_at=EARLY + number // 2 * DAY, **fields)
        for number, (sender, fields) in enumerate(asked)
    ]
    await records.feedback(MINH, found[1], "down")
    return found


async def days(database: Database) -> dict[datetime.date, Day]:
    return await database.read(lambda connection: counts(connection, FIRST, TODAY))


async def kept(database: Database) -> set[datetime.date]:
    return await database.read(lambda connection: set(connection.scalars(select(DayCount.day))))


async def test_turns_are_counted_by_vietnamese_days(keys: list[str], database: Database) -> None:
    found = await days(database)
    assert list(found) == [FIRST + number * DAY for number in range((TODAY - FIRST).days + 1)]
    assert found[FIRST] == Day(
        decisions={"abstain": 1, "answer": 1}, votes={"down": 1}, topics={"access": 1}, latencies={40: 1}
    )
    assert found[FIRST].latency(0.95) == 40
    whole = together(found.values())
    assert (whole.total(), whole.total("answer", "smalltalk"), whole.latencies) == (4, 3, {40: 1, 60_000: 1})
    assert together([]).latency(0.5) is None


async def test_finished_days_are_counted_once_and_as_they_are(keys: list[str], database: Database) -> None:
    before = await days(database)
    assert await keep_finished_days(database) == LONGEST
    assert TODAY not in await kept(database)
    assert await days(database) == before
    assert await keep_finished_days(database) == 0


async def test_what_changes_a_finished_day_is_counted(keys: list[str], records: Records, database: Database) -> None:
    await keep_finished_days(database)
    await records.feedback(MINH, keys[1], "up")
    assert (await days(database))[FIRST].votes == {"up": 1}
    await ask(records, LAN, 9, "Trả lời sau khi khởi động lại", asked_at=EARLY)
    assert (await days(database))[FIRST].total() == 3
    assert await keep_finished_days(database) == 1

    await records.erase(LAN)
    assert {day: of.total() for day, of in (await days(database)).items() if of.total()} == {FIRST: 1, FIRST + DAY: 1}
    assert await keep_finished_days(database) == 2

    await privacy.expire(database, EARLY + DAY / 2)
    assert together((await days(database)).values()).decisions == {"answer": 1}


async def test_a_question_of_today_leaves_finished_days_alone(
    keys: list[str], records: Records, database: Database
) -> None:
    await keep_finished_days(database)
    await records.feedback(LAN, await ask(records, LAN, 9, "Thuế Mỹ?", asked_at=now()), "up")
    assert len(await kept(database)) == LONGEST
    assert (await days(database))[TODAY].votes == {"up": 1}
