"""What /daily shows: lists to tick, questions to ask, the agents that have a source."""

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.assistant.dialogue import Reply
from bot.conversations.agents import Authorised
from bot.onboarding.agents import NAMING, VERIFYING, Item, Questions, agents, described
from bot.onboarding.guides import passages_of
from bot.telegram.rendering import ASK, Rendered, render_text
from bot.texts import Language, say
from knowledge.index import Index

AGENTS, OFFERS = "ag:", "of:"
# Opens the menu in a message of its own, below what the button stands under.
OPEN = f"{AGENTS}open"

TOPIC = "agents"
_ICONS = {"list.checks": "✅", "questions": "❓", "list.contract": "📝", "offers": "⚖️", "authorised": "📋"}

Rows = list[list[InlineKeyboardButton]]


def button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data)


def paged(text: str, rows: Sequence[Sequence[InlineKeyboardButton]]) -> Rendered:
    """A text with rows of buttons."""
    return render_text(text, InlineKeyboardMarkup(rows))


def guide_rows(index: Index, guides: Iterable[str], language: Language) -> Rows:
    """A button for each section that the library has; a single one says what it does, several say what they are on."""
    found = passages_of(index, guides)
    if len(found) == 1:
        return [[button(say("agents.guide", language), f"{ASK}{found[0].id}")]]
    return [[button(f"📖 {passage.heading}", f"{ASK}{passage.id}")] for passage in found]


def about_agents(index: Index, reply: Reply) -> bool:
    """Whether what was answered comes first of all from a guide on agents."""
    if reply.decision != "answer" or not reply.sources:
        return False
    first = reply.sources[0].passage
    return any(passage.id == first and passage.topic == TOPIC for passage in index.passages)


def agents_menu(language: Language) -> Rendered:
    rows = [
        [button(label("list.checks", language), f"{AGENTS}list:checks")],
        [button(label("questions", language), f"{AGENTS}asks")],
        [button(label("list.contract", language), f"{AGENTS}list:contract")],
        [button(label("offers", language), f"{OFFERS}all")],
        [button(label("authorised", language), f"{AGENTS}known")],
    ]
    return paged(headed("title", say("agents.menu", language), language), rows)


def label(name: str, language: Language = "vi") -> str:
    """What the button to a part of the menu says."""
    return f"{_ICONS[name]} {say(f'agents.{name}', language)}"


def headed(name: str, text: str, language: Language) -> str:
    """A text below the title of its part."""
    return f"**{say(f'agents.{name}', language)}**\n{text}"


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
        rows.append([button(f"🔄 {say('agents.anew', language)}", f"{AGENTS}anew:{key}")])
    progress = say(f"agents.progress.{key}", language, done=sum(done), all=len(items))
    return paged(f"{progress} {say(f'agents.advice.{key}', language)}", [*rows, _back(language)])


def item_menu(index: Index, key: str, item: Item, language: Language, *, done: bool) -> Rendered:
    """Why an item matters and how it is done."""
    tick = f"↩️ {say('agents.undone', language)}" if done else f"✅ {say('agents.done', language)}"
    rows = [
        [button(tick, f"{AGENTS}tick:{key}:{item.key}:{int(not done)}")],
        *guide_rows(index, [item.guide], language),
        [button(say("agents.to_list", language), f"{AGENTS}list:{key}")],
    ]
    return paged(f"**{item.label[language]}**\n{item.why[language]}", rows)


def questions_menu(language: Language) -> Rendered:
    rows = [[button(group.title[language], f"{AGENTS}ask:{group.key}")] for group in agents().questions]
    return paged(headed("questions", say("agents.ask_whom", language), language), [*rows, _back(language)])


def group_menu(index: Index, group: Questions, language: Language) -> Rendered:
    """What to ask one party, to be read out or copied."""
    lines = [f"{number}. {line.words[language]}" for number, line in enumerate(group.lines, start=1)]
    text = "\n".join((f"**{group.title[language]}**", group.intro[language], "", *lines))
    rows = guide_rows(index, (line.guide for line in group.lines), language)
    return paged(text, [*rows, [button(say("agents.to_questions", language), f"{AGENTS}asks")]])


def authorised_menu(index: Index, known: Sequence[Authorised], today: datetime.date, language: Language) -> Rendered:
    """The agents that admins have entered, each with source and date; or that there is none, and how to verify one."""
    if not known:
        rows = guide_rows(index, [VERIFYING, NAMING], language)
        text = headed("authorised", say("agents.none_authorised", language), language)
        return paged(text, [*rows, _back(language)])
    head = headed("authorised", say("agents.some_authorised", language), language)
    entries = [described(**asdict(agent), today=today, language=language) for agent in known]
    text = "\n\n".join((head, *entries, say("agents.still_check", language)))
    return paged(text, [*guide_rows(index, [VERIFYING], language), _back(language)])
