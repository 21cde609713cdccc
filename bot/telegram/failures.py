"""What an error of Telegram means for the message that met it."""

from typing import Literal

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

# again: it did not arrive and may later. uncertain: it may have arrived. blocked: the person stopped the bot. gone: the
# chat is no more, or the bot may not write there. moved: the group has a new id. never: Telegram refuses this message.
Fate = Literal["again", "uncertain", "blocked", "gone", "moved", "never"]

# What Telegram says of chats where the bot can say nothing any more.
_GONE = ("chat not found", "not enough rights", "chat_write_forbidden", "peer_id_invalid")
# The connection failed before the request was out.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def fate_of(error: TelegramError) -> Fate:
    """What becomes of a message whose request ended with this error."""
    match error:
        case RetryAfter():
            return "again"
        case ChatMigrated():
            return "moved"
        case Forbidden():
            return "blocked" if "blocked" in error.message or "deactivated" in error.message else "gone"
        case BadRequest():
            return "gone" if any(reason in error.message.lower() for reason in _GONE) else "never"
        case NetworkError(__cause__=httpx.HTTPError() as cause):
            return "again" if isinstance(cause, _NEVER_SENT) else "uncertain"
        case TimedOut():
            return "uncertain"
    # Telegram, a gateway or a proxy answered with an error of its own, or the token is to be mended.
    return "again"


def seconds_to_wait(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait if isinstance(wait, int) else wait.total_seconds()
