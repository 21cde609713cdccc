"""The web: the chat page, and what watches the bot."""
