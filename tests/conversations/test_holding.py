"""Conversations that ops take over: who writes, who keeps quiet, and for how long."""

import datetime

from sqlalchemy import Connection, select, update

from bot.conversations import holding, privacy, tickets
from bot.conversations.database import Database
from bot.conversations.exchange import NewTurn, Outcome
from bot.conversations.models import AuditEntry, Conversation, OutboxItem, Ticket, Turn, new_key, now
from bot.conversations.records import Records
from tests.conversations.asking import CHANNEL, LAN, LAN_IN_GROUP, MINH, ask, begin, text

HOLD = datetime.timedelta(minutes=30)
DAY = datetime.timedelta(days=1)


async def taken(records: Records, database: Database, by: str = "ops1") -> int:
    conversation = (await records.talk(LAN)).conversation
    held = await database.write(lambda connection: holding.take_over(connection, conversation, by, HOLD))
    assert held == conversation
    return conversation


async def written(records: Records) -> list[str]:
    return [message.body["text"] for message in await records.due(CHANNEL, 9) if message.kind == "note"]


async def test_a_held_conversation_is_held_until_it_is_handed_back(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    await ask(records, MINH, 2, messages=())
    conversation = await taken(records, database)
    talk = await records.talk(LAN)
    assert (talk.held, talk.told_held) == (True, False)
    assert not (await records.talk(MINH)).held
    other = lambda connection: holding.take_over(connection, conversation, "ops2", HOLD)  # noqa: E731
    assert await database.write(other) is None
    back = lambda connection: holding.hand_back(connection, conversation, "ops1", "Em đây")  # noqa: E731
    assert await database.write(back)
    assert not await database.write(back)
    assert not (await records.talk(LAN)).held
    assert await written(records) == ["Em đây"]
    assert await database.write(other) == conversation
    actions = await database.read(lambda connection: list(connection.scalars(select(AuditEntry.action))))
    assert actions == ["take_over", "hand_back", "take_over"]


async def test_what_ops_write_reaches_the_person_and_stays_theirs(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    conversation = await taken(records, database)
    write = lambda by: database.write(  # noqa: E731
        lambda connection: holding.write_as(connection, conversation, by, "Chào chị", f"{by}: Chào chị", HOLD)
    )
    assert await write("ops2") is None
    assert await write("ops1")
    assert await written(records) == ["ops1: Chào chị"]
    talk = await records.talk(LAN)
    # It is no question: neither counted nor leaned on.
    assert (talk.asked_day, len(talk.history), talk.told_held) == (1, 1, True)
    data = await records.personal_data(LAN)
    assert [turn["reply"] for turn in data["turns"] if turn["decision"] == "ops"] == ["Chào chị"]
    await records.erase(LAN)
    assert await database.read(lambda connection: list(connection.scalars(select(Turn.id)))) == []


async def test_the_bot_answers_again_when_ops_fall_silent(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    conversation = await taken(records, database)
    passed = update(Conversation).values(held_until=now())
    await database.write(lambda connection: connection.execute(passed))
    assert not (await records.talk(LAN)).held
    late = lambda connection: holding.write_as(connection, conversation, "ops1", "Chào", "Chào", HOLD)  # noqa: E731
    assert await database.write(late) is None
    assert await database.write(lambda connection: holding.take_over(connection, conversation, "ops2", HOLD))


async def test_a_conversation_of_long_ago_goes_on_where_the_person_is_now(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    old = (await records.talk(LAN)).conversation
    day_ago = now() - datetime.timedelta(days=1)
    await database.write(lambda connection: connection.execute(update(Conversation).values(last_turn_at=day_ago)))
    new = (await records.talk(LAN)).conversation
    assert new != old
    assert await database.write(lambda connection: holding.take_over(connection, old, "ops1", HOLD)) == new
    # One silent for long is taken up again, and the person's next words belong to it.
    await database.write(lambda connection: connection.execute(update(Conversation).values(last_turn_at=day_ago)))
    assert await database.write(lambda connection: holding.take_over(connection, new, "ops1", HOLD)) == new
    talk = await records.talk(LAN)
    assert (talk.conversation, talk.held) == (new, True)


async def test_beginning_anew_does_not_lose_whoever_is_writing(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    conversation = await taken(records, database)
    talk = await begin(records, LAN, 2)
    await records.finish(CHANNEL, 2, Outcome(talk, anew=True))
    assert (await records.talk(LAN)).conversation == conversation
    assert await database.write(lambda connection: holding.take_over(connection, 9999, "ops1", HOLD)) is None


async def test_a_ticket_keeps_its_address_and_moves_with_the_chat(records: Records, database: Database) -> None:
    await ask(records, LAN_IN_GROUP, 1, messages=())
    talk = await records.talk(LAN_IN_GROUP)
    number = await database.write(lambda c: tickets.open_ticket(c, talk, "Xin gọi lại", shown=False))
    later = now() + DAY
    await database.write(lambda connection: connection.execute(update(Ticket).values(opened_at=later + DAY)))
    await privacy.expire(database, later)
    assert await database.write(lambda c: tickets.answer(c, number, "lan", "Chào", "Chào"))
    await records.migrate_address(talk.address, "-100999")
    assert await database.write(lambda c: tickets.answer(c, number, "lan", "Nữa", "Nữa"))
    assert {one.chat for one in await records.due(CHANNEL, 9)} == {"-100999"}
    await database.write(lambda c: tickets.close(c, number, "lan"))
    await records.drop_address((await database.read(lambda c: tickets.ticket_by(c, number))).address_id, "gone")
    await privacy.expire(database, later)
    assert await database.read(lambda c: tickets.ticket_by(c, number)) is None


async def test_a_ticket_from_opened_to_closed(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    talk, shy = await records.talk(LAN), await records.talk(MINH)
    first = await database.write(lambda c: tickets.open_ticket(c, talk, " Cần tư vấn hợp đồng ", shown=True))
    second = await database.write(lambda c: tickets.open_ticket(c, shy, "Chuyện riêng", shown=False))
    assert second == first + 1
    found = await database.read(lambda c: tickets.tickets(c, "open", None, None, 9))
    assert [(one.number, one.subject, one.shown, one.conversation_id) for one in found] == [
        (second, "Chuyện riêng", False, None),
        (first, "Cần tư vấn hợp đồng", True, talk.conversation),
    ]
    assert await database.read(tickets.waiting) == 2
    assert await database.write(lambda c: tickets.assign(c, second, "lan", "minh"))
    assert await database.write(lambda c: tickets.answer(c, first, "lan", "Chào chị", "#1 Chào chị"))
    assert await database.write(lambda c: tickets.answer(c, first, "minh", "Thêm nữa", "#1 Thêm nữa"))
    assert (await written(records))[:1] == ["#1 Chào chị"]
    one = await database.read(lambda c: tickets.ticket_by(c, first))
    assert (one.owner, [(answer["by"], answer["text"]) for answer in one.answers]) == (
        "lan",
        [("lan", "Chào chị"), ("minh", "Thêm nữa")],
    )
    assert await database.read(tickets.waiting) == 1
    long_ago = now() - datetime.timedelta(days=1)
    assert await database.read(lambda c: tickets.answer_time(c, long_ago)) == one.answered_at - one.opened_at
    assert await database.write(lambda c: tickets.close(c, first, "lan"))
    assert not await database.write(lambda c: tickets.close(c, first, "lan"))
    assert not await database.write(lambda c: tickets.answer(c, first, "lan", "x", "x"))
    assert not await database.write(lambda c: tickets.assign(c, first, "minh", "minh"))
    mine = await database.read(lambda c: tickets.tickets(c, None, "lan", None, 9))
    assert [one.number for one in mine] == [second, first]
    assert (await database.read(lambda c: tickets.tickets(c, "open", "", None, 9))) == []
    assert [row["answers"][0]["text"] for row in (await records.personal_data(LAN))["tickets"]] == ["Chào chị"]
    await records.erase(LAN)
    assert await database.read(lambda c: tickets.ticket_by(c, first)) is None


async def test_a_question_at_work_while_ops_take_over_is_theirs(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    talk = await begin(records, LAN, 2, "Còn EU?")
    await taken(records, database)
    turn = NewTurn(new_key(), "Còn EU?", "answer", now(), reply="Dạ EU thì…", sources=[{"id": "a"}])
    assert await records.finish(CHANNEL, 2, Outcome(talk, turn, [text("Dạ EU thì…")]))
    assert await records.due(CHANNEL, 9) == []
    kept = (await records.personal_data(LAN))["turns"][-1]
    assert (kept["question"], kept["decision"], kept["reply"], kept["sources"]) == ("Còn EU?", "held", "", [])


async def test_from_the_group_of_ops_whoever_is_signed_in_may_take_over(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    conversation = await taken(records, database, holding.GROUP)
    take = lambda by: database.write(lambda connection: holding.take_over(connection, conversation, by, HOLD))  # noqa: E731
    assert await take("ops1") == conversation
    assert await take(holding.GROUP) is None


async def test_nobody_is_reminded_while_ops_speak_with_them(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=())
    talk = await records.talk(LAN)
    await records.onboarding.remind_every(talk.person, talk.address, 7, now())
    conversation = await taken(records, database)
    words = lambda standing, days: ("Nhắc", now() + HOLD)  # noqa: E731
    assert await records.onboarding.remind(now(), words) == 0
    await database.write(lambda connection: holding.hand_back(connection, conversation, "ops1", "Em đây"))
    assert await records.onboarding.remind(now(), words) == 1


async def test_notes_that_nobody_fetched_and_tickets_that_nobody_closed_expire(
    records: Records, database: Database
) -> None:
    await ask(records, LAN, 1, messages=(), asked_at=now() - 2 * DAY)
    talk = await records.talk(LAN)
    await records.tell(talk.address, "Chưa ai đọc")
    number = await database.write(lambda connection: tickets.open_ticket(connection, talk, "Cần gặp", shown=False))
    assert await records.with_notes(CHANNEL, [LAN.chat, MINH.chat]) == {LAN.chat}

    def long_ago(connection: Connection) -> None:
        connection.execute(update(OutboxItem).values(created_at=now() - 2 * DAY))
        connection.execute(update(Ticket).values(opened_at=now() - 2 * DAY))

    await database.write(long_ago)
    await privacy.expire(database, now() - DAY)
    assert await records.with_notes(CHANNEL, [LAN.chat]) == set()
    assert await database.read(lambda connection: tickets.ticket_by(connection, number)) is None
