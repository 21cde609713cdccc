"""When something fails: the person gets an apology with a reference, the log what happened."""

import logging
import secrets

from telegram import Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError, TimedOut
from telegram.ext import ContextTypes

from bot.telegram.delivery import Place, deliver
from bot.telegram.rendering import render_text
from bot.texts import say

_log = logging.getLogger(__name__)

# What Telegram says of chats where the bot can say nothing any more.
_UNREACHABLE = ("chat not found", "not enough rights", "chat_write_forbidden", "peer_id_invalid", "topic_closed")


def is_unreachable(error: BaseException | None) -> bool:
    """Whether a chat has blocked or removed the bot or is gone, so that no further attempt would help."""
    if isinstance(error, BadRequest):
        return any(reason in error.message.lower() for reason in _UNREACHABLE)
    return isinstance(error, Forbidden | ChatMigrated)


async def report_failure(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """The application's error handler."""
    error = context.error
    if is_unreachable(error):
        # Only the kind: the message of ChatMigrated names the chat.
        _log.info("chat unreachable (%s)", type(error).__name__, extra={"event": "unreachable"})
        return
    if isinstance(error, TimedOut):
        # The message may well have arrived; an apology below the answer would be odd.
        _log.warning("request timed out", extra={"event": "timed_out"})
        return
    reference = secrets.token_hex(4)
    _log.error("update failed", exc_info=error, extra={"event": "failure", "reference": reference})
    if not isinstance(update, Update) or update.effective_chat is None:
        return
    message = update.message
    place = Place.of(message) if message else Place(update.effective_chat.id)
    try:
        await deliver(context.bot, place, render_text(say("telegram.error", reference=reference)))
    except TelegramError as failed:
        _log.info("no apology could be sent (%s)", type(failed).__name__, extra={"reference": reference})
