"""The work: each chat's updates one after the other, chats side by side, every outcome kept before the next begins."""

import logging
import secrets
from collections.abc import Callable

from telegram import Update

from bot.conversations.exchange import Claimed, NewTurn, Outcome, Talk
from bot.conversations.models import new_key
from bot.conversations.records import Records
from bot.lines import MOST_TRIES, Lines
from bot.logs import log_turn
from bot.patience import patiently
from bot.telegram.addressing import CHANNEL, question_in, sender_of
from bot.telegram.delivery import Place
from bot.telegram.outgoing import parcels
from bot.telegram.privacy import notice
from bot.telegram.rendering import render_text
from bot.telegram.work import App, Context, Work, work_on
from bot.texts import say
from knowledge.live import LiveLibrary

_log = logging.getLogger(__name__)


class Processing(Lines):
    """Handles updates that are written down. days: how long things are kept. kept: called when messages may wait.

    ops: the group in which nothing is kept of anybody.
    """

    def __init__(
        self,
        application: App,
        records: Records,
        live: LiveLibrary,
        days: int,
        kept: Callable[[], None],
        ops: str | None = None,
    ) -> None:
        super().__init__(CHANNEL, records)
        self._application = application
        self._live = live
        self._days = days
        self._kept = kept
        self._ops = ops

    async def _work_off(self, update_id: int, claimed: Claimed) -> None:
        update = Update.de_json(claimed.payload, self._application.bot)
        try:
            work = await self._worked(update, claimed)
        except Exception as error:  # noqa: BLE001  # whatever it is, the person is told
            question = question_in(update, self._application.bot, self._live.index)
            work = await self._apology(update, claimed, error, question)
        try:
            await self._keep(update_id, work)
        except Exception as error:  # noqa: BLE001
            # What the database refuses is what was typed: the turn is kept without it.
            await self._keep(update_id, await self._apology(update, claimed, error, ""))

    async def _worked(self, update: Update, claimed: Claimed) -> Work:
        """The work that the handlers make of an update."""
        if claimed.tries > MOST_TRIES:
            raise RuntimeError(f"begun {claimed.tries} times")
        work = await self._begin(update, claimed)

        async def attempt() -> Work:
            fresh = work_on(update, work.sender, work.talk, claimed.received_at)
            for handler in self._application.handlers[0]:
                found = handler.check_update(update)
                if found is not None and found is not False:
                    context = Context.from_update(update, self._application)
                    context.work = fresh
                    await handler.handle_update(update, self._application, found, context)
                    break
            return fresh

        return await patiently(attempt)

    async def _begin(self, update: Update, claimed: Claimed) -> Work:
        sender = sender_of(update)
        if sender is None:
            raise ValueError("an update of nobody")
        if sender.chat == self._ops:
            return work_on(update, sender, Talk("", CHANNEL, 0, 0, informed=True), claimed.received_at)
        edited = update.edited_message.message_id if update.edited_message else None
        talk = await patiently(lambda: self._records.talk(sender, edited=edited))
        return work_on(update, sender, talk, claimed.received_at)

    async def _apology(self, update: Update, claimed: Claimed, error: Exception, question: str) -> Work:
        """What is kept of an update that failed: a turn for ops, an apology with the same reference for the person."""
        reference = secrets.token_hex(4)
        _log.error("update failed", exc_info=error, extra={"event": "failure", "reference": reference})
        work = await self._begin(update, claimed)
        if work.sender.chat == self._ops:
            work.say(render_text(say("desk.ops_failed", reference=reference)))
            return work
        message = update.effective_message.message_id if update.effective_message else None
        work.turn = NewTurn(
            new_key(),
            question,
            "failed",
            work.asked_at,
            question_message=None if update.callback_query else message,
            reference=reference,
            late=work.late,
        )
        work.say(render_text(say("telegram.error", work.talk.language, reference=reference)))
        return work

    async def _keep(self, update_id: int, work: Work) -> None:
        if work.sender.chat == self._ops:
            if work.messages:
                await patiently(lambda: self._records.post(CHANNEL, work.sender.chat, work.messages))
            work.void = True
        outcome = Outcome() if work.void else self._told_what_is_kept(work).outcome()
        if await self._finish(update_id, outcome) and work.reply:
            log_turn(work.reply, CHANNEL)
        self._kept()

    def _told_what_is_kept(self, work: Work) -> Work:
        """At first contact what is kept, why and how long stands below what is said."""
        if work.messages and not work.talk.informed:
            below = notice(work.language or work.talk.language, self._days)
            work.messages += parcels(below, Place(work.place.chat, work.place.thread))
            work.informed = True
        return work
