"""A chat that ops have taken over: they see what is typed, and the bot keeps quiet until it is handed back."""

import datetime
from collections.abc import Awaitable, Callable

import pytest

from bot.conversations.database import Database
from bot.conversations.exchange import Sender
from bot.conversations.holding import hand_back, take_over, write_as
from bot.conversations.models import Turn
from bot.conversations.records import Records
from bot.telegram.application import Telegram
from bot.texts import say
from tests.auxil.bot_api import BotApi
from tests.telegram.test_chat import NEEDS, PHOTO, said, silence

pytestmark = [pytest.mark.xdist_group("telegram")]
HOLD = datetime.timedelta(minutes=30)


async def test_the_bot_keeps_quiet_while_ops_write(
    api: BotApi,
    app: Telegram,
    records: Records,
    database: Database,
    turns: Callable[[], Awaitable[list[Turn]]],
) -> None:
    await said(api, 7, NEEDS)
    number = (await records.talk(Sender("telegram", "7", "7"))).conversation
    await database.write(lambda connection: take_over(connection, number, "lan", HOLD))
    # They are told once that somebody reads it.
    assert (await said(api, 7, "thuế Mỹ giờ sao"))["text"] == say("person.reading").strip()
    api.say(7, NEEDS)
    api.say(7, None, photo=PHOTO)
    assert await silence(api, 7)
    kept = [(turn.question, turn.decision) for turn in await turns() if turn.decision == "held"]
    assert sorted(kept) == sorted([("thuế Mỹ giờ sao", "held"), (NEEDS, "held"), (say("telegram.held_file"), "held")])
    told = "**Chuyên viên lan:** Chào anh"
    await database.write(lambda connection: write_as(connection, number, "lan", "Chào anh", told, HOLD))
    assert [message["text"] for message in await api.messages(7, 3)][-1] == "Chuyên viên lan: Chào anh"
    await database.write(lambda connection: hand_back(connection, number, "lan", "Em đây ạ"))
    await api.messages(7, 4)
    assert "[1]" in (await said(api, 7, NEEDS))["text"]
