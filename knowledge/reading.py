"""Files to documents: Markdown with front matter and plain text here, other formats in a child process."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from knowledge.confined import Confined
from knowledge.documents import Document, DocumentError, Problem, Section
from knowledge.markdown import read_markdown
from knowledge.outline import Block, outline
from knowledge.spelling import decode
from knowledge.vietnamese import clean

# Of Markdown and plain text, and of what a child process reads.
MAX_BYTES = 5_000_000
MAX_CONFINED_BYTES = 50_000_000

CONFINED = frozenset({".docx", ".pdf", ".xlsx", ".pptx", ".html", ".htm", ".csv"})
# Found all the same, so that whoever put them there is told what to do; some hold a format that can be read.
REFUSED = frozenset({".doc", ".xls", ".ppt", ".rtf", ".odt", ".ods", ".odp", ".docm", ".xlsm", ".pptm"})

_HEADING_LINE = re.compile(r"^(?:Điều|Chương|Mục|Phần|Phụ lục)\b.*$|^PHỤ LỤC\b.*$", re.MULTILINE)
_APART = re.compile(r"\n\s*\n")
_NOT_TEXT = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# Where a browser puts what belongs to a page it saves.
_BESIDE_A_PAGE = ("_files", "_tệp")


def document_files(folder: Path) -> list[Path]:
    """The documents of a folder in the order of their names.

    Left out are hidden ones, README, Word's locks, and what a browser saves beside a page.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in READERS.keys() | CONFINED | REFUSED
        and path.is_file()
        and path.stem != "README"
        and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        and not path.parent.name.endswith(_BESIDE_A_PAGE)
    )


def read_document(
    path: Path, folder: Path, confined: Confined | None = None, known: Document | None = None
) -> Document:
    """Read one file of `folder`.

    confined: where files are read that may harm; without it a process is started for this one.
    known: what was made of this file before; given back if it takes a child process to read and has not changed.
    Raises DocumentError, with the line where the file shows one, when it cannot be opened, is too large, not
    in a known encoding, empty, its front matter is not what a document needs, or its format cannot be read.
    """
    name = path.relative_to(folder).as_posix()
    suffix = path.suffix.lower()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            light = suffix in READERS and not file.read(8).startswith(_NOT_TEXT)
            limit = MAX_BYTES if light else MAX_CONFINED_BYTES
            file.seek(0)
            content = file.read() if light and size <= limit else b""
            digest = hashlib.sha256(content) if light else hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise DocumentError(Problem("unreadable", name, values={"detail": error.strerror or str(error)})) from error
    if size > limit:
        values = {"megabytes": f"{size / 1e6:.1f}", "limit": f"{limit / 1e6:.0f}"}
        raise DocumentError(Problem("too_large", name, values=values))
    if light:
        return READERS[suffix](_text(content, name), name, digest.hexdigest())
    if known and known.hash == digest.hexdigest():
        return known
    if confined:
        return _read_confined(path, name, digest.hexdigest(), confined)
    with Confined() as confined:
        return _read_confined(path, name, digest.hexdigest(), confined)


def _read_confined(path: Path, name: str, digest: str, confined: Confined) -> Document:
    read = confined.read(path, name)
    return Document(name, digest, read.title or _title_of(name), read.sections, topic=_folder(name))


def _text(content: bytes, name: str) -> str:
    decoded = decode(content)
    if decoded is None:
        try:
            content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise DocumentError(Problem("not_utf8", name, line)) from error
    text = clean((decoded or "").replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        raise DocumentError(Problem("empty", name))
    return text


def _title_of(name: str) -> str:
    return Path(name).stem.replace("-", " ").replace("_", " ").strip()


def _read_text(text: str, name: str, digest: str) -> Document:
    """Headed where it is a statute; what looks like Markdown is none."""
    # A line that begins like a heading of a statute stands alone.
    parts = _APART.split(_HEADING_LINE.sub(r"\n\n\g<0>\n\n", text))
    read = outline(Block(part.strip()) for part in parts)
    headed = any(section.headings for section in read.sections)
    sections = read.sections if headed else (Section((), text.strip()),)
    return Document(id=name, hash=digest, title=_title_of(name), topic=_folder(name), sections=sections)


def _read_markdown(text: str, name: str, digest: str) -> Document:
    return read_markdown(text, name, digest, _folder(name))


READERS: dict[str, Callable[[str, str, str], Document]] = {".md": _read_markdown, ".txt": _read_text}


def _folder(name: str) -> str:
    return Path(name).parts[0] if "/" in name else ""
