"""How much one person may ask, and telling them so once and not each time."""

import time
from dataclasses import dataclass

from bot.conversations.exchange import Talk

# Seconds after which somebody may be told the same again.
_LATELY = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """queue: messages of one chat that wait. open: updates of all chats. per_minute, per_day: answers for a person."""

    queue: int
    open: int
    per_minute: int
    per_day: int

    def exceeded(self, talk: Talk) -> str | None:
        """The key of the text that says which limit the person is beyond; None within the limits."""
        if talk.asked_day >= self.per_day:
            return "limit.day"
        if talk.asked_minute >= self.per_minute:
            return "limit.minute"
        return None


class Lately:
    """Whom something was said to within the last minute; forgotten with the process, which costs one message more."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def first(self, name: str) -> bool:
        """Whether it was not said to them lately; from now on it was."""
        now = time.monotonic()
        # In the order they were said in, so that the old ones come first.
        while self._said and (oldest := next(iter(self._said.items())))[1] < now - _LATELY:
            del self._said[oldest[0]]
        if name in self._said:
            return False
        self._said[name] = now
        return True
