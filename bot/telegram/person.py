"""/chuyenvien, and the wish in words: whoever wants a human agrees to what ops see, and gets a number."""

from dataclasses import dataclass
from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler

from bot.desk import Desk
from bot.telegram.feedback import replace_rows
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import NEW, Context
from bot.texts import say

PERSON = "person:"


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody who wants a human is told first, as text and with the buttons."""

    text: str
    rendered: Rendered


class Person:
    """The callbacks of the command and of the buttons."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [
            CommandHandler("chuyenvien", self.ask, NEW),
            CallbackQueryHandler(self.decide, pattern=f"^{PERSON}"),
        ]

    async def ask(self, update: Update, context: Context) -> None:
        context.work.say((await self.consent(context)).rendered)

    async def consent(self, context: Context) -> Asking:
        """The question for consent; or that nobody takes requests, that one is open, that a group is not the place."""
        work = context.work
        language = work.talk.language
        if not work.sender.private:
            text = say("desk.private", language, link=f"https://t.me/{context.bot.username}")
            return Asking(text, render_text(text))
        offer = await self._desk.offer(work.talk)
        if not offer.possible:
            return Asking(offer.text, render_text(offer.text))
        buttons = [
            InlineKeyboardButton(say(f"desk.{choice}", language), callback_data=f"{PERSON}{choice}:{offer.turn}")
            for choice in ("yes", "only", "no")
        ]
        return Asking(offer.text, render_text(offer.text, InlineKeyboardMarkup([[button] for button in buttons])))

    async def decide(self, update: Update, context: Context) -> None:
        """Make the ticket, or none."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        choice, _, turn = (query.data or "").removeprefix(PERSON).partition(":")
        if choice in ("yes", "only") and work.sender.private:
            text, key = await self._desk.request(work.talk, turn, shown=choice == "yes")
            work.about = key or None
        else:
            text = say("desk.not_sent", work.talk.language)
        work.say(render_text(text))
        await replace_rows(query, PERSON, [])
