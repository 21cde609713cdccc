"""What a finished check led to, as it is kept: it can be shown without the file that it was made with."""

from collections.abc import Sequence
from typing import Self

from bot.onboarding.check import Check, Gap
from bot.onboarding.loading import Strict, Words
from bot.onboarding.questionnaire import NeedName
from bot.texts import Language, say

# Gaps that a supplier is told of: more at once are not worked on.
GAPS = 3


class Todo(Strict):
    """A gap that matters. unknown: the answer is not known, so that `todo` says how to find out."""

    id: str
    need: NeedName
    unknown: bool
    question: Words
    todo: Words
    guide: str


class Result(Strict):
    """needs, total: 0 to 100. gaps: the ones that matter most. short: ids of all questions without the best answer.

    unknown, of: questions without a known answer, of all.
    """

    version: str
    needs: dict[NeedName, int]
    total: int
    level: Words
    advice: Words
    gaps: tuple[Todo, ...]
    short: tuple[str, ...]
    unknown: int
    of: int

    @classmethod
    def of_check(cls, check: Check) -> Self:
        score, known = check.score(), check.questionnaire.questions
        gaps = []
        for gap in _foremost(score.gaps):
            question = known[gap.id]
            gaps.append(
                Todo(
                    id=gap.id,
                    need=gap.need,
                    unknown=gap.unknown,
                    question=Words(vi=question.vi, en=question.en),
                    todo=question.find_out if gap.unknown else question.advice,
                    guide=question.guide,
                )
            )
        return cls(
            version=check.questionnaire.version,
            needs=dict(score.needs),
            total=score.total,
            level=Words(vi=score.level.vi, en=score.level.en),
            advice=score.level.advice,
            gaps=tuple(gaps),
            short=tuple(gap.id for gap in score.gaps),
            unknown=score.unknown,
            of=len(check.questions()),
        )


def _foremost(gaps: Sequence[Gap]) -> list[Gap]:
    """Those to be told of: the one of each need that costs most before a second one of the same need."""
    firsts = list({gap.need: gap for gap in reversed(gaps)}.values())[::-1]
    others = [gap for gap in gaps if gap not in firsts]
    return [*sorted(firsts, key=gaps.index), *others][:GAPS]


def headline(result: Result, previous: Result | None, language: Language) -> str:
    """Total, level and the seven needs, in light Markdown: what the picture shows."""
    change = _change(result.total, previous.total if previous else None)
    lines = [say("onboarding.headline", language, total=result.total, change=change, level=result.level.of(language))]
    for need, points in result.needs.items():
        before = previous.needs.get(need) if previous else None
        lines.append(f"• {say(f'need.{need}', language)}: {points}{_change(points, before)}")
    return "\n".join(lines)


def report(result: Result, language: Language) -> str:
    """What follows from a result, and how it was reckoned, in light Markdown."""
    lines = [result.advice.of(language)]
    if result.gaps:
        lines.append(say("onboarding.gaps", language, count=len(result.gaps)))
    for number, gap in enumerate(result.gaps, start=1):
        kind = say("onboarding.find_out" if gap.unknown else "onboarding.do", language)
        need = say(f"need.{gap.need}", language)
        lines.append(f"{number}. **{need}**: {gap.question.of(language)}\n→ {kind}: {gap.todo.of(language)}")
    if result.unknown:
        lines.append(say("onboarding.unknowns", language, unknown=result.unknown, of=result.of))
    lines.append(say("onboarding.reckoned", language))
    return "\n\n".join(lines)


def _change(points: int, before: int | None) -> str:
    if before is None or before == points:
        return ""
    return f" (▲ +{points - before})" if points > before else f" (▼ −{before - points})"
