"""What an admin sees of the library and does with it: /tailieu, /nhacviec, /hoantac."""

from collections.abc import Callable
from typing import Literal

from telegram import CallbackQuery, Message, Update

from bot.curation import curating
from bot.curation.noting import went_back
from bot.curation.publishing import Publisher
from bot.telegram.admin_acts import document_of, settle, take_buttons
from bot.telegram.admin_menus import (
    data,
    document_keyboard,
    documents_menu,
    duties_menu,
    key_of,
    step_keyboard,
    sure_keyboard,
)
from bot.telegram.admin_rendering import document_text, plainly, step_text
from bot.telegram.background import carried_out
from bot.telegram.menus import turned_to
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import Context
from bot.texts import Language, say

Change = Literal["retire", "restore"]


class Shelves:
    """The callbacks for lists of documents, for one of them, and for a step back."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def documents(self, update: Update, context: Context) -> None:
        await self._say(context, lambda: self._list("list", 0, context.work.talk.language))

    async def duties(self, update: Update, context: Context) -> None:
        await self._say(context, lambda: self._list("due", 0, context.work.talk.language))

    async def turn(self, query: CallbackQuery, context: Context, action: str, key: str, more: str) -> None:
        """A page of a list, or one document, in the message of the button."""
        language, reader = context.work.talk.language, context.work.talk.person
        page = int(more) if more.isascii() and more.isdigit() else 0
        show: Callable[[], Rendered] = (
            (lambda: self._document(key, reader, language))
            if action == "doc"
            else (lambda: self._list(action, page, language))
        )
        await self._say(context, show, query)

    async def ask(self, query: CallbackQuery, context: Context, what: Change, key: str) -> None:
        """Ask before a document is retired or restored."""
        language = context.work.talk.language
        await self._say(context, lambda: self._question(what, key, language), query)

    async def change(self, query: CallbackQuery, context: Context, what: Change, key: str) -> None:
        """Retire or restore a document."""
        publisher, by = self._publisher, context.work.talk.person
        done = await carried_out(
            context,
            lambda waiting: curating.change(publisher, what, document_of(publisher, key), by, waiting),
            say("admin.publishing", context.work.talk.language),
        )
        if done:
            await settle(query, context, done, f"admin.{what}d")

    async def step_back(self, update: Update, context: Context) -> None:
        """Show what going back to the version before would change."""
        await self._say(context, lambda: self._step(context.work.talk.language))

    async def go_back(self, query: CallbackQuery, context: Context, to: str, live: str) -> None:
        """Go back, if nothing was published since that was shown."""
        work, message = context.work, query.message
        if not (to.isascii() and to.isdigit() and live.isascii() and live.isdigit()):
            return
        done = await carried_out(
            context,
            lambda _: curating.go_back(self._publisher, int(to), int(live), work.talk.person),
            say("admin.publishing", work.talk.language),
        )
        if done is None:
            return
        if done.result == "done":
            asked = message.message_id if isinstance(message, Message) else None
            work.acts.append(went_back(int(to), int(live), asked))
        said = "admin.went_back" if done.result == "done" else "admin.gone"
        work.say(render_text(say(said, work.talk.language, to=to)))
        await take_buttons(query)

    async def _say(self, context: Context, show: Callable[[], Rendered], query: CallbackQuery | None = None) -> None:
        """Show something of the library, in the message of a button where that can be."""
        shown = await carried_out(context, lambda _: show())
        if shown and not (query and await turned_to(query, shown)):
            context.work.say(shown)

    def _list(self, action: str, page: int, language: Language) -> Rendered:
        found = curating.listed(self._publisher)
        return (duties_menu if action == "due" else documents_menu)(found, page, language)

    def _document(self, key: str, reader: str, language: Language) -> Rendered:
        found = curating.listed(self._publisher)
        place = next((number for number, one in enumerate(found) if key_of(one.id) == key), None)
        if place is None:
            return documents_menu(found, 0, language)
        one, store = found[place], self._publisher.store
        text = document_text(one, store.versions(one.id), store.history(one.id), reader, language)
        return render_text(text, document_keyboard(one, place, language))

    def _question(self, what: Change, key: str, language: Language) -> Rendered:
        one = next((one for one in curating.listed(self._publisher) if key_of(one.id) == key), None)
        if one is None or one.status != ("live" if what == "retire" else "retired"):
            return render_text(say("admin.gone", language))
        text = say(f"admin.{what}_sure", language, title=plainly(one.title))
        return render_text(text, sure_keyboard(f"admin.{what}", data(what, key), language))

    def _step(self, language: Language) -> Rendered:
        step = curating.step_back(self._publisher)
        if step is None:
            return render_text(say("admin.no_step_back", language))
        return render_text(step_text(step, language), step_keyboard(step, language))
