"""`python -m bot run` on Telegram, as a process of its own."""

import asyncio
import json
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.telegram import application
from knowledge.library import Library
from tests.auxil.bot_api import BotApi
from tests.auxil.programs import BOT, PATIENCE, environment
from tests.auxil.waiting import until

pytestmark = [pytest.mark.xdist_group("telegram")]

CHAT = 918273645


@pytest.fixture
def env(library: Library, guides: Path, api: BotApi, tmp_path: Path) -> dict[str, str]:
    shutil.copytree(library.folder, tmp_path / "data/library")
    telegram = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url}
    return environment(tmp_path / "data", guides, **telegram)


@asynccontextmanager
async def run(env: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(*BOT, "run", env=env, cwd=folder, stderr=log, stdout=log)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def logged(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log").read_text(encoding="utf-8").splitlines()]


async def test_a_signal_to_stop_loses_nothing(api: BotApi, env: dict[str, str], tmp_path: Path) -> None:
    async with run(env, tmp_path) as process:
        api.say(CHAT, "xin chào")
        await api.messages(CHAT, 2, timeout=PATIENCE)
        for chat in range(1, 21):
            api.say(chat, "cảm ơn")
        await until(lambda: not api.pending())
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    async with run(env, tmp_path) as process:
        await api.called("setMyCommands", 2, timeout=PATIENCE)
        for chat in range(1, 21):
            # An answer, and what is kept.
            await api.messages(chat, 2, timeout=PATIENCE)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    assert [len(api.sent(chat)) for chat in range(1, 21)] == [2] * 20
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert str(CHAT) not in log
    assert api.token.split(":")[1] not in log
    events = [line.get("event") for line in logged(tmp_path)]
    assert "listening" in events
    assert "expired" in events
    assert not [line for line in logged(tmp_path) if line["level"] == "ERROR"]


def test_a_stop_is_over_within_ten_seconds() -> None:
    assert application._WORK_UNTIL < application._SEND_UNTIL <= 8


async def test_a_newer_database_is_refused(api: BotApi, env: dict[str, str], tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "data/hai-dang.sqlite3")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('from-tomorrow')")
        database.commit()
    async with run(env, tmp_path) as process:
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 2
    assert "is newer than this program" in (tmp_path / "log").read_text(encoding="utf-8")
    assert not api.calls


async def test_a_second_bot_on_the_same_records_is_refused(api: BotApi, env: dict[str, str], tmp_path: Path) -> None:
    async with run(env, tmp_path):
        await api.called("setMyCommands", timeout=PATIENCE)
        (tmp_path / "second").mkdir()
        async with run(env, tmp_path / "second") as second:
            assert await asyncio.wait_for(second.wait(), PATIENCE) == 2
    assert "Another bot runs on this database" in (tmp_path / "second/log").read_text(encoding="utf-8")


async def test_a_wrong_token_is_named_without_a_traceback(api: BotApi, env: dict[str, str], tmp_path: Path) -> None:
    async with run({**env, "TELEGRAM_BOT_TOKEN": "1:wrong"}, tmp_path) as process:
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 2
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "TELEGRAM_BOT_TOKEN" in log
    assert "Traceback" not in log
