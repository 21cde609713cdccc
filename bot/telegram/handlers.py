"""What happens with each kind of update."""

import time
from dataclasses import replace
from typing import Any, cast

from telegram import CallbackQuery, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.asking import Answering, answered_turn, is_too_long, question_in_talk, readable
from bot.assistant.assistant import Assistant
from bot.assistant.browsing import question_of
from bot.assistant.dialogue import Question, Reply
from bot.assistant.understanding import LONGEST
from bot.conversations.exchange import NewTurn
from bot.conversations.models import new_key
from bot.limits import Lately, Limits
from bot.telegram.about import about_rows
from bot.telegram.addressing import is_our_command, typed
from bot.telegram.agent_menus import OPEN, about_agents, button
from bot.telegram.delivery import typing
from bot.telegram.drafts import drafted
from bot.telegram.feedback import Rows, rows_below
from bot.telegram.menus import menu_of, topics_menu, turned_to
from bot.telegram.onboarding import Onboarding
from bot.telegram.person import Person
from bot.telegram.rendering import ASK, Rendered, render, render_text
from bot.telegram.wanted import wanted_rows
from bot.telegram.work import NEW, Context, Work
from bot.texts import Language, say
from knowledge.live import LiveLibrary

_EDITED = filters.UpdateType.EDITED_MESSAGE & (filters.ChatType.PRIVATE | filters.ChatType.GROUPS)


class Handlers:
    """The callbacks for questions and menus, and the threads in which answers are computed."""

    def __init__(
        self, live: LiveLibrary, assistant: Assistant, limits: Limits, onboarding: Onboarding, person: Person
    ) -> None:
        self._live = live
        self._onboarding = onboarding
        self._person = person
        self._assistant = assistant
        self._limits = limits
        self._told = Lately()
        self._answering = Answering(assistant)

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        """To be asked after the handlers of single commands and buttons: these take all that is left."""
        return [
            CommandHandler("start", self.start, NEW),
            CommandHandler("help", self.help, NEW),
            CommandHandler("chude", self.topics, NEW),
            MessageHandler(NEW & filters.COMMAND, self.unknown_command),
            MessageHandler(NEW & (filters.TEXT | filters.CAPTION | filters.ATTACHMENT), self.message),
            MessageHandler(_EDITED & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND, self.edited),
            CallbackQueryHandler(self.pressed),
        ]

    def close(self) -> None:
        """Let go of the threads; nothing can be answered any more."""
        self._answering.close()

    async def start(self, update: Update, context: Context) -> None:
        """Introduce the bot and begin anew."""
        work = context.work
        work.anew = True
        work.say(topics_menu(self._live.index, say("telegram.start", work.talk.language), work.talk.language))

    async def help(self, update: Update, context: Context) -> None:
        language = context.work.talk.language
        context.work.say(render_text(say("telegram.help", language, username=context.bot.username)))

    async def topics(self, update: Update, context: Context) -> None:
        context.work.say(self._topics(context.work.talk.language))

    def _topics(self, language: Language, key: str = "telegram.topics") -> Rendered:
        return topics_menu(self._live.index, say(key, language), language)

    async def unknown_command(self, update: Update, context: Context) -> None:
        if is_our_command(cast("Message", update.message), context.bot):
            context.work.say(render_text(say("telegram.unknown_command", context.work.talk.language)))

    async def message(self, update: Update, context: Context) -> None:
        """A question in words, or something else with or without words to it."""
        work, message = context.work, cast("Message", update.message)
        text, attached = typed(message, context.bot), bool(message.effective_attachment)
        if readable(text):
            work.album = message.media_group_id
            await self._answer(context, text, message.message_id, "telegram.caption_only" if attached else "")
        elif not attached:
            work.say(render_text(say("telegram.empty", work.talk.language)))
        elif work.talk.held:
            self._held(work, say("telegram.held_file", work.talk.language), message.message_id)
        # The pictures of an album come as messages of their own; one line is enough for all of them.
        elif not message.media_group_id or message.media_group_id != work.talk.album:
            work.album = message.media_group_id
            work.say(render_text(say("telegram.only_text", work.talk.language)))

    async def edited(self, update: Update, context: Context) -> None:
        """Answer again when the newest question was mended, which people do instead of asking anew.

        Older ones are left alone: an answer would stand far below what it belongs to.
        """
        message, newest = cast("Message", update.edited_message), context.work.talk.newest
        text = typed(message, context.bot)
        if newest and newest.message == message.message_id and newest.text != text and readable(text):
            await self._answer(context, text, message.message_id)

    async def pressed(self, update: Update, context: Context) -> None:
        """A button: one of the menus, or a question to ask."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        data, language = query.data or "", work.talk.language
        if not data.startswith(ASK):
            menu = menu_of(self._live.index, data, language) or self._topics(language, "telegram.stale")
            if not await turned_to(query, menu):
                work.say(menu)
            return
        question = question_of(self._live.index, data.removeprefix(ASK))
        if question is None:
            work.say(self._topics(language, "telegram.gone"))
            return
        await self._answer(context, question, quoted=True)

    async def _answer(
        self, context: Context, text: str, number: int | None = None, note: str = "", *, quoted: bool = False
    ) -> None:
        """Answer a question and keep the turn. number: of the message. note: key of a text to put in front."""
        work = context.work
        if self._held(work, text, number) or self._refused(work, text, number):
            return
        started = time.perf_counter()
        question = question_in_talk(text, work.talk, quoted=quoted)
        async with typing(context.bot, work.place):
            reply = await self._reply(context, question)
        asking = await self._person.consent(context) if reply.talk == "person" else None
        if asking:
            reply = replace(reply, text=asking.text)
        work.language, work.reply = reply.language, reply
        notes = [say(key, reply.language) for key in ("telegram.late" if work.late else "", note) if key]
        if is_too_long(text):
            notes.append(say("telegram.too_long", reply.language, limit=LONGEST))
        work.turn = answered_turn(
            reply,
            text,
            key=new_key(),
            asked_at=work.asked_at,
            queued_ms=work.queued_ms,
            total_ms=(time.perf_counter() - started) * 1000,
            message=number,
            late=work.late,
        )
        if asking:
            work.say(asking.rendered)
            return
        above, invitation = await self._onboarding.beside(work, reply)
        below = [*above, *about_rows(reply), *_rows(reply, work.turn.key)]
        if work.sender.private and about_agents(self._live.index, reply):
            below.insert(0, [button(say("agents.open", reply.language), OPEN)])
        work.say(render(reply, quote=text if quoted else "", note="\n".join(notes), below=below))
        if invitation:
            work.say(invitation)

    async def _reply(self, context: Context, question: Question) -> Reply:
        if self._assistant.writes:
            return await drafted(context.bot, context.work.place, self._assistant.reply_stream(question))
        return await self._answering.composed(question)

    def _held(self, work: Work, text: str, number: int | None) -> bool:
        """Whether ops have taken the conversation over: they see the question, and the person is told so once."""
        if not work.talk.held:
            return False
        work.turn = NewTurn(new_key(), text, "held", work.asked_at, question_message=number, late=work.late)
        if not work.talk.told_held:
            work.say(render_text(say("person.reading", work.talk.language)))
        return True

    def _refused(self, work: Work, text: str, number: int | None) -> bool:
        """Whether the person has asked too much of late; they are told once a minute, and ops see every question."""
        key = self._limits.exceeded(work.talk)
        if key is None:
            return False
        work.turn = NewTurn(new_key(), text, "limited", work.asked_at, question_message=number, late=work.late)
        if self._told.first(work.talk.person):
            limit = self._limits.per_day if key == "limit.day" else self._limits.per_minute
            work.say(render_text(say(key, work.talk.language, limit=limit)))
        return True


def _rows(reply: Reply, key: str) -> Rows:
    """What may be said about a reply: whether it helped, or that one wants to be told once there is one."""
    if reply.decision == "answer":
        return rows_below(key)
    return wanted_rows(key, reply.language) if reply.decision == "abstain" and reply.understood else []
