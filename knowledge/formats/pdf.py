"""PDF files: lines to paragraphs and headings page by page, ruled tables, no running heads and page numbers."""

import itertools
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.encodingdb import EncodingDB
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfplumber.page import Page
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.documents import Place
from knowledge.formats import ocr
from knowledge.formats.limits import MAX_PAGES, Budget, UnreadableError, line, title_of
from knowledge.formats.lines import Line, lines_of
from knowledge.formats.paragraphs import Grid, paragraphs
from knowledge.formats.running import without_running
from knowledge.formats.tables import table
from knowledge.outline import Block, Outline, outline
from knowledge.spelling import Mender
from knowledge.vietnamese import fold

# A hyphen by the standard, and the letter "ư" in the fonts of TCVN3; the library takes it for a space.
EncodingDB.win2unicode[0xAD] = "\u00ad"

_MOST_BOOKMARKS = 2_000
# A page with fewer characters than that, and a picture or so many curves, is taken for a picture of text.
_LEAST_TEXT = 20
_MOST_CURVES = 50


def read_pdf(path: Path) -> Outline:
    """Raises UnreadableError for one that wants a password or is a scan while no OCR is installed."""
    try:
        with pdfplumber.open(path) as pdf:
            mender, budget, count = Mender(), Budget(), Budget(MAX_PAGES, "too_many_pages")
            pages: list[list[Line | Grid]] = []
            pictures = 0
            for number, page in enumerate(pdf.pages, start=1):
                count.spend(1)
                pages.append(_page(page, number, mender, budget))
                pictures += _is_picture(page)
                page.close()
            bookmarks = _bookmarks(pdf)
            title = title_of(mender.mend(_text(pdf.metadata.get("Title"))))
    except PdfminerException as error:
        raise _meaning(error) from error
    except (PDFPasswordIncorrect, PDFSyntaxError) as error:
        raise _meaning(error) from error
    if not pages:
        raise UnreadableError("damaged", detail="PDF: 0 pages")
    if pictures > len(pages) / 2:
        return ocr.read_scan(path, len(pages), title)
    return outline(paragraphs(without_running(pages), bookmarks), title)


def _meaning(error: Exception) -> UnreadableError:
    cause = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    if isinstance(cause, PDFPasswordIncorrect):
        return UnreadableError("password")
    if isinstance(cause, MemoryError | RecursionError):
        return UnreadableError("too_heavy")
    return UnreadableError("damaged", detail=f"PDF: {str(cause)[:100] or type(cause).__name__}")


def _page(page: Page, number: int, mender: Mender, budget: Budget) -> list[Line | Grid]:
    """Lines and tables from top to bottom."""
    budget.spend(len(page.chars))
    grids = list(_grids(page, number, mender))
    boxes = [grid.box for grid in grids]
    chars = [char for char in page.chars if not any(_inside(char, box) for box in boxes)]
    found = lines_of(chars, page.width, page.height, number, mender)
    if not grids:
        return list(found)
    return sorted([*found, *grids], key=lambda item: item.top)


def _grids(page: Page, number: int, mender: Mender) -> Iterator[Grid]:
    """Tables that are ruled; one of a single row or column is a frame around text."""
    if len(page.lines) + len(page.rects) + len(page.curves) < 4:
        return
    for found in page.find_tables():
        rows = [[mender.mend(line(cell or "")) for cell in row] for row in found.extract()]
        blocks = table(rows)
        if len(rows) > 1 and any(block.text.startswith("|") for block in blocks):
            place = (Place("page", str(number)),)
            texts = tuple(Block(block.text, 0, place) for block in blocks)
            yield Grid(found.bbox[1], found.bbox[3], found.bbox, texts)


def _is_picture(page: Page) -> bool:
    return len(page.chars) < _LEAST_TEXT and (bool(page.images) or len(page.curves) > _MOST_CURVES)


def _inside(char: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _bookmarks(pdf: PDF) -> dict[str, int]:
    """The levels of headings by their folded words, as the bookmarks give them."""
    try:
        entries = list(itertools.islice(pdf.doc.get_outlines(), _MOST_BOOKMARKS))
    except Exception:  # noqa: BLE001 (none, or broken in one of many ways: the text has headings of its own)
        return {}
    return {fold(line(_text(title))): min(level, 4) for level, title, *_ in entries if _text(title).strip()}


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""
    return unicodedata.normalize("NFC", text)
