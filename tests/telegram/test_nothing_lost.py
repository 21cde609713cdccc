"""Every question is answered once and in order, whatever ends in between."""

import asyncio
import threading
import time

import pytest
from sqlalchemy import func, select

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.conversations.database import Database
from bot.conversations.exchange import Outcome
from bot.conversations.models import InboxItem, OutboxItem
from bot.conversations.records import Records
from bot.telegram import application, processing, work
from bot.telegram.addressing import CHANNEL
from bot.telegram.application import Telegram
from bot.telegram.sending import Sending
from bot.texts import say
from tests.auxil.bot_api import BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import Running, Turns

pytestmark = [pytest.mark.xdist_group("telegram")]


def echo(self: Assistant, question: Question) -> Reply:
    return Reply(question.text, "answer", f"Đáp: {question.text}")


async def count(database: Database, table: type[InboxItem] | type[OutboxItem], state: str) -> int:
    rows = select(func.count()).select_from(table).where(table.state == state)
    return await database.read(lambda connection: connection.execute(rows).scalar_one())


async def test_redelivery_changes_nothing(
    api: BotApi, running: Running, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "answer", echo)
    async with running(api):
        for text in "abc":
            api.say(7, text)
        await api.messages(7, 3)
        api.redeliver()
        await until(lambda: not api.pending())
    api.redeliver()
    async with running(api):
        api.say(8, "d")
        await api.messages(8, 1)
        await until(lambda: not api.pending())
    assert [message["text"] for message in api.sent(7)] == ["Đáp: a", "Đáp: b", "Đáp: c"]
    assert [turn.question for turn in await turns()] == ["a", "b", "c", "d"]


async def test_an_update_is_written_before_it_is_confirmed(
    api: BotApi, running: Running, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies as soon as Telegram was told: everything is in the inbox."""
    monkeypatch.setattr(processing.Processing, "add", lambda self, chat, update_id: None)
    async with running(api):
        for chat in range(1, 30):
            api.say(chat, "?")
        await until(lambda: not api.pending())
        assert await count(database, InboxItem, "open") == 29
    monkeypatch.undo()
    monkeypatch.setattr(Assistant, "answer", echo)
    async with running(api):
        for chat in range(1, 30):
            await api.messages(chat, 1)
    assert await count(database, InboxItem, "done") == 29


async def test_a_reply_that_was_kept_but_not_sent_is_sent_once_by_the_next_run(
    api: BotApi, running: Running, database: Database, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(self: Sending) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as dead:
        dead.setattr(Sending, "run", never)
        dead.setattr(application, "_SEND_UNTIL", 0.1)
        async with running(api):
            api.say(7, "xin chào")
            await until(lambda: _is(count(database, OutboxItem, "waiting"), 1))
    assert api.sent(7) == []
    async with running(api):
        await api.messages(7, 1)
    async with running(api):
        api.say(8, "xin chào")
        await api.messages(8, 1)
    assert len(api.sent(7)) == 1
    assert len(await turns()) == 2


async def _is(coming: object, wanted: int) -> bool:
    return await coming == wanted  # type: ignore[misc]


async def test_a_message_under_way_at_the_end_may_come_twice_and_is_counted(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(application, "_SEND_UNTIL", 0.3)
    async with running(api):
        api.fail(hang=30)
        api.say(7, "xin chào")
        await api.called("sendMessage")
    async with running(api):
        await api.messages(7, 2)
    [found] = [record for record in caplog.records if getattr(record, "event", "") == "in_flight"]
    assert found.messages == 1  # type: ignore[attr-defined]


async def test_what_is_at_work_when_the_time_is_over_is_handed_back(
    api: BotApi,
    running: Running,
    database: Database,
    turns: Turns,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    held = threading.Event()

    def wait(self: Assistant, question: Question) -> Reply:
        held.wait(20)
        return echo(self, question)

    with monkeypatch.context() as slow:
        slow.setattr(Assistant, "answer", wait)
        slow.setattr(application, "_WORK_UNTIL", 0.2)
        async with running(api):
            for text in "abc":
                api.say(7, text)
            await api.called("sendChatAction")
    held.set()
    assert [record.updates for record in caplog.records if getattr(record, "event", "") == "unfinished"] == [1]  # type: ignore[attr-defined]
    assert await count(database, InboxItem, "open") == 3
    monkeypatch.setattr(Assistant, "answer", echo)
    async with running(api):
        texts = [message["text"] for message in await api.messages(7, 3)]
    assert texts == ["Đáp: a", "Đáp: b", "Đáp: c"]
    assert [turn.question for turn in await turns()] == ["a", "b", "c"]


async def test_order_inside_a_chat_whatever_each_takes(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(self: Assistant, question: Question) -> Reply:
        time.sleep(0.002 * (len(question.text) % 5))
        return echo(self, question)

    monkeypatch.setattr(Assistant, "answer", answer)
    questions = ["?" * (number * 7 % 11 + 1) + str(number) for number in range(15)]
    for text in questions:
        for chat in range(1, 9):
            api.say(chat, text)
    for chat in range(1, 9):
        assert [message["text"] for message in await api.messages(chat, 15)] == [f"Đáp: {text}" for text in questions]
    assert app.processing.chats == 0


async def test_a_failure_lets_the_next_question_in(
    api: BotApi, app: Telegram, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(self: Assistant, question: Question) -> Reply:
        return Reply("", "answer", str(1 / len(question.text.strip("x"))))

    monkeypatch.setattr(Assistant, "answer", answer)
    api.say(7, "x")
    api.say(7, "y")
    failed, answered = [message["text"] for message in await api.messages(7, 2)]
    assert answered == "1.0"
    first, second = await turns()
    assert (first.decision, second.decision) == ("failed", "answer")
    assert first.reference
    assert first.reference in failed


async def test_an_answer_that_comes_late_apologises_and_quotes_the_question(
    api: BotApi, app: Telegram, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "answer", echo)
    number = api.say(7, "cũ", date=int(time.time()) - 3700)
    api.say(7, "mới", date=int(time.time()) - 3500)
    old, new = await api.messages(7, 2)
    assert old["text"] == f"{say('telegram.late')}\n\nĐáp: cũ"
    assert old["reply_to_message"]["message_id"] == number
    assert new["text"] == "Đáp: mới"
    assert "reply_to_message" not in new
    assert [turn.late for turn in await turns()] == [True, False]


async def test_a_button_that_waited_long_is_answered_with_an_apology(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.say(7, "Người mua Mỹ quan tâm điều gì nhất?")
    [answer] = await api.messages(7, 1)
    rows = answer["reply_markup"]["inline_keyboard"]
    data = next(row[0]["callback_data"] for row in rows if row[0].get("callback_data", "").startswith("ask:"))
    monkeypatch.setattr(work, "LATE", -work.LATE)
    api.press(7, data, answer["message_id"])
    assert say("telegram.late") in (await api.messages(7, 2))[-1]["text"]


async def test_an_update_that_ends_the_process_again_and_again_is_apologised_for(
    api: BotApi, running: Running, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing, "MOST_TRIES", 0)
    asked = []
    monkeypatch.setattr(Assistant, "answer", lambda self, question: asked.append(question))
    async with running(api):
        api.say(7, "?")
        [message] = await api.messages(7, 1)
    [turn] = await turns()
    assert turn.decision == "failed"
    assert str(turn.reference) in message["text"]
    assert asked == []


async def test_what_was_begun_again_and_again_goes_first_and_alone(
    api: BotApi, running: Running, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have stood beside what ends the process: kills at random must not make it count as that."""
    monkeypatch.setattr(processing.Processing, "add", lambda self, chat, update_id: None)
    async with running(api):
        for chat in range(1, 9):
            api.say(chat, f"câu {chat}")
        await until(lambda: not api.pending())
    monkeypatch.undo()
    for _ in range(2):
        for update in await records.open_updates(CHANNEL):
            if int(update.chat) > 4:
                await records.claim(CHANNEL, update.update_id, "dead")
    at_work, order, most = set[str](), list[str](), list[int]()

    def answer(self: Assistant, question: Question) -> Reply:
        at_work.add(question.text)
        order.append(question.text)
        most.append(len(at_work))
        time.sleep(0.05)
        at_work.discard(question.text)
        return echo(self, question)

    monkeypatch.setattr(Assistant, "answer", answer)
    async with running(api):
        for chat in range(1, 9):
            [message] = await api.messages(chat, 1)
            assert message["text"] == f"Đáp: câu {chat}"
    assert order[:4] == [f"câu {chat}" for chat in range(5, 9)]
    assert most[:4] == [1, 1, 1, 1]


async def test_a_turn_that_the_database_refuses_is_kept_without_its_words(
    api: BotApi, app: Telegram, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Records.finish

    async def finish(self: Records, channel: str, update_id: int, outcome: Outcome) -> bool:
        if outcome.turn and outcome.turn.question:
            raise ValueError("no such character")
        return await real(self, channel, update_id, outcome)

    monkeypatch.setattr(Assistant, "answer", echo)
    monkeypatch.setattr(Records, "finish", finish)
    api.say(7, "a")
    api.say(7, "b")
    for message, turn in zip(await api.messages(7, 2), await turns(), strict=True):
        assert (turn.decision, turn.question) == ("failed", "")
        assert str(turn.reference) in message["text"]
