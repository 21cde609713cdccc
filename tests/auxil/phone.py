"""What two admins and a guest do on their phones, and what they see there."""

from collections.abc import Callable
from typing import Any

from tests.auxil.bot_api import BotApi
from tests.auxil.waiting import until

BOSS, SECOND, GUEST = 7, 8, 9
GROUP = -100
SEDGE = """\
---
title: Bảng giá giỏ cỏ bàng
review_by: 2099-01-01
---

## Giỏ cỏ bàng Phú Mỹ giá bao nhiêu?

Giỏ cỏ bàng Phú Mỹ giá 4,2 USD một chiếc, giao tại Cát Lái.

## Đặt ít nhất bao nhiêu giỏ cỏ bàng?

Mỗi mẫu giỏ cỏ bàng đặt ít nhất 300 chiếc.
"""
ASKED = "giỏ cỏ bàng phú mỹ giá bao nhiêu"


async def said(api: BotApi, chat: int, act: Callable[[], object], contains: str, within: float = 60) -> dict[str, Any]:
    """The first message of the bot after an act that says something."""
    before = len(api.sent(chat))
    act()
    await until(lambda: any(contains in message["text"] for message in api.sent(chat)[before:]), within)
    return next(message for message in api.sent(chat)[before:] if contains in message["text"])


def pressing(api: BotApi, message: dict[str, Any], label: str) -> Callable[[], object]:
    """A press of the button with a label."""
    data = next(data for text, data in buttons(message) if label in text)
    return lambda: api.press(message["chat"]["id"], data, message["message_id"])


def buttons(message: dict[str, Any]) -> list[tuple[str, str]]:
    rows = message.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
    return [(button["text"], button.get("callback_data", "")) for row in rows for button in row]


async def previewed(api: BotApi, name: str = "Bảng giá.md", text: str = SEDGE, chat: int = BOSS) -> dict[str, Any]:
    return await said(api, chat, lambda: api.send_file(chat, name, text.encode()), "bản 1)")


async def answer(api: BotApi, chat: int, question: str) -> str:
    before = len(api.sent(chat))
    api.say(chat, question)
    return str((await api.messages(chat, before + 1))[-1]["text"])
