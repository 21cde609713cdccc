"""The readiness check as messages with buttons, and its result as a picture, a text and a page."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.conversations.exchange import Message
from bot.conversations.onboarding import KeptCheck, Standing
from bot.onboarding.card import Card
from bot.onboarding.check import UNKNOWN, Asked, Check
from bot.onboarding.profile import Profile
from bot.onboarding.questionnaire import NEEDS, Choices
from bot.onboarding.reminding import VIETNAM
from bot.onboarding.result import Result, headline, report
from bot.telegram.delivery import Place
from bot.telegram.rendering import Rendered, render_text
from bot.texts import Language, say

READINESS = "rd:"
_PICTURE, _PAGE = "hai-dang-muc-san-sang.png", "hai-dang-muc-san-sang.pdf"

Rows = list[list[InlineKeyboardButton]]


def button(key: str, data: str, language: Language) -> InlineKeyboardButton:
    return InlineKeyboardButton(say(f"onboarding.{key}", language), callback_data=f"{READINESS}{data}")


def check_question(check: Check, key: str, asked: Asked, language: Language) -> Rendered:
    """One question with its answers; what was chosen before is marked."""
    need = say(f"need.{asked.need}", language)
    head = say("onboarding.question", language, number=asked.number, of=asked.of, need=need)
    rows = []
    for option in asked.question.options:
        label = f"✓ {option.of(language)}" if option.key == asked.answer else option.of(language)
        data = f"{READINESS}a:{key}:{asked.id}:{option.key}"
        rows.append([InlineKeyboardButton(label, callback_data=data)])
    unknown = say("onboarding.unknown", language)
    label = f"✓ {unknown}" if asked.answer == UNKNOWN else unknown
    rows.append([InlineKeyboardButton(label, callback_data=f"{READINESS}a:{key}:{asked.id}:{UNKNOWN}")])
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


def last_result(kept: KeptCheck, before: KeptCheck | None, language: Language) -> Rendered:
    """The last check in short, and what can be done next."""
    text = f"{say('onboarding.last', language, date=_day(kept))}\n\n{headline(*_results(kept, before), language)}"
    rows = [
        [button("show_card", f"card:{kept.key}", language), button("pdf", f"pdf:{kept.key}", language)],
        [button("to_checklist", "list", language)],
        [button("revise", "revise", language), button("anew", "new", language)],
        [button("edit_profile", "me", language)],
    ]
    return render_text(text, InlineKeyboardMarkup(rows))


def outcome(kept: KeptCheck, language: Language) -> Rendered:
    """What follows from a result."""
    rows = [
        [button("to_checklist", "list", language)],
        [button("pdf", f"pdf:{kept.key}", language), button("revise", "revise", language)],
    ]
    return render_text(report(Result.model_validate(kept.result), language), InlineKeyboardMarkup(rows))


def picture(card: Card, place: Place) -> Message:
    """The scorecard as a picture, with what it shows as text below it; drawn when it is sent."""
    [caption] = render_text(headline(card.result, card.previous, card.language)).parts
    return Message("photo", {"name": _PICTURE, "card": card.to_json(), "html": caption, "thread": place.thread})


def page(card: Card, place: Place) -> Message:
    """The scorecard as a file of one page; drawn when it is sent."""
    caption = say("onboarding.pdf_caption", card.language)
    return Message("document", {"name": _PAGE, "card": card.to_json(), "html": caption, "thread": place.thread})


def card_of(standing: Standing, kept: KeptCheck, choices: Choices, language: Language) -> Card:
    """The card of a finished check, compared with the one before it."""
    profile = Profile.from_json(standing.profile)
    places = [check.key for check in standing.finished]
    before = standing.finished[places.index(kept.key) + 1 :][:1]
    result, previous = _results(kept, before[0] if before else None)
    assert kept.finished_at is not None  # noqa: S101  # for the type checker: only finished checks have a card
    return Card(
        result,
        kept.finished_at.astimezone(VIETNAM).date(),
        previous,
        before[0].finished_at.astimezone(VIETNAM).date() if before and before[0].finished_at else None,
        profile.company,
        _facts(profile, choices, language),
        language,
    )


def _results(kept: KeptCheck, before: KeptCheck | None) -> tuple[Result, Result | None]:
    return Result.model_validate(kept.result), Result.model_validate(before.result) if before else None


def _day(kept: KeptCheck) -> str:
    return f"{kept.finished_at.astimezone(VIETNAM):%d/%m/%Y}" if kept.finished_at else ""


def _facts(profile: Profile, choices: Choices, language: Language) -> tuple[str, ...]:
    goods = [choices.goods[name].of(language) for name in profile.goods if name in choices.goods]
    markets = [choices.markets[name].of(language) for name in profile.markets if name in choices.markets]
    given = {
        "tax_code": profile.tax_code,
        "province": profile.province,
        "goods": "; ".join(goods) or profile.other_goods,
        "markets": "; ".join(markets) or profile.other_markets,
    }
    return tuple(say(f"onboarding.fact.{name}", language, value=value) for name, value in given.items() if value)
