"""What a text says that a letter can make wrong: numbers, dates, codes, names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.assistant.numbers import Number, numbers
from knowledge.entities import find_entities
from knowledge.function_words import VIETNAMESE_SHAPE
from knowledge.vietnamese import fold

# Year, month, day; None for what is not said.
Date = tuple[int | None, int | None, int | None]

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_Y, _M, _D = r"(?P<y>(?:19|20)\d\d)", r"(?P<m>0?[1-9]|1[0-2])", r"(?P<d>0?[1-9]|[12]\d|3[01])"
_NAME = rf"(?<!\w)(?P<name>{'|'.join(_MONTHS)})"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_Y}-{_M}-{_D}(?!\d)",
        rf"(?<![\d/]){_D}(?P<s>[/.-]){_M}(?P=s){_Y}(?![\d/])",
        rf"(?:(?:ngày|mùng)\s+)?(?<!\d){_D}\s+tháng\s+{_M}(?:\s*(?:năm|[/,-])?\s*{_Y})?(?!\d)",
        rf"tháng\s+{_M}\s*(?:năm|[/,-])?\s*{_Y}(?!\d)",
        rf"{_NAME}\s+{_D}(?:st|nd|rd|th)?(?:,?\s+{_Y})?(?!\w)",
        rf"(?<!\w){_D}(?:st|nd|rd|th)?\s+{_NAME}(?:,?\s+{_Y})?(?!\w)",
        rf"{_NAME}\s+{_Y}(?!\w)",
        rf"(?:ngày|mùng)\s+{_D}/{_M}(?![\d/])",
        rf"(?<![\d/]){_M}/{_Y}(?![\d/])",
        rf"(?:năm|year|in|since)\s+{_Y}(?![\w%])",
        rf"tháng\s+{_M}(?![\w%])",
    )
]
_FORM = re.compile(r"\b(?:[Ff]orm|[Mm]ẫu(?: số)?|C/O(?: form| mẫu)?)\s+(EUR\.?\s?1|[A-Z]{1,2}|0\d{1,2})(?![\w-])")
# A telephone number; a legal document or a ratio; a mixture of letters and digits; a number of goods
# ("1900 636 789", "85/2025/NĐ-CP", "EUR.1", "0901.21").
_CODE = re.compile(
    r"(?<![\w.,])(?:\+84|0|1[89]00)(?:[ .-]?\d){6,10}(?![\w.,]*\d)"
    r"|(?<![\w/])\d+(?:/[^\W_][\w-]*)+"
    r"|(?<![\w/.-])(?=[\w./-]*\d)(?=[\w./-]*[^\W\d_])[^\W_]+(?:[./-][^\W_]+)*(?!\w)"
    r"|(?<![\w.,])0\d{2,}(?:\.\d+)*(?!\w)"
)
_IN_ENGLISH = {"vietnam": "Việt Nam", "vietnamese": "Việt Nam", "english": "tiếng Anh"}
_TOKEN = re.compile(r"[A-Z]/[A-Z](?![\w/])|[^\W\d_]+")
# What a word stands behind when a capital letter is no accident of its place.
_INSIDE = re.compile(r"[^\W_][,;]? $")


@dataclass(frozen=True, slots=True)
class Facts:
    """Each as (what is compared, how it is written)."""

    numbers: tuple[Number, ...]
    dates: tuple[tuple[Date, str], ...]
    codes: tuple[tuple[str, str], ...]

    def years(self) -> set[float]:
        return {float(year) for (year, _, _), _ in self.dates if year} | {number.value for number in self.numbers}


def facts(text: str) -> Facts:
    """The facts of a normalised text."""
    dates: list[tuple[Date, str]] = []
    codes = [(_code(match[1]), match[0]) for match in _FORM.finditer(text)]

    def take_date(match: re.Match[str]) -> str:
        given = match.groupdict()
        month = _MONTHS.index(given["name"].lower()) + 1 if given.get("name") else given.get("m")
        year, day = given.get("y"), given.get("d")
        dates.append(((year and int(year), month and int(month), day and int(day)), match[0]))  # type: ignore[arg-type]
        return " , "

    def take_code(match: re.Match[str]) -> str:
        found = numbers(match[0])
        if len(found) == 1 and found[0].written == match[0] and (found[0].unit.isalpha() or found[0].times > 1):
            return match[0]
        codes.append((_code(match[0]), match[0]))
        return " , "

    for pattern in _DATES:
        text = pattern.sub(take_date, text)
    text = _CODE.sub(take_code, text)
    return Facts(tuple(numbers(text)), tuple(dates), tuple(codes))


def _code(written: str) -> str:
    return re.sub(r"[\s.-]", "", fold(written))


def missing(said: Facts, held: Facts) -> Iterator[str]:
    """What is said and not held, as it is written."""
    years = held.years()
    for number in said.numbers:
        if not number.stands_in(held.numbers) and not (number.value in years and 1900 <= number.value <= 2100):
            yield number.written
    for date, written in said.dates:
        fits = any(
            all(part in (None, other) for part, other in zip(date, dated, strict=True)) for dated, _ in held.dates
        )
        if not fits and not (date[1] is None and date[0] in years):
            yield written
    codes = {code for code, _ in held.codes}
    yield from (written for code, written in said.codes if code not in codes)


def names(text: str, *, english: bool = False) -> Iterator[str]:
    """Runs of words with a capital letter that is no accident of their place in a normalised text.

    A word that begins a sentence is a name only if it can be no word of its language: in capitals throughout, or not
    like a Vietnamese one ("Reuters").
    """
    run = ""
    end = 0
    for match in _TOKEN.finditer(text):
        word = match[0]
        joins = run and text[end : match.start()] in (" ", "-", "/", "&", " & ", ".")
        if not joins and run:
            yield run
            run = ""
        capital = word[0].isupper() and len(word) > 1
        inside = bool(_INSIDE.search(text[max(0, match.start() - 4) : match.start()]))
        foreign = word.isupper() or not (english or VIETNAMESE_SHAPE.fullmatch(fold(word)))
        if capital and (joins or inside or foreign):
            run = f"{run}{text[end : match.start()]}{word}" if joins else word
        elif run:
            yield run
            run = ""
        end = match.end()
    if run:
        yield run


def named_in(name: str, text: str) -> bool:
    """Whether a name stands in a normalised text, its words side by side, or under another of its names ("Hoa Kỳ")."""
    names = (name, _IN_ENGLISH.get(name.lower(), name))
    if any(f" {' '.join(_TOKEN.findall(fold(one)))} " in _words(text) for one in names):
        return True
    meant = _entities(name)
    return bool(meant) and meant <= _entities(text)


@lru_cache(maxsize=256)
def _words(text: str) -> str:
    return f" {' '.join(_TOKEN.findall(fold(text)))} "


@lru_cache(maxsize=256)
def _entities(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((entity.kind, entity.name) for entity in find_entities(text))
