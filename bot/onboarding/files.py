"""The two files of the onboarding, ours or those that are set."""

from dataclasses import dataclass
from pathlib import Path

from bot.onboarding import checklist, questionnaire
from bot.onboarding.checklist import Steps, load_steps
from bot.onboarding.questionnaire import Questionnaire, load_questionnaire


@dataclass(frozen=True, slots=True)
class Files:
    questionnaire: Questionnaire
    steps: Steps


def load_files(onboarding: Path | None = None, steps: Path | None = None) -> Files:
    """Raises OnboardingError."""
    questions = load_questionnaire(onboarding or questionnaire.BUNDLED)
    return Files(questions, load_steps(questions, steps or checklist.BUNDLED))
