"""Sums and terms as people type them: "35tr", "1,5 tỷ", "3tr5/tháng", "1500 usd", "2 năm"."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.assistant.numbers import BARE, LOOSE, OTHER, Number, numbers
from bot.texts import Language
from knowledge.vietnamese import fold, normalise

Currency = Literal["vnd", "usd", "eur", "cny"]
_CURRENCIES: dict[str, Currency] = {"vnd": "vnd", "usd": "usd", "eur": "eur", "cny": "cny"}
# A smaller number without a currency may be thousands, millions or dollars.
_LEAST_DONG = 10_000
_MONTHS = {"month": 1.0, "year": 12.0}
_LONGEST = 120
# Nobody asks so much, and a number that is longer was not meant as a sum.
_MOST = 1e12

# Words that are often typed without marks.
_MARKED = {
    "trieu": "triệu",
    "ty": "tỷ",
    "ti": "tỷ",
    "nghin": "nghìn",
    "ngan": "ngàn",
    "dong": "đồng",
    "vnd": "đồng",
    "do": "đô",
    "thang": "tháng",
    "nam": "năm",
    "quy": "quý",
}
# "3tr5" is 3.5 million, "1 tỷ 2" 1.2 billion.
_AND_SOME = re.compile(r"(\d+) ?(triệu|tr|tỷ|tỉ) ?(\d)(?![\d.,%]|\s?[^\W\d])")
_BILLION_AND = re.compile(r"(\d+) ?(?:tỷ|tỉ) ?(\d{1,3}) ?(?:triệu|tr)(?!\w)")
_TIMES = re.compile(r"[x×*] ?\d")
_NOTHING = re.compile(r"^(?:mien phi|free|khong mat phi|khong tinh phi|0 ?d?)$")
_PER = re.compile(r"(?:/|mỗi|một|hằng|hàng|theo|per|a) ?(?P<span>tháng|month|năm|year|quý|quarter)(?!\w)")
_SPANS = {"tháng": 1.0, "month": 1.0, "năm": 12.0, "year": 12.0, "quý": 3.0, "quarter": 3.0}


@dataclass(frozen=True, slots=True)
class Money:
    """amount: in units of the currency. months: what it is for, where that was said."""

    amount: float
    currency: Currency = "vnd"
    months: float | None = None

    def monthly(self, months: float | None) -> float | None:
        """The share of a month. months: how long the offer runs, for what is paid once."""
        span = self.months or months
        return self.amount / span if span else None


def money(typed: str) -> Money | None:
    """The one sum that a text names; None for none, several, or one that could be read in two ways."""
    text = _plain(typed)
    if _NOTHING.match(fold(text)):
        return Money(0.0)
    found = numbers(text)
    # In "3tr tháng" the month is what the three million are for.
    spans = [number for number in found if number.unit in _MONTHS and number.times == 1]
    sums = [number for number in found if number not in spans and number.unit != "%" and not number.in_words]
    currency = _currency(sums[0]) if len(sums) == 1 else None
    if currency is None or len(spans) > 1 or sums[0].value > _MOST or _TIMES.search(text):
        return None
    return Money(sums[0].value, currency, _span(text, spans or sums))


def _currency(number: Number) -> Currency | None:
    if number.unit in (BARE, LOOSE, OTHER, *_MONTHS):
        return "vnd" if number.value >= _LEAST_DONG or number.value == 0 else None
    return _CURRENCIES.get(number.unit)


def _span(text: str, spans: list[Number]) -> float | None:
    if spans[0].unit in _MONTHS:
        return (spans[0].value if spans[0].times == 1 else 1.0) * _MONTHS[spans[0].unit] or None
    per = _PER.search(text)
    return _SPANS[per["span"]] if per else None


def months(typed: str) -> float | None:
    """The number of months that a text names; a mere number is one of months."""
    text = _plain(typed)
    found = [number for number in numbers(text) if number.unit != "%"]
    if len(found) != 1 or re.search(r"rưỡi|\d[/.-]\d+[/.-]", text):
        return None
    [number] = found
    if number.unit not in (BARE, *_MONTHS) or number.times != 1:
        return None
    value = number.value * _MONTHS.get(number.unit, 1.0)
    return value if 0 < value <= _LONGEST else None


def _plain(typed: str) -> str:
    """Lower case, composed, words that belong to numbers with their marks, "3tr5" written out."""
    text = " ".join(normalise(typed).lower().split())
    text = re.sub(r"(?<![^\W\d_])[a-z]+(?![^\W\d_])", lambda match: _MARKED.get(match[0], match[0]), text)
    text = re.sub(r"(?<=\d) ?trđ(?!\w)", " tr đ", text)
    text = _BILLION_AND.sub(lambda match: f"{int(match[1]) * 1000 + int(match[2])} triệu", text)
    return _AND_SOME.sub(r"\1,\3 \2", text)


def shown(amount: float, currency: Currency, language: Language) -> str:
    """A sum as it is written: 35.000.000 đ, 1.500 USD."""
    whole = currency == "vnd" or amount >= 100 or amount == int(amount)
    written = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
    if language == "vi":
        written = written.translate(str.maketrans(",.", ".,"))
        return f"{written} {'đ' if currency == 'vnd' else currency.upper()}"
    return f"{written} {currency.upper()}"
