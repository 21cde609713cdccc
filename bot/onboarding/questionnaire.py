"""The readiness file: questions about each of the seven needs, what answers are worth, what to advise."""

import re
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import ConfigDict, Field, field_validator, model_validator

from bot.onboarding.conditions import Condition, known
from bot.onboarding.loading import Strict, Words, load, wrong
from bot.onboarding.profile import SEVERAL, Profile
from bot.onboarding.profile import Field as ProfileField
from bot.texts import Language

BUNDLED = Path(__file__).with_name("readiness.yaml")

# The seven needs of buyers, in the order in which they were named.
NeedName = Literal["quality", "capacity", "price", "quantity", "transaction", "reliability", "speed"]
NEEDS: tuple[NeedName, ...] = get_args(NeedName)
# Names stand in buttons, which hold few bytes.
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"[\w.-]{1,20}")
_MOST = 100
_FEWEST_OPTIONS = 2
# Characters that a button shows on a phone.
_LONGEST_LABEL = 48


def named(name: str, longest: int = 10) -> str:
    """A name of at most so many characters. Raises what a validator may raise."""
    if not _NAME.fullmatch(name) or len(name) > longest:
        raise wrong("name", name=name, limit=longest)
    return name


def once(names: list[str]) -> None:
    """All different. Raises what a validator may raise."""
    for number, name in enumerate(names):
        if name in names[:number]:
            raise wrong("same_key", (number, "key"), name=name)


class Option(Words):
    """An answer to choose. points: 0 to 100."""

    key: str
    points: int = Field(ge=0, le=_MOST)

    @field_validator("key")
    @classmethod
    def _key(cls, name: str) -> str:
        return named(name)

    @field_validator("vi", "en")
    @classmethod
    def _short(cls, label: str) -> str:
        if not 1 <= len(label) <= _LONGEST_LABEL:
            raise wrong("label", limit=_LONGEST_LABEL)
        return label


class Question(Words):
    """Something observable. options: from the worst to the best. weight: within its need.

    advice: what to do where the best answer was not given; find_out: where the answer is not known.
    guide: where to read on, "document#section".
    """

    key: str
    weight: float = Field(1.0, gt=0)
    when: Condition = Condition()
    options: tuple[Option, ...]
    advice: Words
    find_out: Words
    guide: str

    @field_validator("key")
    @classmethod
    def _key(cls, name: str) -> str:
        return named(name)

    @field_validator("when")
    @classmethod
    def _when(cls, when: Condition) -> Condition:
        if when.gaps:
            raise wrong("extra_forbidden", name="gaps")
        return when

    @field_validator("options")
    @classmethod
    def _ascending(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        once([option.key for option in options])
        points = [option.points for option in options]
        lower = next((n for n, (a, b) in enumerate(pairwise(points), start=1) if b < a), None)
        if len(options) < _FEWEST_OPTIONS or lower or points[-1] != _MOST:
            raise wrong("order", (lower or len(options) - 1, "points"), points=", ".join(map(str, points)))
        return options

    @field_validator("guide")
    @classmethod
    def _guide(cls, guide: str) -> str:
        return checked_guide(guide)

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)


def checked_guide(guide: str) -> str:
    """A place in the guides, "document#section". Raises what a validator may raise."""
    document, _, section = guide.partition("#")
    if not document.endswith(".md") or not section.strip():
        raise wrong("guide", name=guide)
    return guide


class Need(Strict):
    """weight: of the need in the total."""

    weight: float = Field(gt=0)
    questions: tuple[Question, ...] = Field(min_length=1)

    @field_validator("questions")
    @classmethod
    def _different(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        once([question.key for question in questions])
        if not any(question.when == Condition() for question in questions):
            raise wrong("always_one")
        return questions


class Level(Words):
    """How far a supplier is: from so many points in all, with no need below `floor`."""

    model_config = ConfigDict(populate_by_name=True)

    key: str
    least: int = Field(alias="from", ge=0, le=_MOST)
    floor: int = Field(0, ge=0, le=_MOST)
    advice: Words


class Choices(Strict):
    """What the profile lets one choose from, by name."""

    goods: dict[str, Words]
    markets: dict[str, Words]
    experience: dict[str, Words]
    staff: dict[str, Words]
    provinces: tuple[str, ...]

    @field_validator("goods")
    @classmethod
    def _goods(cls, goods: dict[str, Words]) -> dict[str, Words]:
        known(tuple(goods), "goods")
        return goods

    @field_validator("markets")
    @classmethod
    def _markets(cls, markets: dict[str, Words]) -> dict[str, Words]:
        known(tuple(markets), "market")
        return markets

    @field_validator("experience", "staff")
    @classmethod
    def _names(cls, names: dict[str, Words]) -> dict[str, Words]:
        for name in names:
            named(name)
        return names

    def labels(self, field: ProfileField, language: Language) -> dict[str, str]:
        """What may be chosen for a field: words by name; nothing for one that is written."""
        if field == "province":
            return {name: name for name in self.provinces}
        return {name: words.of(language) for name, words in getattr(self, field, {}).items()}

    def given(self, profile: Profile, field: ProfileField, language: Language) -> list[str]:
        """What a profile holds of a field, in words: what was chosen, then what they wrote themselves."""
        labels = self.labels(field, language)
        if field not in SEVERAL:
            value: str = getattr(profile, field)
            return [labels.get(value, value)] if value else []
        chosen = [labels[name] for name in getattr(profile, field) if name in labels]
        own: str = getattr(profile, f"other_{field}")
        return [*chosen, own] if own else chosen


class Questionnaire(Strict):
    """version: noted with every check, so that one made with another version is known."""

    version: str
    levels: tuple[Level, ...] = Field(min_length=2)
    profile: Choices
    needs: dict[NeedName, Need]

    @field_validator("version")
    @classmethod
    def _version(cls, version: str) -> str:
        if not _VERSION.fullmatch(version):
            raise wrong("version", name=version)
        return version

    @field_validator("levels")
    @classmethod
    def _rising(cls, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        points = ", ".join(f"{level.least} (floor {level.floor})" for level in levels)
        if levels[0].least or levels[0].floor:
            raise wrong("levels", (0,), points=points)
        for number, (lower, upper) in enumerate(pairwise(levels), start=1):
            if upper.least <= lower.least or upper.floor < lower.floor:
                raise wrong("levels", (number,), points=points)
        return levels

    @model_validator(mode="after")
    def _seven(self) -> Self:
        if tuple(self.needs) != NEEDS:
            raise wrong("needs", allowed=", ".join(NEEDS))
        return self

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by its id, "need.key", in the order in which they are asked."""
        return {f"{name}.{question.key}": question for name, need in self.needs.items() for question in need.questions}


def load_questionnaire(path: Path = BUNDLED) -> Questionnaire:
    """Raises OnboardingError."""
    return load(path, Questionnaire)
