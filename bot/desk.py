"""Who wants a human, in every channel: what they agree to, what they are told, what ops get."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from bot.conversations.desk import Answered, Below, Ended, OpsWords, Place
from bot.conversations.exchange import Talk
from bot.conversations.masking import masked
from bot.conversations.records import Records
from bot.onboarding.profile import Profile
from bot.onboarding.questionnaire import Choices
from bot.settings import Settings
from bot.texts import Language, say

# What is told of a question in the message that asks for consent.
_QUOTED = 300
# What ops are told of it in the group; all of it stands in the console.
_TOLD_OPS = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody who wants a human is told first. possible: they may agree to a ticket.

    turn: the key of the question that it would be about.
    """

    text: str
    possible: bool = False
    turn: str = ""


class Desk:
    """place: the group of ops, where there is one. hours: when they answer, as people are told it. hold: for how long
    the bot keeps quiet after they last wrote. choices: labels of what profiles name.
    """

    def __init__(
        self, records: Records, place: Place | None, hours: str, hold: datetime.timedelta, choices: Choices | None
    ) -> None:
        self._choices = choices
        self._records = records
        self.place = place
        self._hours = hours
        self._hold = hold

    async def offer(self, talk: Talk) -> Offer:
        wish = await self._records.desk.wish(talk)
        if wish.number is not None:
            return Offer(self._already(wish.number, talk.language))
        if not await self._records.desk.attended(self.place):
            return Offer(say("desk.nobody", talk.language))
        question = masked(wish.question)
        cut = question if len(question) <= _QUOTED else f"{question[:_QUOTED]}…"
        about = say("desk.about", talk.language, question=cut) if cut else say("desk.no_question", talk.language)
        text = say("desk.consent", talk.language, about=about)
        return Offer(text, possible=True, turn=wish.turn)

    async def request(self, talk: Talk, asked: str, *, shown: bool) -> tuple[str, str]:
        """Make the ticket about the question of a key; what the person is told, and the key of the turn that is kept
        of it; none where there is no new ticket.

        shown: they agree that ops see profile and conversation.
        """
        if not await self._records.desk.attended(self.place):
            return say("desk.nobody", talk.language), ""
        about = self._in_short((await self._records.onboarding.standing(talk.person)).profile) if shown else ""
        profile = about or say("desk.ops_not_shown")
        new: list[str] = []

        def words(number: int, question: str) -> tuple[str, str]:
            new.append(say("desk.opened", talk.language, number=number, hours=self._when(talk.language)))
            return new[0], self._for_ops(number, question, profile, talk.channel)

        title = say("desk.asked", talk.language)
        number, key = await self._records.desk.open(talk, asked, title, words, self.place, shown=shown)
        return (new[0], key) if new else (self._already(number, talk.language), "")

    async def answer(self, below: Below, words: OpsWords) -> Answered:
        """Words of ops, on their way to the person."""

        def told(language: Language, first: bool) -> str:  # as the records call it
            key = "desk.answer_first" if first else "desk.answer"
            return say(key, language, number=below.number, text=words.text)

        return await self._records.desk.answer(below, words, told, self._hold)

    async def done(self, below: Below, words: OpsWords) -> Ended:
        """The ticket is closed, and the bot answers again unless somebody else holds the conversation."""
        return await self._records.desk.done(below, words, partial(done_words, below.number))

    def _already(self, number: int, language: Language) -> str:
        return say("desk.already", language, number=number, hours=self._when(language))

    def _when(self, language: Language) -> str:
        return say("desk.hours", language, hours=self._hours) if self._hours else say("desk.no_hours", language)

    def _for_ops(self, number: int, question: str, profile: str, channel: str) -> str:
        """Begins with the number, by which an answer finds the ticket."""
        asked = masked(" ".join(question.split()))[:_TOLD_OPS] or say("desk.ops_no_question")
        lines = (
            say("desk.ops_new", number=number, channel=say(f"desk.channel.{channel}")),
            _without_links(asked),
            profile,
            say("desk.ops_how", number=number),
        )
        return "\n".join(line.strip() for line in lines)

    def _in_short(self, fields: dict[str, Any]) -> str:
        """Goods, markets and province; names and tax codes stay where they are."""
        profile = Profile.from_json(fields)
        given = {
            "goods": [*self._labels("goods", profile.goods), profile.other_goods],
            "markets": [*self._labels("markets", profile.markets), profile.other_markets],
            "province": [profile.province],
        }
        said = [
            say(f"desk.profile.{name}", value=", ".join(filter(None, values)))
            for name, values in given.items()
            if any(values)
        ]
        return _without_links(masked("; ".join(said))) or say("desk.ops_no_profile")

    def _labels(self, field: Literal["goods", "markets"], names: Iterable[str]) -> list[str]:
        known = getattr(self._choices, field, {})
        return [known[name].of("vi") if name in known else name for name in names]


def _without_links(text: str) -> str:
    """What somebody typed makes no link whose address is hidden behind other words."""
    return text.replace("](", "] (")


def done_words(number: int, language: Language, back: bool) -> str:
    """What a person is told when their ticket is closed. back: the bot answers again."""
    text = say("desk.done", language, number=number)
    return f"{text.strip()} {say('desk.back', language).strip()}" if back else text


def desk_of(settings: Settings, records: Records, choices: Choices | None) -> Desk:
    """A group counts only where there is a bot to write into it."""
    chat = settings.ops_telegram_chat if settings.telegram_bot_token else None
    place = Place("telegram", str(chat)) if chat else None
    hold = datetime.timedelta(minutes=settings.console_hold_minutes)
    return Desk(records, place, settings.support_hours, hold, choices)
