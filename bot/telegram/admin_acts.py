"""What follows an act of an admin: the audit log, the words, and the buttons that have done their work."""

from telegram import CallbackQuery, Message
from telegram.error import TelegramError

from bot.curation.curating import Done, known_ids
from bot.curation.noting import audited
from bot.curation.publishing import Publisher
from bot.telegram.admin_menus import key_of
from bot.telegram.admin_rendering import plainly
from bot.telegram.rendering import render_text
from bot.telegram.work import Context
from bot.texts import say

# Of a title in a sentence.
_TITLE = 100


def document_of(publisher: Publisher, key: str) -> str:
    """The id of the document that a button names; empty where none ever was."""
    return next((id_ for id_ in known_ids(publisher) if key_of(id_) == key), "")


async def settle(query: CallbackQuery, context: Context, done: Done, key: str) -> None:
    """Say what was done, under a key of the catalogue, or that the button is out of date; it goes away."""
    work = context.work
    work.acts += audited(done.entry, work.talk.person)
    said = key if done.result == "done" else "admin.gone"
    work.say(render_text(say(said, work.talk.language, title=plainly(done.title, _TITLE))))
    await take_buttons(query)


async def take_buttons(query: CallbackQuery) -> None:
    """Take the buttons from below a message; where that fails they say that they are out of date when pressed."""
    if isinstance(query.message, Message) and query.message.reply_markup:
        try:
            await query.edit_message_reply_markup(None)
        except TelegramError:
            return
