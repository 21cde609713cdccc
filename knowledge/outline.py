"""Blocks of a document, as a reader found them, to sections under their headings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.documents import Place, Section
from knowledge.vietnamese import fold

HIGHEST, LOWEST = 1, 6

# Statutes are headed so whatever the format marks: the levels lie below those that a format can mark.
_STATUTE_LEVELS = {"phần": 7, "phụ lục": 7, "chương": 8, "mục": 9, "điều": 10}
_STATUTE = re.compile(
    r"(?P<kind>phần|chương|mục|điều|phụ lục)(?P<number>\s+(?:thứ\s+\w+|[IVXLC]+|\d+[a-zđ]?))?"
    r"(?P<stop>\s*[.:–-])?(?:\s+(?P<name>\S.*))?",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_HEADING = 200


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list item or a table. text: Markdown, cleaned; of a heading one line of plain text.

    level: 1 to 6 for a heading that the format marks, 0 for text. places: where it stands, starts within the text.
    """

    text: str
    level: int = 0
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What a reader makes of a file. title: empty where the file names none."""

    title: str
    sections: tuple[Section, ...]


def outline(blocks: Iterable[Block], title: str = "") -> Outline:
    """Sections under their heading paths; a single highest heading in front of all is the title if there is no other.

    No text is lost: a heading that heads nothing is the text of its own section.
    """
    marked = _statute_headings([block for block in blocks if block.text])
    if marked and marked[0].level and (not title or fold(title) == fold(marked[0].text)):
        top = marked[0].level
        if all(block.level > top or not block.level for block in marked[1:]):
            title, marked = title or marked[0].text, marked[1:]
    path: list[Block] = []
    body: list[Block] = []
    sections: list[Section] = []
    for number, block in enumerate(marked):
        if not block.level:
            body.append(block)
            continue
        sections += _section(path, body)
        following = marked[number + 1].level if number + 1 < len(marked) else HIGHEST
        path = [above for above in path if above.level < block.level] + [block]
        heads_nothing = following and following <= block.level
        body = [replace(block, level=0)] if heads_nothing else []
    sections += _section(path, body)
    if not sections and title:
        sections = _section([], [Block(title)])
    return Outline(title, tuple(sections))


def _section(path: Sequence[Block], body: Sequence[Block]) -> list[Section]:
    """The section of the blocks under a path of headings; none where there are no blocks."""
    if not body:
        return []
    text, places = "", list[Place]()
    for block in body:
        text += "" if not text else "\n" if _is_item(text) and _is_item(block.text) else "\n\n"
        for place in block.places:
            if not places or (places[-1].kind, places[-1].name) != (place.kind, place.name):
                places.append(replace(place, start=len(text) + place.start))
        text += block.text
    if places:
        places[0] = replace(places[0], start=0)
    return [Section(tuple(block.text for block in path), text, places=tuple(places))]


def _is_item(text: str) -> bool:
    return text.rpartition("\n")[2].startswith("- ")


def _statute_headings(blocks: list[Block]) -> list[Block]:
    """Marks paragraphs such as "Chương II" and "Điều 5. Mức phí" as headings."""
    marked: list[Block] = []
    for block in blocks:
        before = marked[-1] if marked else None
        if before and _takes_name(before) and _is_name(block):
            marked[-1] = replace(before, text=f"{before.text.rstrip('.:')}. {block.text}")
            continue
        heading, body = _statute_heading(block)
        if heading:
            marked.append(heading)
        if body:
            marked.append(body)
    return marked


def _statute_heading(block: Block) -> tuple[Block | None, Block | None]:
    """A heading and what is left of the block as text."""
    if block.level:
        return block, None
    match = _STATUTE.fullmatch(block.text)
    if not match or not block.text[0].isupper():
        return None, block
    kind, name = match["kind"].lower(), match["name"] or ""
    if not match["number"] and (kind != "phụ lục" or name):
        return None, block
    # "Điều 5 của Luật này quy định ..." is a sentence, and so is "Mục 3 nêu trên".
    if name and not match["stop"] and not name.isupper():
        return None, block
    level = _STATUTE_LEVELS[kind]
    if "\n" not in block.text and len(block.text) <= _LONGEST_HEADING:
        return replace(block, level=level), None
    return Block(f"{match['kind']}{match['number'] or ''}", level, block.places[:1]), block


def _takes_name(block: Block) -> bool:
    match = _STATUTE.fullmatch(block.text)
    return bool(match and not match["name"] and LOWEST < block.level < _STATUTE_LEVELS["điều"])


def _is_name(block: Block) -> bool:
    """Capitals below "Chương II" are its name."""
    return not block.level and "\n" not in block.text and len(block.text) <= _LONGEST_HEADING and block.text.isupper()
