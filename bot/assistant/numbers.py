"""The numbers of a text with what they count, however written: "23.900 tỷ đồng" is "23,900 billion VND".

A number is written with digits or in words up to ninety-nine, in Vietnamese or in English.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from knowledge.function_words import function_words

# What a number counts where no unit says it: no word follows, or one without a meaning of its own, or some thing.
BARE = ""
LOOSE = "-"
OTHER = "?"
_NO_UNIT = (BARE, LOOSE, OTHER)

_UNITS = {
    "%": "% | phần trăm | percent | per cent",
    "usd": "usd | us$ | $ | đô la mỹ | đô la | đô | dollars | dollar",
    "vnd": "vnd | vnđ | việt nam đồng | đồng | đ",
    "eur": "eur | € | euro | euros",
    "gbp": "gbp | £ | bảng anh",
    "jpy": "jpy | yên | yen",
    "cny": "cny | rmb | nhân dân tệ | tệ | yuan",
    "krw": "krw | won",
    "working day": "ngày làm việc | working days | working day | business days | business day",
    "day": "ngày | days | day | hôm",
    "week": "tuần | weeks | week",
    "month": "tháng | months | month",
    "year": "năm | years | year",
    "hour": "giờ | tiếng | hours | hour | h",
    "minute": "phút | minutes | minute",
    "second": "giây | seconds | second",
    "mg/kg": "mg/kg",
    "kg": "kg | kilôgam | kilogram | kilograms | ký | cân",
    "tonne": "tấn | tonnes | tonne | tons | ton",
    "mg": "mg | miligam",
    "g": "g | gam | gram | grams",
    "km": "km | ki-lô-mét",
    "cm": "cm",
    "mm": "mm",
    "m3": "m3 | m³ | cbm | mét khối | khối",
    "m2": "m2 | m² | mét vuông",
    "m": "m | mét",
    "foot": "feet | foot | ft",
    "inch": "inch | inches",
    "litre": "lít | litres | litre | l",
    "ml": "ml",
    "ppm": "ppm",
    "degree": "°c | độ c | độ",
    "pixel": "pixel | pixels | px",
}
_TIMES = {"nghìn": 1e3, "ngàn": 1e3, "k": 1e3, "thousand": 1e3, "triệu": 1e6, "tr": 1e6, "million": 1e6, "mn": 1e6,
          "tỷ": 1e9, "tỉ": 1e9, "billion": 1e9, "bn": 1e9, "trillion": 1e12, "trăm": 1e2, "hundred": 1e2}  # fmt: skip
_DIGITS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
           "mười": 10, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
           "nine": 9, "ten": 10}  # fmt: skip
_LAST = {"mốt": 1, "tư": 4, "lăm": 5}
# Also words of another meaning ("một" a, "năm" year): numbers only in front of a unit.
_UNSURE = {"một", "năm", "one"}
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Number:
    """value: multiplied by `times` (a million for "triệu"). unit: a key of the units, BARE, LOOSE or OTHER. written: as
    it stands.

    in_words: written as a word with no unit behind it: a count of things, or a mere turn of phrase.
    """

    value: float
    unit: str
    written: str
    times: float = 1.0
    in_words: bool = False

    def stands_in(self, others: Iterable["Number"]) -> bool:
        """Whether one of the others says the same. What stands alone (in a table, perhaps) may have any unit."""
        return any(
            self.value == other.value
            and (self.in_words or self.unit in (BARE, LOOSE, other.unit) or other.unit == BARE)
            for other in others
        )


def numbers(text: str) -> list[Number]:
    """The numbers of a normalised text from which codes and dates were taken out, in their order."""
    found: list[Number] = []
    for match in reversed(list(_pattern().finditer(text))):
        number = _number(match)
        if number and match["to"] and found:
            number = _as_far_as(number, found[-1])
        if number:
            found.append(number)
    return found[::-1]


def _number(match: re.Match[str]) -> Number | None:
    in_words = match["word"] is not None
    times = math.prod(_TIMES[name] for name in _WORD.findall((match["times"] or "").lower()))
    unit = _unit(match["before"]) or _unit(match["unit"]) or _counted(match["other"])
    uncounted = in_words and unit in _NO_UNIT and times == 1
    if uncounted and (match["word"].lower() in _UNSURE or match["both"] or match["sides"]):
        return None
    value = _in_words(match["word"]) if in_words else _in_digits(match["digits"])
    # Rounded to what multiplying leaves of it (23.9 * 1e9).
    return Number(float(f"{value * times:.12g}"), unit, match[0].strip(), times, uncounted)


def _counted(word: str | None) -> str:
    if word is None:
        return BARE
    return LOOSE if word.strip().lower() in function_words("vietnamese") | function_words("english") else OTHER


def _as_far_as(first: Number, last: Number) -> Number:
    """The first number of a range: in "10 - 20 triệu đồng" the ten are million too, and đồng."""
    if first.unit not in _NO_UNIT:
        return first
    shared = last.times if first.times == 1 and first.value * last.times <= last.value else 1.0
    return replace(first, value=float(f"{first.value * shared:.12g}"), unit=last.unit)


def _in_digits(written: str) -> float:
    """A separator before three digits parts thousands, the last of two kinds, or one before others, is the decimal."""
    plain = written.replace(" ", "")
    kinds = set(plain) & {".", ","}
    if len(kinds) == 2:
        decimal = max(kinds, key=plain.rfind)
        other = (kinds - {decimal}).pop()
        return float(plain.replace(other, "").replace(decimal, "."))
    if not kinds:
        return float(plain)
    separator = kinds.pop()
    head, *groups = plain.split(separator)
    if len(groups) > 1 or (len(groups[0]) == 3 and len(head) <= 3 and head.strip("0")):
        return float(plain.replace(separator, ""))
    return float(f"{head}.{groups[0]}")


def _in_words(written: str) -> float:
    words = written.lower().split()
    if len(words) == 1:
        return float(_DIGITS[words[0]])
    if words[0] == "mười":
        return 10.0 + _DIGITS.get(words[1], _LAST.get(words[1], 0))
    last = words[2] if len(words) == 3 else None
    return _DIGITS[words[0]] * 10.0 + (_DIGITS.get(last, _LAST.get(last, 0)) if last else 0)


def _unit(written: str | None) -> str | None:
    return _names_of_units()[written.strip().lower()] if written else None


@cache
def _names_of_units() -> dict[str, str]:
    return {name.strip(): unit for unit, names in _UNITS.items() for name in names.split("|")}


@cache
def _pattern() -> re.Pattern[str]:
    digit = "|".join(_DIGITS)
    units = "|".join(re.escape(name) for name in sorted(_names_of_units(), key=len, reverse=True))
    before = "|".join(re.escape(name) for name in ("us$", "usd", "vnd", "eur", "$", "€", "£"))
    return re.compile(
        rf"""(?:(?P<before>(?<!\w)(?:{before})\s?)|(?P<both>(?<!\w)(?:cả|both)\ )|(?<![\w.,]))
        (?:(?P<digits>\d{{1,3}}(?:\ \d{{3}})+(?![\d])|\d+(?:[.,]\d+)*)
         |(?P<word>(?:{digit})\ mươi(?:\ (?:{digit}|mốt|tư|lăm))?|mười\ (?:{digit}|lăm)|(?:{digit}))(?!\w))
        (?P<times>(?:\s?(?:{"|".join(_TIMES)})(?!\w))*)
        (?:\s?(?P<unit>(?:{units})(?!\w)))?
        (?=(?P<to>\s?(?:-|–|—|đến|tới|to|hoặc|hay|or)\s?(?:\d|{digit}))?)
        (?=(?P<sides>\s(?:bên|chiều|phía|đầu|mặt|tay)(?!\w))?)
        (?=(?P<other>\s[^\W\d_]+)?)
        """,
        re.IGNORECASE | re.VERBOSE,
    )
