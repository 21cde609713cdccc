"""Scans to text, with Tesseract where the extra `ocr` and Tesseract's Vietnamese are installed."""

from pathlib import Path

from knowledge.documents import Place
from knowledge.formats.limits import Budget, UnreadableError
from knowledge.outline import Block, Outline, outline
from knowledge.vietnamese import clean

LANGUAGE = "vie"
MAX_PAGES = 200
# Letters of usual size are read well from here on; a side is at most so many pixels, whatever a page says of itself.
_DOTS_PER_INCH = 200
_LONGEST_SIDE = 4000


def read_scan(path: Path, pages: int, title: str) -> Outline:
    """The text of each page as paragraphs; raises UnreadableError where OCR is not installed."""
    try:
        import pypdfium2
        import pytesseract

        if LANGUAGE not in pytesseract.get_languages():
            raise UnreadableError("scan")
    except (ImportError, OSError) as error:
        raise UnreadableError("scan") from error
    if pages > MAX_PAGES:
        raise UnreadableError("too_many_pages", limit=str(MAX_PAGES))
    budget = Budget()
    blocks: list[Block] = []
    with pypdfium2.PdfDocument(path) as pdf:
        for number in range(len(pdf)):
            page = pdf[number]
            scale = min(_DOTS_PER_INCH / 72, _LONGEST_SIDE / max(*page.get_size(), 1.0))
            text = clean(pytesseract.image_to_string(page.render(scale=scale).to_pil(), lang=LANGUAGE))
            budget.spend(len(text))
            place = (Place("page", str(number + 1)),)
            parts = (" ".join(part.split()) for part in text.split("\n\n"))
            blocks += [Block(part, 0, place) for part in parts if part]
    return outline(blocks, title)
