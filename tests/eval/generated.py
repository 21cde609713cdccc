"""What a language model did with the golden questions: how often it was sent, what it cost, whether it held."""

import re
from collections import Counter
from collections.abc import Iterable

from bot.assistant.dialogue import Reply
from knowledge.index import Index

# Read with no regard to what a number means, unlike the check in bot/assistant, of which this is the check.
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_CITATION = re.compile(r"\[\d+\]")
_STEP = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)


def invented_numbers(reply: Reply, index: Index) -> list[str]:
    """The numbers in the text of an answer that stand, digit for digit, in none of the passages it cites."""
    cited = {source.passage for source in reply.sources}
    held = "\n".join(
        f"{passage.title}\n{passage.headings}\n{passage.text}" for passage in index.passages if passage.id in cited
    )
    known = {_digits(number) for number in _DIGITS.findall(held)}
    said = _DIGITS.findall(_CITATION.sub("", _STEP.sub("", reply.text)))
    return [number for number in said if _digits(number) not in known]


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number).lstrip("0") or "0"


def generated_table(replies: Iterable[Reply], index: Index) -> str:
    """A Markdown table over the answers, then one of what their sentences fell by."""
    answers = [reply for reply in replies if reply.decision == "answer"]
    made = Counter(reply.made_by for reply in answers)
    asked = [reply for reply in answers if reply.made_by != "composed"]
    used = [usage for reply in answers for usage in reply.usage]
    seconds = sorted(reply.latency_ms / 1000 for reply in asked)
    count = max(1, len(answers))
    priced = [usage.usd for usage in used if usage.usd is not None]
    invented = sum(bool(invented_numbers(reply, index)) for reply in answers)
    lines = [
        "| answers | share or figure |",
        "|---|---|",
        f"| written by the model | {made['generated'] / count:.3f} |",
        f"| written by it, some sentences left out | {made['generated_partly'] / count:.3f} |",
        f"| failed the check or the model failed: composed | {sum(made[m] for m in made if ':' in m) / count:.3f} |",
        f"| sent with a number that stands in no cited passage | {invented} |",
        f"| seconds, median and 95 of 100 | {_at(seconds, 0.5):.1f}, {_at(seconds, 0.95):.1f} |",
        f"| tokens read and written an answer | {sum(u.tokens_in for u in used) / count:.0f}, "
        f"{sum(u.tokens_out for u in used) / count:.0f} |",
        f"| USD for a thousand answers | {sum(priced) / count * 1000:.2f} |" if priced else "| USD | not known |",
        "",
        "| why the composed answer was sent | n |",
        "|---|---|",
    ]
    lines += [f"| {reason.partition(':')[2]} | {n} |" for reason, n in made.most_common() if ":" in reason]
    return "\n".join(lines)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
