"""/danhgia: the profile, the readiness check and what it led to; it can be left and taken up again at any point."""

from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.assistant.dialogue import Reply
from bot.conversations.onboarding import KeptCheck, Standing
from bot.conversations.records import Records
from bot.onboarding.check import Check
from bot.onboarding.profile import FIELDS, SEVERAL, Field, Profile
from bot.onboarding.questionnaire import Questionnaire
from bot.onboarding.result import Result
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

# The check is suggested with the answer to this question of a day.
_INVITE_AT = 3


class Onboarding:
    """The callbacks of the command, its buttons, and the lines that people write about themselves."""

    def __init__(self, records: Records, questionnaire: Questionnaire) -> None:
        self._records = records.onboarding
        self._questionnaire = questionnaire
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
        if beside.invited or work.talk.asked_day + 1 < _INVITE_AT:
            return [], None
        work.invited = True
        below = InlineKeyboardMarkup([[button("begin", "on", language)]])
        return [], render_text(say("onboarding.invite", language), below)

    # The command and its buttons -------------------------------------------------------------------------------------

    async def begin(self, update: Update, context: Context) -> None:
        """Where the person stands: the profile, an open check, or the last result."""
        work, language = context.work, context.work.talk.language
        if not sent_to_private(context):
            standing = await self._records.standing(work.talk.person)
            if not standing.profile and not standing.open and not standing.finished:
                work.say(render_text(say("onboarding.intro", language)))
            work.say(await self._entry(work, standing))

    async def _entry(self, work: Work, standing: Standing) -> Rendered:
        language = work.talk.language
        if standing.open and Profile.from_json(standing.profile).next_field() is None:
            return checking.underway(self._check(standing, standing.open), language)
        if standing.finished and not standing.open:
            newest, *before = standing.finished
            return checking.last_result(newest, before[0] if before else None, language)
        return await self._onward(work, standing)

    async def _onward(self, work: Work, standing: Standing) -> Rendered:
        """The next thing to ask: of the profile first, then of the check, which is begun if there is none."""
        language, profile = work.talk.language, Profile.from_json(standing.profile)
        if field := profile.next_field():
            return field_question(profile, field, self._choices, language)
        open_ = standing.open or await self._new(work, {})
        check = self._check(standing, open_)
        asked = check.next_question()
        if asked is None:
            return checking.review(check, open_.key, language)
        return checking.check_question(check, open_.key, asked, language)

    async def _new(self, work: Work, answers: dict[str, str]) -> KeptCheck:
        version = self._questionnaire.version
        key = await self._records.begin(work.talk.person, version, answers)
        return KeptCheck(key, version, answers, None, None)

    def _check(self, standing: Standing, kept: KeptCheck) -> Check:
        return Check(self._questionnaire, Profile.from_json(standing.profile), kept.answers)

    async def pressed(self, update: Update, context: Context) -> None:
        """A button of the check."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        action, _, rest = (query.data or "").removeprefix(READINESS).partition(":")
        key, _, rest = rest.partition(":")
        standing = await self._records.standing(work.talk.person)
        match action:
            case "on":
                # Below an answer, which is not to be written over.
                done = standing.finished and not standing.open
                work.say(await (self._entry if done else self._onward)(work, standing))
            case "new":
                await self._new(work, {})
                await show(query, work, await self._onward(work, await self._records.standing(work.talk.person)))
            case "revise" if standing.finished:
                # A second time, the check that was begun the first time is there.
                kept = standing.open or await self._new(work, dict(standing.finished[0].answers))
                await show(query, work, checking.review(self._check(standing, kept), kept.key, work.talk.language))
            case "me":
                await self._records.keep_profile(work.talk.person, _all_anew(standing.profile).to_json())
                await show(query, work, await self._onward(work, await self._records.standing(work.talk.person)))
            case "pdf" | "card":
                self._send_card(work, standing, key, action)
            case "end" if any(done.key == key for done in standing.finished):
                # Reckoned already, by a run that died before it could say so, or by an earlier press.
                self._send_result(work, standing, key)
            case _ if standing.open and standing.open.key == key:
                await self._within(query, work, standing, standing.open, action, rest)
            case _:
                work.say(render_text(say("onboarding.stale", work.talk.language)))

    async def _within(
        self, query: CallbackQuery, work: Work, standing: Standing, kept: KeptCheck, action: str, rest: str
    ) -> None:
        """A button of the check that is open."""
        language, check = work.talk.language, self._check(standing, kept)
        question, _, answer = rest.partition(":")
        asked = check.question(question)
        match action:
            case "a" if asked:
                try:
                    check = check.answered(question, answer)
                except KeyError:
                    await show(query, work, checking.check_question(check, kept.key, asked, language))
                    return
                version = self._questionnaire.version
                await self._records.answer(work.talk.person, kept.key, version, question, answer)
                await show(query, work, self._after(check, kept.key, question, language))
            case "next" if asked:
                await show(query, work, self._after(check, kept.key, question, language))
            case "q" if asked:
                await show(query, work, checking.check_question(check, kept.key, asked, language))
            case "pause":
                text = say("onboarding.paused", language, done=check.done(), of=len(check.questions()))
                below = InlineKeyboardMarkup([[button("go_on", "on", language)]])
                await show(query, work, render_text(text, below))
            case "end" if check.next_question() is None:
                result = Result.of_check(check).model_dump(mode="json")
                await self._records.finish(work.talk.person, kept.key, self._questionnaire.version, result)
                await show(query, work, render_text(say("onboarding.done", language)))
                self._send_result(work, await self._records.standing(work.talk.person), kept.key)
            case _:
                await show(query, work, await self._onward(work, standing))

    def _after(self, check: Check, key: str, question: str, language: Language) -> Rendered:
        """What follows a question: the next one without an answer, else the next of the same need, else the review."""
        asked = check.question(question)
        following = check.next_question(question)
        if following is None and asked:
            later = (found for found in check.questions()[asked.number :] if found.need == asked.need)
            following = next(later, None)
        if following is None:
            return checking.review(check, key, language)
        return checking.check_question(check, key, following, language)

    def _send_result(self, work: Work, standing: Standing, key: str) -> None:
        kept = next(done for done in standing.finished if done.key == key)
        card = checking.card_of(standing, kept, self._choices, work.talk.language)
        work.messages.append(checking.picture(card, work.place))
        work.say(checking.outcome(kept, work.talk.language))

    def _send_card(self, work: Work, standing: Standing, key: str, kind: str) -> None:
        kept = next((done for done in standing.finished if done.key == key), None)
        if kept is None:
            work.say(render_text(say("onboarding.stale", work.talk.language)))
            return
        card = checking.card_of(standing, kept, self._choices, work.talk.language)
        work.messages.append((checking.page if kind == "pdf" else checking.picture)(card, work.place))

    # The profile -----------------------------------------------------------------------------------------------------

    async def chosen(self, update: Update, context: Context) -> None:
        """A button of the profile."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        name, _, action = (query.data or "").removeprefix(PROFILE).partition(":")
        field = next((field for field in FIELDS if field == name), None)
        standing = await self._records.standing(work.talk.person)
        profile = Profile.from_json(standing.profile)
        if field is None:
            work.say(render_text(say("onboarding.stale", work.talk.language)))
            return
        if action == WRITE:
            work.say(prompt(field, work.talk.language))
            return
        if action == BACK:
            previous = FIELDS[max(0, FIELDS.index(field) - 1)]
            await show(query, work, field_question(profile, previous, self._choices, work.talk.language))
            return
        if action.startswith((MORE, LESS)) and field in SEVERAL:
            profile = profile.chosen(field, action[1:], wanted=action.startswith(MORE))
            await self._records.keep_profile(work.talk.person, profile.to_json())
            await show(query, work, field_question(profile, field, self._choices, work.talk.language))
            return
        if action == SKIP:
            profile = profile.cleared(field)
        elif action == OK:
            profile = profile.passed(field)
        else:
            profile = profile.told(field, action.removeprefix(CHOSEN))
        await self._records.keep_profile(work.talk.person, profile.to_json())
        await show(query, work, await self._after_field(work, profile, field))

    async def written(self, update: Update, context: Context) -> None:
        """A line about a field, which was asked for."""
        work, message = context.work, cast("Message", update.message)
        field = cast("Field", prompted(message))
        profile = Profile.from_json((await self._records.standing(work.talk.person)).profile)
        try:
            profile = profile.told(field, typed(message, context.bot))
        except ValueError:
            work.say(prompt(field, work.talk.language, wrong=True))
            return
        await self._records.keep_profile(work.talk.person, profile.to_json())
        if field in SEVERAL:
            work.say(field_question(profile, field, self._choices, work.talk.language))
        else:
            work.say(await self._after_field(work, profile, field))

    async def _after_field(self, work: Work, profile: Profile, field: Field) -> Rendered:
        """The next field that was not asked for; where all were, the check, or its last result."""
        standing = await self._records.standing(work.talk.person)
        if profile.next_field() or not standing.finished or standing.open:
            return await self._onward(work, standing)
        return await self._entry(work, standing)


def _all_anew(kept: dict[str, Any]) -> Profile:
    """The profile with everything to be asked for again, as it was answered."""
    profile = Profile.from_json(kept)
    for field in FIELDS:
        profile = profile.asked_again(field)
    return profile


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
