"""/chude: topics, the guides of a topic, the questions of a guide, each a page of buttons in the same message."""

from collections.abc import Sequence
from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, MaybeInaccessibleMessage
from telegram.error import BadRequest, TelegramError

from bot.assistant.browsing import Topic, questions_of, topics
from bot.telegram.rendering import ASK, Rendered, fits_callback, render_text
from bot.texts import Language, say
from knowledge.index import Index

TOPICS, TOPIC, GUIDE = "c:", "t:", "g:"
PAGE = 8
# The topics stand on one page as long as they can be taken in at a glance.
TOPICS_PAGE = 12

Button = tuple[str, str]  # label and callback data


def menu_of(index: Index, data: str, language: Language) -> Rendered | None:
    """The menu that a button with this callback data opens; None when what it names is gone, or not a menu."""
    kind, key, page = _parsed(data)
    found = topics(index, language)
    match kind:
        case "c":
            return topics_menu(index, say("telegram.topics", language), language, page)
        case "t":
            topic = next((topic for topic in found if topic.key == key), None)
            return _guides_menu(topic, page, language) if topic else None
        case "g":
            topic = next((topic for topic in found if any(guide.key == key for guide in topic.guides)), None)
            return _questions_menu(index, topic, key, page, language) if topic else None
    return None


def topics_menu(index: Index, text: str, language: Language, page: int = 0) -> Rendered:
    """The topics under a text."""
    buttons = [(topic.label, f"{TOPIC}{topic.key}") for topic in topics(index, language)]
    return _menu(text, buttons, page, TOPICS, [], language, TOPICS_PAGE)


def _guides_menu(topic: Topic, page: int, language: Language) -> Rendered:
    buttons = [(guide.title, f"{GUIDE}{guide.key}:0") for guide in topic.guides]
    text = say("telegram.guides", language, topic=topic.label)
    back = [(say("telegram.to_topics", language), f"{TOPICS}0")]
    return _menu(text, buttons, page, f"{TOPIC}{topic.key}:", back, language)


def _questions_menu(index: Index, topic: Topic, guide: str, page: int, language: Language) -> Rendered:
    buttons = [(question.text, f"{ASK}{question.passage}") for question in questions_of(index, guide)]
    title = next(found.title for found in topic.guides if found.key == guide)
    text = say("telegram.questions", language, guide=title)
    place = next(number for number, found in enumerate(topic.guides) if found.key == guide)
    back = [
        (say("telegram.to_guides", language), f"{TOPIC}{topic.key}:{place // PAGE}"),
        (say("telegram.to_topics", language), f"{TOPICS}0"),
    ]
    return _menu(text, buttons, page, f"{GUIDE}{guide}:", back, language)


def _menu(
    text: str,
    buttons: Sequence[Button],
    page: int,
    pages_of: str,
    back: Sequence[Button],
    language: Language,
    size: int = PAGE,
) -> Rendered:
    """A page of buttons; `pages_of` with a page's number is what opens that page."""
    buttons = [(label, data) for label, data in buttons if label.strip() and fits_callback(data)]
    pages = max(1, -(-len(buttons) // size))
    page = min(max(page, 0), pages - 1)
    rows = [[_button(*button)] for button in buttons[page * size : (page + 1) * size]]
    turn = []
    if page > 0:
        turn.append(_button(say("telegram.previous", language), f"{pages_of}{page - 1}"))
    if page < pages - 1:
        turn.append(_button(say("telegram.next", language), f"{pages_of}{page + 1}"))
    rows += [row for row in (turn, [_button(*button) for button in back]) if row]
    if pages > 1:
        text += f" {say('telegram.page', language, page=page + 1, pages=pages)}"
    return render_text(text, InlineKeyboardMarkup(rows) if rows else None)


def _button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data)


def _parsed(data: str) -> tuple[str, str, int]:
    """Kind, key and page of callback data: "c:1", "t:<key>", "t:<key>:1", "g:<key>:1"."""
    kind, _, rest = data.partition(":")
    key, _, page = ("", "", rest) if kind == "c" else rest.partition(":")
    return kind, key, int(page) if page.isascii() and page.isdigit() else 0


async def turned_to(query: CallbackQuery, menu: Rendered) -> bool:
    """Show a menu in the message of the button; False when that cannot be done, so that a new one is needed."""
    message = cast("MaybeInaccessibleMessage", query.message)
    if not message.is_accessible or len(menu.parts) != 1:
        return False
    try:
        await query.edit_message_text(menu.parts[0], reply_markup=cast("Any", menu.keyboard))
    except BadRequest as error:
        # Two taps on one button: the menu is there already.
        return "not modified" in error.message.lower()
    except TelegramError:
        return False
    return True
