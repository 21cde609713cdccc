"""A file that an admin sends: read, looked at in a trial, and then published or discarded."""

import asyncio
from typing import cast

from telegram import CallbackQuery, Document, Message, Update
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, TelegramError

from bot.curation import curating
from bot.curation.noting import audited
from bot.curation.previewing import preview
from bot.curation.publishing import Publisher
from bot.telegram.admin_acts import document_of, settle
from bot.telegram.admin_menus import data, draft_keyboard, sure_keyboard
from bot.telegram.admin_rendering import plainly, preview_text, spoilt_blocks, why_not
from bot.telegram.background import carried_out, say_now
from bot.telegram.delivery import BACK_OFF
from bot.telegram.rendering import render_text
from bot.telegram.work import Context
from bot.texts import say
from knowledge.acts import Entry, StoredDocument
from knowledge.documents import DocumentError, Problem

_MEGABYTE = 1_000_000


class Drafts:
    """The callbacks for files and for the buttons below what was read of them."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def received(self, update: Update, context: Context) -> None:
        """Keep a file as a draft, and show what it would be in the library."""
        work, file = context.work, cast("Document", cast("Message", update.message).document)
        language, name = work.talk.language, curating.tidy_name(file.file_name or "")

        def not_read(reason: str) -> str:
            return say("admin.not_read", language, name=plainly(name), reason=reason)

        if not curating.may_be_read(name):
            work.say(render_text(not_read(why_not(DocumentError(Problem("other_kind", name)), language))))
            return
        if file.file_size and file.file_size > FileSizeLimit.FILESIZE_DOWNLOAD:
            work.say(render_text(_too_large(context, f"{file.file_size / _MEGABYTE:.0f}")))
            return
        await say_now(context, say("admin.reading", language, name=plainly(name)))
        content = await _downloaded(context, file)
        if content is None:
            return
        kept = await carried_out(context, lambda _: self._kept(content, name, work.talk.person), failed=not_read)
        if kept is None:
            return
        stored, entry = kept
        work.acts += audited(entry, work.talk.person)
        await self._look(context, stored.id)

    def _kept(self, content: bytes, name: str, by: str) -> tuple[StoredDocument, Entry | None]:
        """The document, and the act by which its newest version came."""
        stored = self._publisher.store.add(content, by, name=name)
        return stored, curating.brought(self._publisher, stored.id)

    async def look(self, context: Context, key: str) -> None:
        """Show once more what a draft would be in the library."""
        await say_now(context, say("admin.looking", context.work.talk.language))
        await self._look(context, await asyncio.to_thread(document_of, self._publisher, key))

    async def _look(self, context: Context, document: str) -> None:
        work, language = context.work, context.work.talk.language

        def failed(reason: str) -> str:
            return f"{say('admin.failed', language, reason=reason)} {say('admin.draft_kept', language)}"

        found = await carried_out(
            context, lambda waiting: preview(self._publisher, document, work.talk.person, waiting), failed=failed
        )
        if found:
            shown = render_text(preview_text(found, language), draft_keyboard(found, language))
            work.say(shown)

    async def ask(self, context: Context, key: str, digest: str) -> None:
        """Ask once more before something is answered worse."""
        work, language = context.work, context.work.talk.language
        document = await asyncio.to_thread(document_of, self._publisher, key)
        found = await asyncio.to_thread(curating.held, self._publisher, document, digest)
        if found is None:
            work.say(render_text(say("admin.gone", language)))
            return
        text = say("admin.publish_sure", language, title=plainly(found[0].title))
        work.say(render_text(text, sure_keyboard("admin.publish_anyway", data("publish!", key, digest), language)))

    async def publish(self, query: CallbackQuery, context: Context, key: str, digest: str, *, sure: bool) -> None:
        """Publish what was looked at; where something is answered worse, only if that is wanted all the same."""
        work, language, publisher = context.work, context.work.talk.language, self._publisher
        done = await carried_out(
            context,
            lambda waiting: curating.publish(
                publisher, document_of(publisher, key), digest, work.talk.person, sure=sure, waiting=waiting
            ),
            say("admin.publishing", language),
        )
        if done is None:
            return
        if done.result == "worse":
            asked = say("admin.publish_sure", language, title=plainly(done.title))
            blocks = spoilt_blocks(done.findings, language) if done.findings else []
            pressed = data("publish!", key, digest)
            work.say(
                render_text("\n\n".join([*blocks, asked]), sure_keyboard("admin.publish_anyway", pressed, language))
            )
            return
        await settle(query, context, done, "admin.published")

    async def discard(self, query: CallbackQuery, context: Context, key: str, digest: str) -> None:
        """Delete the draft that was looked at."""
        publisher, by = self._publisher, context.work.talk.person
        done = await carried_out(
            context, lambda _: curating.discard(publisher, document_of(publisher, key), digest, by)
        )
        if done:
            await settle(query, context, done, "admin.discarded")


def _too_large(context: Context, megabytes: str) -> str:
    limit = FileSizeLimit.FILESIZE_DOWNLOAD // _MEGABYTE
    return say("admin.too_large", context.work.talk.language, megabytes=megabytes, limit=limit)


async def _downloaded(context: Context, file: Document) -> bytes | None:
    """The content of a file; None where Telegram does not give it, and the person is told so."""
    work, pauses = context.work, iter(BACK_OFF)
    while True:
        try:
            return bytes(await (await file.get_file()).download_as_bytearray())
        except TelegramError as error:
            pause = None if isinstance(error, BadRequest) else next(pauses, None)
            if pause is None:
                text = say("admin.not_downloaded", work.talk.language, detail=plainly(error.message))
                if "too big" in error.message.lower():
                    text = _too_large(context, f"> {FileSizeLimit.FILESIZE_DOWNLOAD // _MEGABYTE}")
                work.say(render_text(text))
                return None
        await asyncio.sleep(pause)
