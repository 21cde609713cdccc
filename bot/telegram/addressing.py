"""Whether a message is meant for the bot, and what it says."""

from telegram import Message, MessageEntity
from telegram.ext import ExtBot


def is_for_us(message: Message, bot: ExtBot[None]) -> bool:
    """In a group the bot speaks only when it is named or answered; alone with a person always."""
    if message.chat.type == "private":
        return True
    replied = message.reply_to_message
    if replied and replied.from_user and replied.from_user.id == bot.id:
        return True
    return bool(_names(message, bot))


def is_our_command(message: Message, bot: ExtBot[None]) -> bool:
    """Whether a command that we do not have was meant for us: in a group other bots may have it."""
    command = (message.text or message.caption or "").split(maxsplit=1)[0]
    return message.chat.type == "private" or command.lower().endswith(f"@{bot.username.lower()}")


def typed(message: Message, bot: ExtBot[None]) -> str:
    """The text or caption, without our name in it."""
    text = message.text or message.caption or ""
    for name in _names(message, bot):
        text = text.replace(name, " ")
    return text.strip()


def _names(message: Message, bot: ExtBot[None]) -> set[str]:
    if message.text:
        entities = message.parse_entities([MessageEntity.MENTION])
    elif message.caption:
        entities = message.parse_caption_entities([MessageEntity.MENTION])
    else:
        return set()
    return {name for name in entities.values() if name.lower() == f"@{bot.username.lower()}"}
