"""The button below a declined question: tell me when you have an answer; and how to take that back."""

from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardButton, Update
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.conversations.records import Records
from bot.telegram.feedback import Rows, replace_rows, say_briefly
from bot.telegram.work import Context
from bot.texts import Language, say

TELL = "tell:"


def wanted_rows(key: str, language: Language = "vi", *, asked: bool = False) -> Rows:
    """The button for the declined turn of a key. asked: they want to be told already."""
    label = say("gaps.untell_me" if asked else "gaps.tell_me", language)
    return [[InlineKeyboardButton(label, callback_data=f"{TELL}{key}:{'no' if asked else 'yes'}")]]


class Wanted:
    """The callback of the button."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [CallbackQueryHandler(self.pressed, pattern=f"^{TELL}")]

    async def pressed(self, update: Update, context: Context) -> None:
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        language = work.talk.language
        key, _, action = (query.data or "").removeprefix(TELL).partition(":")
        try:
            state = await self._records.want_answer(work.sender, key, wanted=action == "yes")
        except LookupError:
            await say_briefly(query, say("gaps.not_yours", language))
            return
        if state == "told":
            await replace_rows(query, TELL, [])
            await say_briefly(query, say("gaps.told_already", language))
            return
        await replace_rows(query, TELL, wanted_rows(key, language, asked=state == "asked"))
        await say_briefly(query, say("gaps.will_tell" if state == "asked" else "gaps.will_not_tell", language))
