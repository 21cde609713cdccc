"""What happens with each kind of update."""

import asyncio
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Message, Update, User
from telegram.error import BadRequest
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    MessageHandler,
    filters,
)

from bot.assistant.assistant import Assistant
from bot.assistant.browsing import question_of
from bot.assistant.dialogue import Question
from bot.assistant.understanding import LONGEST
from bot.logs import log_turn
from bot.telegram.addressing import is_for_us, is_our_command, typed
from bot.telegram.delivery import Place, deliver, typing
from bot.telegram.failures import report_failure
from bot.telegram.menus import menu_of, topics_menu
from bot.telegram.rendering import ASK, Rendered, render, render_text
from bot.texts import Language, say
from knowledge.live import LiveLibrary
from knowledge.vietnamese import normalise

_log = logging.getLogger(__name__)

# How many earlier questions of a person a question may lean on.
HISTORY = 5
# Answers computed at the same time; each keeps a processor busy.
_WORKERS = 2

Context = ContextTypes.DEFAULT_TYPE
App = Application[ExtBot[int], Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]

_NEW = filters.UpdateType.MESSAGE & (filters.ChatType.PRIVATE | filters.ChatType.GROUPS)
_EDITED = filters.UpdateType.EDITED_MESSAGE & (filters.ChatType.PRIVATE | filters.ChatType.GROUPS)


@dataclass(slots=True)
class Talk:
    """What is remembered of a person in a chat, until the bot stops.

    newest: number and text of the last question typed. album: the last one of photos that was spoken of.
    """

    history: deque[str] = field(default_factory=lambda: deque(maxlen=HISTORY))
    language: Language = "vi"
    newest: tuple[int, str] | None = None
    album: str | None = None


class Handlers:
    """The callbacks of an application, and the threads in which answers are computed."""

    def __init__(self, live: LiveLibrary, assistant: Assistant) -> None:
        self._live = live
        self._assistant = assistant
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="answer")

    def register(self, application: App) -> None:
        """Channel posts match no handler: a channel has nobody to answer."""
        application.add_handlers(
            [
                CommandHandler("start", self.start, _NEW),
                CommandHandler("help", self.help, _NEW),
                CommandHandler("chude", self.topics, _NEW),
                MessageHandler(_NEW & filters.COMMAND, self.unknown_command),
                MessageHandler(_NEW & (filters.TEXT | filters.CAPTION | filters.ATTACHMENT), self.message),
                MessageHandler(_EDITED & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND, self.edited),
                CallbackQueryHandler(self.pressed),
            ]
        )
        application.add_error_handler(report_failure)

    def close(self) -> None:
        """Let go of the threads; nothing can be answered any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def start(self, update: Update, context: Context) -> None:
        """Introduce the bot and begin anew."""
        message, person = _sent(update)
        talks = _talks(context)
        talks[person.id] = Talk(language=_talk(context, person).language)
        language = talks[person.id].language
        menu = topics_menu(self._live.index, say("telegram.start", language), language)
        await deliver(context.bot, Place.of(message), menu)

    async def help(self, update: Update, context: Context) -> None:
        message, person = _sent(update)
        text = say("telegram.help", _talk(context, person).language, username=context.bot.username)
        await deliver(context.bot, Place.of(message), render_text(text))

    async def topics(self, update: Update, context: Context) -> None:
        message, person = _sent(update)
        await deliver(context.bot, Place.of(message), self._topics(_talk(context, person).language))

    def _topics(self, language: Language, key: str = "telegram.topics") -> Rendered:
        return topics_menu(self._live.index, say(key, language), language)

    async def unknown_command(self, update: Update, context: Context) -> None:
        message, person = _sent(update)
        if is_our_command(message, context.bot):
            text = say("telegram.unknown_command", _talk(context, person).language)
            await deliver(context.bot, Place.of(message), render_text(text))

    async def message(self, update: Update, context: Context) -> None:
        """A question in words, or something else with or without words to it."""
        message, person = _sent(update)
        if not is_for_us(message, context.bot):
            return
        talk, place = _talk(context, person), Place.of(message)
        text, attached = typed(message, context.bot), bool(message.effective_attachment)
        if _readable(text):
            talk.album = message.media_group_id or talk.album
            talk.newest = (message.message_id, text)
            await self._answer(context, place, talk, text, "telegram.caption_only" if attached else "")
        elif not attached:
            await deliver(context.bot, place, render_text(say("telegram.empty", talk.language)))
        # The pictures of an album come as messages of their own; one line is enough for all of them.
        elif not message.media_group_id or message.media_group_id != talk.album:
            talk.album = message.media_group_id
            await deliver(context.bot, place, render_text(say("telegram.only_text", talk.language)))

    async def edited(self, update: Update, context: Context) -> None:
        """Answer again when the newest question was mended, which people do instead of asking anew.

        Older ones are left alone: an answer would stand far below what it belongs to.
        """
        message, person = _sent(update)
        talk, text = _talk(context, person), typed(message, context.bot)
        if not talk.newest or not _readable(text):
            return
        number, before = talk.newest
        if number != message.message_id or text == before:
            return
        if talk.history and talk.history[-1] == before[:LONGEST]:
            talk.history.pop()
        talk.newest = (number, text)
        await self._answer(context, Place.of(message), talk, text)

    async def pressed(self, update: Update, context: Context) -> None:
        """A button: one of the menus, or a question to ask."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        talk, data = _talk(context, query.from_user), query.data or ""
        if not data.startswith(ASK):
            menu = menu_of(self._live.index, data, talk.language)
            await _turn_to(context.bot, query, query.message, menu or self._topics(talk.language, "telegram.stale"))
            return
        place = _place(query.message)
        question = question_of(self._live.index, data.removeprefix(ASK))
        if question is None:
            await deliver(context.bot, place, self._topics(talk.language, "telegram.gone"))
            return
        # A question out of the library stands alone; earlier ones could only bend it.
        await self._answer(context, place, talk, question, quoted=True)

    async def refuse(self, update: Update) -> None:
        """Tell a person who writes faster than can be answered; in a group others may do the writing."""
        chat = update.effective_chat
        if chat and chat.type == Chat.PRIVATE:
            with suppress(BadRequest):
                await deliver(update.get_bot(), Place(chat.id), render_text(say("telegram.too_fast")))

    async def _answer(
        self, context: Context, place: Place, talk: Talk, text: str, note: str = "", *, quoted: bool = False
    ) -> None:
        """Answer a question and remember it. note: key of a text to put in front."""
        question = Question(text, () if quoted else tuple(talk.history))
        async with typing(context.bot, place):
            loop = asyncio.get_running_loop()
            reply = await loop.run_in_executor(self._threads, self._assistant.answer, question)
        talk.language = reply.language
        if reply.decision != "smalltalk":
            talk.history.append(text[:LONGEST])
        notes = [say(note, reply.language)] if note else []
        if len(" ".join(normalise(text).split())) > LONGEST:
            notes.append(say("telegram.too_long", reply.language, limit=LONGEST))
        await deliver(context.bot, place, render(reply, quote=text if quoted else "", note="\n".join(notes)))
        log_turn(reply, "telegram")


def _sent(update: Update) -> tuple[Message, User]:
    # The handlers' filters let no other update through.
    return cast("Message", update.effective_message), cast("User", update.effective_user)


def _talks(context: Context) -> dict[Any, Any]:
    return cast("dict[Any, Any]", context.chat_data)


def _talk(context: Context, person: User) -> Talk:
    """In a group each person has their own thread of questions."""
    talk: Talk = _talks(context).setdefault(person.id, Talk())
    return talk


def _readable(text: str) -> bool:
    return bool(normalise(text).strip())


def _place(message: MaybeInaccessibleMessage) -> Place:
    """The place below a button; a message too old to be seen again still tells its chat."""
    if isinstance(message, Message):
        return Place(message.chat.id, Place.of(message).thread)
    return Place(message.chat.id)


async def _turn_to(bot: ExtBot[None], query: CallbackQuery, message: MaybeInaccessibleMessage, menu: Rendered) -> None:
    """Show a menu in the message of the button, or in a new one when that cannot be edited any more."""
    if not message.is_accessible or len(menu.parts) != 1:
        await deliver(bot, _place(message), menu)
        return
    try:
        await query.edit_message_text(menu.parts[0], reply_markup=menu.keyboard)
    except BadRequest as error:
        reason = error.message.lower()
        # Two taps on one button: the menu is there already.
        if "not modified" in reason:
            return
        if "to edit not found" not in reason and "can't be edited" not in reason:
            raise
        await deliver(bot, _place(message), menu)
