"""The readiness check as messages with buttons, and its result as a picture, a text and a page."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.conversations.exchange import Message
from bot.onboarding.card import Card
from bot.onboarding.check import UNKNOWN, Asked, Check
from bot.onboarding.questionnaire import NEEDS
from bot.onboarding.result import headline, report
from bot.readiness import Finished
from bot.telegram.delivery import Place
from bot.telegram.rendering import Rendered, render_text
from bot.texts import Language, say

READINESS = "rd:"
_PICTURE, _PAGE = "hai-dang-muc-san-sang.png", "hai-dang-muc-san-sang.pdf"

Rows = list[list[InlineKeyboardButton]]

_SIGNS = {
    "own": "✍️",
    "own_goods": "✍️",
    "own_markets": "✍️",
    "pause": "⏸",
    "unknown": "🤔",
    "reckon": "📊",
    "go_on": "▶️",
    "go_on_check": "▶️",
    "anew": "🔄",
    "revise": "✏️",
    "edit_profile": "🏭",
    "show_card": "🖼",
    "pdf": "📄",
    "to_checklist": "🧭",
    "begin": "📋",
}


def label(key: str, language: Language) -> str:
    """What a button of the check says, with its sign."""
    text = say(f"onboarding.{key}", language)
    return f"{_SIGNS[key]} {text}" if key in _SIGNS else text


def button(key: str, data: str, language: Language) -> InlineKeyboardButton:
    return InlineKeyboardButton(label(key, language), callback_data=f"{READINESS}{data}")


def check_question(check: Check, key: str, asked: Asked, language: Language) -> Rendered:
    """One question with its answers; what was chosen before is marked."""
    need = say(f"need.{asked.need}", language)
    head = say("onboarding.question", language, number=asked.number, of=asked.of, need=need)
    rows = []
    answers = {option.key: option.of(language) for option in asked.question.options}
    for answer, words in {**answers, UNKNOWN: label("unknown", language)}.items():
        shown = f"✓ {words}" if answer == asked.answer else words
        rows.append([InlineKeyboardButton(shown, callback_data=f"{READINESS}a:{key}:{asked.id}:{answer}")])
    before = check.before(asked.id)
    last = [button("back", f"q:{key}:{before.id}", language)] if before else []
    last.append(button("pause", f"pause:{key}", language))
    if asked.answer:
        last.append(button("forward", f"next:{key}:{asked.id}", language))
    return render_text(f"{head}\n{asked.question.of(language)}", InlineKeyboardMarkup([*rows, last]))


def review(check: Check, key: str, language: Language) -> Rendered:
    """The needs to change answers of, and the button that reckons once all questions are answered."""
    asked = check.questions()
    whole = check.done() == len(asked)
    text = say("onboarding.review" if whole else "onboarding.review_open", language, done=check.done(), of=len(asked))
    firsts = [next(found for found in asked if found.need == need) for need in NEEDS]
    buttons = [
        InlineKeyboardButton(say(f"need.{first.need}", language), callback_data=f"{READINESS}q:{key}:{first.id}")
        for first in firsts
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    rows.append([button("reckon", f"end:{key}", language) if whole else button("go_on", "on", language)])
    return render_text(text, InlineKeyboardMarkup(rows))


def underway(check: Check, language: Language) -> Rendered:
    """Where an open check stands."""
    text = say("onboarding.open", language, done=check.done(), of=len(check.questions()))
    rows = [[button(key, data, language)] for key, data in (("go_on", "on"), ("anew", "new"), ("edit_profile", "me"))]
    return render_text(text, InlineKeyboardMarkup(rows))


def paused(check: Check, language: Language) -> Rendered:
    """What was left is kept."""
    text = say("onboarding.paused", language, done=check.done(), of=len(check.questions()))
    return render_text(text, InlineKeyboardMarkup([[button("go_on", "on", language)]]))


def last_result(finished: Finished, language: Language) -> Rendered:
    """The last check in short, and what can be done next."""
    text = f"{say('onboarding.last', language, date=finished.day)}\n\n{headline(*finished.results, language)}"
    rows = [
        [
            button("show_card", f"card:{finished.kept.key}", language),
            button("pdf", f"pdf:{finished.kept.key}", language),
        ],
        [button("to_checklist", "list", language)],
        [button("revise", "revise", language), button("anew", "new", language)],
        [button("edit_profile", "me", language)],
    ]
    return render_text(text, InlineKeyboardMarkup(rows))


def follows(finished: Finished, language: Language) -> Rendered:
    """What follows from a result."""
    rows = [
        [button("to_checklist", "list", language)],
        [button("pdf", f"pdf:{finished.kept.key}", language), button("revise", "revise", language)],
    ]
    return render_text(report(finished.results[0], language), InlineKeyboardMarkup(rows))


def picture(card: Card, place: Place) -> Message:
    """The scorecard as a picture, with what it shows as text below it; drawn when it is sent."""
    [caption] = render_text(headline(card.result, card.previous, card.language)).parts
    return Message("photo", {"name": _PICTURE, "card": card.to_json(), "html": caption, "thread": place.thread})


def page(card: Card, place: Place) -> Message:
    """The scorecard as a file of one page; drawn when it is sent."""
    caption = say("onboarding.pdf_caption", card.language)
    return Message("document", {"name": _PAGE, "card": card.to_json(), "html": caption, "thread": place.thread})
