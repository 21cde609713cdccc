"""Questions without a good answer, and telling those who want to know: once, or not at all."""

import asyncio
import datetime
from typing import Any

import pytest

from bot.conversations.database import Database
from bot.conversations.exporting import Selection, export
from bot.conversations.holding import hand_back, take_over
from bot.conversations.models import now
from bot.conversations.privacy import expire
from bot.conversations.records import Records
from tests.conversations.asking import CHANNEL, LAN, LAN_IN_GROUP, MINH, MINH_IN_GROUP, ask, begin

DAY = datetime.timedelta(days=1)
DECLINED = {"decision": "abstain", "understood": "xuất hoa lan sang Nhật"}


async def declined(records: Records, sender: Any, number: int, words: str = "hoa lan đi Nhật?", **fields: Any) -> str:
    return await ask(records, sender, number, words, **DECLINED | {"messages": ()} | fields)


async def missed(records: Records) -> list[str]:
    return [one.question for one in await records.missed(now() - DAY, 100)]


async def notes(records: Records) -> list[tuple[str, dict[str, Any]]]:
    """Chat and body of what is told, and let it be sent."""
    told = [(due.chat, due.body) for due in await records.due(CHANNEL, 100) if due.kind == "note"]
    due = await records.due(CHANNEL, 100)
    await records.mark_sending([one.id for one in due])
    await records.mark_sent([(one.id, None) for one in due])
    return told


async def test_what_was_declined_left_or_disliked_is_missed_and_nothing_else(records: Records) -> None:
    found = [{"id": "p1", "document": "a.md", "score": 1.0}, {"id": "p2", "document": "b.md", "n": 1}]
    await declined(records, LAN, 1, "bị từ chối", sources=found, library_version=4)
    await ask(records, LAN, 2, "hỏi lại rồi trả lời được", decision="clarify", understood="x")
    liked = await ask(records, LAN, 3, "khen", understood="x")
    await records.feedback(LAN, liked, "up")
    await ask(records, MINH, 4, "hỏi lại rồi thôi", decision="clarify", understood="x")
    disliked = await ask(records, MINH_IN_GROUP, 5, "chê", understood="x", sources=found)
    await records.feedback(MINH_IN_GROUP, disliked, "down")
    await ask(records, MINH, 6, "ra lệnh cho bot", decision="abstain", understood="")
    await declined(records, MINH, 7, "từ lâu rồi", asked_at=now() - 2 * DAY)
    await ask(records, MINH, 8, "chào em", decision="smalltalk")
    assert await missed(records) == ["bị từ chối", "hỏi lại rồi thôi", "chê"]
    first, _, last = await records.missed(now() - DAY, 100)
    assert (first.documents, first.cited, first.version) == (("a.md", "b.md"), ("p2",), 4)
    assert (first.disliked, last.disliked, last.key, first.wanted) == (False, True, disliked, False)
    assert [one.question for one in await records.missed(now() - DAY, 1)] == ["chê"]


async def test_a_mended_question_counts_in_its_last_wording_and_leans_on_the_ones_before(records: Records) -> None:
    await ask(records, LAN, 1, "câu đầu")
    await declined(records, LAN, 2, "hoa lna")
    await declined(records, LAN, 3, "hoa lan", question_message=2)
    await declined(records, LAN, 4, "chọn từ nút", question_message=None)
    mended, pressed = await records.missed(now() - DAY, 100)
    assert (mended.question, mended.history) == ("hoa lan", ("câu đầu",))
    assert (pressed.question, pressed.history) == ("chọn từ nút", ())


async def test_only_the_one_who_asked_can_want_an_answer_and_take_it_back(records: Records) -> None:
    key = await declined(records, LAN, 1)
    await begin(records, MINH, 2)
    with pytest.raises(LookupError):
        await records.want_answer(MINH, key, wanted=True)
    answered = await ask(records, LAN, 3)
    for other in (answered, "nosuchkey"):
        with pytest.raises(LookupError):
            await records.want_answer(LAN, other, wanted=True)
    assert await records.waiting(0, 10) == []
    assert await records.want_answer(LAN, key, wanted=True) == "asked"
    [waiting] = await records.waiting(0, 10)
    assert (waiting.question, waiting.history) == ("hoa lan đi Nhật?", ())
    assert await records.waiting(waiting.turn, 10) == []
    assert [one.wanted for one in await records.missed(now() - DAY, 10)] == [True]
    assert await records.want_answer(LAN, key, wanted=False) is None
    assert await records.waiting(0, 10) == []
    assert await records.tell_waiting(waiting.turn, "Có rồi ạ.") == "gone"
    assert await notes(records) == []


async def test_whoever_waits_is_told_once_however_often_it_is_tried(records: Records) -> None:
    keys = [await declined(records, LAN, number) for number in (1, 2)]
    elsewhere = await declined(records, LAN_IN_GROUP, 3)
    for key in (*keys, elsewhere):
        await records.want_answer(LAN, key, wanted=True)
    first, second, in_group = await records.waiting(0, 10)
    told = await asyncio.gather(*(records.tell_waiting(first.turn, "Có rồi ạ.") for _ in range(3)))
    assert sorted(told) == ["gone", "gone", "told"]
    # The same question of the same person in the same chat.
    assert await records.tell_waiting(second.turn, "Có rồi ạ.") == "gone"
    assert [one.turn for one in await records.waiting(0, 10)] == [in_group.turn]
    assert await records.want_answer(LAN, keys[0], wanted=True) == "told"
    assert await records.want_answer(LAN, keys[0], wanted=False) == "told"
    assert await notes(records) == [(LAN.chat, {"text": "Có rồi ạ."})]


async def test_in_a_group_the_question_is_quoted_unless_the_group_has_moved(records: Records) -> None:
    for number, sender in ((11, LAN_IN_GROUP), (12, MINH_IN_GROUP)):
        key = await declined(records, sender, number)
        await records.want_answer(sender, key, wanted=True)
    first, second = await records.waiting(0, 10)
    assert await records.tell_waiting(first.turn, f"{'Có rồi ạ. ' * 400}\n\nHết.") == "told"
    address = (await records.due(CHANNEL, 1))[0].address
    [(chat, body)] = await notes(records)
    assert (chat, body["reply_to"]) == (LAN_IN_GROUP.chat, 11)
    [(_, rest)] = await notes(records)
    assert set(rest) == {"text"}
    await records.migrate_address(address, "-100999")
    assert await records.tell_waiting(second.turn, "Có rồi ạ.") == "told"
    assert await notes(records) == [("-100999", {"text": "Có rồi ạ."})]


@pytest.mark.parametrize("away", ["erased", "blocked", "expired"])
async def test_nobody_who_is_away_is_told(records: Records, database: Database, away: str) -> None:
    key = await declined(records, LAN, 1, asked_at=now() - DAY)
    await records.want_answer(LAN, key, wanted=True)
    [waiting] = await records.waiting(0, 10)
    if away == "erased":
        await records.erase(LAN)
    elif away == "blocked":
        await records.drop_address((await records.talk(LAN)).address, "blocked")
    else:
        await expire(database, now())
    assert await records.waiting(0, 10) == []
    assert await records.tell_waiting(waiting.turn, "Có rồi ạ.") == "gone"
    assert await notes(records) == []


async def test_nobody_speaks_in_between_while_ops_do(records: Records, database: Database) -> None:
    key = await declined(records, LAN, 1, asked_at=now() - DAY)
    await records.want_answer(LAN, key, wanted=True)
    [waiting] = await records.waiting(0, 10)
    talk, hold = await records.talk(LAN), datetime.timedelta(minutes=30)
    await database.write(lambda connection: take_over(connection, talk.conversation, "lan", hold))
    assert await records.tell_waiting(waiting.turn, "Có rồi ạ.") == "held"
    assert await notes(records) == []
    await database.write(lambda connection: hand_back(connection, talk.conversation, "lan", ""))
    assert await records.tell_waiting(waiting.turn, "Có rồi ạ.") == "told"
    assert await notes(records) == [(LAN.chat, {"text": "Có rồi ạ."})]


async def test_the_wish_is_in_exports_and_in_personal_data(records: Records, database: Database) -> None:
    key = await declined(records, LAN, 1)
    await records.want_answer(LAN, key, wanted=True)
    assert [turn["wants_answer"] for turn in (await records.personal_data(LAN))["turns"]] == ["asked"]
    [line] = [piece async for piece in export(database, Selection(), "jsonl")]
    assert '"wants_answer": "asked"' in line


async def test_telling_and_marking_are_one_transaction(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends it in the middle, the question waits as before and nothing is in the outbox."""
    key = await declined(records, LAN, 1)
    await records.want_answer(LAN, key, wanted=True)
    [waiting] = await records.waiting(0, 10)

    def die(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("bot.conversations.unanswered.send", die)
        with pytest.raises(RuntimeError):
            await records.tell_waiting(waiting.turn, "Có rồi ạ.")
    assert await records.waiting(0, 10) == [waiting]
    assert await notes(records) == []
    assert await records.tell_waiting(waiting.turn, "Có rồi ạ.") == "told"
