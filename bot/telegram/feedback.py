"""👍 and 👎 below an answer: on that very turn, with a reason and a line of one's own, and changeable."""

import logging
from typing import Any, cast

from telegram import CallbackQuery, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.asking import REASONS
from bot.assistant.understanding import LONGEST
from bot.conversations.models import Vote
from bot.conversations.records import Records
from bot.telegram.addressing import typed
from bot.telegram.delivery import Place
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import Context
from bot.texts import Language, catalogue, say

_log = logging.getLogger(__name__)

FEEDBACK = "fb:"

Rows = list[list[InlineKeyboardButton]]


def rows_below(key: str, language: Language = "vi", vote: Vote | None = None, *, asking: bool = False) -> Rows:
    """The buttons for the turn of a key. vote: what was chosen. asking: with the reasons for a 👎."""
    rows = [
        [
            _button("👍" if vote != "up" else say("telegram.feedback_up", language), key, "up"),
            _button("👎" if vote != "down" else say("telegram.feedback_down", language), key, "down"),
        ]
    ]
    if asking:
        reasons = [_button(say(f"feedback.reason.{reason}", language), key, reason) for reason in REASONS]
        rows += [reasons[:2], reasons[2:], [_button(say("telegram.feedback_write", language), key, "note")]]
    return rows


def _button(label: str, key: str, action: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=f"{FEEDBACK}{key}:{action}")


class _ToPrompt(filters.MessageFilter):
    """Answers to our asking for a line of one's own."""

    def filter(self, message: Message) -> bool:
        asked = message.reply_to_message
        return bool(asked and asked.from_user and asked.from_user.is_bot and asked.text in _prompts())


def _prompts() -> set[str]:
    return {text.strip() for text in catalogue()["telegram.feedback_prompt"].values()}


class Feedback:
    """The callbacks of the buttons and of the lines that people write."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [
            CallbackQueryHandler(self.pressed, pattern=f"^{FEEDBACK}"),
            MessageHandler(filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND & _ToPrompt(), self.written),
        ]

    async def pressed(self, update: Update, context: Context) -> None:
        """A vote, a reason, or the wish to write."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        language = work.talk.language
        key, _, action = (query.data or "").removeprefix(FEEDBACK).partition(":")
        vote: Vote = "up" if action == "up" else "down"
        reason = action if action in REASONS else None
        if not await self._records.feedback(work.sender, key, vote, reason):
            await say_briefly(query, say("telegram.feedback_not_yours", language))
            return
        if action == "note":
            work.about = key
            # In a group only the one who pressed is asked to write: the one whose question was answered.
            message = query.message
            asked = message.reply_to_message if isinstance(message, Message) else None
            work.place = Place(work.place.chat, work.place.thread, asked.message_id if asked else None)
            prompt = say("telegram.feedback_prompt", language)
            work.say(Rendered(render_text(prompt).parts, ForceReply(selective=True)))
        thanks = "telegram.feedback_why" if action == "down" else "telegram.feedback_thanks"
        await replace_rows(query, FEEDBACK, rows_below(key, language, vote, asking=action == "down"))
        await say_briefly(query, "" if action == "note" else say(thanks, language))

    async def written(self, update: Update, context: Context) -> None:
        """A line about an answer; it lands on the turn that it was asked for."""
        work, message = context.work, cast("Message", update.message)
        prompt = cast("Message", message.reply_to_message)
        key = await self._records.turn_of(work.sender, prompt.message_id)
        note = typed(message, context.bot)[:LONGEST]
        kept = key is not None and await self._records.feedback(work.sender, key, "down", note=note)
        work.say(render_text(say("telegram.feedback_noted" if kept else "telegram.feedback_lost", work.talk.language)))


async def replace_rows(query: CallbackQuery, prefix: str, rows: Rows) -> None:
    """Put the rows in place of those whose buttons begin so; the others stay above them."""
    message = query.message
    if not isinstance(message, Message) or message.reply_markup is None:
        return
    others = [
        row
        for row in message.reply_markup.inline_keyboard
        if not any(str(button.callback_data or "").startswith(prefix) for button in row)
    ]
    try:
        await query.edit_message_reply_markup(InlineKeyboardMarkup([*others, *rows]))
    except TelegramError as error:
        # What was chosen is kept all the same; two taps on one button end here as well.
        _log.info("buttons not changed (%s)", type(error).__name__)


async def say_briefly(query: CallbackQuery, text: str) -> None:
    """A few words that show for a moment; the button stops spinning."""
    try:
        await query.answer(text or None)
    except TelegramError as error:
        _log.info("button not answered (%s)", type(error).__name__)
