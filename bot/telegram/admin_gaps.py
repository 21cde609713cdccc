"""What people asked and were not answered, for an admin: the first ones, one with examples, a draft to fill in."""

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup

from bot.conversations.exporting import VIETNAM
from bot.conversations.models import now
from bot.curation.found_gaps import FoundGaps
from bot.curation.gap_draft import draft_of, file_name_of
from bot.curation.gaps import Gap, chosen
from bot.telegram.admin_menus import data, keyboard
from bot.telegram.admin_rendering import plainly
from bot.telegram.background import say_now
from bot.telegram.delivery import typing
from bot.telegram.menus import turned_to
from bot.telegram.outgoing import document
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import Context
from bot.texts import Language, say

# The gaps of so many days are shown, and as many as a phone shows at a glance.
_DAYS, _SHOWN = 30, 8
# Characters of a question in the list, and on its button.
_QUESTION, _LABEL = 120, 60
# Seconds after which it is said that finding takes a moment.
_PATIENCE = 2.0


class Gaps:
    """The callbacks for gaps."""

    def __init__(self, found: FoundGaps) -> None:
        self._found = found

    async def tell(self, context: Context, query: CallbackQuery | None = None) -> None:
        """The first gaps with a button each, in the message of a button where that can be."""
        await _show(context, _menu(await self._gaps(context), context.work.talk.language), query)

    async def open(self, query: CallbackQuery, context: Context, key: str) -> None:
        """One gap with its examples."""
        gap, language = chosen(await self._gaps(context), key), context.work.talk.language
        shown = render_text(say("gaps.gone", language)) if gap is None else _one(gap, language)
        await _show(context, shown, query)

    async def draft(self, context: Context, key: str) -> None:
        """Send the draft of a document that answers, as a file to fill in and to send back."""
        work, language = context.work, context.work.talk.language
        gap = chosen(await self._gaps(context), key)
        if gap is None:
            work.say(render_text(say("gaps.gone", language)))
            return
        text = draft_of(gap, now().astimezone(VIETNAM).date(), language)
        caption = render_text(say("gaps.draft_sent", language)).parts[0]
        work.messages.append(document(file_name_of(gap), text, caption, work.place))

    async def _gaps(self, context: Context) -> list[Gap]:
        found = await self._found.of(_DAYS, _PATIENCE)
        if found is None:
            await say_now(context, say("gaps.finding", context.work.talk.language))
        async with typing(context.bot, context.work.place):
            while found is None:
                found = await self._found.of(_DAYS, _PATIENCE)
        return found


async def _show(context: Context, shown: Rendered, query: CallbackQuery | None) -> None:
    if not (query and await turned_to(query, shown)):
        context.work.say(shown)


def _menu(gaps: list[Gap], language: Language) -> Rendered:
    if not gaps:
        return render_text(say("gaps.none", language, days=_DAYS))
    blocks, rows = [say("gaps.found", language, days=_DAYS, count=len(gaps))], []
    outside = False
    for number, gap in enumerate(gaps[:_SHOWN], start=1):
        line = say(
            "gaps.found_line", language, number=number, question=plainly(gap.question, _QUESTION), **_of(gap, language)
        )
        if not gap.in_field and not outside:
            outside = True
            line = f"{say('gaps.outside', language)}:\n{line}"
        blocks.append(line)
        label = f"{number}. {plainly(gap.question, _LABEL)}"
        rows.append([InlineKeyboardButton(label, callback_data=data("gap", gap.key))])
    if len(gaps) > _SHOWN:
        blocks.append(say("gaps.and_more", language, count=len(gaps) - _SHOWN))
    blocks.append(say("gaps.found_open", language))
    return render_text("\n\n".join(blocks), InlineKeyboardMarkup(rows))


def _one(gap: Gap, language: Language) -> Rendered:
    last = gap.last_asked.astimezone(VIETNAM).strftime("%d/%m/%Y")
    blocks = [say("gaps.one", language, question=plainly(gap.question), last=last, **_of(gap, language))]
    examples = [f"• {plainly(example)}" for example in gap.examples]
    blocks.append("\n".join([say("gaps.examples", language), *examples]))
    buttons = (("gaps.make_draft", data("draft", gap.key)), ("gaps.to_all", data("gaps")))
    return render_text("\n\n".join(blocks), keyboard(*buttons, language=language))


def _of(gap: Gap, language: Language) -> dict[str, object]:
    kind = say(f"gaps.kind.{gap.kind}", language)
    return {"kind": kind, "count": gap.count, "people": gap.people, "waiting": gap.waiting}
