"""PowerPoint presentations: each slide a section under its title, with what the speaker notes say."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pptx
from pptx.slide import Slide
from pptx.text.text import TextFrame

from knowledge.documents import Place
from knowledge.formats.limits import MAX_PAGES, Budget, check_archive, line, placed, title_of
from knowledge.formats.tables import table
from knowledge.outline import Block, Outline, outline
from knowledge.spelling import Mender

# Group shapes may hold groups; no slide that a person drew goes deeper.
_DEEPEST = 20


def read_slides(path: Path) -> Outline:
    """Titles, texts, tables and notes of the slides that are shown, in their order."""
    check_archive(path)
    presentation = pptx.Presentation(str(path))
    budget, slides, mender = Budget(), Budget(MAX_PAGES, "too_many_pages"), Mender()
    blocks: list[Block] = []
    for number, slide in enumerate(presentation.slides, start=1):
        slides.spend(1)
        if slide.element.get("show") in ("0", "false"):
            continue
        found = list(_slide(slide, mender))
        budget.spend(sum(len(block.text) for block in found))
        blocks += placed(found, Place("slide", str(number)))
    title = title_of(presentation.core_properties.title)
    if not title and blocks and blocks[0].level:
        title = blocks[0].text
    return outline(blocks, title)


def _slide(slide: Slide, mender: Mender) -> Iterator[Block]:
    heading = slide.shapes.title
    if heading is not None and heading.has_text_frame and line(heading.text_frame.text):
        yield Block(line(mender.mend(heading.text_frame.text)), 1)
    for shape in _shapes(slide.shapes):
        if heading is not None and shape.shape_id == heading.shape_id:
            continue
        if getattr(shape, "has_table", False):
            yield from table([[mender.mend(cell.text) for cell in row.cells] for row in shape.table.rows])
        elif shape.has_text_frame:
            yield from _paragraphs(shape.text_frame, mender)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield from _paragraphs(slide.notes_slide.notes_text_frame, mender)


def _shapes(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes") and depth < _DEEPEST:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _paragraphs(frame: TextFrame, mender: Mender) -> Iterator[Block]:
    """Several paragraphs in one frame are what a slide shows as bullets."""
    texts = [line(mender.mend(paragraph.text)) for paragraph in frame.paragraphs]
    texts = [text for text in texts if text]
    yield from (Block(text if len(texts) == 1 else f"- {text}") for text in texts)
