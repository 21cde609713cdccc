"""Somebody at their phone who goes through /danhgia and /lotrinh."""

from collections.abc import Callable
from typing import Any

from bot.onboarding.questionnaire import load_questionnaire
from tests.auxil.bot_api import BotApi
from tests.auxil.waiting import until

QUESTIONS = load_questionnaire().questions


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """Callback data by label."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button.get("callback_data", "") for row in rows for button in row}


class Person:
    """Reads the last message, presses and writes."""

    def __init__(self, api: BotApi, chat: int) -> None:
        self.api, self.chat = api, chat

    def last(self) -> dict[str, Any]:
        return self.api.sent(self.chat)[-1]

    async def says(self, text: str, more: int = 1, **fields: Any) -> dict[str, Any]:
        count = len(self.api.sent(self.chat)) + more
        self.api.say(self.chat, text, **fields)
        return (await self.api.messages(self.chat, count))[count - 1]

    async def presses(self, data: str, new: int = 0, *, message: dict[str, Any] | None = None) -> dict[str, Any]:
        """Press a button, whose data begins so; new: how many messages come instead of a change of the message."""
        shown = message or self.last()
        found = next(value for value in buttons(shown).values() if value.startswith(data))
        before, count = dict(shown), len(self.api.sent(self.chat)) + new
        self.api.press(self.chat, found, shown["message_id"])
        if new:
            return (await self.api.messages(self.chat, count))[count - 1]

        def changed() -> bool:
            now = next(sent for sent in self.api.sent(self.chat) if sent["message_id"] == shown["message_id"])
            return (now["text"], now.get("reply_markup")) != (before["text"], before.get("reply_markup"))

        await until(changed)
        await until(lambda: not self.api.pending())
        return self.last()

    async def fills_in(
        self, goods: str, markets: tuple[str, ...], experience: str = "none", staff: str = "s50"
    ) -> None:
        """The profile, from the command to the first question of the check."""
        await self.says("/danhgia", 2)
        await self.presses(f"pf:goods:+{goods}")
        await self.presses("pf:goods:ok")
        await self.presses("pf:province:skip")
        for market in markets:
            await self.presses(f"pf:markets:+{market}")
        for field in ("markets:ok", f"experience:={experience}", f"staff:={staff}", "company:skip", "tax_code:skip"):
            await self.presses(f"pf:{field}")

    async def answers(self, choose: Callable[[str], str | int]) -> None:
        """Questions of the check until all are answered.

        choose: the option, by its key or its place, for the id of a question.
        """
        while "rd:a:" in str(buttons(self.last())):
            await self.answers_one(choose)

    async def answers_one(self, choose: Callable[[str], str | int]) -> None:
        first = next(data for data in buttons(self.last()).values() if data.startswith("rd:a:"))
        _, _, key, question, _ = first.split(":")
        option = choose(question)
        answer = option if isinstance(option, str) else QUESTIONS[question].options[option].key
        await self.presses(f"rd:a:{key}:{question}:{answer}")

    async def steps(self) -> list[str]:
        """The keys of the steps on all pages of the checklist, which is the last message."""
        while back := [data for label, data in buttons(self.last()).items() if label.startswith("‹")]:
            await self.presses(back[0])
        found = []
        while True:
            found += [data.removeprefix("ck:s:") for data in buttons(self.last()).values() if data.startswith("ck:s:")]
            onward = [data for label, data in buttons(self.last()).items() if label.endswith("›")]
            if not onward:
                return found
            await self.presses(onward[0])
