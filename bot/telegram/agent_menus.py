"""What /daily shows: lists to tick, questions to ask, the agents that have a source."""

import datetime
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.assistant.dialogue import Reply
from bot.conversations.agents import Authorised
from bot.onboarding.agents import Item, Questions, agents, heading_of, passage_of
from bot.telegram.rendering import ASK, Rendered, render_text, shown_date
from bot.texts import Language, say
from knowledge.index import Index

AGENTS, OFFERS = "ag:", "of:"
# Opens the menu in a message of its own, below what the button stands under.
OPEN = f"{AGENTS}open"

TOPIC = "agents"
# What a source said longer ago is to be asked anew.
FRESH = datetime.timedelta(days=183)
# The section on how to verify an agent, and the one that says why none is named.
_STEPS = "agents/kiem-tra-dai-ly.md#Kiểm tra một đại lý Alibaba.com theo những bước nào?"
_NAMES = "agents/dai-ly-o-viet-nam.md#Hiện nay đại lý uỷ quyền Alibaba.com tại Việt Nam gồm những công ty nào?"

Rows = list[list[InlineKeyboardButton]]


def button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data)


def paged(text: str, rows: Sequence[Sequence[InlineKeyboardButton]]) -> Rendered:
    """A text with rows of buttons."""
    return render_text(text, InlineKeyboardMarkup(rows))


def guide_rows(index: Index, guides: Iterable[str], language: Language) -> Rows:
    """A button for each section that the library has; a single one says what it does, several say what they are on."""
    found = {guide: passage for guide in dict.fromkeys(guides) if (passage := passage_of(index, guide))}
    if len(found) == 1:
        return [[button(say("agents.guide", language), f"{ASK}{passage}")] for passage in found.values()]
    return [[button(f"📖 {heading_of(guide)}", f"{ASK}{passage}")] for guide, passage in found.items()]


def about_agents(index: Index, reply: Reply) -> bool:
    """Whether what was answered comes first of all from a guide on agents."""
    if reply.decision != "answer" or not reply.sources:
        return False
    first = reply.sources[0].passage
    return any(passage.id == first and passage.topic == TOPIC for passage in index.passages)


def agents_menu(language: Language) -> Rendered:
    rows = [
        [button(say("agents.list.checks", language), f"{AGENTS}list:checks")],
        [button(say("agents.questions", language), f"{AGENTS}asks")],
        [button(say("agents.list.contract", language), f"{AGENTS}list:contract")],
        [button(say("agents.offers", language), f"{OFFERS}all")],
        [button(say("agents.authorised", language), f"{AGENTS}known")],
    ]
    return paged(say("agents.menu", language), rows)


def _back(language: Language) -> list[InlineKeyboardButton]:
    return [button(say("agents.to_menu", language), f"{AGENTS}menu")]


def list_menu(key: str, ticks: Collection[str], language: Language) -> Rendered:
    """A list to tick. ticks: the items that are done, as "list:item"."""
    items = agents().lists[key]
    done = [f"{key}:{item.key}" in ticks for item in items]
    rows = [
        [button(f"{'✅' if ticked else '⬜'} {item.label[language]}", f"{AGENTS}item:{key}:{item.key}")]
        for item, ticked in zip(items, done, strict=True)
    ]
    if any(done):
        rows.append([button(say("agents.anew", language), f"{AGENTS}anew:{key}")])
    text = say(f"agents.progress.{key}", language, done=sum(done), all=len(items))
    return paged(text, [*rows, _back(language)])


def item_menu(index: Index, key: str, item: Item, language: Language, *, done: bool) -> Rendered:
    """Why an item matters and how it is done."""
    tick = say("agents.undone" if done else "agents.done", language)
    rows = [
        [button(tick, f"{AGENTS}tick:{key}:{item.key}:{int(not done)}")],
        *guide_rows(index, [item.guide], language),
        [button(say("agents.to_list", language), f"{AGENTS}list:{key}")],
    ]
    return paged(f"**{item.label[language]}**\n{item.why[language]}", rows)


def questions_menu(language: Language) -> Rendered:
    rows = [[button(group.title[language], f"{AGENTS}ask:{group.key}")] for group in agents().questions]
    return paged(say("agents.ask_whom", language), [*rows, _back(language)])


def group_menu(index: Index, group: Questions, language: Language) -> Rendered:
    """What to ask one party, to be read out or copied."""
    lines = [f"{number}. {line.words[language]}" for number, line in enumerate(group.lines, start=1)]
    text = "\n".join((f"**{group.title[language]}**", group.intro[language], "", *lines))
    rows = guide_rows(index, (line.guide for line in group.lines), language)
    return paged(text, [*rows, [button(say("agents.to_questions", language), f"{AGENTS}asks")]])


def authorised_menu(index: Index, known: Sequence[Authorised], today: datetime.date, language: Language) -> Rendered:
    """The agents that admins have entered, each with source and date; or that there is none, and how to verify one."""
    if not known:
        rows = guide_rows(index, [_STEPS, _NAMES], language)
        return paged(say("agents.none_authorised", language), [*rows, _back(language)])
    entries = [_entry(agent, today, language) for agent in known]
    text = "\n\n".join((say("agents.some_authorised", language), *entries, say("agents.still_check", language)))
    return paged(text, [*guide_rows(index, [_STEPS], language), _back(language)])


def _entry(agent: Authorised, today: datetime.date, language: Language) -> str:
    lines = [
        say(
            "agents.entry",
            language,
            name=agent.name,
            tax_code=agent.tax_code,
            date=shown_date(agent.dated),
            host=urlsplit(agent.source).hostname or agent.source,
            source=agent.source,
        )
    ]
    if agent.note:
        lines.append(agent.note)
    if today - datetime.date.fromisoformat(agent.dated) > FRESH:
        lines.append(say("agents.old", language))
    return "\n".join(lines)
