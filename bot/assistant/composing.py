"""An answer out of passages, in the words in which they were written."""

import re
from dataclasses import dataclass

from knowledge.lexical import Lexical
from knowledge.passages import plain
from knowledge.vietnamese import folded_syllables, normalise, terms

# An answer is about this long, in characters; a list or a table row is never cut to keep to it.
LENGTH = 900
LENGTH_OF_TWO = 1400

_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-z]|\d|[\"“(])")


@dataclass(frozen=True, slots=True)
class Block:
    """A sentence, or a list with the line that leads into it; kept whole."""

    text: str
    joins: str  # what stands between this block and the one before it


def excerpt(markdown: str, question: str, lexical: Lexical, length: int = LENGTH) -> str:
    """The part of a section that answers a question, at most about `length` characters.

    A section that fits is given whole. Of a longer one the first sentence is kept, as it answers the heading,
    then the blocks around the one that shares most with the question; "…" stands where blocks are left out.
    """
    blocks = blocks_of(markdown)
    if sum(len(block.text) for block in blocks) <= length * 1.25:
        return _joined(blocks, set(range(len(blocks))))
    asked = set(terms(folded_syllables(question)))
    weights = [_shared(block.text, asked, lexical) for block in blocks]
    best = max(range(len(blocks)), key=lambda number: (weights[number], -number))
    chosen = {0} if len(blocks[0].text) <= length / 2 or best == 0 else set()
    chosen.add(best)
    for number in _outwards(best, len(blocks)):
        if sum(len(blocks[kept].text) for kept in chosen | {number}) <= length:
            chosen.add(number)
    return _joined(blocks, chosen)


def _outwards(centre: int, count: int) -> list[int]:
    """The other numbers from 0 to count, those after the centre before those in front of it."""
    return [*range(centre + 1, count), *range(centre - 1, -1, -1)]


def _shared(text: str, asked: set[str], lexical: Lexical) -> float:
    found = asked & set(terms(folded_syllables(normalise(plain(text)))))
    return sum(lexical.rarity(term) or 0.0 for term in found)


def _joined(blocks: list[Block], chosen: set[int]) -> str:
    text, before = "", -1
    for number in sorted(chosen):
        skipped = number != before + 1
        text += (" … " if text else "… ") if skipped else blocks[number].joins if text else ""
        text += blocks[number].text
        before = number
    return text + (" …" if before < len(blocks) - 1 else "")


def blocks_of(markdown: str) -> list[Block]:
    """The sentences, lists and tables of a section; tables become lists."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", markdown.strip()):
        lines = paragraph.split("\n")
        if _is_table(lines):
            _append_list(blocks, _table_items(lines))
            continue
        prose: list[str] = []
        items: list[str] = []
        for line in lines:
            if _ITEM.match(line):
                items.append(_bullet(line))
            elif items and line.strip():
                items[-1] += f" {line.strip()}"
            else:
                prose.append(line.strip())
        sentences = _SENTENCE_END.split(" ".join(part for part in prose if part))
        for number, sentence in enumerate(part for part in sentences if part):
            blocks.append(Block(sentence, " " if number else "\n\n"))
        if items:
            _append_list(blocks, items)
    return blocks or [Block("", "")]


def _bullet(line: str) -> str:
    return re.sub(r"^\s*[-*+]\s+", "• ", line.rstrip()).strip()


def _append_list(blocks: list[Block], items: list[str]) -> None:
    """A list belongs to the sentence that leads into it."""
    text = "\n".join(items)
    if blocks and (blocks[-1].text.endswith(":")):
        blocks[-1] = Block(f"{blocks[-1].text}\n{text}", blocks[-1].joins)
    else:
        blocks.append(Block(text, "\n"))


def _is_table(lines: list[str]) -> bool:
    return len(lines) >= 2 and "|" in lines[0] and bool(re.fullmatch(r"[\s|:-]*-[\s|:-]*", lines[1]))


def _table_items(lines: list[str]) -> list[str]:
    """Each row as "first cell: heading second cell; ..."."""
    header, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.strip()]
    items = []
    for row in rows[1:]:
        rest = [
            f"{name}: {cell}" if name and len(row) > 2 else cell
            for name, cell in zip(header[1:], row[1:], strict=False)
            if cell
        ]
        items.append(f"• **{row[0].strip('*')}**: {'; '.join(rest)}")
    return items
