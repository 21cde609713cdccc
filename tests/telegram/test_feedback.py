"""👍 and 👎: on the very turn, with a reason and a line, changeable."""

from typing import Any

import pytest

from bot.telegram.application import Telegram
from bot.telegram.feedback import REASONS, rows_below
from bot.texts import say
from tests.auxil.bot_api import USERNAME, BotApi
from tests.auxil.bot_api_rules import check_keyboard
from tests.auxil.waiting import until
from tests.telegram.conftest import Running, Turns

pytestmark = [pytest.mark.xdist_group("telegram")]

NEEDS = "Người mua Mỹ quan tâm điều gì nhất?"
AGENTS = "Đại lý uỷ quyền của Alibaba.com làm những việc gì?"
GROUP = -100


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """Callback data or address by label."""
    rows = message["reply_markup"]["inline_keyboard"]
    return {button["text"]: button.get("callback_data") or button["url"] for row in rows for button in row}


def votes(message: dict[str, Any]) -> list[str]:
    """What the buttons of feedback stand for, in their order."""
    return [data.rsplit(":", 1)[1] for data in buttons(message).values() if data.startswith("fb:")]


async def pressed(api: BotApi, message: dict[str, Any], action: str, **more: Any) -> str:
    """Press a button of feedback below a message; what is shown for a moment."""
    count = len([name for name, _, _ in api.calls if name == "answerCallbackQuery"]) + 1
    data = next(data for data in buttons(message).values() if data.startswith("fb:")).rsplit(":", 1)[0]
    api.press(message["chat"]["id"], f"{data}:{action}", message["message_id"], **more)
    calls = await api.called("answerCallbackQuery", count)
    return calls[-1].get("text", "")


async def answered(api: BotApi, text: str = NEEDS, chat: int = 7, **more: Any) -> dict[str, Any]:
    count = len(api.sent(chat)) + 1
    api.say(chat, text, **more)
    return (await api.messages(chat, count))[-1]


async def test_an_answer_ends_with_two_buttons_and_nothing_else_does(api: BotApi, app: Telegram) -> None:
    answer = await answered(api)
    assert [button["text"] for button in answer["reply_markup"]["inline_keyboard"][-1]] == ["👍", "👎"]
    for text in ("thời tiết?", "xin chào", "/chude", "/help"):
        assert "fb:" not in str(await answered(api, text))


async def test_a_vote_lands_on_its_turn_and_thanks(api: BotApi, app: Telegram, turns: Turns) -> None:
    first = await answered(api)
    await answered(api, AGENTS)
    assert await pressed(api, first, "up") == say("telegram.feedback_thanks")
    voted, other = await turns()
    assert (voted.question, voted.feedback, voted.feedback_reason) == (NEEDS, "up", None)
    assert voted.feedback_at
    assert other.feedback is None
    shown = api.sent(7)[0]
    assert say("telegram.feedback_up") in buttons(shown)
    assert shown["text"] == first["text"]
    # The other buttons are those that were there.
    assert shown["reply_markup"]["inline_keyboard"][:-1] == first["reply_markup"]["inline_keyboard"][:-1]


async def test_a_reason_is_asked_for_and_kept(api: BotApi, app: Telegram, turns: Turns) -> None:
    answer = await answered(api)
    assert await pressed(api, answer, "down") == say("telegram.feedback_why")
    assert votes(api.sent(7)[0]) == ["up", "down", *REASONS, "note"]
    assert await pressed(api, api.sent(7)[0], "off_topic") == say("telegram.feedback_thanks")
    assert votes(api.sent(7)[0]) == ["up", "down"]
    [turn] = await turns()
    assert (turn.feedback, turn.feedback_reason) == ("down", "off_topic")


async def test_a_changed_mind_replaces_the_vote_and_its_reason(api: BotApi, app: Telegram, turns: Turns) -> None:
    answer = await answered(api)
    for action in ("down", "wrong", "up"):
        await pressed(api, answer, action)
    [turn] = await turns()
    assert (turn.feedback, turn.feedback_reason) == ("up", None)
    for action in ("down", "unclear", "down"):
        await pressed(api, answer, action)
    [turn] = await turns()
    assert (turn.feedback, turn.feedback_reason) == ("down", "unclear")


async def test_a_line_of_ones_own_lands_on_the_turn_even_after_a_restart(
    api: BotApi, running: Running, turns: Turns
) -> None:
    async with running(api):
        first = await answered(api)
        await answered(api, AGENTS)
        for action in ("down", "incomplete", "note"):
            await pressed(api, first, action)
        prompt = (await api.messages(7, 3))[-1]
        assert prompt["text"].strip() == say("telegram.feedback_prompt")
        assert prompt["reply_markup"] == {"force_reply": True, "selective": True}
    async with running(api):
        thanks = await answered(api, "Thiếu giá cước đi Mỹ.", answers=prompt["message_id"])
        assert thanks["text"].strip() == say("telegram.feedback_noted")
        # What is said next is a question again.
        assert "bảy điều" in (await answered(api))["text"]
    noted, other, _ = await turns()
    assert (noted.question, noted.feedback) == (NEEDS, "down")
    assert (noted.feedback_reason, noted.feedback_note) == ("incomplete", "Thiếu giá cước đi Mỹ.")
    assert other.feedback is None


async def test_in_a_group_only_the_one_who_asked_has_a_vote(api: BotApi, app: Telegram, turns: Turns) -> None:
    answer = await answered(api, f"@{USERNAME} {NEEDS}", GROUP, sender=1)
    assert await pressed(api, answer, "down", sender=2) == say("telegram.feedback_not_yours")
    assert (await turns())[0].feedback is None
    assert votes(api.sent(GROUP)[0]) == ["up", "down"]
    await pressed(api, answer, "note", sender=1)
    prompt = (await api.messages(GROUP, 2))[-1]
    assert prompt["reply_to_message"]["message_id"] == answer["reply_to_message"]["message_id"]
    await answered(api, "không phải em", GROUP, sender=2, answers=prompt["message_id"])
    assert (await turns())[0].feedback_note is None
    await answered(api, "sai rồi", GROUP, sender=1, answers=prompt["message_id"])
    assert (await turns())[0].feedback_note == "sai rồi"


async def test_two_taps_and_old_buttons_do_no_harm(
    api: BotApi, app: Telegram, turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await answered(api)
    for _ in range(2):
        await pressed(api, answer, "up")
    await pressed(api, answer, "up", inaccessible=True)
    api.press(7, "fb:nosuchkey:up", answer["message_id"])
    calls = await api.called("answerCallbackQuery", 4)
    assert calls[-1]["text"] == say("telegram.feedback_not_yours")
    await until(lambda: app.processing.chats == 0)
    assert (await turns())[0].feedback == "up"
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_every_state_of_the_buttons_is_taken_by_telegram() -> None:
    for language in ("vi", "en"):
        for vote in (None, "up", "down"):
            rows = rows_below("x" * 16, language, vote, asking=vote == "down")  # type: ignore[arg-type]
            check_keyboard({"inline_keyboard": [[button.to_dict() for button in row] for row in rows]})
            assert all(
                len(say(key, language)) <= 200 for key in ("telegram.feedback_why", "telegram.feedback_not_yours")
            )
