"""The scorecard as a picture for the phone and as a page to hand over. Slow: to be called in a thread."""

import datetime
import io
import math
import threading
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import Polygon, Rectangle

from bot.onboarding.card import Card
from bot.onboarding.questionnaire import NEEDS
from bot.texts import say

# Everything is placed in pixels of the picture, from the upper left corner.
WIDTH, HEIGHT = 1080, 1350
# An A4 page in the same measure.
PAGE = 1527
_DPI, _INCH = 150, 8.27
_MARGIN = 64
_CENTRE_X, _RADIUS = 540, 222
_RINGS = (25, 50, 75, 100)
# From one line to the next, in sizes of the type.
_LEADING = 1.34

_INK, _SOFT, _LINE, _NOW, _BEFORE, _LIGHT = "#12233D", "#5A6B82", "#D5DCE5", "#0B7A75", "#E08A1E", "#FFFFFF"

# Comes with matplotlib and has every letter of Vietnamese.
_FONTS = Path(mpl.get_data_path()) / "fonts/ttf"
_PLAIN, _BOLD = _FONTS / "DejaVuSans.ttf", _FONTS / "DejaVuSans-Bold.ttf"
# matplotlib shares its caches of fonts between figures.
_one_at_a_time = threading.Lock()


def picture(card: Card) -> bytes:
    """A PNG for the phone, 1080 × 1350."""
    return _drawn(card, page=False)


def page(card: Card) -> bytes:
    """A PDF of one A4 page, with its fonts in it."""
    return _drawn(card, page=True)


def _drawn(card: Card, *, page: bool) -> bytes:
    height = PAGE if page else HEIGHT
    with _one_at_a_time:
        size = (_INCH, _INCH * height / WIDTH) if page else (WIDTH / _DPI, height / _DPI)
        figure = Figure(figsize=size, dpi=_DPI, facecolor=_LIGHT)
        sheet = _Sheet(figure.add_axes((0, 0, 1, 1)), height, size[0] * 72 / WIDTH)
        _draw(sheet, card, page=page)
        content = io.BytesIO()
        if page:
            title = say("onboarding.card.title", card.language)
            figure.savefig(content, format="pdf", metadata={"Title": title, "Creator": "Hải Đăng"})
        else:
            figure.savefig(content, format="png", metadata={"Software": "Hải Đăng"})
        return content.getvalue()


class _Sheet:
    """Text and shapes in pixels. point: points of type a pixel."""

    def __init__(self, axes: Axes, height: int, point: float) -> None:
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        self.axes, self._point = axes, point

    def text(self, x: float, y: float, words: str, size: float, *, bold: bool = False, **more: str) -> None:
        """Words whose upper edge is at y; size: pixels."""
        font = FontProperties(fname=_BOLD if bold else _PLAIN, size=size * self._point)
        style: dict[str, Any] = {"color": _INK, "va": "top", **more}
        self.axes.text(x, y, words, fontproperties=font, parse_math=False, **style)

    def paragraph(
        self, x: float, y: float, words: str, size: float, *, width: float, most: int, color: str = _INK
    ) -> float:
        """Words broken into at most so many lines; returns where the next line would begin."""
        for line in _lines(words, size, width, most=most):
            self.text(x, y, line, size, color=color)
            y += size * _LEADING
        return y

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=color, edgecolor="none"))


def _width(words: str, size: float, *, bold: bool = False) -> float:
    return size * sum(_advance(letter, bold=bold) for letter in words)


@cache
def _advance(letter: str, *, bold: bool) -> float:
    """The width of a letter, in sizes of the type. Only with the lock: it sets the size of a shared font."""
    font = get_font(str(_BOLD if bold else _PLAIN))
    font.set_size(100, 72)
    return float(font.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100


def _lines(words: str, size: float, width: float, *, most: int) -> list[str]:
    """The lines of a text; what is longer than all of them ends in an ellipsis, a word longer than a line is cut."""
    lines, rest = [""], _drawable(words).split()
    while rest:
        word = rest.pop(0)
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, size) <= width:
            lines[-1] = longer
        elif lines[-1]:
            lines.append("")
            rest.insert(0, word)
        else:
            fits = max(1, next((n for n in range(len(word), 0, -1) if _width(word[:n], size) <= width), 1))
            lines[-1] = word[:fits]
            rest.insert(0, word[fits:])
    if len(lines) > most:
        last = lines[most - 1]
        while last and _width(f"{last}…", size) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip()}…"]
    return [line for line in lines if line]


def _drawable(words: str) -> str:
    """Without what the font has no picture of, such as most emoji."""
    font = get_font(str(_PLAIN))
    return "".join(letter for letter in words if letter.isspace() or font.get_char_index(ord(letter)))


def _date(date: datetime.date) -> str:
    return f"{date:%d/%m/%Y}"


def _draw(sheet: _Sheet, card: Card, *, page: bool) -> None:
    language, inner = card.language, WIDTH - 2 * _MARGIN
    sheet.box(0, 0, WIDTH, 14, _NOW)
    sheet.text(_MARGIN, 42, say("onboarding.card.title", language), 40, bold=True)
    sheet.text(WIDTH - _MARGIN, 52, _date(card.date), 26, color=_SOFT, ha="right")
    y = 104.0
    if _drawable(card.company).strip():
        y = sheet.paragraph(_MARGIN, y, card.company, 26, width=inner, most=2, color=_SOFT)
    for fact in card.facts if page else ():
        y = sheet.paragraph(_MARGIN, y, fact, 20, width=inner, most=2, color=_SOFT)
    y += 22
    sheet.text(_MARGIN, y, str(card.result.total), 88, bold=True, color=_NOW)
    beside = _MARGIN + _width(str(card.result.total), 88, bold=True) + 22
    sheet.text(beside, y + 52, "/100", 32, color=_SOFT)
    level = card.result.level.of(language)
    sheet.text(beside + 120, y + 14, level, 36, bold=True)
    if card.previous and card.previous_date:
        then = say("onboarding.card.before", language, date=_date(card.previous_date), total=card.previous.total)
        sheet.text(beside + 120, y + 62, then, 24, color=_BEFORE)
    y += 120
    _radar(sheet, card, y + _RADIUS + 84)
    y += 2 * _RADIUS + 178
    if card.result.gaps:
        sheet.text(_MARGIN, y, say("onboarding.card.gaps", language), 30, bold=True)
        y += 50
    bottom = PAGE - 124 if page else HEIGHT - 96
    room = (bottom - y) / max(1, len(card.result.gaps)) - 12
    for number, gap in enumerate(card.result.gaps, start=1):
        sheet.text(_MARGIN, y, f"{number}.", 25, bold=True, color=_NOW)
        kind = say("onboarding.find_out" if gap.unknown else "onboarding.do", language)
        words = f"{say(f'need.{gap.need}', language)} – {kind}: {gap.todo.of(language)}"
        y = sheet.paragraph(_MARGIN + 40, y, words, 25, width=inner - 40, most=max(1, int(room / (25 * _LEADING)))) + 12
    foot = say("onboarding.card.foot", language)
    sheet.paragraph(_MARGIN, bottom + 12, foot, 20, width=inner, most=3 if page else 2, color=_SOFT)


def _radar(sheet: _Sheet, card: Card, centre: float) -> None:
    """The seven needs as a web; the check before, if there was one, under it."""
    angles = [2 * math.pi * number / len(NEEDS) for number in range(len(NEEDS))]

    def at(angle: float, radius: float) -> tuple[float, float]:
        return _CENTRE_X + radius * math.sin(angle), centre - radius * math.cos(angle)

    for ring in _RINGS:
        corners = [at(angle, _RADIUS * ring / 100) for angle in angles]
        sheet.axes.add_patch(Polygon(corners, fill=False, edgecolor=_LINE, linewidth=1.1))
        if ring < _RINGS[-1]:
            x, y = at(0, _RADIUS * ring / 100)
            sheet.text(x + 6, y - 20, str(ring), 17, color=_SOFT)
    for angle in angles:
        x, y = at(angle, _RADIUS)
        sheet.axes.plot((_CENTRE_X, x), (centre, y), color=_LINE, linewidth=1.1)
    if card.previous:
        corners = [at(a, _RADIUS * card.previous.needs[need] / 100) for a, need in zip(angles, NEEDS, strict=True)]
        sheet.axes.add_patch(Polygon(corners, fill=False, edgecolor=_BEFORE, linewidth=2, linestyle=(0, (4, 3))))
    corners = [at(a, _RADIUS * card.result.needs[need] / 100) for a, need in zip(angles, NEEDS, strict=True)]
    sheet.axes.add_patch(Polygon(corners, facecolor=_NOW, alpha=0.22))
    sheet.axes.add_patch(Polygon(corners, fill=False, edgecolor=_NOW, linewidth=2.6))
    for angle, need in zip(angles, NEEDS, strict=True):
        x, y = at(angle, _RADIUS + 20)
        sideways = math.sin(angle)
        aligned = "center" if abs(sideways) < 0.1 else "left" if sideways > 0 else "right"
        points = card.result.needs[need]
        change = points - card.previous.needs[need] if card.previous else 0
        shown = f"{points}" + (f" ({change:+d})".replace("-", "−") if change else "")
        top = y - 66 if angle == 0 else y - 30 - 14 * min(0.0, math.cos(angle))
        sheet.text(x, top, say(f"need.{need}", card.language), 25, ha=aligned)
        sheet.text(x, top + 32, shown, 25, ha=aligned, bold=True, color=_NOW)
