"""The checklist: steps that follow from gaps, goods and markets, and what a supplier says of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from bot.onboarding.conditions import Condition
from bot.onboarding.loading import Strict, Words, load
from bot.onboarding.profile import Profile
from bot.onboarding.questionnaire import Questionnaire, checked_guide, named, once

BUNDLED = Path(__file__).with_name("steps.yaml")

# not_for_me: the supplier says that a step does not apply to them.
Mark = Literal["done", "not_for_me"]
_LONGEST_KEY = 30


class Step(Words):
    """Something to do. vi, en: in a few words. takes: how long, where a guide says so.

    guide: how, "document#section".
    """

    key: str
    when: Condition = Condition()
    why: Words
    papers: Words | None = None
    takes: Words | None = None
    guide: str

    @field_validator("key")
    @classmethod
    def _key(cls, name: str) -> str:
        return named(name, _LONGEST_KEY)

    @field_validator("guide")
    @classmethod
    def _guide(cls, guide: str) -> str:
        return checked_guide(guide)


class Steps(Strict):
    steps: tuple[Step, ...] = Field(min_length=1)

    @field_validator("steps")
    @classmethod
    def _different(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        once([step.key for step in steps])
        return steps


@dataclass(frozen=True, slots=True)
class Item:
    """A step of one supplier's checklist; mark: what they say of it, None while it is to be done."""

    step: Step
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Checklist:
    items: tuple[Item, ...]

    @property
    def done(self) -> int:
        return sum(item.mark == "done" for item in self.items)

    @property
    def of(self) -> int:
        """How many steps are for this supplier."""
        return sum(item.mark != "not_for_me" for item in self.items)

    def item(self, key: str) -> Item | None:
        return next((item for item in self.items if item.step.key == key), None)

    def next_step(self) -> Step | None:
        """The first one that is to be done."""
        return next((item.step for item in self.items if item.mark is None), None)


def checklist(steps: Steps, profile: Profile, gaps: Collection[str], marks: Mapping[str, Mark]) -> Checklist:
    """The steps for a supplier; one that is done stays when its gap closes.

    gaps: ids of questions without the best answer.
    """
    return Checklist(
        tuple(
            Item(step, marks.get(step.key))
            for step in steps.steps
            if step.when.holds(profile, gaps) or marks.get(step.key) == "done"
        )
    )


def load_steps(questionnaire: Questionnaire, path: Path = BUNDLED) -> Steps:
    """Raises OnboardingError; also for a gap or an experience that the readiness file does not have."""
    return load(path, Steps, {"gaps": questionnaire.questions, "experience": questionnaire.profile.experience})
