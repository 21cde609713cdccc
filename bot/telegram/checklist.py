"""/lotrinh: the steps with their marks, each with why, how and which papers; reminders of the next one."""

from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler

from bot.conversations.models import now
from bot.conversations.onboarding import Standing
from bot.conversations.records import Records
from bot.onboarding.checklist import Checklist, Item, Mark, Steps
from bot.onboarding.guides import passage_of
from bot.onboarding.reminding import EVERY, next_time
from bot.onboarding.standing import checklist_of
from bot.telegram.checking import READINESS
from bot.telegram.menus import turned_to
from bot.telegram.onboarding import sent_to_private, show
from bot.telegram.rendering import ASK, Rendered, render_text
from bot.telegram.work import NEW, Context, Work
from bot.texts import Language, say
from knowledge.live import LiveLibrary

STEPS = "ck:"
_PAGE = 8
_BAR = 10
_MARKS = {"done": "✅", "not_for_me": "➖", None: "⬜"}


class ChecklistHandlers:
    """The callbacks of the command, its buttons and the reminders."""

    def __init__(self, live: LiveLibrary, records: Records, steps: Steps) -> None:
        self._live = live
        self._records = records.onboarding
        self._steps = steps

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [
            CommandHandler("lotrinh", self.open, NEW),
            CommandHandler("dungnhac", self.stop, NEW),
            CallbackQueryHandler(self.pressed, pattern=f"^(?:{STEPS}|{READINESS}list$)"),
        ]

    async def open(self, update: Update, context: Context) -> None:
        if not sent_to_private(context):
            standing = await self._records.standing(context.work.talk.person)
            context.work.say(self._overview(standing, None, context.work.talk.language))

    async def stop(self, update: Update, context: Context) -> None:
        """No more reminders, from now on."""
        await self._records.stop_reminding(context.work.talk.person)
        context.work.say(render_text(say("reminder.stopped", context.work.talk.language)))

    async def pressed(self, update: Update, context: Context) -> None:
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        person, language = work.talk.person, work.talk.language
        action, _, rest = (query.data or "").removeprefix(STEPS).partition(":")
        key, _, mark = rest.partition(":")
        standing = await self._records.standing(person)
        match action:
            case "p":
                await show(query, work, self._overview(standing, int(key) if key.isdecimal() else 0, language))
            case "r":
                await show(query, work, _reminders(standing, language))
            case "every" if key.isdecimal() and int(key) in EVERY:
                days = int(key)
                await self._records.remind_every(person, work.talk.address, days, next_time(now(), days))
                await show(query, work, _reminders(await self._records.standing(person), language))
            case "stop":
                await self._records.stop_reminding(person)
                await show(query, work, render_text(say("reminder.stopped", language)))
            case "s" | "m":
                await self._step(query, work, key, mark if action == "m" else None)
            case _:
                # Below a result, which is not to be written over.
                work.say(self._overview(standing, None, language))

    async def _step(self, query: CallbackQuery, work: Work, key: str, mark: str | None) -> None:
        """One step; mark: what the person says of it now."""
        person, language = work.talk.person, work.talk.language
        standing = await self._records.standing(person)
        if checklist_of(self._steps, standing.profile, standing.result, standing.states).item(key) is None:
            work.say(render_text(say("checklist.stale", language)))
            return
        if mark is not None:
            chosen = cast("Mark", mark) if mark in ("done", "not_for_me") else None
            await self._records.mark(person, key, chosen)
            standing = await self._records.standing(person)
        found = checklist_of(self._steps, standing.profile, standing.result, standing.states)
        item = found.item(key)
        page = [other.step.key for other in found.items].index(key) // _PAGE if item else 0
        shown = self._detail(item, page, language) if item else self._overview(standing, page, language)
        if not await turned_to(query, shown):
            work.say(shown)

    def _overview(self, standing: Standing, page: int | None, language: Language) -> Rendered:
        """A page of the steps; without one, that of the next step."""
        found = checklist_of(self._steps, standing.profile, standing.result, standing.states)
        keys = [item.step.key for item in found.items]
        following = found.next_step()
        if page is None:
            page = keys.index(following.key) // _PAGE if following else 0
        pages = -(-len(keys) // _PAGE)
        page = min(max(page, 0), pages - 1)
        lines = [say("checklist.head", language, bar=_bar(found), done=found.done, of=found.of)]
        if not standing.finished:
            lines.append(say("checklist.basis_none", language, command=" (/danhgia)"))
        key = "checklist.next" if following else "checklist.all_done"
        lines.append(say(key, language, step=f"**{following.of(language)}**" if following else ""))
        rows = [
            [_button(f"{_MARKS[item.mark]} {item.step.of(language)}", f"s:{item.step.key}")]
            for item in found.items[page * _PAGE : (page + 1) * _PAGE]
        ]
        turn = [_button(say("telegram.previous", language), f"p:{page - 1}")] if page else []
        turn += [_button(say("telegram.next", language), f"p:{page + 1}")] if page < pages - 1 else []
        rows += [turn] if turn else []
        rows.append([_button(say("checklist.reminders", language), "r")])
        return render_text("\n\n".join(lines), InlineKeyboardMarkup(rows))

    def _detail(self, item: Item, page: int, language: Language) -> Rendered:
        step = item.step
        lines = [f"{_MARKS[item.mark]} **{step.of(language)}**"]
        for name, part in (("why", step.why), ("papers", step.papers), ("takes", step.takes)):
            if part:
                lines.append(say(f"checklist.{name}", language, text=part.of(language)))
        rows = []
        if passage := passage_of(self._live.index, step.guide):
            how = say("checklist.how", language)
            rows.append([InlineKeyboardButton(f"📖 {how}", callback_data=f"{ASK}{passage.id}")])
        marks: list[tuple[Mark | None, str]] = [("done", "done"), ("not_for_me", "not_for_me"), (None, "todo")]
        rows.append(
            [
                _button(f"{_MARKS[mark]} {say(f'checklist.{name}', language)}", f"m:{step.key}:{name}")
                for mark, name in marks
                if mark != item.mark
            ]
        )
        rows.append([_button(say("checklist.back", language), f"p:{page}")])
        return render_text("\n".join(lines), InlineKeyboardMarkup(rows))


def _reminders(standing: Standing, language: Language) -> Rendered:
    days = standing.every_days
    current = say("reminder.now", language, days=days) if days else say("reminder.never", language)
    rows = [[_button(say("reminder.every", language, days=days), f"every:{days}")] for days in EVERY]
    rows.append([_button(say("reminder.stop", language), "stop")])
    rows.append([_button(say("checklist.back", language), "p:0")])
    return render_text(say("reminder.ask", language, now=current), InlineKeyboardMarkup(rows))


def _bar(found: Checklist) -> str:
    full = _BAR * found.done // found.of if found.of else _BAR
    return "▓" * full + "░" * (_BAR - full)


def _button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=f"{STEPS}{data}")
