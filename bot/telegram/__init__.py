"""The Telegram room: updates in, questions to the assistant, replies out."""

import os

# python-telegram-bot announces `timedelta` for `retry_after` and warns on every flood error until one opts in.
os.environ.setdefault("PTB_TIMEDELTA", "1")
