"""What a file is, by what it holds; its name decides only between kinds of text."""

import zipfile
from collections import Counter
from pathlib import Path
from typing import Literal

from knowledge.formats.limits import UnreadableError

Kind = Literal["word", "workbook", "slides", "pdf", "html", "csv"]

_OFFICE: dict[str, Kind] = {"word/": "word", "xl/": "workbook", "ppt/": "slides"}
_TEXT: dict[str, Kind] = {".html": "html", ".htm": "html", ".xhtml": "html", ".csv": "csv", ".tsv": "csv"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")
_PROGRAMS = (b"\x7fELF", b"MZ", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")
_BEGINNING = 4096


def kind_of(path: Path, suffix: str) -> Kind:
    """Raises UnreadableError for a kind that is not read; it says what to make of it."""
    with path.open("rb") as file:
        head = file.read(_BEGINNING)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _office_kind(path)
    if head.startswith(_OLE):
        # An encrypted .docx is an archive of the old format around the new one.
        code = "password" if _ENCRYPTED in path.read_bytes() else "old_office"
        raise UnreadableError(code)
    if head.startswith(b"{\\rtf"):
        raise UnreadableError("old_office")
    if head.startswith((*_PICTURES, *_PROGRAMS)):
        raise UnreadableError("other_kind")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if suffix in _TEXT:
        if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise UnreadableError("other_kind")
        return _TEXT[suffix]
    if not head:
        raise UnreadableError("empty")
    raise UnreadableError("damaged" if suffix in (".docx", ".xlsx", ".pptx", ".pdf") else "other_kind", detail=suffix)


def _office_kind(path: Path) -> Kind:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    parts = Counter(kind for name in names for folder, kind in _OFFICE.items() if name.startswith(folder))
    if not parts:
        raise UnreadableError("other_kind")
    return parts.most_common(1)[0][0]
