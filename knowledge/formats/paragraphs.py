"""Lines of a PDF to headings and paragraphs, also across pages."""

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.documents import Place
from knowledge.formats.lines import Line
from knowledge.outline import Block
from knowledge.spelling import is_syllable
from knowledge.vietnamese import fold

_ITEM = re.compile(
    r"[-–—•+*▪●○■◦]\s+\S|\d{1,3}(?:\.\d{1,3})*[.)]\s|[a-zđ]\)\s"
    r"|(?:Điều|Mục)\s+\d|(?:Chương|Phần)\s+(?:[IVXL]+\b|thứ)|PHỤ LỤC"
)
_BULLET = re.compile(r"[-–—•+▪●○■◦]\s+(?=\S)")
_ARTICLE = re.compile(r"(?:Điều|Mục)\s+\d+[a-zđ]?[.:]\s|(?:Chương|Phần|Mục)\s+(?:[IVXL]+\b|thứ|\d+$)|PHỤ LỤC")
_ENDS = tuple(".:;!?…")

# Letters so much larger than most are a heading's.
_LARGER = 1.12
_LONGEST_HEADING = 150
# Where more of the lines would be headings, size means nothing.
_MOST_HEADINGS = 0.35


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a page. top, bottom: in points from above. box: x0, top, x1, bottom."""

    top: float
    bottom: float
    box: tuple[float, float, float, float]
    blocks: tuple[Block, ...]


def paragraphs(pages: Sequence[Sequence[Line | Grid]], bookmarks: Mapping[str, int]) -> Iterator[Block]:
    """Headings and paragraphs in reading order. bookmarks: levels of headings by their folded words."""
    lines = [item for page in pages for item in page if isinstance(item, Line)]
    levels = _Levels(lines, bookmarks)
    gap = _usual_gap(pages)
    text, places, level, before = "", list[Place](), 0, None
    for page in pages:
        for item in page:
            if isinstance(item, Grid):
                yield from _block(text, level, places)
                yield from item.blocks
                text, places, level, before = "", [], 0, None
                continue
            own = levels.of(item)
            if before and own == level and _goes_on(before, item, gap, own):
                if item.page != before.page:
                    places.append(Place("page", str(item.page), len(text) + 1))
                text = _joined(text, item.text)
            else:
                yield from _block(text, level, places)
                text, places, level = item.text, [Place("page", str(item.page))], own
            before = item
    yield from _block(text, level, places)


def _block(text: str, level: int, places: Sequence[Place]) -> list[Block]:
    bullet = None if level else _BULLET.match(text)
    shown = f"- {text[bullet.end() :]}" if bullet else text
    return [Block(shown, level, tuple(places))] if text else []


class _Levels:
    """Which lines are headings: by the bookmarks, by their size, or as short bold lines."""

    def __init__(self, lines: Sequence[Line], bookmarks: Mapping[str, int]) -> None:
        self._bookmarks = bookmarks
        letters = Counter[float]()
        for line in lines:
            letters[line.size] += len(line.text)
        self._usual = letters.most_common(1)[0][0] if letters else 0.0
        large = [line for line in lines if self._is_large(line)]
        sizes = sorted({line.size for line in large}, reverse=True)
        few = len(large) <= max(3, _MOST_HEADINGS * len(lines))
        self._by_size = {size: min(rank, 4) for rank, size in enumerate(sizes, start=1)} if few else {}
        bold = [line for line in lines if line.bold and line.size == self._usual]
        self._bold = 0 < len(bold) <= _MOST_HEADINGS * len(lines)

    def _is_large(self, line: Line) -> bool:
        letters = sum(character.isalpha() for character in line.text)
        return line.size >= _LARGER * self._usual and letters >= 2 and len(line.text) <= _LONGEST_HEADING

    def of(self, line: Line) -> int:
        """The level of a heading; 0 for text."""
        level = self._bookmarks.get(fold(line.text), 0)
        if _ARTICLE.match(line.text) and not level:
            return 0
        if not level and self._is_large(line):
            level = self._by_size.get(line.size, 0)
        if not level and self._bold and line.bold and line.size == self._usual:
            short = len(line.text) <= _LONGEST_HEADING * 0.8 and line.x1 < line.right - 1
            level = 5 if short and not line.text.endswith((".", ",", ";", ":")) and len(line.text) > 3 else 0
        return level


def _usual_gap(pages: Sequence[Sequence[Line | Grid]]) -> float:
    """Between the lines of a paragraph, in points."""
    gaps = [
        below.top - above.bottom
        for page in pages
        for above, below in itertools.pairwise(page)
        if isinstance(above, Line) and isinstance(below, Line) and below.top > above.top
    ]
    return statistics.median(gaps) if gaps else 0.0


def _goes_on(before: Line, line: Line, gap: float, level: int) -> bool:
    """Whether a line continues the paragraph or heading of the one before."""
    ended = before.text.endswith(_ENDS)
    if level:
        return line.page == before.page and line.size == before.size and line.top - before.bottom < line.size
    if _ITEM.match(line.text) or abs(line.size - before.size) > 1:
        return False
    continued = line.text[:1].islower()
    if _ARTICLE.match(before.text) and not continued:
        return False
    if line.page != before.page or line.top < before.top:
        return continued and not ended
    if line.top - before.bottom > 1.5 * gap + 0.35 * line.size and not (continued and not ended):
        return False
    width = line.right - line.left
    short = before.x1 < before.right - 0.2 * width
    indented = line.x0 > line.left + 8 and before.x0 <= before.left + 8
    return not (ended and (short or indented)) and not (short and not continued)


def _joined(text: str, more: str) -> str:
    """Two lines as one; a word that was broken at the end of the line is whole again."""
    if not text.endswith("-") or not more[:1].islower() or not text[-2:-1].isalpha():
        return f"{text} {more}"
    first, second = re.split(r"[^\w]+", text[:-1])[-1], re.split(r"[^\w]+", more)[0]
    whole = is_syllable(first + second) or not (is_syllable(first) and is_syllable(second))
    return text[:-1] + more if whole and len(first) > 1 else text + more
