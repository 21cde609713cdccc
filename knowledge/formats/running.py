"""What is printed on every page and says nothing of its own: running heads, footers, page numbers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from knowledge.formats.lines import Line
from knowledge.formats.paragraphs import Grid
from knowledge.vietnamese import fold

# The margin as a share of the page's height, and how many of a page's first and last lines are looked at.
_MARGIN = 0.12
_LOOKED_AT = 3
# Printed on so many pages, and on such a share of them, a line is a running one.
_FEWEST = 3
_SHARE = 0.3

_NUMBER = re.compile(
    r"[\W_]*(?:trang|tr\.?|page|p\.)?\s*(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:/|of|trên)\s*\d{1,4})?[\W_]*", re.IGNORECASE
)


def without_running(pages: Sequence[Sequence[Line | Grid]]) -> list[list[Line | Grid]]:
    """The pages without the lines that are alike, but for their numbers, on many of them, and without page numbers."""
    counts = Counter(key for page in pages for key in {_key(line) for line in _outer(page)})
    least = max(_FEWEST, _SHARE * len(pages))
    kept: list[list[Line | Grid]] = []
    for page in pages:
        outer = {id(line): line for line in _outer(page)}
        dropped = {
            number for number, line in outer.items() if _NUMBER.fullmatch(line.text) or counts[_key(line)] >= least
        }
        kept.append([item for item in page if id(item) not in dropped])
    return kept


def _outer(page: Iterable[Line | Grid]) -> list[Line]:
    """The first and last lines of a page that stand in its margins."""
    lines = sorted((item for item in page if isinstance(item, Line)), key=lambda line: line.top)
    above = [line for line in lines[:_LOOKED_AT] if line.bottom < _MARGIN * line.height]
    below = [line for line in lines[-_LOOKED_AT:] if line.top > (1 - _MARGIN) * line.height]
    return above + below


def _key(line: Line) -> tuple[str, bool]:
    """Its words without numbers, and whether it stands above."""
    return re.sub(r"\d+", "#", fold(line.text)), line.top < line.height / 2
