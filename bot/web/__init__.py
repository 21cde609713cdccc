"""What people see in a browser: the chat page, the console, and what watches the bot."""
