"""Excel workbooks and CSV files: each sheet a section, its tables with their headers."""

import csv
import datetime
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.documents import Place
from knowledge.formats.limits import MAX_CELLS, Budget, UnreadableError, check_archive, line, placed, title_of
from knowledge.formats.tables import table
from knowledge.outline import Block, Outline, outline
from knowledge.spelling import Mender, decode

_DEFAULT_NAME = re.compile(r"(?:sheet|trang[ _]?tính|book)\s*\d*", re.IGNORECASE)
_PERCENT = re.compile(r"0(?:\.(0+))?%")


def read_workbook(path: Path) -> Outline:
    """Values as they were last computed; formulas and macros are not run."""
    check_archive(path)
    # From memory: the library goes by the name of a file.
    content = io.BytesIO(path.read_bytes())
    workbook = openpyxl.load_workbook(content, data_only=True, keep_vba=False, keep_links=False)
    cells, mender = Budget(MAX_CELLS, "too_many_cells"), Mender()
    blocks: list[Block] = []
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            continue
        rows = list(_rows(sheet, cells, mender))
        found = [block for part in _tables(rows) for block in table(part)]
        name = line(sheet.title)
        place = Place("sheet", name)
        if found and not _DEFAULT_NAME.fullmatch(name):
            found.insert(0, Block(name, 1))
        blocks += placed(found, place)
    return outline(blocks, title_of(workbook.properties.title))


def _rows(sheet: Worksheet, budget: Budget, mender: Mender) -> Iterator[list[str]]:
    """Row after row from the first to the last that has a cell; an empty one for each gap."""
    merged = _merged(sheet, budget)
    by_row: dict[int, dict[int, str]] = {}
    # The cells that are there: what a sheet says of its size may be a lie.
    for (row, column), cell in sorted(sheet._cells.items()):
        budget.spend(1)
        text = _shown(cell.value, cell.number_format or "") if (row, column) not in merged else ""
        text = text or merged.get((row, column), "")
        if text:
            by_row.setdefault(row, {})[column] = mender.mend(text, (cell.font.name or "") if not text.isascii() else "")
    before = 0
    for row, cells in sorted(by_row.items()):
        if before and row > before + 1:
            yield []
        width = min(max(cells), 200)
        yield [cells.get(column, "") for column in range(1, width + 1)]
        before = row


def _merged(sheet: Worksheet, budget: Budget) -> dict[tuple[int, int], str]:
    """What a merged cell says, for each of the cells it covers below the first: a fee holds for all its rows."""
    found: dict[tuple[int, int], str] = {}
    for area in sheet.merged_cells.ranges:
        budget.spend(area.size["rows"] * area.size["columns"])
        first = sheet._cells.get((area.min_row, area.min_col))
        if first is None:
            continue
        text = _shown(first.value, first.number_format or "")
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                if (row, column) != (area.min_row, area.min_col):
                    found[row, column] = text
    return found


def _tables(rows: Sequence[list[str]]) -> Iterator[list[list[str]]]:
    """Rows between empty ones."""
    part: list[list[str]] = []
    for row in rows:
        if any(row):
            part.append(row)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _shown(value: object, form: str) -> str:
    """A cell about as Excel shows it in Vietnam: 0.05 as "5%", 1234567.5 as "1.234.567,5", a date as 22/11/2026."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, datetime.datetime):
        return value.strftime("%d/%m/%Y %H:%M" if (value.hour, value.minute) != (0, 0) else "%d/%m/%Y")
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, int | float):
        percent = _PERCENT.search(form)
        if percent:
            return _number(round(value * 100, 6)) + "%"
        return _number(value, grouped="#,##" in form)
    return str(value)


def _number(value: float, *, grouped: bool = False) -> str:
    text = f"{round(value, 6):,}" if grouped else f"{round(value, 6)}"
    text = text.removesuffix(".0")
    return text.translate({ord(","): ".", ord("."): ","})


def read_csv(path: Path) -> Outline:
    """One table; the delimiter is the one that makes the most even rows."""
    text = decode(path.read_bytes())
    if text is None:
        raise UnreadableError("not_utf8")
    budget = Budget(MAX_CELLS, "too_many_cells")
    csv.field_size_limit(1_000_000)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=_delimiter(text)):
            budget.spend(len(row))
            rows.append(row)
    except csv.Error as error:
        raise UnreadableError("damaged", detail=f"CSV: {error}") from error
    return outline([block for part in _tables(rows) for block in table(part)])


def _delimiter(text: str) -> str:
    lines = [line for line in text.split("\n")[:20] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in ",;\t|"}
    return max(counts, key=lambda mark: (min(counts[mark], default=0), sum(counts[mark])))
