"""The readiness check as every channel leads through it: the profile, the questions, what they led to.

It can be left and taken up again at any point, and a step that is taken a second time changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversations.exchange import Talk
from bot.conversations.onboarding import Beside, KeptCheck, OnboardingRecords, Standing
from bot.onboarding.card import Card
from bot.onboarding.check import Asked, Check
from bot.onboarding.profile import FIELDS, Field, Profile
from bot.onboarding.questionnaire import Choices, Questionnaire
from bot.onboarding.reminding import VIETNAM
from bot.onboarding.result import Result
from bot.texts import Language, say

# The check is suggested with the answer to this question of a day.
_INVITE_AT = 3
# What the page to hand over says of a supplier, beside the name.
_ON_PAGE: tuple[Field, ...] = ("tax_code", "province", "goods", "markets")


class Stale(Exception):  # noqa: N818  # no error: somebody pressed what belongs to an old check
    """What was pressed belongs to a check that is not theirs, not open any more, or not there."""


@dataclass(frozen=True, slots=True)
class AskField:
    """A field of the profile is to be asked for."""

    profile: Profile
    field: Field


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """A question of the check is to be asked. key: of the check."""

    check: Check
    key: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Review:
    """What was answered is to be looked at; once all is answered it can be reckoned."""

    check: Check
    key: str


@dataclass(frozen=True, slots=True)
class Underway:
    """A check was left in the middle."""

    check: Check
    key: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished check, and the one before it, where there is one."""

    profile: Profile
    kept: KeptCheck
    before: KeptCheck | None

    @property
    def results(self) -> tuple[Result, Result | None]:
        """What the check led to, and the one before it."""
        before = Result.model_validate(self.before.result) if self.before else None
        return Result.model_validate(self.kept.result), before

    @property
    def day(self) -> str:
        """When the check was finished, as a day in Vietnam: 26/11/2026."""
        return _day(self.kept)

    @property
    def day_before(self) -> str:
        """When the check before it was finished; empty where there is none."""
        return _day(self.before)


def _day(kept: KeptCheck | None) -> str:
    return f"{kept.finished_at.astimezone(VIETNAM):%d/%m/%Y}" if kept and kept.finished_at else ""


Next = AskField | AskQuestion | Review | Underway | Finished


class Readiness:
    """What comes next for a person. person: the pseudonym; where something is kept, of one whom the records know."""

    def __init__(self, records: OnboardingRecords, questionnaire: Questionnaire) -> None:
        self._records = records
        self._questionnaire = questionnaire

    @property
    def choices(self) -> Choices:
        """What profiles name."""
        return self._questionnaire.profile

    async def profile(self, person: str) -> Profile:
        return Profile.from_json((await self._records.standing(person)).profile)

    # Where a person is -----------------------------------------------------------------------------------------------

    async def where(self, person: str) -> Next | None:
        """The open check, the last result, or the field of the profile that comes next; None where nothing was begun.

        Nothing is kept by looking.
        """
        standing = await self._records.standing(person)
        field = Profile.from_json(standing.profile).next_field()
        if standing.open and field is None:
            return self._underway(standing, standing.open)
        if standing.finished and not standing.open:
            return _finished(standing, standing.finished[0].key)
        return AskField(Profile.from_json(standing.profile), field) if standing.profile and field else None

    async def underway(self, person: str) -> Underway | None:
        """The open check, where there is one."""
        standing = await self._records.standing(person)
        return self._underway(standing, standing.open) if standing.open else None

    def _underway(self, standing: Standing, kept: KeptCheck) -> Underway:
        return Underway(self._check(standing, kept), kept.key)

    async def onward(self, person: str) -> Next:
        """The next thing to ask: of the profile first, then of the check, which is begun if there is none.

        Who has finished a check begins no other one by this.
        """
        standing = await self._records.standing(person)
        if standing.finished and not standing.open:
            return _finished(standing, standing.finished[0].key)
        return await self._onward(person, standing)

    async def _onward(self, person: str, standing: Standing) -> Next:
        profile = Profile.from_json(standing.profile)
        if field := profile.next_field():
            return AskField(profile, field)
        kept = standing.open or await self._begin(person, {})
        check = self._check(standing, kept)
        asked = check.next_question()
        return AskQuestion(check, kept.key, asked) if asked else Review(check, kept.key)

    async def begin_anew(self, person: str) -> Next:
        """A check without answers, in place of one that is open."""
        await self._begin(person, {})
        return await self._onward(person, await self._records.standing(person))

    async def revise(self, person: str) -> Next:
        """The answers of the last finished check, to change them. A second time, the check that was begun is there."""
        standing = await self._records.standing(person)
        if not standing.finished:
            raise Stale
        kept = standing.open or await self._begin(person, standing.finished[0].answers)
        return Review(self._check(standing, kept), kept.key)

    async def _begin(self, person: str, answers: Mapping[str, str]) -> KeptCheck:
        version = self._questionnaire.version
        key = await self._records.begin(person, version, answers)
        return KeptCheck(key, version, answers, None, None)

    def _check(self, standing: Standing, kept: KeptCheck) -> Check:
        return Check(self._questionnaire, Profile.from_json(standing.profile), kept.answers)

    # Within a check --------------------------------------------------------------------------------------------------

    async def open_check(self, person: str, key: str) -> Check:
        """The open check of a key. Raises Stale."""
        standing = await self._records.standing(person)
        if standing.open is None or standing.open.key != key:
            raise Stale
        return self._check(standing, standing.open)

    async def question(self, person: str, key: str, question: str) -> Next:
        """A question of the open check; what comes next, where it is not asked any more. Raises Stale."""
        check = await self.open_check(person, key)
        asked = check.question(question)
        return AskQuestion(check, key, asked) if asked else await self.onward(person)

    async def answer(self, person: str, key: str, question: str, answer: str) -> Next:
        """Keep an answer, and what follows; the same question, where that cannot be chosen. Raises Stale."""
        check = await self.open_check(person, key)
        try:
            check = check.answered(question, answer)
        except KeyError:
            return await self.question(person, key, question)
        if not await self._records.answer(person, key, self._questionnaire.version, question, answer):
            raise Stale
        return following(check, key, question)

    async def after(self, person: str, key: str, question: str) -> Next:
        """What follows a question that stays as it is answered. Raises Stale."""
        check = await self.open_check(person, key)
        return following(check, key, question) if check.question(question) else await self.onward(person)

    async def finish(self, person: str, key: str) -> tuple[Next, bool]:
        """Reckon, once all is answered, and whether it was; what was reckoned before comes as it is. Raises Stale."""
        standing = await self._records.standing(person)
        if any(done.key == key for done in standing.finished):
            return _finished(standing, key), False
        check = await self.open_check(person, key)
        if check.next_question() is not None:
            return await self.onward(person), False
        result = Result.of_check(check).model_dump(mode="json")
        await self._records.finish(person, key, self._questionnaire.version, result)
        return await self.finished(person, key), True

    async def finished(self, person: str, key: str) -> Finished:
        """A finished check of theirs. Raises Stale."""
        return _finished(await self._records.standing(person), key)

    # The profile -----------------------------------------------------------------------------------------------------

    async def keep(self, person: str, profile: Profile) -> None:
        """Keep a profile, and go nowhere."""
        await self._records.keep_profile(person, profile.to_json())

    async def keep_field(self, person: str, profile: Profile) -> Next:
        """Keep a profile, and the next field that was not asked for; where all were, the check, or its last result."""
        await self.keep(person, profile)
        field = profile.next_field()
        return AskField(profile, field) if field else await self.onward(person)

    async def forget_profile(self, person: str) -> None:
        """Keep nothing any more of what they told of themselves; checks stay."""
        await self._records.keep_profile(person, {})

    async def ask_all_again(self, person: str) -> Next:
        """The profile from its first field on, as it was answered."""
        profile = await self.profile(person)
        for field in FIELDS:
            profile = profile.asked_again(field)
        await self.keep(person, profile)
        return AskField(profile, FIELDS[0])


def following(check: Check, key: str, question: str) -> AskQuestion | Review:
    """What follows a question: the next one without an answer, else the next of the same need, else the review."""
    asked = check.question(question)
    later = check.next_question(question)
    if later is None and asked:
        later = next((found for found in check.questions()[asked.number :] if found.need == asked.need), None)
    return AskQuestion(check, key, later) if later else Review(check, key)


def _finished(standing: Standing, key: str) -> Finished:
    keys = [check.key for check in standing.finished]
    if key not in keys:
        raise Stale
    place = keys.index(key)
    before = standing.finished[place + 1 :][:1]
    return Finished(Profile.from_json(standing.profile), standing.finished[place], before[0] if before else None)


async def use_for_answers(records: OnboardingRecords, talk: Talk, *, wanted: bool) -> bool:
    """Answer questions that lean on the profile for it, or not; False for a profile that was erased."""
    if not talk.profile:
        return False
    profile = Profile.from_json(talk.profile).used_for_answers(wanted=wanted)
    await records.keep_profile(talk.person, profile.to_json())
    return True


def to_be_invited(beside: Beside, talk: Talk) -> bool:
    """Whether the check is to be suggested with an answer: once, to who has asked a few questions and begun none."""
    return not beside.open and not beside.invited and talk.asked_day + 1 >= _INVITE_AT


def card_of(finished: Finished, choices: Choices, language: Language) -> Card:
    """The scorecard of a finished check, compared with the one before it."""
    result, previous = finished.results
    kept, before = finished.kept, finished.before
    assert kept.finished_at is not None  # noqa: S101  # for the type checker: only finished checks come here
    return Card(
        result,
        kept.finished_at.astimezone(VIETNAM).date(),
        previous,
        before.finished_at.astimezone(VIETNAM).date() if before and before.finished_at else None,
        finished.profile.company,
        _facts(finished.profile, choices, language),
        language,
    )


def _facts(profile: Profile, choices: Choices, language: Language) -> tuple[str, ...]:
    given = {field: "; ".join(choices.given(profile, field, language)) for field in _ON_PAGE}
    return tuple(say(f"onboarding.fact.{field}", language, value=value) for field, value in given.items() if value)
