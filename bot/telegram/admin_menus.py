"""Buttons of whoever looks after the library: lists of documents, one of them, and what may be done with it.

Callback data is "adm:ACTION:KEY:MORE"; `?` behind an action asks for confirmation, `!` is sure although something is
answered worse. KEY names a document, MORE what was shown of it: the hash of a version, or the page of the list.
"""

import hashlib
from collections.abc import Iterable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.curation.curating import Step
from bot.curation.previewing import Preview
from bot.telegram.admin_rendering import mark, plainly
from bot.telegram.menus import PAGE, Button, menu
from bot.telegram.rendering import Rendered
from bot.texts import Language, say
from knowledge.holdings import Holding

ADMIN = "adm:"
_KEY, _DIGEST = 12, 16
# More of a title is not seen on a button.
_LABEL = 60


def key_of(document: str) -> str:
    """A document's name in buttons."""
    return hashlib.sha256(document.encode()).hexdigest()[:_KEY]


def parsed(data: str) -> tuple[str, str, str]:
    """Action, key and more of callback data."""
    action, key, more = [*data.removeprefix(ADMIN).split(":", 2), "", ""][:3]
    return action, key, more


def data(action: str, key: str = "", more: str = "") -> str:
    return f"{ADMIN}{action}:{key}:{more}"


def keyboard(*buttons: tuple[str, str], language: Language) -> InlineKeyboardMarkup:
    """A button a row, each by the key of its label and its data."""
    rows = [[InlineKeyboardButton(say(label, language), callback_data=pressed)] for label, pressed in buttons]
    return InlineKeyboardMarkup(rows)


def draft_keyboard(found: Preview, language: Language) -> InlineKeyboardMarkup | None:
    """Publish or discard what was looked at. Where something is answered worse publishing asks once more."""
    if found.live:
        return None
    key, digest = key_of(found.document.id), found.version.hash[:_DIGEST]
    worse = bool(found.findings and found.findings.spoilt)
    buttons = [("admin.publish", data("publish?" if worse else "publish", key, digest))]
    if found.document.waiting:
        buttons.append(("admin.discard", data("discard", key, digest)))
    return keyboard(*buttons, language=language)


def sure_keyboard(label: str, pressed: str, language: Language) -> InlineKeyboardMarkup:
    """Go on, or leave everything as it is."""
    return keyboard((label, pressed), ("admin.leave", data("leave")), language=language)


def step_keyboard(step: Step, language: Language) -> InlineKeyboardMarkup:
    return sure_keyboard("admin.go_back", data("back", str(step.to), str(step.live)), language)


def documents_menu(listed: Sequence[Holding], page: int, language: Language) -> Rendered:
    """All documents, a page of them."""
    text = say("admin.documents", language, count=len(listed))
    return menu(text, _buttons(listed), page, data("list"), [], language)


def duties_menu(listed: Iterable[Holding], page: int, language: Language) -> Rendered:
    """The documents that wait to be published and those that are due for review, a page of them."""
    listed = [one for one in listed if one.waiting or (one.overdue and one.status == "live")]
    drafts = sum(one.waiting is not None for one in listed)
    if not listed:
        return menu(say("admin.no_duties", language), [], 0, data("due"), [], language)
    text = say("admin.duties", language, drafts=drafts, due=sum(one.overdue for one in listed))
    return menu(text, _buttons(listed), page, data("due"), [], language)


def _buttons(listed: Sequence[Holding]) -> list[Button]:
    """Each leads to its document, and from there back to the page on which the whole list has it."""
    return [(f"{mark(one)} {plainly(one.title, _LABEL)}", data("doc", key_of(one.id))) for one in listed]


def document_keyboard(one: Holding, place: int, language: Language) -> InlineKeyboardMarkup:
    """What may be done with a document. place: its number in the list of all."""
    key = key_of(one.id)
    buttons = []
    if one.waiting:
        buttons.append(("admin.look", data("look", key)))
    if one.status == "live":
        buttons.append(("admin.retire", data("retire?", key)))
    elif one.status == "retired":
        buttons.append(("admin.restore", data("restore?", key)))
    return keyboard(*buttons, ("admin.to_documents", data("list", more=str(place // PAGE))), language=language)
