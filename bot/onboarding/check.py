"""A readiness check: the questions that a supplier is asked, the answers so far, what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from bot.onboarding.profile import Profile
from bot.onboarding.questionnaire import NEEDS, Level, NeedName, Question, Questionnaire

# The answer of somebody who does not know. It is worth nothing, and another advice follows from it than from "no".
UNKNOWN = "unknown"
_BEST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a supplier meets it. number: from 1, of `of`. answer: the key chosen so far."""

    id: str
    need: NeedName
    question: Question
    number: int
    of: int
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A question without the best answer. loss: points of the total that it costs. unknown: find out first."""

    id: str
    need: NeedName
    loss: float
    unknown: bool


@dataclass(frozen=True, slots=True)
class Score:
    """needs, total: 0 to 100. gaps: those that cost most first. unknown: how many questions have no known answer."""

    needs: Mapping[NeedName, int]
    total: int
    level: Level
    gaps: tuple[Gap, ...]
    unknown: int


@dataclass(frozen=True)
class Check:
    """answers: keys of options, or UNKNOWN, by the id of the question. Answers to what is not asked do not count."""

    questionnaire: Questionnaire
    profile: Profile
    answers: Mapping[str, str] = field(default_factory=dict)

    def questions(self) -> tuple[Asked, ...]:
        """Those that are meant for a supplier like this, in order."""
        meant = [(id_, q) for id_, q in self.questionnaire.questions.items() if q.when.holds(self.profile)]
        return tuple(
            Asked(id_, _need_of(id_), question, number, len(meant), self._valid(id_, question))
            for number, (id_, question) in enumerate(meant, start=1)
        )

    def _valid(self, id_: str, question: Question) -> str | None:
        """The answer, unless it was given to another version of the question."""
        answer = self.answers.get(id_)
        return answer if answer is not None and (answer == UNKNOWN or question.option(answer)) else None

    def question(self, id_: str) -> Asked | None:
        return next((asked for asked in self.questions() if asked.id == id_), None)

    def next_question(self, after: str | None = None) -> Asked | None:
        """The next one without an answer, from behind a question on and then from the beginning; None: all answered."""
        questions = self.questions()
        start = next((asked.number for asked in questions if asked.id == after), 0)
        return next((asked for asked in (*questions[start:], *questions[:start]) if asked.answer is None), None)

    def before(self, id_: str) -> Asked | None:
        """The question in front of one; None for the first."""
        asked = self.question(id_)
        return self.questions()[asked.number - 2] if asked and asked.number > 1 else None

    def answered(self, id_: str, answer: str) -> Self:
        """With an answer, in place of an earlier one. Raises KeyError for what is not asked or not to be chosen."""
        asked = self.question(id_)
        if asked is None or (answer != UNKNOWN and asked.question.option(answer) is None):
            raise KeyError(id_, answer)
        return replace(self, answers={**self.answers, id_: answer})

    def done(self) -> int:
        """How many questions have an answer."""
        return sum(asked.answer is not None for asked in self.questions())

    def score(self) -> Score:
        """A need is the mean of its questions by weight, the total that of the needs; no answer is worth nothing."""
        weights = {name: need.weight for name, need in self.questionnaire.needs.items()}
        whole = sum(weights.values())
        needs: dict[NeedName, float] = {}
        gaps = []
        for need in NEEDS:
            asked = [found for found in self.questions() if found.need == need]
            weight = sum(found.question.weight for found in asked)
            needs[need] = sum(found.question.weight * _points(found) for found in asked) / weight
            for found in asked:
                loss = weights[need] / whole * found.question.weight / weight * (_BEST - _points(found))
                if loss > 0:
                    gaps.append(Gap(found.id, need, loss, found.answer in (None, UNKNOWN)))
        total = sum(weights[need] * points for need, points in needs.items()) / whole
        rounded = {need: _rounded(points) for need, points in needs.items()}
        level = [
            level
            for level in self.questionnaire.levels
            if _rounded(total) >= level.least and min(rounded.values()) >= level.floor
        ][-1]
        gaps.sort(key=lambda gap: -gap.loss)
        unknown = sum(found.answer in (None, UNKNOWN) for found in self.questions())
        return Score(rounded, _rounded(total), level, tuple(gaps), unknown)


def _need_of(id_: str) -> NeedName:
    return next(need for need in NEEDS if id_.startswith(f"{need}."))


def _points(asked: Asked) -> int:
    option = asked.question.option(asked.answer) if asked.answer else None
    return option.points if option else 0


def _rounded(points: float) -> int:
    """To whole points, down: nobody is lifted over a threshold by rounding. What floats lose is given back first."""
    return int(points + 1e-9)
