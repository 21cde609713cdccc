"""The group of ops: a reply to a message about a ticket goes to its person, "/xong" ends it, all else is left alone."""

import asyncio
import hashlib
import re
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler

from bot.conversations.desk import Below, OpsWords, Place
from bot.conversations.holding import GROUP
from bot.conversations.records import Records
from bot.desk import Desk
from bot.telegram import delivery
from bot.telegram.outgoing import parcels
from bot.telegram.rendering import render_text
from bot.telegram.work import Context
from bot.texts import say

_NUMBER = re.compile(r"#(\d{1,9})\b")
_DONE = "/xong"
# Seconds between looks for a message of ours that was answered before it was written down that it had arrived.
_PATIENCE = (0.0, 0.5, 1.5)


class _InGroup(BaseHandler[Update, Context, Any]):
    """Takes whatever comes from one chat."""

    def __init__(self, chat: str, callback: Any) -> None:  # noqa: ANN401  # the library's own type has as many forms
        super().__init__(callback)
        self._chat = chat

    def check_update(self, update: object) -> bool:
        chat = update.effective_chat if isinstance(update, Update) else None
        return chat is not None and str(chat.id) == self._chat


class Ops:
    """What staff write in the group. Nothing of it is kept but what they answer."""

    def __init__(self, desk: Desk, place: Place, records: Records) -> None:
        self._desk = desk
        self._place = place
        self._records = records

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [_InGroup(self._place.chat, self.written)]

    async def written(self, update: Update, context: Context) -> None:
        context.work.void = True
        message = update.message or update.edited_message
        below = self._below(message, context) if message else None
        if message is None or below is None:
            return
        text = (message.text or "").strip()
        if update.edited_message:
            told = "desk.ops_edited"
        elif text.startswith("/"):
            told = await self._end(below, update) if text.split()[0].partition("@")[0] == _DONE else ""
        elif text:
            told = await self._answer(below, self._words(update, text))
        else:
            told = "desk.ops_only_text"
        if told:
            place = delivery.Place(message.chat.id, delivery.Place.of(message).thread, message.message_id)
            answer = parcels(render_text(say(told, number=below.number)), place)
            await self._records.post(self._place.channel, self._place.chat, answer)

    def _below(self, message: Message, context: Context) -> Below | None:
        """What a message answers: one of ours, which begins with the number of a ticket."""
        answered = message.reply_to_message
        if answered is None or answered.from_user is None or answered.from_user.id != context.bot.id:
            return None
        number = _NUMBER.match(answered.text or "")
        return Below(self._place, answered.message_id, int(number[1])) if number else None

    def _words(self, update: Update, text: str) -> OpsWords:
        # An update that is handled a second time says the same.
        key = hashlib.sha256(f"ops:{update.update_id}".encode()).hexdigest()[:16]
        name = update.effective_user.first_name if update.effective_user else "?"
        return OpsWords(key, f"{name[:40]} (Telegram)", GROUP, text)

    async def _answer(self, below: Below, words: OpsWords) -> str:
        """The key of what the group is told; empty where nothing needs to be said."""
        became = "gone"
        for seconds in _PATIENCE:
            await asyncio.sleep(seconds)
            became = await self._desk.answer(below, words)
            if became != "gone":
                break
        return "" if became == "sent" else f"desk.ops_{became}"

    async def _end(self, below: Below, update: Update) -> str:
        became = "closed"
        for seconds in _PATIENCE:
            await asyncio.sleep(seconds)
            became = await self._desk.done(below, self._words(update, ""))
            if became != "closed":
                break
        return f"desk.ops_{became}"
