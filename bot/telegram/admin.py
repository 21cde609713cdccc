"""Looking after the library from a phone, for those named in ADMIN_TELEGRAM_IDS and in their private chats only.

For everybody else nothing of it is there: their commands, files and buttons go to the handlers behind these.
"""

import logging
from collections.abc import Collection
from typing import Any, cast

from telegram import Bot, BotCommand, BotCommandScopeChat, CallbackQuery, Chat, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.curation.found_gaps import FoundGaps
from bot.curation.publishing import Publisher
from bot.telegram.admin_drafts import Drafts
from bot.telegram.admin_gaps import Gaps
from bot.telegram.admin_library import Shelves
from bot.telegram.admin_menus import ADMIN, parsed
from bot.telegram.admin_rendering import tried_text
from bot.telegram.delivery import typing
from bot.telegram.menus import turned_to
from bot.telegram.rendering import render, render_text
from bot.telegram.work import Context
from bot.texts import say

_log = logging.getLogger(__name__)

COMMANDS = ("tailieu", "hoantac", "thu", "nhacviec")


class _Button(CallbackQueryHandler[Context, Any]):
    """A button of ours, pressed by one of some people in their private chat; forged by others it is any button."""

    def __init__(self, people: Collection[int], callback: Any) -> None:  # noqa: ANN401  # as Telegram's library has it
        super().__init__(callback, pattern=f"^{ADMIN}")
        self._people = people

    def check_update(self, update: object) -> Any:  # noqa: ANN401
        if not isinstance(update, Update) or update.effective_user is None or update.effective_chat is None:
            return None
        ours = update.effective_user.id in self._people and update.effective_chat.type == Chat.PRIVATE
        return super().check_update(update) if ours else None


class Admin:
    """The callbacks for admins. common: names of the commands that everybody has."""

    def __init__(
        self,
        people: Collection[int],
        publisher: Publisher,
        found_gaps: FoundGaps,
        assistant: Assistant,
        common: tuple[str, ...],
    ) -> None:
        self._people = people
        self._assistant = assistant
        self._common = common
        self._drafts = Drafts(publisher)
        self._shelves = Shelves(publisher)
        self._gaps = Gaps(found_gaps)

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        """To be asked before all others."""
        theirs = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.User(self._people)
        return [
            CommandHandler("help", self.help, theirs),
            CommandHandler("tailieu", self._shelves.documents, theirs),
            CommandHandler("nhacviec", self.duties, theirs),
            CommandHandler("hoantac", self._shelves.step_back, theirs),
            CommandHandler("thu", self.try_out, theirs),
            MessageHandler(theirs & filters.Document.ALL, self._drafts.received),
            _Button(self._people, self.pressed),
        ]

    async def introduce(self, bot: Bot) -> None:
        """Put the commands into the menus of the admins' chats, where they have begun one."""
        for person in sorted(self._people):
            await self._show_commands(bot, person)

    async def _show_commands(self, bot: Bot, chat: int) -> None:
        commands = [BotCommand(name, say(f"telegram.command.{name}")) for name in self._common]
        commands += [BotCommand(name, say(f"admin.command.{name}")) for name in COMMANDS]
        try:
            await bot.set_my_commands(commands, BotCommandScopeChat(chat))
        except TelegramError as error:
            _log.info("an admin's menu of commands was not set (%s)", type(error).__name__)

    async def help(self, update: Update, context: Context) -> None:
        """What everybody is told, and what admins can do besides."""
        work = context.work
        language = work.talk.language
        work.say(render_text(say("telegram.help", language, username=context.bot.username)))
        work.say(render_text(say("admin.help", language)))
        await self._show_commands(context.bot, work.place.chat)

    async def duties(self, update: Update, context: Context) -> None:
        """What is to be done: drafts and documents due, then what people asked and were not answered."""
        await self._shelves.duties(update, context)
        await self._gaps.tell(context)

    async def try_out(self, update: Update, context: Context) -> None:
        """Answer a question as anybody would be answered, and show how it was decided; no turn is kept of it."""
        work, text = context.work, " ".join(context.args or [])
        if not text:
            work.say(render_text(say("admin.no_question", work.talk.language)))
            return
        async with typing(context.bot, work.place):
            reply = await self._assistant.reply(Question(text))
        work.say(render(reply, quote=text))
        work.say(render_text(tried_text(reply, work.talk.language)))

    async def pressed(self, update: Update, context: Context) -> None:
        """A button: turn a page, ask once more, or do it."""
        query = cast("CallbackQuery", update.callback_query)
        action, key, more = parsed(query.data or "")
        match action:
            case "list" | "due" | "doc":
                await self._shelves.turn(query, context, action, key, more)
            case "gaps":
                await self._gaps.tell(context, query)
            case "gap":
                await self._gaps.open(query, context, key)
            case "draft":
                await self._gaps.draft(context, key)
            case "look":
                await self._drafts.look(context, key)
            case "publish?":
                await self._drafts.ask(context, key, more)
            case "publish" | "publish!":
                await self._drafts.publish(query, context, key, more, sure=action == "publish!")
            case "discard":
                await self._drafts.discard(query, context, key, more)
            case "retire?":
                await self._shelves.ask(query, context, "retire", key)
            case "restore?":
                await self._shelves.ask(query, context, "restore", key)
            case "retire":
                await self._shelves.change(query, context, "retire", key)
            case "restore":
                await self._shelves.change(query, context, "restore", key)
            case "back":
                await self._shelves.go_back(query, context, key, more)
            case _:
                left = render_text(say("admin.left" if action == "leave" else "admin.gone", context.work.talk.language))
                if not await turned_to(query, left):
                    context.work.say(left)
