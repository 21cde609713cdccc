"""Nobody can ask so much that others wait, or that the memory fills."""

import threading
import time
from collections import Counter

import pytest

from bot import limits
from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.limits import Lately
from bot.telegram.application import Telegram
from bot.texts import say
from tests.auxil.bot_api import USERNAME, BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import Running, Turns

pytestmark = [pytest.mark.xdist_group("telegram")]


def slowly(self: Assistant, question: Question) -> Reply:
    time.sleep(0.02)
    return Reply(question.text, "answer", "Vâng.")


async def test_a_flood_is_refused_once_and_kindly_and_every_question_is_on_record(
    api: BotApi, running: Running, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "answer", slowly)
    async with running(api, limit_per_minute=1000):
        for number in range(100):
            api.say(7, str(number))
        await until(lambda: not api.pending())
        await api.messages(7, 22)
    texts = Counter(message["text"].strip() for message in api.sent(7))
    kept = Counter(turn.decision for turn in await turns())
    assert texts[say("limit.queue")] == 1
    assert kept["answer"] == texts["Vâng."] >= 21
    assert kept["not_taken"] == 100 - kept["answer"] > 0
    assert sorted(int(turn.question) for turn in await turns()) == list(range(100))


async def test_a_flood_from_one_chat_never_delays_another(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "answer", slowly)
    async with running(api, limit_per_minute=1000, limit_queue=1000):
        for number in range(99):
            api.say(7, str(number))
        for chat in range(11, 20):
            api.say(chat, "?")
        for chat in range(11, 20):
            [answer] = await api.messages(chat, 1)
            # Each of the others comes after the one or two of the flood that are at work, not after all of them.
            assert sum(message["at"] < answer["at"] for message in api.sent(7)) < 50
        await api.messages(7, 99)


async def test_a_flood_in_a_group_is_not_commented_on(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "answer", slowly)
    async with running(api, limit_per_minute=1000, limit_queue=2):
        for sender in range(1, 30):
            api.say(-100, f"@{USERNAME} {sender}", sender=sender)
        await until(lambda: not api.pending())
        await api.messages(-100, 3)
    assert {message["text"] for message in api.sent(-100)} == {"Vâng."}


@pytest.mark.parametrize(("limit", "key"), [("limit_per_minute", "limit.minute"), ("limit_per_day", "limit.day")])
async def test_a_person_who_asks_too_much_is_told_once(
    api: BotApi, running: Running, turns: Turns, monkeypatch: pytest.MonkeyPatch, limit: str, key: str
) -> None:
    monkeypatch.setattr(Assistant, "answer", slowly)
    async with running(api, **{limit: 3}):
        for _ in range(6):
            api.say(7, "?")
        api.say(8, "?")
        texts = [message["text"].strip() for message in await api.messages(7, 4)]
        await api.messages(8, 1)
        # What is no question is answered all the same.
        api.say(7, "/chude")
        assert "chủ đề" in (await api.messages(7, 5))[-1]["text"]
    assert texts == ["Vâng.", "Vâng.", "Vâng.", say(key, limit=3)]
    assert len(api.sent(7)) == 5
    decisions = Counter(turn.decision for turn in await turns())
    assert decisions == {"answer": 4, "limited": 3}


async def test_beyond_the_bound_of_all_chats_updates_stay_with_telegram(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = threading.Event()

    def wait(self: Assistant, question: Question) -> Reply:
        held.wait(20)
        return Reply(question.text, "answer", "Vâng.")

    monkeypatch.setattr(Assistant, "answer", wait)
    async with running(api, limit_open=2):
        for chat in range(1, 6):
            api.say(chat, "?")
        await until(lambda: any(getattr(record, "event", "") == "full" for record in caplog.records))
        assert len(api.pending()) >= 3
        held.set()
        for chat in range(1, 6):
            await api.messages(chat, 1)
        await until(lambda: not api.pending())
    assert all(len(api.sent(chat)) == 1 for chat in range(1, 6))


def test_lately_is_a_minute_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock[0])
    lately = Lately()
    assert [lately.first(name) for name in ("a", "b", "a")] == [True, True, False]
    clock[0] = 61.0
    assert [lately.first(name) for name in ("a", "a")] == [True, False]
    assert list(lately._said) == ["a"]


async def test_a_waiting_line_is_forgotten_when_it_is_empty(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "answer", slowly)
    for chat in range(1, 30):
        api.say(chat, "?")
    for chat in range(1, 30):
        await api.messages(chat, 1)
    await until(lambda: app.processing.chats == 0)
