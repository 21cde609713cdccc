"""What a person may know and decide about what is kept of them: /quyenriengtu, /dulieu, /xoadulieu."""

import json
import logging
from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler

from bot.assistant.assistant import Assistant
from bot.conversations.records import Records
from bot.telegram.outgoing import document
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import NEW, Context, Work
from bot.texts import Language, say

_log = logging.getLogger(__name__)

_ERASE = "erase:"
_FILE = "hai-dang-du-lieu-cua-toi.json"


def notice(language: Language, days: int) -> Rendered:
    """What a person is told at first contact: what is kept, why, how long."""
    return render_text(say("telegram.first_contact", language, days=days))


class Privacy:
    """The callbacks of the three commands. days: how long things are kept."""

    def __init__(self, records: Records, assistant: Assistant, days: int) -> None:
        self._records = records
        self._assistant = assistant
        self._days = days

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [
            CommandHandler("quyenriengtu", self.explain, NEW),
            CommandHandler("dulieu", self.hand_over, NEW),
            CommandHandler("xoadulieu", self.ask_to_erase, NEW),
            CallbackQueryHandler(self.decide, pattern=f"^{_ERASE}"),
        ]

    async def explain(self, update: Update, context: Context) -> None:
        if not _sent_to_private(context):
            context.work.say(render_text(say("telegram.privacy", context.work.talk.language, days=self._days)))

    async def hand_over(self, update: Update, context: Context) -> None:
        """Everything that is kept of the person, as a file."""
        if _sent_to_private(context):
            return
        work = context.work
        data = await self._records.personal_data(work.sender)
        content = json.dumps(data, ensure_ascii=False, indent=1)
        work.messages.append(document(_FILE, content, say("telegram.data", work.talk.language), work.place))

    async def ask_to_erase(self, update: Update, context: Context) -> None:
        if _sent_to_private(context):
            return
        language = context.work.talk.language
        buttons = [
            InlineKeyboardButton(say("telegram.erase_yes", language), callback_data=f"{_ERASE}yes"),
            InlineKeyboardButton(say("telegram.erase_no", language), callback_data=f"{_ERASE}no"),
        ]
        keyboard = InlineKeyboardMarkup([[button] for button in buttons])
        context.work.say(render_text(say("telegram.erase_sure", language), keyboard))

    async def decide(self, update: Update, context: Context) -> None:
        """Erase, or leave everything as it is; the person is told directly, as erasing takes the outbox along."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        work.void = query.data == f"{_ERASE}yes"
        if work.void:
            self._assistant.forget(await self._records.erase(work.sender))
            _log.info("a person's data was erased", extra={"event": "erased"})
        text = say("telegram.erased" if work.void else "telegram.erase_kept", work.talk.language)
        await _show(query, context, render_text(text))


def _sent_to_private(context: Context) -> bool:
    """In a group others would read along: the person is asked to come to the private chat."""
    work: Work = context.work
    if not work.sender.private:
        link = f"https://t.me/{context.bot.username}"
        work.say(render_text(say("telegram.privacy_private", work.talk.language, link=link)))
    return not work.sender.private


async def _show(query: CallbackQuery, context: Context, text: Rendered) -> None:
    [part] = text.parts
    try:
        await query.edit_message_text(part)
    except TelegramError as error:
        _log.info("message not changed (%s)", type(error).__name__)
        try:
            await context.bot.send_message(context.work.place.chat, part)
        except TelegramError as failed:
            _log.info("message not sent (%s)", type(failed).__name__)
