"""What an offer says, what a month of it costs, what is missing, what to beware of."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.onboarding.agents import FREE, UNSAID, Field, Remark, agents
from bot.onboarding.amounts import Currency, Money, money, months, shown
from bot.texts import Language, say
from knowledge.vietnamese import fold

# What was answered about an offer, by field: words as they were typed, of a choice the option's key.
Answers = Mapping[str, str]
# By the name of whoever made the offer.
Offers = Mapping[str, Answers]

LONGEST_NAME, LONGEST_ANSWER = 60, 300
_TIMES = re.compile(r"(\w ?)\*(?= ?\d)")
# Below a thousand đồng nothing is to be told apart.
_ROUND = 1000.0


def tidy(typed: str, longest: int) -> str:
    """Words as they are kept: in one line, without what cannot be seen or would be read as marks."""
    line = " ".join(unicodedata.normalize("NFC", typed).split())
    # Without its sign "2tr * 12 tháng" would be two million for all twelve.
    line = _TIMES.sub(r"\1×", line)
    return "".join(sign for sign in line if sign.isprintable() and sign not in "*[]")[:longest].strip()


def given(field: Field, typed: str) -> str | None:
    """What is kept of an answer that was typed; None for one that says nothing.

    An option may be typed as well as pressed.
    """
    answer = tidy(typed, LONGEST_ANSWER)
    if field.kind != "choice":
        return answer or None
    options = {fold(label): key for key, labels in field.options.items() for label in labels.values()}
    return options.get(fold(answer).strip(" ."))


def meant(typed: str) -> Literal["skip", "clear", "answer"]:
    """Whether a reply answers, leaves the field as it is, or empties it."""
    said = fold(tidy(typed, LONGEST_ANSWER)).strip(' .!“”"')
    if not said or said in agents().skip:
        return "skip"
    return "clear" if said in agents().clear else "answer"


def filled_in(typed: Mapping[str, str]) -> dict[str, str]:
    """What is kept of a whole form, by field; of a choice the option's key was sent. What says nothing is left out."""
    answers = {}
    for field in agents().fields:
        text = typed.get(field.key, "")
        if field.kind == "choice":
            if text in field.options:
                answers[field.key] = text
        elif meant(text) == "answer" and (answer := given(field, text)):
            answers[field.key] = answer
    return answers


def unasked(answers: Answers, after: str | None = None) -> Field | None:
    """The first field without an answer behind the one of a key; None when there is none."""
    fields = agents().fields
    start = next((number for number, field in enumerate(fields, start=1) if field.key == after), 0)
    return next((field for field in fields[start:] if field.key not in answers), None)


def read(field: Field, answers: Answers) -> bool:
    """Whether an answer is what its kind wants: a sum, a term; words always are."""
    answer = answers.get(field.key, "")
    if field.kind == "money":
        return money(answer) is not None
    return field.kind != "period" or months(answer) is not None


def told(field: Field, answers: Answers, language: Language) -> str:
    """An answer for people; empty where there is none. What can be read as a sum or a term is shown as such."""
    answer = answers.get(field.key)
    if not answer:
        return ""
    if field.kind == "choice":
        return field.options[answer][language] if answer in field.options else ""
    if field.kind == "period" and (term := months(answer)):
        return say("agents.months", language, months=_plain(term, language))
    if field.kind == "money" and (sum_ := money(answer)):
        return _priced(sum_, months(answers.get("months", "")), language)
    return answer


def _priced(sum_: Money, term: float | None, language: Language) -> str:
    if sum_.amount == 0:
        return say("agents.free", language)
    whole, part = shown(sum_.amount, sum_.currency, language), sum_.monthly(term)
    if sum_.months == 1:
        return say("agents.each_month", language, sum=whole)
    if sum_.months:
        whole = say("agents.for_months", language, sum=whole, months=_plain(sum_.months, language))
    if part is None:
        return whole
    return say("agents.and_monthly", language, sum=whole, monthly=rounded(part, sum_.currency, language))


def _plain(number: float, language: Language) -> str:
    text = f"{number:g}"
    return text.replace(".", ",") if language == "vi" else text


def rounded(amount: float, currency: Currency, language: Language) -> str:
    """A sum as it is written, in whole thousands of đồng."""
    if currency == "vnd" and amount >= _ROUND:
        amount = round(amount / _ROUND) * _ROUND
    return shown(amount, currency, language)


@dataclass(frozen=True, slots=True)
class Monthly:
    """What an offer costs a month. sums: by currency. without: fields whose share is not known."""

    sums: Mapping[Currency, float]
    without: tuple[Field, ...]


def monthly(answers: Answers) -> Monthly:
    """Both fees together, each for what it covers."""
    term = months(answers.get("months", ""))
    sums: dict[Currency, float] = {}
    without = []
    for field in agents().fields:
        if field.kind != "money":
            continue
        sum_ = money(answers.get(field.key, ""))
        part = 0.0 if sum_ and sum_.amount == 0 else sum_.monthly(term) if sum_ else None
        if sum_ is None or part is None:
            without.append(field)
        elif part:
            sums[sum_.currency] = sums.get(sum_.currency, 0.0) + part
    return Monthly(sums, tuple(without))


def missing(answers: Answers) -> list[Field]:
    """What still has to be asked about an offer."""
    return [field for field in agents().fields if answers.get(field.key, UNSAID) == UNSAID]


def listed(fields: Iterable[Field], language: Language) -> str:
    """The labels of fields within a sentence; an abbreviation stays as it is."""
    labels = (field.label[language] for field in fields)
    return ", ".join(label if label[1].isupper() else label[0].lower() + label[1:] for label in labels)


def warnings(answers: Answers) -> list[Remark]:
    """What to beware of in an offer."""
    return [remark for remark in agents().warnings if remark.answer == _marked(remark.field, answers)]


def _marked(key: str, answers: Answers) -> str | None:
    """What a warning may be about: the option, or that the sum is nothing."""
    answer = answers.get(key)
    field = agents().field(key)
    if answer and field and field.kind == "money":
        sum_ = money(answer)
        return FREE if sum_ and sum_.amount == 0 else None
    return answer


def unlike(offers: Offers) -> list[Remark]:
    """In what the offers differ so that their prices do not compare."""
    return [remark for remark in agents().unlike if len(_values(remark.field, offers)) > 1]


def _values(key: str, offers: Offers) -> set[str]:
    found = [answers[key] for answers in offers.values() if answers.get(key, UNSAID) != UNSAID]
    if key == "months":
        return {f"{term:g}" if (term := months(answer)) else fold(answer) for answer in found}
    return {fold(answer) for answer in found}
