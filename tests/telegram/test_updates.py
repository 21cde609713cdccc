"""Updates: in order inside a chat, side by side across chats, a bounded number waiting."""

import asyncio
import datetime
from collections.abc import Coroutine
from typing import Any

import pytest
from telegram import Chat, Message, Update

from bot.telegram.updates import ChatOrder


def update(number: int, chat: int) -> Update:
    now = datetime.datetime.now(datetime.UTC)
    return Update(number, message=Message(number, now, Chat(chat, "private"), text="?"))


class Log:
    """Records who was done when, and who was refused."""

    def __init__(self) -> None:
        self.done: list[tuple[int, int]] = []
        self.refused: list[int] = []

    async def refuse(self, update: Update) -> None:
        self.refused.append(update.update_id)

    async def work(self, chat: int, number: int, seconds: float = 0.0) -> None:
        await asyncio.sleep(seconds)
        self.done.append((chat, number))


@pytest.fixture
def log() -> Log:
    return Log()


def start(order: ChatOrder, number: int, chat: int, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(order.process_update(update(number, chat), work))


async def test_order_inside_a_chat_whatever_each_takes(log: Log) -> None:
    order = ChatOrder(log.refuse)
    work = [start(order, n, 1, log.work(1, n, (5 - n) / 100)) for n in range(5)]
    await asyncio.gather(*work)
    assert log.done == [(1, n) for n in range(5)]
    assert order.chats == 0


async def test_a_slow_chat_holds_up_nobody_else(log: Log) -> None:
    order = ChatOrder(log.refuse)
    slow = start(order, 0, 1, log.work(1, 0, 0.3))
    await asyncio.gather(*(start(order, chat, chat, log.work(chat, chat)) for chat in range(2, 50)))
    assert not slow.done()
    assert order.chats == 1
    await slow
    assert order.chats == 0


async def test_a_full_line_refuses_once_and_serves_again_when_empty(log: Log) -> None:
    order = ChatOrder(log.refuse, waiting=2)
    await asyncio.gather(*(start(order, n, 1, log.work(1, n, 0.01)) for n in range(6)))
    assert log.done == [(1, 0), (1, 1), (1, 2)]
    assert log.refused == [3]
    await start(order, 7, 1, log.work(1, 7))
    assert log.done[-1] == (1, 7)


async def test_a_failure_lets_the_next_one_in(log: Log) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    order = ChatOrder(log.refuse)
    results = await asyncio.gather(
        start(order, 0, 1, fail()), start(order, 1, 1, log.work(1, 1)), return_exceptions=True
    )
    assert isinstance(results[0], ZeroDivisionError)
    assert log.done == [(1, 1)]
    assert order.chats == 0


async def test_cancelled_while_waiting_leaves_no_line_behind(log: Log) -> None:
    order = ChatOrder(log.refuse)
    first, second = start(order, 0, 1, log.work(1, 0, 0.05)), start(order, 1, 1, log.work(1, 1))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert log.done == [(1, 0)]
    assert order.chats == 0


async def test_updates_without_a_chat_wait_for_nobody(log: Log) -> None:
    order = ChatOrder(log.refuse)
    await order.process_update(Update(1), log.work(0, 1))
    await order.process_update("not an update", log.work(0, 2))
    assert log.done == [(0, 1), (0, 2)]
