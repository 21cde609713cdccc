"""What a reader takes on, and how it says that it cannot."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.documents import Place
from knowledge.outline import Block
from knowledge.vietnamese import clean

MAX_CHARACTERS = 3_000_000
MAX_PAGES = 2_000
MAX_CELLS = 500_000
# What the files of an archive may have together when they are unpacked, and how many there may be.
MAX_UNPACKED = 200_000_000
MAX_MEMBERS = 5_000

_GENERIC_TITLE = re.compile(
    r"(?:microsoft (?:word|excel|powerpoint)\b.*|(?:word )?document\d*|powerpoint presentation|presentation\d*|book\d*"
    r"|untitled.*|\(?anonymous\)?|unknown|title|tiêu đề|.*\.(?:docx?|xlsx?|pptx?|pdf|indd|cdr))?",
    re.IGNORECASE | re.DOTALL,
)


class UnreadableError(Exception):
    """A file that cannot be read: the code of a Problem and its values."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Budget:
    """Counts what has been read; raises UnreadableError with the code beyond the limit."""

    def __init__(self, limit: int = MAX_CHARACTERS, code: str = "too_long") -> None:
        self._left = self._limit = limit
        self._code = code

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise UnreadableError(self._code, limit=f"{self._limit:,}".replace(",", "."))


def check_archive(path: Path) -> list[str]:
    """The names in a ZIP archive; raises UnreadableError when it would unpack to too much or must not be trusted."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _check_members(members)
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as file:
                    # Office writes none; whoever does means to have it expanded.
                    if b"<!DOCTYPE" in file.read(4096):
                        raise UnreadableError("damaged", detail="XML: DOCTYPE")
    return [member.filename for member in members]


def _check_members(members: Sequence[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
        values = {
            "megabytes": f"{unpacked / 1e6:.0f}",
            "files": str(len(members)),
            "limit": f"{MAX_UNPACKED / 1e6:.0f}",
        }
        raise UnreadableError("unpacks_large", **values)
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableError("password")


def line(text: str) -> str:
    """The text cleaned, in one line."""
    return " ".join(clean(text).split())


def title_of(text: str | None) -> str:
    """A title from a file's properties; empty for what a program wrote by itself."""
    title = line(text or "")
    return "" if _GENERIC_TITLE.fullmatch(title) or len(title) > 200 else title


def at(place: Place | None) -> tuple[Place, ...]:
    return (place,) if place else ()


def placed(blocks: Sequence[Block], place: Place) -> list[Block]:
    """The blocks, all standing at one place."""
    return [replace(block, places=(place,)) for block in blocks]
