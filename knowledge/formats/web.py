"""Web pages as browsers save them: the main part with its headings, lists and tables."""

import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
from lxml import etree
from lxml.etree import _Element as Element

from knowledge.formats.limits import Budget, UnreadableError, line, title_of
from knowledge.formats.tables import table
from knowledge.outline import Block, Outline, outline
from knowledge.spelling import Mender, decode

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Not the document but the site around it, or nothing to read.
_SKIPPED = {
    "script", "style", "noscript", "template", "nav", "aside", "footer", "form", "iframe", "object", "embed", "svg",
    "canvas", "video", "audio", "button", "select", "input", "textarea", "head", "dialog", "math", "map",
}  # fmt: skip
_SKIPPED_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "menu"}
_BREAKS = {
    "p", "div", "section", "article", "main", "header", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "figure",
    "figcaption", "hr", "address", "center", "body", "html", "details", "summary", "fieldset", "li", "td", "th", "tr",
}  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# A <main> or <article> that holds such a share of the words is the document.
_MAIN_SHARE = 0.5


def read_web_page(path: Path) -> Outline:
    """Raises UnreadableError where the encoding cannot be told."""
    text = _decoded(path.read_bytes())
    try:
        parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)
        tree = lxml.html.document_fromstring(_DECLARATION.sub("", text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("empty") from error
    etree.strip_elements(tree, "script", "style", "noscript", "template", with_tail=False)
    reader = _Reader()
    title = title_of(reader.mender.mend(tree.findtext(".//title") or ""))
    blocks = list(reader.blocks(_main(tree)))
    # The name of a page often ends in that of its site; a single heading above all others does not.
    alone = sum(block.level == 1 for block in blocks) == 1
    read = outline(blocks, "" if alone else title)
    return read if read.title else Outline(title, read.sections)


def _decoded(content: bytes) -> str:
    declared = _CHARSET.search(content[:4096])
    name = declared[1].decode("ascii", "ignore").lower() if declared else ""
    if name not in ("", "utf-8", "utf8", "x-user-defined") and not content.startswith(
        (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
    ):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError):
            pass
    text = decode(content)
    if text is None:
        raise UnreadableError("not_utf8")
    return text


def _main(tree: Element) -> Element:
    """The element that holds most of what there is to read."""
    body = tree.find(".//body")
    body = tree if body is None else body
    whole = sum(len(text) for text in _texts(body))
    for name in ("main", "article"):
        found = [(sum(len(text) for text in _texts(element)), element) for element in body.iter(name)]
        if found:
            most, element = max(found, key=lambda pair: pair[0])
            if most >= _MAIN_SHARE * whole:
                return element
    return body


def _texts(element: Element) -> Iterator[str]:
    return (str(text) for text in element.itertext() if text.strip())


class _Reader:
    """Walks through a tree without recursion: pages can be nested without end."""

    def __init__(self) -> None:
        self.mender = Mender()
        self._budget = Budget()
        self._parts: list[str] = []
        self._item = False

    def blocks(self, root: Element) -> Iterator[Block]:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if not tag or _is_skipped(element, tag):
                    walk.skip_subtree()
                    continue
                if tag == "table" and _holds_data(element):
                    yield from self._flush()
                    yield from table([list(map(self._cell, row)) for row in _rows(element)])
                    walk.skip_subtree()
                    continue
                if tag in _BREAKS or tag in _HEADINGS:
                    yield from self._flush()
                    self._item = self._item or tag == "li"
                if tag == "br":
                    self._parts.append(" ")
                self._parts.append(self.mender.mend(element.text or "", element.get("face") or ""))
                continue
            if not tag or _is_skipped(element, tag) or (tag == "table" and _holds_data(element)):
                pass
            elif tag in _HEADINGS:
                yield from self._flush(_HEADINGS[tag])
            elif tag in _BREAKS:
                yield from self._flush()
                self._item = self._item and tag != "li"
            if element.tail and element is not root:
                self._parts.append(self.mender.mend(element.tail))
        yield from self._flush()

    def _cell(self, cell: Element) -> str:
        text = self.mender.mend(" ".join(_texts(cell)))
        self._budget.spend(len(text))
        return text

    def _flush(self, level: int = 0) -> Iterator[Block]:
        """What has been collected as a block; the first one within a list item is marked."""
        text = line(self.mender.mend("".join(self._parts)))
        self._parts.clear()
        self._budget.spend(len(text))
        if text:
            yield Block(f"- {text}" if self._item and not level else text, level)
            self._item = False


def _is_skipped(element: Element, tag: str) -> bool:
    role = (element.get("role") or "").lower()
    hidden = (
        element.get("hidden") is not None or "display:none" in (element.get("style") or "").replace(" ", "").lower()
    )
    return tag in _SKIPPED or role in _SKIPPED_ROLES or element.get("aria-hidden") == "true" or hidden


def _holds_data(element: Element) -> bool:
    """Whether a table is one, as against a layout: no table within, more than one row and column."""
    if next(element.iterdescendants("table"), None) is not None:
        return False
    rows = _rows(element)
    return len(rows) > 1 and max(map(len, rows)) > 1


def _rows(element: Element) -> list[list[Element]]:
    return [[cell for cell in row.iterchildren("td", "th") for _ in range(_span(cell))] for row in element.iter("tr")]


def _span(cell: Element) -> int:
    span = (cell.get("colspan") or "1").strip()
    return min(int(span), 50) if span.isdecimal() and int(span) else 1
