"""Updates: written once, in bounds, handled by one, in order, and emptied when done."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.conversations.database import Database, open_database
from bot.conversations.exchange import Incoming, NewTurn, Outcome, Taken
from bot.conversations.models import InboxItem, Turn, new_key, now
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from tests.conversations.asking import CHANNEL, LAN, MINH, ask, begin, take, text, update_of


async def rows(database: Database, *columns: Any) -> list[Any]:
    return await database.read(lambda connection: connection.execute(select(*columns)).all())


async def test_a_batch_is_written_and_redelivery_changes_nothing(records: Records) -> None:
    batch = [update_of(LAN, 1, "a"), update_of(MINH, 2, "b")]
    assert await take(records, *batch) == Taken(new=(1, 2))
    assert await take(records, *batch, update_of(LAN, 3, "c"), update_of(LAN, 3, "c")) == Taken(new=(3,))
    await records.claim(CHANNEL, 1, "me")
    await records.finish(CHANNEL, 1, Outcome())
    assert await take(records, *batch) == Taken()
    assert [update.update_id for update in await records.open_updates(CHANNEL)] == [2, 3]


async def test_two_channels_may_use_the_same_numbers(records: Records) -> None:
    await take(records, update_of(LAN, 1, "a"))
    assert await records.take("web", [Incoming(1, {})], limit_queue=1, limit_open=1) == Taken(new=(1,))
    assert [update.chat for update in await records.open_updates(CHANNEL)] == [LAN.chat]
    assert [update.chat for update in await records.open_updates("web")] == [""]


async def test_beyond_the_line_of_a_chat_updates_are_refused_and_seen_by_ops(
    records: Records, database: Database
) -> None:
    taken = await take(records, *(update_of(LAN, number, f"câu {number}") for number in range(5)), queue=2)
    # One at work, two that wait.
    assert taken == Taken(new=(0, 1, 2), refused=(3, 4))
    assert await take(records, update_of(MINH, 9, "khác"), queue=2) == Taken(new=(9,))
    kept = await rows(database, Turn.question, Turn.decision, Turn.conversation_id)
    assert kept == [("câu 3", "not_taken", None), ("câu 4", "not_taken", None)]
    # A refused one is not taken when it is delivered again, though there is room now.
    for number in range(3):
        await records.claim(CHANNEL, number, "me")
        await records.finish(CHANNEL, number, Outcome())
    assert await take(records, update_of(LAN, 3, "câu 3"), queue=2) == Taken()
    emptied = await rows(database, InboxItem.chat, InboxItem.person_id, InboxItem.payload)
    assert emptied.count(("", None, None)) == 5


async def test_what_is_known_does_not_count_twice(records: Records) -> None:
    batch = [update_of(LAN, number, "?") for number in range(3)]
    await take(records, *batch, queue=3)
    assert await take(records, *batch, update_of(LAN, 3, "?"), queue=3) == Taken(new=(3,))


async def test_without_room_updates_are_left_and_taken_later(records: Records) -> None:
    batch = [update_of(LAN, 1, "a"), update_of(MINH, 2, "b"), update_of(MINH, 3, "c")]
    assert await take(records, *batch, all_chats=2) == Taken(new=(1, 2), left=(3,))
    await records.claim(CHANNEL, 1, "me")
    assert await take(records, *batch, all_chats=2) == Taken(left=(3,))
    await records.finish(CHANNEL, 1, Outcome())
    assert await take(records, *batch, all_chats=2) == Taken(new=(3,))


async def test_only_one_of_many_claims_an_update(records: Records) -> None:
    await take(records, update_of(LAN, 1, "Xin chào"))
    claims = await asyncio.gather(*(records.claim(CHANNEL, 1, f"owner {number}") for number in range(8)))
    [claimed] = [claim for claim in claims if claim]
    assert claimed.payload["message"]["text"] == "Xin chào"
    assert claimed.tries == 1
    assert claimed.received_at.tzinfo is not None
    assert await records.claim(CHANNEL, 2, "me") is None


async def test_the_owner_may_claim_again_when_the_first_answer_was_lost(records: Records) -> None:
    await take(records, update_of(LAN, 1, "Xin chào"))
    await records.claim(CHANNEL, 1, "me")
    again = await records.claim(CHANNEL, 1, "me")
    assert again
    assert again.payload["message"]["text"] == "Xin chào"
    assert await records.claim(CHANNEL, 1, "another") is None
    await records.finish(CHANNEL, 1, Outcome())
    assert await records.claim(CHANNEL, 1, "me") is None


async def test_what_is_handed_back_or_left_by_a_dead_run_is_open_again_in_order(records: Records, url: str) -> None:
    await take(records, update_of(LAN, 7, "sau"), update_of(LAN, 5, "trước"), update_of(MINH, 6, "giữa"))
    for number in (5, 6, 7):
        await records.claim(CHANNEL, number, "first run")
    await records.release(CHANNEL, [5])
    again = await records.claim(CHANNEL, 5, "first run")
    assert again
    assert again.tries == 2
    second = open_database(url)
    try:
        records = Records(second, Pseudonyms(b"a key for the tests"))
        assert [update.update_id for update in await records.open_updates(CHANNEL)] == [5, 6, 7]
        assert await records.claim(CHANNEL, 7, "second run")
    finally:
        await second.close()


async def test_finishing_keeps_everything_once(records: Records, database: Database) -> None:
    await ask(records, LAN, 1, messages=("phần một", "phần hai"))
    talk = await records.talk(LAN)
    assert not await records.finish(CHANNEL, 1, Outcome(talk, messages=[text("hai lần")]))
    assert [(due.body, due.position) for due in await records.due(CHANNEL, 9)] == [({"html": "phần một"}, 0)]
    assert await rows(database, InboxItem.state, InboxItem.chat, InboxItem.payload) == [("done", "", None)]


async def test_finishing_is_whole_or_not_at_all(records: Records, database: Database) -> None:
    key = await ask(records, LAN, 1)
    talk = await begin(records, LAN, 2)
    turn = NewTurn(key, "cùng khóa", "answer", now())
    with pytest.raises(Exception, match=r"(?i)unique"):
        await records.finish(CHANNEL, 2, Outcome(talk, turn, [text("?")], informed=True))
    assert not (await records.talk(LAN)).informed
    assert ("claimed", LAN.chat) in await rows(database, InboxItem.state, InboxItem.chat)
    assert await records.finish(CHANNEL, 2, Outcome(talk, messages=[text("xin lỗi")]))


async def test_what_cannot_be_written_in_a_database_is_replaced(records: Records, database: Database) -> None:
    words = "nul \0 và nửa \ud83d chữ"
    talk = await begin(records, LAN, 1, words)
    turn = NewTurn(new_key(), words, "answer", now(), reply=words, sources=[{"passage": words}])
    assert await records.finish(CHANNEL, 1, Outcome(talk, turn, [text(words)]))
    assert await rows(database, Turn.question) == [("nul  và nửa ? chữ",)]
    assert (await records.due(CHANNEL, 1))[0].body["html"].startswith("nul")
