"""Small charts as shapes: bars that stand on each other, and lines. A template draws them as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 180
_LEFT, _BOTTOM, _TOP = 44, 22, 8
# As many names stand below, at most.
_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle. kind: names its colour. tip: what it says."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    tip: str


@dataclass(frozen=True, slots=True)
class Line:
    """points: as SVG writes them; a line for each stretch without a gap."""

    points: str
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    """ticks: heights with what stands beside them. labels: places with what stands below them."""

    bars: Sequence[Bar]
    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]]
    labels: Sequence[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


def stacked(names: Sequence[str], values: Mapping[str, Sequence[float]]) -> Chart:
    """values: of each kind, one for each name; the first kind stands lowest."""
    top = _nice(max((sum(column) for column in zip(*values.values(), strict=True)), default=0))
    step = (WIDTH - _LEFT) / max(1, len(names))
    bars = []
    for index, name in enumerate(names):
        below = 0.0
        for kind, of_kind in values.items():
            value = of_kind[index]
            if value:
                height = value / top * (HEIGHT - _BOTTOM - _TOP)
                y = _y(below, top) - height
                bars.append(_bar(_LEFT + index * step, y, step, height, kind, f"{name}: {value:g}"))
                below += value
    return Chart(bars, (), _ticks(top), _labels(names, step))


def _bar(x: float, y: float, step: float, height: float, kind: str, tip: str) -> Bar:
    gap = min(2.0, step * 0.2)
    return Bar(round(x + gap / 2, 1), round(y, 1), round(step - gap, 1), round(height, 1), kind, tip)


def lined(names: Sequence[str], values: Mapping[str, Sequence[float | None]]) -> Chart:
    """values: of each kind, one for each name, or None where there is a gap."""
    top = _nice(max((value for of_kind in values.values() for value in of_kind if value is not None), default=0))
    step = (WIDTH - _LEFT) / max(1, len(names))
    lines = []
    for kind, of_kind in values.items():
        stretch: list[str] = []
        for index, value in enumerate([*of_kind, None]):
            if value is not None:
                stretch.append(f"{_LEFT + (index + 0.5) * step:.1f},{_y(value, top):.1f}")
            elif stretch:
                # A single point is drawn as a short line.
                lines.append(Line(" ".join(stretch if len(stretch) > 1 else stretch * 2), kind))
                stretch = []
    return Chart((), lines, _ticks(top), _labels(names, step))


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - value / top * (HEIGHT - _BOTTOM - _TOP)


def _nice(value: float) -> float:
    """A round number that is not smaller, for the top of the scale."""
    if value <= 0:
        return 1.0
    size = 10.0 ** (len(f"{int(value)}") - 1)
    return next(size * factor for factor in (1, 2, 3, 4, 5, 8, 10) if size * factor >= value)


def _ticks(top: float) -> list[tuple[float, str]]:
    return [(round(_y(top * part, top), 1), f"{top * part:g}") for part in (0, 0.5, 1)]


def _labels(names: Sequence[str], step: float) -> list[tuple[float, str]]:
    every = max(1, -(-len(names) // _LABELS))
    return [(round(_LEFT + (index + 0.5) * step, 1), name) for index, name in enumerate(names) if index % every == 0]
