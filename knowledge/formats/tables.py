"""Rows of cells to Markdown tables, short enough that a passage holds one whole with its header."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from knowledge.formats.limits import line
from knowledge.outline import Block

# A little less than a passage (knowledge/passages.py), which is not imported: it would cost each child a second.
LONGEST_TABLE = 1300


def table(rows: Sequence[Sequence[str]]) -> list[Block]:
    """Paragraphs for rows of one cell in front or alone, then tables that each begin with the header row."""
    cells = [[line(cell).replace("|", "/") for cell in row] for row in rows]
    cells = _without_empty_columns([row for row in cells if any(row)])
    if not cells:
        return []
    blocks: list[Block] = []
    while cells and _filled(cells[0]) <= 1:
        blocks.append(Block(_once(cells.pop(0))))
    if not cells:
        return blocks
    return blocks + [Block(text) for text in _pieces(cells[0], cells[1:])]


def _filled(row: Sequence[str]) -> int:
    """How many different cells a row has; a merged one is repeated and counts once."""
    return len({cell for cell in row if cell})


def _once(row: Sequence[str]) -> str:
    return " ".join(cell for cell, _ in groupby(cell for cell in row if cell))


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    kept = [column for column in range(width) if any(row[column] for row in rows)]
    return [[row[column] for column in kept] for row in rows]


def _pieces(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Tables that each hold as many of the rows as fit below the header."""
    head = f"{_row(header)}\n{'| --- ' * len(header)}|"
    text = head
    for row in rows:
        added = f"\n{_row(row)}"
        if len(text) + len(added) > LONGEST_TABLE and text != head:
            yield text
            text = head
        text += added
    yield text if text != head else _once(header)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
