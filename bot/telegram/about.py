"""Answers for what the person told of themselves: the button below them, and /hoso, to have that no more or again."""

from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler

from bot.asking import about_of
from bot.assistant.dialogue import Reply
from bot.conversations.records import Records
from bot.onboarding.profile import Profile
from bot.readiness import use_for_answers
from bot.telegram.checking import Rows, button
from bot.telegram.feedback import replace_rows, say_briefly
from bot.telegram.onboarding import sent_to_private
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import NEW, Context
from bot.texts import Language, say

ABOUT = "ab:"


def about_rows(reply: Reply) -> Rows:
    """Below an answer that is for the person's goods or market: not so any more."""
    return _rows(reply.language, used=True) if reply.about else []


def _rows(language: Language, *, used: bool) -> Rows:
    label = f"🚫 {say('about.stop', language)}" if used else f"✅ {say('about.use', language)}"
    return [[InlineKeyboardButton(label, callback_data=f"{ABOUT}{'off' if used else 'on'}")]]


class AboutHandlers:
    """The callbacks of the button and the command."""

    def __init__(self, records: Records) -> None:
        self._records = records.onboarding

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [CommandHandler("hoso", self.show, NEW), CallbackQueryHandler(self.pressed, pattern=f"^{ABOUT}")]

    async def show(self, update: Update, context: Context) -> None:
        """What answers are for, and whether they are."""
        if not sent_to_private(context):
            work = context.work
            profile = Profile.from_json(work.talk.profile)
            work.say(_told(profile, work.talk.language))

    async def pressed(self, update: Update, context: Context) -> None:
        """The button, below an answer or below what the command says."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        language, used = work.talk.language, query.data == f"{ABOUT}on"
        # One that was erased is not to be there again.
        if not await use_for_answers(self._records, work.talk, wanted=used):
            await say_briefly(query, say("about.none", language))
            return
        await replace_rows(query, ABOUT, _rows(language, used=used))
        await say_briefly(query, say("about.will_use" if used else "about.will_not_use", language))


def _told(profile: Profile, language: Language) -> Rendered:
    about = about_of(profile.used_for_answers(wanted=True))
    if not about:
        return render_text(say("about.none", language), InlineKeyboardMarkup([[button("begin", "on", language)]]))
    told = "; ".join(about.words(language).values())
    text = say("about.told" if profile.for_answers else "about.told_unused", language, told=told)
    rows = [*_rows(language, used=profile.for_answers), [button("edit_profile", "me", language)]]
    return render_text(text, InlineKeyboardMarkup(rows))
