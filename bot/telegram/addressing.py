"""Which updates are for the bot, from whom they are, and what they say."""

from typing import Any

from telegram import Message, MessageEntity, Update
from telegram.ext import ExtBot

from bot.assistant.browsing import question_of
from bot.conversations.exchange import Incoming, Sender
from bot.telegram.rendering import ASK
from knowledge.index import Index

CHANNEL = "telegram"


def incoming(payload: dict[str, Any], bot: ExtBot[int], index: Index) -> Incoming | None:
    """An update as it is written down; None for one that nothing would be done with, such as talk of others in a group.

    Raises what Telegram's library raises for an update that it cannot read.
    """
    update = Update.de_json(payload, bot)
    sender, message = sender_of(update), update.message or update.edited_message
    if sender is None:
        return None
    if update.callback_query:
        message = None
        if update.callback_query.message is None:
            return None
    elif message is None or not _is_ours(message, bot):
        return None
    number = message.message_id if message else None
    return Incoming(update.update_id, payload, sender, question_in(update, bot, index), number)


def question_in(update: Update, bot: ExtBot[int], index: Index) -> str:
    """What an update asks: words, or the button of a question; empty where it asks nothing."""
    if query := update.callback_query:
        data = query.data or ""
        return (question_of(index, data.removeprefix(ASK)) or "") if data.startswith(ASK) else ""
    message = update.effective_message
    return typed(message, bot) if message and not _command(message) else ""


def sender_of(update: Update) -> Sender | None:
    """Who wrote or pressed, and where."""
    person, chat = update.effective_user, update.effective_chat
    if person is None or chat is None:
        return None
    return Sender(CHANNEL, str(person.id), str(chat.id), private=chat.type == chat.PRIVATE)


def _is_ours(message: Message, bot: ExtBot[int]) -> bool:
    """Whether a message says or holds anything, and says it to us."""
    if not (message.text or message.caption or message.effective_attachment):
        return False
    if _command(message):
        _, _, named = _command(message).partition("@")
        return named.lower() in ("", bot.username.lower())
    return is_for_us(message, bot)


def is_for_us(message: Message, bot: ExtBot[int]) -> bool:
    """In a group the bot speaks only when it is named or answered; alone with a person always."""
    if message.chat.type == "private":
        return True
    replied = message.reply_to_message
    if replied and replied.from_user and replied.from_user.id == bot.id:
        return True
    return bool(_names(message, bot))


def is_our_command(message: Message, bot: ExtBot[int]) -> bool:
    """Whether a command that we do not have was meant for us: in a group other bots may have it."""
    return message.chat.type == "private" or _command(message).lower().endswith(f"@{bot.username.lower()}")


def _command(message: Message) -> str:
    """The command that a message begins with, with the bot's name behind it where it has one."""
    text = message.text or message.caption or ""
    return text.split(maxsplit=1)[0] if text.startswith("/") else ""


def typed(message: Message, bot: ExtBot[int]) -> str:
    """The text or caption, without our name in it."""
    text = message.text or message.caption or ""
    for name in _names(message, bot):
        text = text.replace(name, " ")
    return text.strip()


def _names(message: Message, bot: ExtBot[int]) -> set[str]:
    if message.text:
        entities = message.parse_entities([MessageEntity.MENTION])
    elif message.caption:
        entities = message.parse_caption_entities([MessageEntity.MENTION])
    else:
        return set()
    return {name for name in entities.values() if name.lower() == f"@{bot.username.lower()}"}
