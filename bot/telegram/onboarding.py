"""/danhgia: the profile, the readiness check and what it led to; it can be left and taken up again at any point."""

from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.assistant.dialogue import Reply
from bot.conversations.records import Records
from bot.onboarding.profile import FIELDS, SEVERAL, Field
from bot.onboarding.questionnaire import Questionnaire
from bot.readiness import (
    AskField,
    AskQuestion,
    Finished,
    Next,
    Readiness,
    Review,
    Stale,
    Underway,
    card_of,
    to_be_invited,
)
from bot.telegram import checking
from bot.telegram.addressing import typed
from bot.telegram.checking import READINESS, Rows, button
from bot.telegram.menus import turned_to
from bot.telegram.profiling import (
    BACK,
    CHOSEN,
    LESS,
    MORE,
    OK,
    PROFILE,
    SKIP,
    WRITE,
    ToPrompt,
    field_question,
    prompt,
    prompted,
)
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import NEW, Context, Work
from bot.texts import Language, say


class Onboarding:
    """The callbacks of the command, its buttons, and the lines that people write about themselves."""

    def __init__(self, records: Records, questionnaire: Questionnaire) -> None:
        self._records = records.onboarding
        self._readiness = Readiness(records.onboarding, questionnaire)
        self._choices = questionnaire.profile

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [
            CommandHandler("danhgia", self.begin, NEW),
            CallbackQueryHandler(self.chosen, pattern=f"^{PROFILE}"),
            CallbackQueryHandler(self.pressed, pattern=f"^{READINESS}"),
            MessageHandler(filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND & ToPrompt(), self.written),
        ]

    # Beside answers --------------------------------------------------------------------------------------------------

    async def beside(self, work: Work, reply: Reply) -> tuple[Rows, Rendered | None]:
        """What goes with the answer to a question: a way back into an open check; once, the suggestion to begin one."""
        if not work.sender.private or reply.decision != "answer":
            return [], None
        language = reply.language
        beside = await self._records.beside(work.talk.person)
        if beside.open:
            return [[button("go_on_check", "on", language)]], None
        if not to_be_invited(beside, work.talk):
            return [], None
        work.invited = True
        below = InlineKeyboardMarkup([[button("begin", "on", language)]])
        return [], render_text(say("onboarding.invite", language), below)

    # The command and its buttons -------------------------------------------------------------------------------------

    async def begin(self, update: Update, context: Context) -> None:
        """Where the person stands: the profile, an open check, or the last result."""
        work = context.work
        if sent_to_private(context):
            return
        found = await self._readiness.where(work.talk.person)
        if found is None:
            work.say(render_text(say("onboarding.intro", work.talk.language)))
            found = await self._readiness.onward(work.talk.person)
        work.say(self._rendered(found, work.talk.language))

    def _rendered(self, found: Next, language: Language) -> Rendered:
        match found:
            case AskField():
                return field_question(found.profile, found.field, self._choices, language)
            case AskQuestion():
                return checking.check_question(found.check, found.key, found.asked, language)
            case Review():
                return checking.review(found.check, found.key, language)
            case Underway():
                return checking.underway(found.check, language)
            case Finished():
                return checking.last_result(found, language)

    async def pressed(self, update: Update, context: Context) -> None:
        """A button of the check."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        action, _, rest = (query.data or "").removeprefix(READINESS).partition(":")
        key, _, rest = rest.partition(":")
        question, _, answer = rest.partition(":")
        person, readiness, language = work.talk.person, self._readiness, work.talk.language
        try:
            match action:
                case "on":
                    # Below an answer, which is not to be written over.
                    work.say(self._rendered(await readiness.onward(person), language))
                    return
                case "pdf" | "card":
                    card = card_of(await readiness.finished(person, key), self._choices, language)
                    work.messages.append((checking.page if action == "pdf" else checking.picture)(card, work.place))
                    return
                case "pause":
                    await show(query, work, checking.paused(await readiness.open_check(person, key), language))
                    return
                case "end":
                    await self._finish(query, work, key)
                    return
                case "new":
                    found = await readiness.begin_anew(person)
                case "revise":
                    found = await readiness.revise(person)
                case "me":
                    found = await readiness.ask_all_again(person)
                case "a":
                    found = await readiness.answer(person, key, question, answer)
                case "next":
                    found = await readiness.after(person, key, question)
                case _:
                    found = await readiness.question(person, key, question)
        except Stale:
            work.say(render_text(say("onboarding.stale", language)))
            return
        await show(query, work, self._rendered(found, language))

    async def _finish(self, query: CallbackQuery, work: Work, key: str) -> None:
        """The scorecard and what follows from it; also a second time, as a run may have died before it could say so."""
        language = work.talk.language
        found, new = await self._readiness.finish(work.talk.person, key)
        if not isinstance(found, Finished):
            await show(query, work, self._rendered(found, language))
            return
        if new:
            await show(query, work, render_text(say("onboarding.done", language)))
        work.messages.append(checking.picture(card_of(found, self._choices, language), work.place))
        work.say(checking.follows(found, language))

    # The profile -----------------------------------------------------------------------------------------------------

    async def chosen(self, update: Update, context: Context) -> None:
        """A button of the profile."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        person, language = work.talk.person, work.talk.language
        name, _, action = (query.data or "").removeprefix(PROFILE).partition(":")
        field = next((field for field in FIELDS if field == name), None)
        if field is None:
            work.say(render_text(say("onboarding.stale", language)))
            return
        if action == WRITE:
            work.say(prompt(field, language))
            return
        profile = await self._readiness.profile(person)
        found: Next
        if action == BACK:
            found = AskField(profile, FIELDS[max(0, FIELDS.index(field) - 1)])
        elif action.startswith((MORE, LESS)) and field in SEVERAL:
            profile = profile.chosen(field, action[1:], wanted=action.startswith(MORE))
            await self._readiness.keep(person, profile)
            found = AskField(profile, field)
        elif action in (SKIP, OK):
            profile = profile.cleared(field) if action == SKIP else profile.passed(field)
            found = await self._readiness.keep_field(person, profile)
        else:
            found = await self._readiness.keep_field(person, profile.told(field, action.removeprefix(CHOSEN)))
        await show(query, work, self._rendered(found, language))

    async def written(self, update: Update, context: Context) -> None:
        """A line about a field, which was asked for."""
        work, message = context.work, cast("Message", update.message)
        field = cast("Field", prompted(message))
        profile = await self._readiness.profile(work.talk.person)
        try:
            profile = profile.told(field, typed(message, context.bot))
        except ValueError:
            work.say(prompt(field, work.talk.language, wrong=True))
            return
        found: Next = AskField(profile, field)
        if field in SEVERAL:
            await self._readiness.keep(work.talk.person, profile)
        else:
            found = await self._readiness.keep_field(work.talk.person, profile)
        work.say(self._rendered(found, work.talk.language))


async def show(query: CallbackQuery, work: Work, rendered: Rendered) -> None:
    """In place of what the button stood below; as a new message where that cannot be."""
    if not await turned_to(query, rendered):
        work.say(rendered)


def sent_to_private(context: Context) -> bool:
    """In a group others would read along: the person is asked to come to the private chat."""
    work: Work = context.work
    if not work.sender.private:
        link = f"https://t.me/{context.bot.username}"
        work.say(render_text(say("onboarding.private", work.talk.language, link=link)))
    return not work.sender.private
