"""YAML that trade staff edit: read whole, checked, and wrong with the line of the mistake."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from bot.texts import Language, catalogue, say

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound="Strict")


class Strict(BaseModel):
    """A part of a file: nothing beside what is named, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """The same words in both languages."""

    vi: str
    en: str

    def of(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en


class OnboardingError(Exception):
    """A file of the onboarding that cannot be used. Seen by whoever starts the bot: file, line, what is wrong there."""

    def __init__(self, file: str, line: int, code: str, **values: object) -> None:
        super().__init__(f"{file}:{line}: {code} {values}")
        self.file, self.line, self.code, self.values = file, line, code, values

    def text(self, language: Language) -> str:
        wrong = say(f"onboarding.problem.{self.code}", language, **self.values)
        return say("onboarding.problem", language, file=self.file, line=self.line, wrong=wrong)


def wrong(code: str, at: Place = (), **values: object) -> PydanticCustomError:
    """For a validator to raise: `onboarding.problem.<code>` of the catalogue, with its values.

    at: the place of the mistake within what is validated.
    """
    return PydanticCustomError(code, code, {"at": at, **values})


def load(path: Path, model: type[Model], known: dict[str, Collection[str]] | None = None) -> Model:
    """Raises OnboardingError for a file that is missing, is no YAML, or does not hold what it should.

    known: names that the file may refer to, for validators.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise OnboardingError(path.name, 1, "unreadable", detail=type(error).__name__) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise OnboardingError(path.name, line, "yaml", detail=error.problem or "") from None
    except yaml.YAMLError as error:
        raise OnboardingError(path.name, 1, "yaml", detail=type(error).__name__) from None
    lines: dict[Place, int] = {}
    content = _plain(root, (), lines, path.name) if root is not None else None
    try:
        return model.model_validate(content, context=known)
    except ValidationError as error:
        raise _first(error, path.name, lines) from None


def _plain(node: yaml.Node, place: Place, lines: dict[Place, int], file: str) -> object:
    """The value of a node; notes on which line each place stands. A key that stands twice is a mistake."""
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, object] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in mapping:
                raise OnboardingError(file, line, "twice", name=name)
            mapping[name] = _plain(value, (*place, name), lines, file)
            lines[(*place, name)] = line
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, number), lines, file) for number, item in enumerate(node.value)]
    # As it is written: YAML would take "No" for false.
    return node.value


def _first(error: ValidationError, file: str, lines: dict[Place, int]) -> OnboardingError:
    """The first mistake, at the line of the innermost place that stands in the file."""
    # A key that was misspelled is missing under its right name as well.
    problems: list[Any] = sorted(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
    problem = problems[0]
    values: dict[str, Any] = problem.get("ctx", {})
    place: Place = (*problem["loc"], *values.pop("at", ()))
    name = str(place[-1]) if place else ""
    known = place
    while known and known not in lines:
        known = known[:-1]
    line = lines.get(known, 1)
    kind = problem["type"]
    if kind in ("missing", "extra_forbidden"):
        return OnboardingError(file, line, kind, name=name)
    if f"onboarding.problem.{kind}" in catalogue():
        return OnboardingError(file, line, kind, **values)
    return OnboardingError(file, line, "value", name=name, detail=problem["msg"])
