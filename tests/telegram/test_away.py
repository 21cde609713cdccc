"""The database locked, full or away; Telegram out of reach: nothing is lost, and all goes on by itself."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot import patience
from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.conversations.database import Database, DatabaseUnavailable
from bot.conversations.records import Records
from bot.telegram import delivery, intake, sending
from bot.telegram.application import Telegram
from tests.auxil.bot_api import BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import Running, Turns

pytestmark = [pytest.mark.xdist_group("telegram")]

# What the records are asked for on the way of one question.
STEPS = ("take", "claim", "talk", "finish", "due", "mark_sending", "mark_sent", "next_at")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(patience, "_FIRST", 0.02)
    monkeypatch.setattr(intake, "_FIRST", 0.02)
    monkeypatch.setattr(sending, "FIRST_RETRY", 0.02)
    monkeypatch.setattr(delivery, "BACK_OFF", (0.02, 0.02))
    monkeypatch.setattr(
        Assistant, "answer", lambda self, question: Reply(question.text, "answer", f"Đáp: {question.text}")
    )


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the bot, and not the server, has logged as one."""
    ours = [record for record in caplog.records if not record.name.startswith("aiohttp")]
    return [record.getMessage() for record in ours if record.levelname == "ERROR" or record.exc_info]


@pytest.mark.parametrize("step", STEPS)
async def test_every_step_waits_for_the_database_and_goes_on(
    api: BotApi,
    app: Telegram,
    turns: Turns,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step: str,
) -> None:
    real: Callable[..., Awaitable[Any]] = getattr(Records, step)
    away = {"calls": 0}

    async def unavailable(self: Records, *arguments: Any, **more: Any) -> Any:
        away["calls"] += 1
        if away["calls"] % 3:
            raise DatabaseUnavailable("OperationalError")
        return await real(self, *arguments, **more)

    monkeypatch.setattr(Records, step, unavailable)
    for text in "abc":
        api.say(7, text)
        api.say(8, text)
    for chat in (7, 8):
        assert [message["text"] for message in await api.messages(chat, 3)] == ["Đáp: a", "Đáp: b", "Đáp: c"]
    await until(lambda: not api.pending())
    assert away["calls"] >= 3
    assert sorted(turn.question for turn in await turns()) == list("aabbcc")
    assert not errors(caplog)


async def test_a_locked_database_is_waited_for(api: BotApi, app: Telegram, tmp_path: Path, turns: Turns) -> None:
    with closing(sqlite3.connect(tmp_path / "hai-dang.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        api.say(7, "a")
        await asyncio.sleep(1)
        assert api.sent(7) == []
        assert api.pending()
        other.execute("COMMIT")
    await api.messages(7, 1)
    assert [turn.question for turn in await turns()] == ["a"]


async def test_a_full_disk_leaves_the_updates_with_telegram(
    api: BotApi, app: Telegram, database: Database, turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    async def room_for(pages: int) -> None:
        await database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").all())

    # SQLite takes the least it can, which is what is used now.
    await room_for(1)
    long = "dài " * 900
    for number in range(30):
        api.say(7 + number, f"{number} {long}")
    await until(lambda: any(getattr(record, "event", "") == "records_away" for record in caplog.records))
    assert api.pending()
    await room_for(1_000_000)
    for number in range(30):
        await api.messages(7 + number, 1)
    await until(lambda: not api.pending())
    assert len(await turns()) == 30
    assert all(len(api.sent(7 + number)) == 1 for number in range(30))
    assert not errors(caplog)


async def test_telegram_out_of_reach_is_waited_for_and_nothing_is_said_twice(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = threading.Event()

    def wait(self: Assistant, question: Question) -> Reply:
        held.wait(20)
        return Reply(question.text, "answer", f"Đáp: {question.text}")

    monkeypatch.setattr(Assistant, "answer", wait)
    for text in "ab":
        api.say(7, text)
    await until(lambda: not api.pending())
    await api.go_away()
    held.set()
    await until(lambda: any(getattr(record, "event", "") == "retry" for record in caplog.records))
    await asyncio.sleep(0.3)
    await api.come_back()
    api.say(7, "c")
    assert [message["text"] for message in await api.messages(7, 3)] == ["Đáp: a", "Đáp: b", "Đáp: c"]
    assert not errors(caplog)


async def test_a_stop_while_telegram_is_out_of_reach_is_quick_and_quiet(
    api: BotApi, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with asyncio.timeout(15), running(api):
        api.say(7, "a")
        await api.messages(7, 1)
        await api.go_away()
    assert not errors(caplog)
    await api.come_back()


async def test_a_stop_while_the_database_is_away_leaves_the_work_to_the_next_run(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    async def away(*_: Any, **__: Any) -> None:
        tried.set()
        raise DatabaseUnavailable("OperationalError")

    monkeypatch.setattr("bot.telegram.application._WORK_UNTIL", 0.2)
    with monkeypatch.context() as locked:
        async with running(api):
            locked.setattr(Records, "finish", away)
            locked.setattr(Records, "release", away)
            api.say(7, "a")
            await asyncio.wait_for(tried.wait(), 20)
            await until(lambda: not api.pending())
    async with running(api):
        assert [message["text"] for message in await api.messages(7, 1)] == ["Đáp: a"]


async def test_the_bot_starts_although_the_database_is_away_at_first(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = Records.resume_sending, []

    async def unavailable(self: Records, channel: str) -> int:
        tries.append(channel)
        if len(tries) < 3:
            raise DatabaseUnavailable("OperationalError")
        return await real(self, channel)

    monkeypatch.setattr(Records, "resume_sending", unavailable)
    async with running(api):
        api.say(7, "a")
        await api.messages(7, 1)


async def test_an_update_that_cannot_be_read_or_written_holds_up_nobody(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    api.put(message={"message_id": "no number", "date": 0, "chat": {}})
    api.say(7, "nửa \ud800 chữ")
    api.say(8, "b")
    await api.messages(8, 1)
    await until(lambda: not api.pending())
    events = [record for record in caplog.records if getattr(record, "event", "") == "unreadable"]
    assert events
    assert all(record.exc_info is None for record in events)
