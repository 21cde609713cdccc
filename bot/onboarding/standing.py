"""What is kept of a supplier, made a checklist of."""

from collections.abc import Mapping
from typing import Any

from bot.onboarding.checklist import Checklist, Mark, Steps, checklist
from bot.onboarding.profile import Profile
from bot.onboarding.result import Result


def checklist_of(
    steps: Steps, profile: dict[str, Any], result: dict[str, Any] | None, marks: Mapping[str, Mark]
) -> Checklist:
    """The checklist of a supplier as their profile, the result of their last check and their marks are kept."""
    short = Result.model_validate(result).short if result else ()
    return checklist(steps, Profile.from_json(profile), short, marks)
