"""Characters of a page to the lines that people see."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber.utils.text import extract_words

from knowledge.spelling import Mender
from knowledge.vietnamese import clean

# Two columns: the space between them lies in the middle, few words cross it, and both sides hold much text.
_MIDDLE = (0.35, 0.65)
_GUTTER = 8.0
_FEW = 0.1
_COLUMN_LINES = 12
_COLUMN_WORDS = 3.0


@dataclass(frozen=True, slots=True)
class Line:
    """x0, x1, top, bottom: in points from the upper left corner. left, right: the edges of its column.

    height: of the page. size: of most of its letters, in points.
    """

    text: str
    page: int
    size: float
    bold: bool
    x0: float
    x1: float
    top: float
    bottom: float
    left: float
    right: float
    height: float


def lines_of(chars: Sequence[dict[str, Any]], width: float, height: float, page: int, mender: Mender) -> list[Line]:
    """Lines from top to bottom; of a page in two columns those of the left one first."""
    seen = [char for char in chars if char.get("upright", True)]
    words = extract_words(seen, x_tolerance_ratio=0.15, return_chars=True)
    lines: list[Line] = []
    for column in _columns(words, width):
        rows = _rows(column)
        if not rows:
            continue
        left, right = min(word["x0"] for word in column), max(word["x1"] for word in column)
        lines += [_line(row, page, height, (left, right), mender) for row in rows]
    return [line for line in lines if line.text]


def _rows(words: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Words that stand beside each other; a raised or small one belongs to the line it touches most."""
    rows: list[list[dict[str, Any]]] = []
    bottom = 0.0
    for word in sorted(words, key=lambda word: word["bottom"]):
        if rows and word["bottom"] - bottom < 0.5 * (word["bottom"] - word["top"]):
            rows[-1].append(word)
        else:
            rows.append([word])
            bottom = word["bottom"]
    return [sorted(row, key=lambda word: word["x0"]) for row in rows]


def _line(
    words: Sequence[dict[str, Any]], page: int, height: float, edges: tuple[float, float], mender: Mender
) -> Line:
    chars = [char for word in words for char in word["chars"]]
    font = Counter(str(char["fontname"]) for char in chars).most_common(1)[0][0]
    sizes = Counter(round(float(char["size"]) * 2) / 2 for char in chars)
    bold = sum(_is_bold(str(char["fontname"])) for char in chars) > 0.8 * len(chars)
    text = mender.mend(" ".join(word["text"] for word in words), font)
    return Line(
        text=" ".join(clean(text.replace("\u00ad", "-")).split()),
        page=page,
        size=sizes.most_common(1)[0][0],
        bold=bold,
        x0=words[0]["x0"],
        x1=max(word["x1"] for word in words),
        top=min(word["top"] for word in words),
        bottom=max(word["bottom"] for word in words),
        left=edges[0],
        right=edges[1],
        height=height,
    )


def _is_bold(font: str) -> bool:
    return any(mark in font.lower() for mark in ("bold", "black", "heavy", "-bd"))


def _columns(words: list[dict[str, Any]], width: float) -> list[list[dict[str, Any]]]:
    gutter = _gutter(words, width)
    if gutter is None:
        return [words]
    left = [word for word in words if word["x0"] < gutter]
    right = [word for word in words if word["x0"] >= gutter]
    for side in (left, right):
        rows = _rows(side)
        if len(rows) < _COLUMN_LINES or statistics.fmean(map(len, rows)) < _COLUMN_WORDS:
            return [words]
    return [left, right]


def _gutter(words: Sequence[dict[str, Any]], width: float) -> float | None:
    """The middle of the widest empty strip in the middle of the page; None where too many words cross."""
    if len(words) < 2 * _COLUMN_LINES * _COLUMN_WORDS:
        return None
    first, last = (int(width * share) for share in _MIDDLE)
    crossed = [0] * (max(last - first, 0) + 1)
    for word in words:
        for x in range(max(first, int(word["x0"])), min(last, int(word["x1"])) + 1):
            crossed[x - first] += 1
    most = _FEW * len(_rows(words))
    best, start = (0, 0), None
    for offset, count in enumerate([*crossed, len(words)]):
        if count <= most and start is None:
            start = offset
        elif count > most and start is not None:
            best, start = max(best, (offset - start, start)), None
    return first + best[1] + best[0] / 2 if best[0] >= _GUTTER else None
