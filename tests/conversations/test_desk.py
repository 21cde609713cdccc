"""Tickets that are asked for in channels: one a person, told to ops, answered to the right one."""

import asyncio
import datetime

from sqlalchemy import select

from bot.conversations.database import Database
from bot.conversations.desk import Below, OpsWords, Place
from bot.conversations.exchange import Outcome, Talk
from bot.conversations.models import Conversation, now
from bot.conversations.records import Records
from bot.texts import Language
from tests.conversations.asking import CHANNEL, LAN, MINH, ask, begin

OPS = Place(CHANNEL, "-100500")
HOLD = datetime.timedelta(minutes=30)
WORDS = OpsWords("ops-1", "Hoa", "nhóm", "Chào chị")


def words(number: int, question: str) -> tuple[str, str]:
    return f"Số {number}", f"#{number} {question}"


def told(language: Language, first: bool) -> str:
    return f"{'Lần đầu' if first else 'Nữa'}"


async def opened(records: Records, talk: Talk, *, shown: bool = True, place: Place | None = OPS) -> int:
    return (await records.desk.open(talk, "", "Gặp chuyên viên", words, place, shown=shown))[0]


async def sent_to_ops(records: Records, database: Database) -> tuple[int, list[str]]:
    """Let what waits for ops arrive, under numbers from 70 on; the first number, and the words."""
    said = []
    while due := [one for one in await records.due(CHANNEL, 9) if one.chat == OPS.chat]:
        said += [one.body["text"] for one in due]
        await records.mark_sending([one.id for one in due])
        await records.mark_sent([(one.id, 69 + len(said)) for one in due])
    return 70, said


async def test_two_at_the_same_moment_open_one_ticket(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    talk = await records.talk(LAN)
    numbers = await asyncio.gather(*(opened(records, talk) for _ in range(4)))
    assert len(set(numbers)) == 1
    data = await records.personal_data(LAN)
    assert [(one["subject"], one["shown"]) for one in data["tickets"]] == [("Xin C/O mất mấy ngày?", True)]
    # What ops are to get is theirs too, and goes with them.
    assert any(f"#{numbers[0]} Xin C/O" in str(one["body"]) for one in data["messages"])
    assert (await records.desk.wish(talk)).number == numbers[0]
    await records.erase(LAN)
    assert (await sent_to_ops(records, database))[1] == []


async def test_an_answer_holds_and_what_follows_is_passed_on(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    number = await opened(records, await records.talk(LAN), shown=False)
    message, said = await sent_to_ops(records, database)
    assert said == [f"#{number} Xin C/O mất mấy ngày?"]
    below = Below(OPS, message, number)
    assert await records.desk.answer(Below(OPS, message + 1, number), WORDS, told, HOLD) == "gone"
    assert await records.desk.answer(Below(Place(CHANNEL, "-1"), message, number), WORDS, told, HOLD) == "gone"
    assert [await records.desk.answer(below, WORDS, told, HOLD) for _ in range(2)] == ["first", "sent"]
    assert [one.body["text"] for one in await records.due(CHANNEL, 9)] == ["Lần đầu"]
    assert (await records.talk(LAN)).held
    await ask(records, LAN, 2, "a" * 5000, decision="held", messages=())
    said = (await sent_to_ops(records, database))[1]
    assert [words[:7] for words in said] == [f"#{number} a", f"#{number} a"]
    # Nobody else's words, and nothing after the end.
    await ask(records, MINH, 3, decision="held", messages=())
    assert [await records.desk.done(below, WORDS, told) for _ in range(2)] == ["done", "closed"]
    assert not (await records.talk(LAN)).held
    await ask(records, LAN, 4, decision="held", messages=())
    assert (await sent_to_ops(records, database))[1] == []
    assert await records.desk.answer(below, OpsWords("ops-2", "Hoa", "nhóm", "x"), told, HOLD) == "closed"


async def test_a_number_that_is_free_again_is_not_answered_to_somebody_else(
    records: Records, database: Database
) -> None:
    number = await opened(records, await records.talk(LAN))
    await sent_to_ops(records, database)
    await records.erase(LAN)
    await opened(records, await records.talk(MINH))
    assert await records.desk.answer(Below(OPS, 70, number), WORDS, told, HOLD) == "gone"


async def test_who_is_away_cannot_be_answered_nor_can_a_group_that_is_gone_take_tickets(
    records: Records, database: Database
) -> None:
    assert await records.desk.attended(OPS)
    assert not await records.desk.attended(None)
    talk = await begin(records, LAN, 1)
    await records.finish(CHANNEL, 1, Outcome(talk))
    number = await opened(records, talk)
    message, _ = await sent_to_ops(records, database)
    await records.drop_address(talk.address, "blocked")
    assert await records.desk.answer(Below(OPS, message, number), WORDS, told, HOLD) == "unreachable"
    held = select(Conversation.held_until).where(Conversation.held_until > now())
    assert await database.read(lambda connection: connection.execute(held).first()) is None
