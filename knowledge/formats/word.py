"""Word documents: paragraphs by their styles, lists, tables; pages where Word has noted them."""

from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml.etree import _Element as Element

from knowledge.documents import Place
from knowledge.formats.limits import Budget, check_archive, line, title_of
from knowledge.formats.numbering import Numbering
from knowledge.formats.tables import table
from knowledge.outline import LOWEST, Block, Outline, outline
from knowledge.spelling import Mender
from knowledge.vietnamese import clean

_P, _TBL, _T, _TAB, _BR = (qn(f"w:{name}") for name in ("p", "tbl", "t", "tab", "br"))
_R, _RENDERED, _SECTION = qn("w:r"), qn("w:lastRenderedPageBreak"), qn("w:sectPr")
# What is written twice (for older programs), was deleted, or is a remark.
_SKIPPED = {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), qn("w:instrText"),
}  # fmt: skip
_LONGEST_BOLD_HEADING = 120


def read_word(path: Path) -> Outline:
    """Text as it would be printed with all changes accepted; no header, footer, remark or macro."""
    check_archive(path)
    document = docx.Document(str(path))
    reader = _Reader(document)
    blocks = list(reader.blocks(document.element.body))
    title = title_of(document.core_properties.title) or reader.title
    if not any(block.level > 0 for block in blocks):
        blocks = [reader.headed_by_bold(block) for block in blocks]
    if reader.page == 1:
        blocks = [Block(block.text, block.level) for block in blocks]
    return outline(blocks, title)


class _Reader:
    """Walks through the body. title: of a paragraph styled so. page: the one it is on, from 1."""

    def __init__(self, document: WordDocument) -> None:
        self.title = ""
        self.page = 1
        self._bold: set[str] = set()
        self._budget, self._mender = Budget(), Mender()
        self._levels, self._titles, self._style_numbers = _styles(document)
        self._numbering = Numbering(document)
        self._fonts = _fonts(document)

    def blocks(self, parent: Element) -> Iterator[Block]:
        for element in parent.iterchildren():
            if element.tag == _P:
                yield from self._paragraph(element)
            elif element.tag == _TBL:
                # A table that goes on over a page is cited with the one it begins on.
                place = (Place("page", str(self.page)),)
                yield from (Block(block.text, 0, place) for block in table(self._rows(element)))
            elif element.tag not in _SKIPPED and element.tag != _SECTION and isinstance(element.tag, str):
                # Content controls and tracked insertions hold paragraphs.
                yield from self.blocks(element)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        text, places = self._text(paragraph)
        style = _value(paragraph, "w:pPr", "w:pStyle")
        outlined = _value(paragraph, "w:pPr", "w:outlineLvl")
        level = (
            min(int(outlined) + 1, LOWEST) if outlined.isdigit() and int(outlined) < 9 else self._levels.get(style, 0)
        )
        mark, item = self._numbering.mark(paragraph, self._style_numbers.get(style))
        if not text:
            return
        if style in self._titles and not self.title:
            self.title = line(text)
            return
        if level:
            yield Block(line(f"{mark} {text}"), level, places)
        elif item and not mark:
            yield Block(f"- {line(text)}", 0, places)
        else:
            block = Block(f"{mark} {text}".strip(), 0, places)
            if self._all_bold(paragraph):
                self._bold.add(block.text)
            yield block

    def _text(self, element: Element) -> tuple[str, tuple[Place, ...]]:
        """The words of a paragraph, and the pages it stands on."""
        text, places = "", [Place("page", str(self.page))]
        for kind, value, font in _pieces(element):
            if kind == "page":
                self.page += 1
                places.append(Place("page", str(self.page), len(text)))
            else:
                text += self._mender.mend(value, self._fonts.get(font, font)) if kind == "text" else value
        # Each run alone shows too little of its encoding: once more for all that none of them showed.
        text = clean(self._mender.mend(text))
        self._budget.spend(len(text))
        lead = len(text) - len(text.lstrip())
        kept = [place for place in places if place.start <= lead][-1:]
        kept += [place for place in places if lead < place.start < len(text.rstrip())]
        return text.strip(), tuple(
            Place(place.kind, place.name, max(0, min(place.start, len(text)) - lead)) for place in kept
        )

    def _rows(self, element: Element) -> list[list[str]]:
        """Cells of a table; one merged with others is repeated in each of them."""
        rows: list[list[str]] = []
        for row in element.iterchildren(qn("w:tr")):
            cells: list[str] = []
            for cell in row.iterchildren(qn("w:tc"), qn("w:sdt")):
                text = " ".join(self._text(paragraph)[0] for paragraph in cell.iter(_P))
                merge = next(cell.iter(qn("w:vMerge")), None)
                if merge is not None and merge.get(qn("w:val")) != "restart" and rows and len(cells) < len(rows[-1]):
                    text = rows[-1][len(cells)]
                span = next(cell.iter(qn("w:gridSpan")), None)
                width = span.get(qn("w:val"), "1") if span is not None else "1"
                cells += [text] * (min(int(width), 50) if width.isdigit() else 1)
            rows.append(cells)
        return rows

    def _all_bold(self, paragraph: Element) -> bool:
        runs = [run for run in paragraph.iter(_R) if next(run.iter(_T), None) is not None]
        return bool(runs) and all(_is_on(run, "w:b") for run in runs)

    def headed_by_bold(self, block: Block) -> Block:
        """In a document without styles a short bold line is a heading."""
        short = len(block.text) <= _LONGEST_BOLD_HEADING and "\n" not in block.text and block.text[-1:] not in ".,;"
        return Block(block.text, 1, block.places) if short and block.text in self._bold else block


def _pieces(element: Element) -> Iterator[tuple[str, str, str]]:
    """("text", words, font) and ("page", "", "") in the order of a paragraph."""
    font, stack = "", [iter([element])]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        if node.tag in _SKIPPED:
            continue
        if node.tag == _R:
            names = next(node.iter(qn("w:rFonts")), None)
            font = (names.get(qn("w:ascii")) or "") if names is not None else ""
        if node.tag == _T:
            yield "text", node.text or "", font
        elif node.tag == _RENDERED or (node.tag == _BR and node.get(qn("w:type")) == "page"):
            yield "page", "", ""
        elif node.tag in (_TAB, qn("w:ptab")):
            yield "space", " ", ""
        elif node.tag in (_BR, qn("w:cr")):
            yield "space", "\n", ""
        elif node.tag == qn("w:noBreakHyphen"):
            yield "space", "-", ""
        stack.append(node.iterchildren())


def _styles(document: WordDocument) -> tuple[dict[str, int], set[str], dict[str, Element]]:
    """Of paragraph styles by their ids: the levels of headings, those of titles, the numbering each brings along."""
    by_id = {style.get(qn("w:styleId")): style for style in document.styles.element.iterchildren(qn("w:style"))}
    levels: dict[str, int] = {}
    titles: set[str] = set()
    numbers: dict[str, Element] = {}
    for style_id, style in by_id.items():
        seen: list[Element] = []
        while style is not None and style not in seen and len(seen) < 20:
            seen.append(style)
            style = by_id.get(_value(style, "w:basedOn"))
        for ancestor in reversed(seen):
            name = _value(ancestor, "w:name").lower()
            outlined = _value(ancestor, "w:pPr", "w:outlineLvl")
            if name.startswith("heading ") and name[8:].isdigit():
                levels[style_id] = min(int(name[8:]), LOWEST)
            elif outlined.isdigit():
                levels[style_id] = min(int(outlined) + 1, LOWEST) if int(outlined) < 9 else 0
            if name == "title":
                titles.add(style_id)
            found = ancestor.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if found is not None:
                numbers[style_id] = found
    return levels, titles, numbers


def _fonts(document: WordDocument) -> dict[str, str]:
    """The font of text that names none."""
    default = document.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:rFonts')}")
    return {"": (default.get(qn("w:ascii")) or "") if default is not None else ""}


def _value(element: Element, *path: str) -> str:
    found = element.find("/".join(map(qn, path)))
    return (found.get(qn("w:val")) or "") if found is not None else ""


def _is_on(run: Element, name: str) -> bool:
    found = run.find(f"{qn('w:rPr')}/{qn(name)}")
    return found is not None and found.get(qn("w:val")) not in ("0", "false", "off")
