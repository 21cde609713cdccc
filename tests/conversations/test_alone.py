"""One bot at a time on a database, and another one as soon as that is gone."""

import asyncio
import sys

import pytest

from bot.conversations.alone import AlreadyRunning, alone
from bot.conversations.database import DatabaseUnavailable

HOLDER = """
import asyncio, sys
from bot.conversations.alone import alone

async def hold():
    async with alone(sys.argv[1]):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


async def test_a_second_bot_is_refused_and_may_come_when_the_first_is_gone(url: str) -> None:
    async with alone(url):
        with pytest.raises(AlreadyRunning):
            async with alone(url, patience=0):
                pass
    async with alone(url, patience=0):
        pass


async def test_a_bot_that_was_killed_holds_nothing(url: str) -> None:
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE)
    try:
        assert holder.stdout
        assert await holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning):
            async with alone(url, patience=0):
                pass
    finally:
        holder.kill()
        await holder.wait()
    async with alone(url):
        pass


async def test_a_server_that_is_away_is_no_other_bot() -> None:
    with pytest.raises(DatabaseUnavailable):
        async with alone("postgresql://nobody@127.0.0.1:9/nothing", patience=0):
            pass
