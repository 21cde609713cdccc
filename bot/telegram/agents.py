"""/daily: check an agent, what to ask, go through a contract, which agents have a source; `offers.py` compares."""

from typing import Any, cast

from telegram import CallbackQuery, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler

from bot.conversations.models import now
from bot.conversations.records import Records
from bot.onboarding.agents import agents
from bot.telegram.agent_menus import (
    AGENTS,
    OPEN,
    agents_menu,
    authorised_menu,
    group_menu,
    item_menu,
    list_menu,
    questions_menu,
)
from bot.telegram.menus import turned_to
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import NEW, Context, Work
from bot.texts import say
from knowledge.live import LiveLibrary


class Agents:
    """The callbacks of the command and of the buttons that begin with `AGENTS`."""

    def __init__(self, records: Records, live: LiveLibrary) -> None:
        self._records = records.agents
        self._live = live

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [CommandHandler("daily", self.open, NEW), CallbackQueryHandler(self.pressed, pattern=f"^{AGENTS}")]

    async def open(self, update: Update, context: Context) -> None:
        """The menu; in a group others would read along, so the person is asked to come to the private chat."""
        work = context.work
        if work.sender.private:
            work.say(agents_menu(work.talk.language))
        else:
            link = f"https://t.me/{context.bot.username}"
            work.say(render_text(say("agents.private", work.talk.language, link=link)))

    async def pressed(self, update: Update, context: Context) -> None:
        """A button: shown in its message, or below it where it is opened from an answer."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        data = query.data or ""
        menu = await self._menu(work, data.removeprefix(AGENTS).split(":"))
        if data == OPEN or not await turned_to(query, menu):
            work.say(menu)

    async def _menu(self, work: Work, parts: list[str]) -> Rendered:
        """What the parts of callback data open; the first menu where they name nothing that there is."""
        language, index = work.talk.language, self._live.index
        match parts:
            case ["list", key] if key in agents().lists:
                return list_menu(key, await self._records.ticks(work.sender), language)
            case ["anew", key] if key in agents().lists:
                await self._records.untick(work.sender, key)
                return list_menu(key, await self._records.ticks(work.sender), language)
            case ["item", key, name] if item := agents().item(key, name):
                done = f"{key}:{name}" in await self._records.ticks(work.sender)
                return item_menu(index, key, item, language, done=done)
            case ["tick", key, name, done] if agents().item(key, name):
                await self._records.tick(work.sender, f"{key}:{name}", done=done == "1")
                return list_menu(key, await self._records.ticks(work.sender), language)
            case ["asks"]:
                return questions_menu(language)
            case ["ask", key] if group := agents().group(key):
                return group_menu(index, group, language)
            case ["known"]:
                return authorised_menu(index, await self._records.authorised(), now().date(), language)
        return agents_menu(language)
