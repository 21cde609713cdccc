"""Conversations with the real assistant through the Bot API server."""

import asyncio
import itertools
import re
import time
from pathlib import Path
from typing import Any

import pytest

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.telegram import delivery, sending
from bot.telegram.application import COMMANDS, Telegram
from bot.telegram.feedback import REASONS
from bot.texts import catalogue, say
from tests.auxil.bot_api import USERNAME, BotApi
from tests.telegram.conftest import Running

pytestmark = [pytest.mark.xdist_group("telegram")]

NEEDS = "Người mua Mỹ quan tâm điều gì nhất?"
PHOTO = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]
GROUP = -100


def buttons(message: dict[str, Any]) -> list[tuple[str, str]]:
    rows = message.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
    return [(button["text"], button.get("callback_data") or button["url"]) for row in rows for button in row]


def data_of(message: dict[str, Any], start: str) -> str:
    return next(data for _, data in buttons(message) if data.startswith(start))


async def said(api: BotApi, chat: int, text: str | None = None, **more: Any) -> dict[str, Any]:
    """What the bot answers to a message."""
    count = len(api.sent(chat)) + 1
    api.say(chat, text, **more)
    return (await api.messages(chat, count))[-1]


async def silence(api: BotApi, chat: int) -> bool:
    """Whether the bot has said nothing in a chat when all that came before is done."""
    before = len(api.sent(chat))
    await said(api, 999, "/help")
    await asyncio.sleep(0.2)
    return len(api.sent(chat)) == before


async def test_start_introduces_and_offers_topics(api: BotApi, app: Telegram) -> None:
    message = await said(api, 7, "/start")
    assert "<b>Hải Đăng</b>" in message["html"]
    assert [label for label, _ in buttons(message)] == [
        "Chuyển đổi số",
        "Đại lý uỷ quyền và chương trình hỗ trợ",
        "Người mua mong đợi gì",
        "Vận chuyển, thanh toán, rủi ro",
    ]
    assert [command["command"] for command in api.commands] == list(COMMANDS)


async def test_help_names_the_bot(api: BotApi, app: Telegram) -> None:
    assert f"@{USERNAME}" in (await said(api, 7, "/help"))["text"]


@pytest.mark.parametrize("question", [NEEDS, "nguoi mua my quan tam dieu gi nhat"])
async def test_a_question_gets_an_answer_with_its_source(api: BotApi, app: Telegram, question: str) -> None:
    message = await said(api, 7, question)
    assert "giá không phải điều đầu tiên" in message["text"]
    assert "VnExpress, 01/11/2019" in message["text"]
    assert ("Nguồn 1: VnExpress", data_of(message, "https://vnexpress.net/")) in buttons(message)
    assert next(name for name, _, _ in api.calls if name.startswith("send")) == "sendChatAction"


async def test_an_abstention_names_no_source(api: BotApi, app: Telegram) -> None:
    message = await said(api, 7, "thời tiết Hà Nội hôm nay?")
    assert "không đoán" in message["text"]
    assert "Nguồn" not in message["text"]
    assert all(data.startswith(("ask:", "tell:")) for _, data in buttons(message))


async def test_a_suggested_question_is_quoted_and_answered(api: BotApi, app: Telegram) -> None:
    message = await said(api, 7, NEEDS)
    label, data = next(button for button in buttons(message) if button[1].startswith("ask:"))
    query = api.press(7, data, message["message_id"])
    answer = (await api.messages(7, 2))[-1]
    assert answer["html"].startswith(f"<blockquote>{label}</blockquote>\n")
    assert "[1]" in answer["text"]
    assert (await api.called("answerCallbackQuery"))[0]["callback_query_id"] == query


async def test_a_button_of_a_passage_that_is_gone_gets_topics(api: BotApi, app: Telegram) -> None:
    message = await said(api, 7, NEEDS)
    api.press(7, "ask:0000000000000000", message["message_id"])
    answer = (await api.messages(7, 2))[-1]
    assert answer["text"].strip() == say("telegram.gone")
    assert data_of(answer, "t:")


async def changed(api: BotApi, chat: int, data: str, number: int = 0) -> dict[str, Any]:
    """The bot's first message in a chat after a button below it was pressed."""
    count = len([name for name, _, _ in api.calls if name == "editMessageText"]) + 1
    api.press(chat, data, api.sent(chat)[number]["message_id"])
    await api.called("editMessageText", count)
    await asyncio.sleep(0.05)
    return api.sent(chat)[number]


async def test_topics_guides_questions_in_one_message(api: BotApi, app: Telegram) -> None:
    topics = await said(api, 7, "/chude")
    guides = await changed(api, 7, data_of(topics, "t:"))
    assert "<b>Chuyển đổi số</b>" in guides["html"]
    questions = await changed(api, 7, data_of(guides, "g:"))
    asked = [data for _, data in buttons(questions) if data.startswith("ask:")]
    assert len(asked) == 3
    back = await changed(api, 7, data_of(api.sent(7)[0], "c:"))
    assert buttons(back) == buttons(topics)
    assert len(api.sent(7)) == 1


async def test_two_taps_on_a_button_are_one(api: BotApi, app: Telegram, caplog: pytest.LogCaptureFixture) -> None:
    topics = await said(api, 7, "/chude")
    data = data_of(topics, "t:")
    for _ in range(2):
        api.press(7, data, topics["message_id"])
    await api.called("editMessageText", 2)
    assert await silence(api, 7)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("data", ["g:gone:0", "t:gone", "nonsense", "g:", "t:x:99", "c:-1"])
async def test_a_button_of_an_old_list_shows_the_topics(api: BotApi, app: Telegram, data: str) -> None:
    await said(api, 7, "/help")
    assert data_of(await changed(api, 7, data), "t:")


async def test_a_button_below_a_message_out_of_reach_answers_below(api: BotApi, app: Telegram) -> None:
    topics = await said(api, 7, "/chude")
    api.press(7, data_of(topics, "t:"), topics["message_id"], inaccessible=True)
    assert data_of((await api.messages(7, 2))[-1], "g:")


async def test_a_list_that_cannot_be_edited_comes_anew(api: BotApi, app: Telegram) -> None:
    topics = await said(api, 7, "/chude")
    api.fail(400, method="editMessageText", description="Bad Request: message can't be edited")
    api.press(7, data_of(topics, "t:"), topics["message_id"])
    assert data_of((await api.messages(7, 2))[-1], "g:")


async def test_fifty_chats_are_answered_at_once_and_in_order(api: BotApi, app: Telegram) -> None:
    chats = range(1, 51)
    for text in (NEEDS, "thời tiết Hà Nội hôm nay?", "cảm ơn em"):
        for chat in chats:
            api.say(chat, text)
    for chat in chats:
        texts = [message["text"] for message in await api.messages(chat, 3, timeout=120)]
        assert "bảy điều" in texts[0]
        assert "không đoán" in texts[1]
        assert "không có gì" in texts[2]
        assert len(texts) == 3
    assert api.pending() == []


async def test_history_is_what_was_asked_before_until_start(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories = []

    def answer(self: Assistant, question: Question) -> Reply:
        histories.append(question.history)
        return Reply(question.text, "smalltalk" if question.text == "cảm ơn" else "answer", "Vâng.")

    monkeypatch.setattr(Assistant, "answer", answer)
    for text in ("a", "cảm ơn", "b", "c", "d", "e", "f", "g"):
        await said(api, 7, text)
    assert histories[:3] == [(), ("a",), ("a",)]
    assert histories[-1] == ("b", "c", "d", "e", "f")
    await said(api, 7, "/start")
    await said(api, 7, "h")
    assert histories[-1] == ()


async def test_typing_is_kept_up_while_an_answer_takes_long(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(self: Assistant, question: Question) -> Reply:
        time.sleep(0.5)
        return Reply(question.text, "answer", "Vâng.")

    monkeypatch.setattr(Assistant, "answer", answer)
    monkeypatch.setattr(delivery, "TYPING", 0.1)
    await said(api, 7, "?")
    assert len(await api.called("sendChatAction", 3)) < 9
    assert await silence(api, 7)


async def test_an_answer_that_is_there_at_once_does_not_wait_for_typing(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TYPING_AFTER", 30.0)
    await said(api, 7, NEEDS)
    assert "sendChatAction" not in [name for name, _, _ in api.calls]


async def test_a_long_answer_comes_whole_in_spaced_parts(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "\n\n".join(f"Đoạn {n}: " + "chữ " * 200 for n in range(12))
    monkeypatch.setattr(Assistant, "answer", lambda self, question: Reply(question.text, "answer", long))
    monkeypatch.setattr(sending, "SPACING", 0.2)
    api.say(7, "?")
    parts = await api.messages(7, 3)
    assert re.sub(r"\s", "", "".join(part["text"] for part in parts)) == re.sub(r"\s", "", long)
    assert all(later["at"] - earlier["at"] >= 0.2 for earlier, later in itertools.pairwise(parts))


async def test_a_text_too_long_is_said_to_be_read_in_part(api: BotApi, app: Telegram) -> None:
    assert "1000 ký tự đầu" in (await said(api, 7, f"{NEEDS} {'a ' * 600}"))["text"]
    assert "ký tự đầu" not in (await said(api, 7, NEEDS + " " * 2000))["text"]


@pytest.mark.parametrize(
    "content",
    [
        {"photo": PHOTO},
        {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}},
        {"document": {"file_id": "a", "file_unique_id": "b"}},
        {"location": {"longitude": 1.0, "latitude": 1.0}},
        {"contact": {"phone_number": "1", "first_name": "a"}},
        {"dice": {"emoji": "🎲", "value": 1}},
        {
            "sticker": {
                "file_id": "a",
                "file_unique_id": "b",
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            }
        },
    ],
    ids=lambda content: next(iter(content)),
)
async def test_what_cannot_be_read_gets_one_line(api: BotApi, app: Telegram, content: dict[str, Any]) -> None:
    assert (await said(api, 7, **content))["text"].strip() == say("telegram.only_text")


async def test_an_album_gets_one_line_and_a_caption_an_answer(api: BotApi, app: Telegram) -> None:
    for _ in range(3):
        api.say(7, photo=PHOTO, media_group_id="1")
    await api.messages(7, 1)
    assert await silence(api, 7)
    assert len(api.sent(7)) == 1
    answer = await said(api, 7, photo=PHOTO, caption=NEEDS, media_group_id="2")
    assert answer["text"].startswith(say("telegram.caption_only"))
    assert "bảy điều" in answer["text"]
    api.say(7, photo=PHOTO, media_group_id="2")
    assert await silence(api, 7)


async def test_nothing_to_read_and_no_such_command(api: BotApi, app: Telegram) -> None:
    assert (await said(api, 7, "\u200b \u200b"))["text"].strip() == say("telegram.empty")
    assert (await said(api, 7, "/hoi gì đó"))["text"].strip() == say("telegram.unknown_command")


async def test_service_messages_and_channel_posts_are_left_alone(api: BotApi, app: Telegram) -> None:
    api.say(7, new_chat_title="Nhóm")
    api.say(GROUP, new_chat_members=[{"id": 1, "is_bot": False, "first_name": "a"}])
    api.say(-200, NEEDS, kind="channel_post")
    assert await silence(api, 7)
    assert not api.sent(GROUP)
    assert not api.sent(-200)


async def test_the_newest_question_mended_is_answered_again(api: BotApi, app: Telegram) -> None:
    old = api.say(7, "cảm ơn")
    newest = api.say(7, "thời tiết?")
    await api.messages(7, 2)
    api.say(7, NEEDS, kind="edited_message", message_id=newest)
    assert "bảy điều" in (await api.messages(7, 3))[-1]["text"]
    api.say(7, NEEDS, kind="edited_message", message_id=newest)
    api.say(7, "xin chào", kind="edited_message", message_id=old)
    assert await silence(api, 7)


async def test_a_group_is_answered_only_when_the_bot_is_addressed(api: BotApi, app: Telegram) -> None:
    api.say(GROUP, NEEDS, sender=1)
    api.say(GROUP, photo=PHOTO, sender=1)
    api.say(GROUP, "/start@other_bot", sender=1)
    api.say(GROUP, "/nosuch", sender=1)
    api.say(GROUP, f"xem @{USERNAME}x nhé", sender=1)
    assert await silence(api, GROUP)
    number = api.say(GROUP, f"@{USERNAME.upper()} {NEEDS}", sender=1)
    answer = (await api.messages(GROUP, 1))[-1]
    assert "bảy điều" in answer["text"]
    assert answer["reply_to_message"]["message_id"] == number
    reply = {"message_id": 1, "date": 0, "chat": {"id": GROUP, "type": "supergroup"}, "from": api.me, "text": "x"}
    assert "không có gì" in (await said(api, GROUP, "cảm ơn", sender=2, reply_to_message=reply))["text"]
    assert buttons(await said(api, GROUP, f"/chude@{USERNAME}", sender=2))
    hint = await said(api, GROUP, f"/nosuch@{USERNAME}", sender=2)
    assert hint["text"].strip() == say("telegram.unknown_command")
    assert (await said(api, GROUP, f"@{USERNAME}", sender=2))["text"].strip() == say("telegram.empty")


async def test_a_forum_is_answered_in_its_thread(api: BotApi, app: Telegram) -> None:
    answer = await said(api, GROUP, "/help", sender=1, message_thread_id=5, is_topic_message=True)
    assert answer["message_thread_id"] == 5


async def test_a_flood_is_refused_once_and_kindly(api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(self: Assistant, question: Question) -> Reply:
        time.sleep(0.02)
        return Reply(question.text, "answer", "Vâng.")

    monkeypatch.setattr(Assistant, "answer", answer)
    for number in range(60):
        api.say(7, str(number))
    sent = await api.messages(7, 22)
    assert await silence(api, 7)
    assert [message["text"].strip() for message in sent].count(say("limit.queue")) == 1
    assert len(api.sent(7)) == 22


async def test_what_was_begun_is_finished_when_the_bot_stops(
    api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(self: Assistant, question: Question) -> Reply:
        time.sleep(0.3)
        return Reply(question.text, "answer", "Vâng.")

    monkeypatch.setattr(Assistant, "answer", answer)
    async with running(api):
        for _ in range(3):
            api.say(7, "?")
        await api.called("sendChatAction")
    assert len(api.sent(7)) == 3
    assert api.pending() == []


def test_every_text_of_this_room_is_in_use() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(delivery.__file__).parent.glob("*.py"))
    families = ("telegram.command.", "feedback.reason.")
    keys = {key for key in catalogue() if key.startswith("telegram.") and not key.startswith(families)}
    assert {key for key in keys if f'"{key}"' not in code and f"'{key}'" not in code} == set()
    assert set(re.findall(r"[\"'](telegram\.[a-z_]+)[\"']", code)) <= keys
    assert {key for key in catalogue() if key.startswith(families)} == {
        *(f"telegram.command.{name}" for name in COMMANDS),
        *(f"feedback.reason.{name}" for name in REASONS),
    }
