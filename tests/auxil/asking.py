"""Questions of many people, the messages that are to answer them, and how those that come deviate from that."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.telegram.privacy import notice
from bot.telegram.rendering import render, render_text
from bot.texts import say
from tests.auxil.bot_api import BotApi

# How many questions one may lean on, and the days that things are kept, as the bot has them by default.
_HISTORY, _DAYS = 5, 365
# Every so many chats one is a group, in which two people ask.
_A_GROUP = 5
# Different conversations; people beyond these take one again.
_CONVERSATIONS = 20


class Sent(NamedTuple):
    """A message in a chat. answers: the number of the message that it quotes."""

    html: str
    answers: int | None = None


class Asked(NamedTuple):
    """A question. messages: that are to follow, the answer first. A negative chat is a group."""

    chat: int
    sender: int
    text: str
    messages: tuple[str, ...]


@dataclass(slots=True)
class Deviations:
    """How many messages did not come, came before their turn, or should not have come; and those that came again."""

    lost: int = 0
    disordered: int = 0
    strange: int = 0
    twice: Counter[Sent] = field(default_factory=Counter)


def asked_by(assistant: Assistant, chats: int, questions: int, chance: random.Random) -> list[Asked]:
    """Questions of strangers in many chats, so many of each person, in the order in which they are asked."""
    talks = [_conversation(assistant, questions, chance) for _ in range(min(chats, _CONVERSATIONS))]
    people = []
    for number in range(1, chats + 1):
        group = number % _A_GROUP == 0
        chat = -number if group else number
        people += [(chat, number)] + ([(chat, number + chats)] if group else [])
    asked = []
    for turn in range(questions):
        chance.shuffle(people)
        asked += [Asked(chat, sender, *talks[sender % len(talks)][turn]) for chat, sender in people]
    return asked


def _conversation(assistant: Assistant, questions: int, chance: random.Random) -> list[tuple[str, tuple[str, ...]]]:
    """Questions in a row and the messages that follow each; no two answers are alike: each shows its question."""
    pool = [text for passage in assistant.index.passages for text in (passage.heading, *passage.questions)]
    chance.shuffle(pool)
    talk: list[tuple[str, tuple[str, ...]]] = []
    while len(talk) < questions:
        text = pool.pop()
        reply = assistant.answer(Question(text, tuple(earlier for earlier, _ in talk[-_HISTORY:])))
        messages = render(reply).parts
        if any(messages[0] == before[0] for _, before in talk) or len(messages) != 1:
            continue
        if not talk:
            messages += notice(reply.language, _DAYS).parts
        talk.append((text, messages))
    return talk


def sent(api: BotApi, chat: int) -> list[Sent]:
    """The messages of a chat, in the order they came in, without the suggestion that stands beside the third answer."""
    suggestions = [part for language in ("vi", "en") for part in render_text(say("onboarding.invite", language)).parts]
    return [
        Sent(said["html"], said.get("reply_to_message", {}).get("message_id"))
        for said in api.sent(chat)
        if said["html"] not in suggestions
    ]


def deviations(wanted: Sequence[Sent], came: Sequence[Sent]) -> Deviations:
    """What is wrong with the messages that came to a chat."""
    found, missing = Deviations(), list(enumerate(wanted))
    latest = -1
    for message in came:
        # What was under way at a kill comes again right behind itself. It does not stand for a later message in the
        # same words, such as what each person of a group is told of what is kept.
        again = latest >= 0 and message == wanted[latest] and message not in wanted[latest + 1 : latest + 2]
        place = None if again else next((place for place, waited in missing if waited == message), None)
        if place is not None:
            missing.remove((place, message))
            found.disordered += place < latest
            latest = max(place, latest)
        elif message in wanted:
            found.twice[message] += 1
        else:
            found.strange += 1
    found.lost = len(missing)
    return found
