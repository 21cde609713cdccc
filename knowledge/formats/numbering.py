"""What Word prints in front of numbered paragraphs: "Điều 5.", "1.2.", "a)"."""

import re
from collections import defaultdict

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml.etree import _Element as Element

_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


class Numbering:
    """Counts through a document; `mark` is called for each paragraph in turn."""

    def __init__(self, document: WordDocument) -> None:
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[str, list[int]] = defaultdict(list)
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        for number in root.iterchildren(qn("w:num")):
            abstract = number.find(qn("w:abstractNumId"))
            if abstract is not None:
                self._abstract[number.get(qn("w:numId"), "")] = abstract.get(qn("w:val"), "")
        for abstract in root.iterchildren(qn("w:abstractNum")):
            for level in abstract.iterchildren(qn("w:lvl")):
                start = _value(level, "w:start")
                known = (_value(level, "w:numFmt"), _value(level, "w:lvlText"), int(start) if start.isdigit() else 1)
                self._levels[abstract.get(qn("w:abstractNumId"), ""), _small(level.get(qn("w:ilvl")))] = known

    def mark(self, paragraph: Element, by_style: Element | None) -> tuple[str, bool]:
        """The number as printed, empty for a bullet, and whether the paragraph is an item at all."""
        found = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        found = by_style if found is None else found
        if found is None or _value(found, "w:numId") in ("", "0"):
            return "", False
        abstract, level = self._abstract.get(_value(found, "w:numId"), ""), _small(_value(found, "w:ilvl"))
        form, pattern, _ = self._levels.get((abstract, level), ("bullet", "", 1))
        counts = self._counts[abstract]
        while len(counts) <= level:
            above = self._levels.get((abstract, len(counts)), ("", "", 1))[2]
            counts.append(above - 1 if len(counts) == level else above)
        counts[level] += 1
        del counts[level + 1 :]
        if form in ("bullet", "none", ""):
            return "", True

        def shown(match: re.Match[str]) -> str:
            number = int(match[1]) - 1
            known = self._levels.get((abstract, number), ("decimal", "", 1))
            return _formatted(counts[number], known[0]) if number < len(counts) else ""

        return re.sub(r"%([1-9])", shown, pattern), True


def _formatted(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 1 <= number <= 3999:
        roman = ""
        for value, letters in _ROMAN:
            roman += letters * (number // value)
            number %= value
        return roman.lower() if form == "lowerRoman" else roman
    return str(number)


def _small(text: str | None) -> int:
    return min(int(text), 8) if text and text.isdigit() else 0


def _value(element: Element, name: str) -> str:
    found = element.find(qn(name))
    return (found.get(qn("w:val")) or "") if found is not None else ""
