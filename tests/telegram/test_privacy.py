"""What people are told about what is kept of them, what they get, and that erased is erased."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.assistant.assistant import Assistant
from bot.conversations.database import Database, DatabaseUnavailable
from bot.conversations.models import Base
from bot.conversations.records import Records
from bot.telegram.application import Telegram
from bot.telegram.privacy import notice
from bot.texts import say
from tests.auxil.bot_api import USERNAME, BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import STRANGER, Running, Turns

pytestmark = [pytest.mark.xdist_group("telegram")]

NEEDS = "Người mua Mỹ quan tâm điều gì nhất?"
SECRET = "Xưởng Mây Tre Bà Tám ở Chương Mỹ hỏi giá bao bì"
GROUP = -100


async def said(api: BotApi, chat: int, text: str, **more: Any) -> dict[str, Any]:
    count = len(api.sent(chat)) + 1
    api.say(chat, text, **more)
    return (await api.messages(chat, count))[-1]


async def test_what_is_kept_is_said_at_first_contact_and_once(api: BotApi, running: Running) -> None:
    async with running(api, retention_days=90):
        api.say(STRANGER, NEEDS)
        answer, told = await api.messages(STRANGER, 2)
        assert "bảy điều" in answer["text"]
        assert "90 ngày" in told["text"]
        assert "/quyenriengtu" in told["text"]
        await said(api, STRANGER, "/start")
    async with running(api):
        await said(api, STRANGER, "/help")
        assert len(api.sent(STRANGER)) == 4


async def test_in_a_group_each_person_is_told_in_the_thread(api: BotApi, app: Telegram) -> None:
    forum = {"message_thread_id": 5, "is_topic_message": True}
    api.say(GROUP, f"@{USERNAME} cảm ơn", sender=STRANGER, **forum)
    told = (await api.messages(GROUP, 2))[-1]
    assert (told["html"], told["message_thread_id"]) == (notice("vi", 365).parts[0], 5)
    api.say(GROUP, f"@{USERNAME} cảm ơn", sender=7, **forum)
    await said(api, 999, "/help")
    assert len(await api.messages(GROUP, 3)) == 3


async def test_the_rights_are_explained(api: BotApi, app: Telegram) -> None:
    text = (await said(api, 7, "/quyenriengtu"))["text"]
    for wanted in ("365 ngày", "/dulieu", "/xoadulieu", "91/2025/QH15"):
        assert wanted in text


async def test_a_persons_data_comes_as_a_file(api: BotApi, app: Telegram) -> None:
    await said(api, 7, SECRET)
    await said(api, 8, NEEDS)
    message = await said(api, 7, "/dulieu")
    assert message["caption"].strip() == say("telegram.data")
    assert message["document"]["file_name"].endswith(".json")
    content = api.files[message["document"]["file_id"]].decode()
    assert SECRET in content
    assert NEEDS not in content
    assert [turn["question"] for turn in json.loads(content)["turns"]] == [SECRET]


@pytest.mark.parametrize("command", ["quyenriengtu", "dulieu", "xoadulieu"])
async def test_in_a_group_they_are_asked_to_write_in_private(api: BotApi, app: Telegram, command: str) -> None:
    text = (await said(api, GROUP, f"/{command}@{USERNAME}", sender=7))["text"]
    assert text.strip() == say("telegram.privacy_private", link=f"https://t.me/{USERNAME}")


def traces(folder: Path, text: str) -> list[str]:
    """The files below a folder in which a text stands."""
    written = (text.encode(), json.dumps(text)[1:-1].encode())
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(form in path.read_bytes() for form in written)]


async def asked_to_erase(api: BotApi, chat: int, choice: str) -> str:
    """Ask to be erased and press a button; what stands in the message then."""
    sure = await said(api, chat, "/xoadulieu")
    assert sure["text"].strip() == say("telegram.erase_sure")
    count = len([name for name, _, _ in api.calls if name == "editMessageText"]) + 1
    api.press(chat, f"erase:{choice}", sure["message_id"])
    await api.called("editMessageText", count)
    await until(lambda: "reply_markup" not in api.sent(chat)[-1])
    return str(api.sent(chat)[-1]["text"]).strip()


async def test_erased_is_erased(
    api: BotApi, app: Telegram, database: Database, assistant: Assistant, turns: Turns, tmp_path: Path
) -> None:
    await said(api, 7, SECRET)
    answer = await said(api, 7, NEEDS)
    key = (await turns())[-1].key
    api.press(7, f"fb:{key}:note", answer["message_id"])
    prompt = (await api.messages(7, 3))[-1]
    await said(api, 7, "Góp ý riêng của Bà Tám", answers=prompt["message_id"])
    await said(api, 8, "Đại lý uỷ quyền của Alibaba.com làm những việc gì?")
    await said(api, 7, "/dulieu")
    assert SECRET.lower() in str(assistant._remembered)
    assert traces(tmp_path, SECRET)
    assert await asked_to_erase(api, 7, "yes") == say("telegram.erased")
    await until(lambda: app.processing.chats == 0)
    for text in (SECRET, "Góp ý riêng của Bà Tám", NEEDS):
        assert traces(tmp_path, text) == []
    assert SECRET.lower() not in str(assistant._remembered)
    assert [turn.question for turn in await turns()] == ["Đại lý uỷ quyền của Alibaba.com làm những việc gì?"]
    for table in Base.metadata.sorted_tables:
        if "chat" in table.c:
            rows = select(func.count()).where(table.c.chat == "7")
            assert await database.read(lambda connection, rows=rows: connection.execute(rows).scalar_one()) == 0
    # Who comes back is a stranger.
    api.say(7, "xin chào")
    assert "/quyenriengtu" in (await api.messages(7, 8))[-1]["text"]


async def test_who_changes_their_mind_keeps_everything(api: BotApi, app: Telegram, turns: Turns) -> None:
    await said(api, 7, NEEDS)
    assert await asked_to_erase(api, 7, "no") == say("telegram.erase_kept")
    assert [turn.question for turn in await turns()] == [NEEDS]


async def test_a_message_that_cannot_be_changed_is_followed_by_the_news(api: BotApi, app: Telegram) -> None:
    sure = await said(api, 7, "/xoadulieu")
    api.fail(400, method="editMessageText", description="Bad Request: message can't be edited")
    api.press(7, "erase:yes", sure["message_id"])
    assert (await api.messages(7, 2))[-1]["text"].strip() == say("telegram.erased")


async def test_erasing_is_tried_again_when_the_database_is_away(
    api: BotApi, app: Telegram, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = Records.erase, []

    async def erase(self: Records, sender: Any) -> tuple[str, ...]:
        tries.append(sender)
        if len(tries) == 1:
            raise DatabaseUnavailable("locked")
        return await real(self, sender)

    monkeypatch.setattr(Records, "erase", erase)
    await said(api, 7, NEEDS)
    assert await asked_to_erase(api, 7, "yes") == say("telegram.erased")
    assert len(tries) == 2
    assert await turns() == []
