"""Logs: a JSON object a line on stderr, without tokens, chats, what people asked, or their numbers and addresses."""

import datetime
import json
import logging
import re
import sys
from types import TracebackType

from bot.assistant.dialogue import Reply
from bot.conversations.masking import masked

_log = logging.getLogger(__name__)
_turns = logging.getLogger("bot.turns")

# Telegram's tokens: behind "bot" in addresses, and on their own.
_TOKEN = re.compile(r"(?<=bot)\d+(?::|%3A)[\w-]+|(?<!\d)\d{5,}(?::|%3A)[\w-]{30,}", re.IGNORECASE)
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
# These write addresses with the token in them, or whole updates, at lower levels.
LEAST = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.INFO,
    # A traceback each time that a gateway answers in Telegram's place; we say ourselves what becomes of a request.
    "telegram.request.BaseRequest": logging.CRITICAL,
    "alembic": logging.WARNING,
}


def redacted(text: str) -> str:
    """The text with a mark in place of each bot token."""
    return _TOKEN.sub("[token]", text)


class JsonLines(logging.Formatter):
    """One JSON object a record: ts (UTC), level, logger, message, the record's extras, exception.

    Tokens are taken out last, of the finished line, so that none gets past in arguments, extras or tracebacks. Personal
    numbers are taken out of texts, where an error may have quoted what a person wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line = {
            "ts": when.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD and name not in line}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        # Tokens first: their digits alone would pass for a number of a person, and what is left for no token.
        texts = {n: masked(redacted(value)) for n, value in line.items() if n != "ts" and isinstance(value, str)}
        return redacted(json.dumps(line | texts, ensure_ascii=False, default=str))


def configure_logging(level: str) -> None:
    """Log everything of at least this level; warnings and what nobody caught are logged too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(least, logging.getLevelName(level)))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python would write the traceback as it is, tokens and all."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log.critical("stopped by an error", exc_info=(kind, error, trace))


def log_turn(reply: Reply, channel: str) -> None:
    """One line for each question answered: what was decided and from what, not who asked or what."""
    _turns.info(
        "turn",
        extra={
            "event": "turn",
            "channel": channel,
            "decision": reply.decision,
            "confidence": round(reply.confidence, 3),
            "latency_ms": round(reply.latency_ms, 1),
            "version": reply.version,
            "passages": [source.passage for source in reply.sources],
            "length": len(reply.question),
        },
    )
