"""Files that break parsers: good ones mutated with a fixed seed, and traps made by hand."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.auxil import office

File = tuple[str, bytes]
_OFFICE = {".docx": office.word_file, ".xlsx": office.workbook_file, ".pptx": office.slides_file}
_MAIN = {".docx": "word/document.xml", ".xlsx": "xl/worksheets/sheet1.xml", ".pptx": "ppt/slides/slide1.xml"}
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def good(folder: Path) -> dict[str, bytes]:
    """A sound file of each kind, by its suffix."""
    files = {suffix: make(folder / f"good{suffix}").read_bytes() for suffix, make in _OFFICE.items()}
    files[".pdf"] = office.pdf_file(folder / "good.pdf").read_bytes()
    files[".html"] = office.page_file(folder / "good.html").read_bytes()
    files[".csv"] = "Mặt hàng;Thuế\nQuặng;30%\nCao su;0%\n".encode() * 20
    return files


def truncated_and_flipped(files: dict[str, bytes], seed: int = 7) -> Iterator[File]:
    """Forty of each kind: cut off somewhere, or with some bits turned."""
    chance = Random(seed)  # noqa: S311
    for suffix, content in files.items():
        for number in range(16):
            yield f"cut{number}{suffix}", content[: chance.randrange(1, len(content))]
        for number in range(24):
            yield f"flipped{number}{suffix}", _flipped(content, chance)


def flipped_within(files: dict[str, bytes], seed: int = 8) -> Iterator[File]:
    """Archives that are sound around a broken part."""
    chance = Random(seed)  # noqa: S311
    for suffix in _OFFICE:
        with zipfile.ZipFile(io.BytesIO(files[suffix])) as archive:
            names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
            for number in range(14):
                name = chance.choice(names)
                yield f"within{number}{suffix}", changed(files[suffix], {name: _flipped(archive.read(name), chance)})


def _flipped(content: bytes, chance: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 10, 60))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def changed(archive: bytes, parts: dict[str, bytes]) -> bytes:
    """An archive with some of its parts changed or added."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
    ):
        for name in before.namelist():
            if name not in parts:
                after.writestr(name, before.read(name))
        for name, content in parts.items():
            after.writestr(name, content)
    return made.getvalue()


def archives(files: dict[str, bytes]) -> Iterator[File]:
    """Office files that unpack, expand or nest without end."""
    word, book, slides = (files[suffix] for suffix in (".docx", ".xlsx", ".pptx"))
    for suffix, main in _MAIN.items():
        yield f"bomb{suffix}", changed(files[suffix], {main: b" " * 250_000_000})
        yield f"laughs{suffix}", changed(files[suffix], {main: f'<?xml version="1.0"?>{_LAUGHS}<x>&a11;</x>'.encode()})
        hidden = f'<?xml version="1.0" encoding="UTF-16"?>{_LAUGHS}<x>&a11;</x>'.encode("utf-16")
        yield f"hidden-laughs{suffix}", changed(files[suffix], {main: hidden})
        stolen = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
        yield f"stolen{suffix}", changed(files[suffix], {main: stolen})
        yield f"crowd{suffix}", changed(files[suffix], {f"x/media/{n}.xml": b"<x/>" for n in range(6000)})
        yield f"macro{suffix}", changed(files[suffix], {f"{main.split('/')[0]}/vbaProject.bin": OLE})
    document = f"<w:document {_W}><w:body>%s</w:body></w:document>"
    nested = "<w:tbl><w:tr><w:tc>" * 3000 + "</w:tc></w:tr></w:tbl>" * 3000
    controls = "<w:sdt><w:sdtContent>" * 5000 + "</w:sdtContent></w:sdt>" * 5000
    yield "tables.docx", changed(word, {_MAIN[".docx"]: (document % nested).encode()})
    yield "controls.docx", changed(word, {_MAIN[".docx"]: (document % controls).encode()})
    long = "<w:p><w:r><w:t>ta " + "dài " * 1_000_000 + "</w:t></w:r></w:p>"
    yield "long.docx", changed(word, {_MAIN[".docx"]: (document % long).encode()})
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="99999999"/></w:tcPr><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>'
    span = f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"
    yield "span.docx", changed(word, {_MAIN[".docx"]: (document % (span * 50)).encode()})
    loop = f'<w:styles {_W}><w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/></w:style></w:styles>'
    yield "loop.docx", changed(word, {"word/styles.xml": loop.encode()})
    svg = f'<?xml version="1.0"?>{_LAUGHS}<svg xmlns="http://www.w3.org/2000/svg"><text>&a11;</text></svg>'
    yield "svg.docx", changed(word, {"word/media/image1.svg": svg.encode()})
    sheet = f'<worksheet {_S}><dimension ref="A1:XFD1048576"/><sheetData>%s</sheetData>%s</worksheet>'
    cell = '<row r="{0}"><c r="{1}{0}" t="inlineStr"><is><t>phí</t></is></c></row>'
    rows = "".join(cell.format(row, column) for row, column in ((1, "A"), (1048576, "XFD")))
    yield "rows.xlsx", changed(book, {_MAIN[".xlsx"]: (sheet % (rows, "")).encode()})
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    yield "merged.xlsx", changed(book, {_MAIN[".xlsx"]: (sheet % (rows, merged)).encode()})
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>1</v></c></row>' for n in range(1, 260_000))
    yield "cells.xlsx", changed(book, {_MAIN[".xlsx"]: (sheet % (many, "")).encode()})
    groups = "<p:grpSp><p:nvGrpSpPr/><p:grpSpPr/>" * 2000 + "</p:grpSp>" * 2000
    with zipfile.ZipFile(io.BytesIO(slides)) as archive:
        slide = archive.read(_MAIN[".pptx"]).decode().replace("</p:spTree>", groups + "</p:spTree>")
    yield "groups.pptx", changed(slides, {_MAIN[".pptx"]: slide.encode()})
    lying = bytearray(changed(word, {_MAIN[".docx"]: b" " * 60_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = 0
        while (start := lying.find(mark, start)) >= 0:
            lying[start + offset : start + offset + 4] = (1000).to_bytes(4, "little")
            start += 4
    yield "lying.docx", bytes(lying)
    yield "empty.docx", changed(b"PK\x05\x06" + bytes(18), {})
    yield "other.docx", changed(b"PK\x05\x06" + bytes(18), {"a.txt": b"x"})


def _pdf(objects: dict[int, bytes], root: int = 1) -> bytes:
    made, offsets = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        offsets[number] = len(made)
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(
        b"%010d 00000 %s \n" % (offsets.get(n, 0), b"n" if n in offsets else b"f") for n in range(max(objects) + 1)
    )
    count = max(objects) + 1
    return made + b"xref\n0 %d\n%strailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        count,
        table,
        count,
        root,
        len(made),
    )


def _stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), more, content)


def pdfs() -> Iterator[File]:
    """PDF files that refer to themselves, unpack or claim without end."""
    catalog, tree = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    resources = b"/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R%s>>" % resources
    base = {1: catalog, 2: tree, 3: page, 5: font}
    text = b"BT /F 12 Tf 50 700 Td (Phi la 5) Tj ET "
    yield "kids.pdf", _pdf({1: catalog, 2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"})
    pairs = {n: b"<</Type/Pages/Kids[%d 0 R %d 0 R]/Count 2>>" % (n + 1, n + 1) for n in range(2, 40)}
    yield "tree.pdf", _pdf({1: catalog, **pairs, 40: page})
    yield (
        "count.pdf",
        _pdf({1: catalog, 2: b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", 3: page, 4: _stream(text), 5: font}),
    )
    yield (
        "pages.pdf",
        _pdf(
            {
                1: catalog,
                2: b"<</Type/Pages/Kids[%s]/Count 5000>>" % (b"3 0 R " * 5000),
                3: page,
                4: _stream(text),
                5: font,
            }
        ),
    )
    bomb = zlib.compress(b" " * 300_000_000, 1)
    yield "flate.pdf", _pdf({**base, 4: _stream(bomb, b"/Filter/FlateDecode")})
    twice = zlib.compress(zlib.compress(b"q " * 100_000_000, 1), 1)
    yield "flate-twice.pdf", _pdf({**base, 4: _stream(twice, b"/Filter[/FlateDecode/FlateDecode]")})
    yield "words.pdf", _pdf({**base, 4: _stream(zlib.compress(text * 400_000), b"/Filter/FlateDecode")})
    form = _stream(b"/X Do " * 50, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>")
    yield "form.pdf", _pdf({**base, 4: _stream(b"/X Do"), 6: form})
    image = _stream(
        b"x", b"/Type/XObject/Subtype/Image/Width 20000/Height 10000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    )
    yield "image.pdf", _pdf({**base, 4: _stream(b"/X Do"), 6: image})
    yield "image-and-text.pdf", _pdf({**base, 4: _stream(text * 3 + b"/X Do"), 6: image})
    yield "length.pdf", _pdf({**base, 4: b"<</Length 99999999999>>\nstream\n" + text + b"\nendstream"})
    yield "length-loop.pdf", _pdf({**base, 4: b"<</Length 4 0 R>>\nstream\n" + text + b"\nendstream"})
    yield "operators.pdf", _pdf({**base, 4: _stream(b"q " * 2_000_000)})
    yield "nested.pdf", _pdf({**base, 4: _stream(b"[" * 200_000)})
    yield (
        "nested-catalog.pdf",
        _pdf({1: b"<</A " + b"[" * 100_000 + b"]" * 100_000 + b"/Pages 2 0 R>>", 2: tree, 3: page}),
    )
    outlines = b"<</Type/Catalog/Pages 2 0 R/Outlines 7 0 R>>"
    loop = {7: b"<</First 8 0 R/Last 8 0 R>>", 8: b"<</Title(A)/Next 8 0 R/First 8 0 R/Dest[3 0 R/Fit]>>"}
    yield "outlines.pdf", _pdf({**base, 1: outlines, 4: _stream(text * 3), **loop})
    objects = _stream(b"9 0 10 0 <<>>", b"/Type/ObjStm/N 100000000/First 4/Extends 9 0 R")
    yield "objects.pdf", _pdf({**base, 4: _stream(text), 9: objects})
    body = _pdf({**base, 4: _stream(text)})
    yield "previous.pdf", body.replace(b"/Root 1", b"/Prev %d/Root 1" % body.find(b"xref"))
    yield "size.pdf", body.replace(b"/Size 6", b"/Size 999999999")
    yield "box.pdf", body.replace(b"[0 0 595 842]", b"[0 0 1e308 -1e308]")
    yield (
        "lines.pdf",
        _pdf({**base, 4: _stream(b"".join(b"%d 0 m %d 800 l S " % (n, n) for n in range(6000)) + text * 3)}),
    )
    yield "only-head.pdf", b"%PDF-1.7\n"
    yield (
        "javascript.pdf",
        _pdf(
            {
                **base,
                1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert)>>>>",
                4: _stream(text * 3),
            }
        ),
    )


def others(folder: Path) -> Iterator[File]:
    """Pages, tables and texts; files that are not what their names say; those with passwords."""
    chance = Random(9)  # noqa: S311
    yield "deep.html", b"<div>" * 200_000 + b"x"
    yield "tables.html", b"<table><tr><td>" * 20_000 + b"x"
    yield "fonts.html", b"<font><b>" * 100_000 + b"x"
    yield "open.html", b"<html>" + b"<" * 3_000_000
    yield "attributes.html", b"<p " + b"".join(b'a%d="x" ' % n for n in range(200_000)) + b">x</p>"
    yield "laughs.html", f"{_LAUGHS}<html><body>&a11;</body></html>".encode()
    yield "long.html", b"<html><p>" + "phí ".encode() * 900_000
    yield "nul.html", b"<html><body>a\0b</body></html>"
    yield "span.html", b"<table><tr><td colspan=99999999>a<td>b<tr><td>c<td colspan=-5>d</table>"
    yield "charset.html", b'<meta charset="utf-7"><p>+ADw-script+AD4-</p>'
    yield "columns.csv", b"a," * 700_000
    yield "quote.csv", b'"' + b"a\n" * 1_500_000
    yield "nul.csv", b"a\0;b\n" * 100
    yield "lines.csv", b"\n" * 3_000_000
    for suffix in (".docx", ".xlsx", ".pptx", ".pdf", ".html", ".csv", ".txt", ".md", ".doc"):
        yield f"empty{suffix}", b""
        yield f"nul{suffix}", bytes(5000)
        yield f"random{suffix}", chance.randbytes(3000)
    for suffix in (".docx", ".pdf", ".csv", ".txt"):
        yield f"png{suffix}", b"\x89PNG\r\n\x1a\n" + chance.randbytes(500)
        yield f"gzip{suffix}", b"\x1f\x8b" + chance.randbytes(500)
        yield f"program{suffix}", b"\x7fELF" + chance.randbytes(500)
        yield f"old{suffix}", OLE + chance.randbytes(500)
    yield "password.pdf", office.pdf_file(folder / "password.pdf", password="bí mật").read_bytes()
    yield "password.xlsx", OLE + "EncryptedPackage".encode("utf-16-le") + chance.randbytes(500)
    yield "old.xls", OLE + chance.randbytes(500)
    yield "rich.rtf", b"{\\rtf1 x}"
    yield "half-utf16.txt", "phí".encode("utf-16")[:-1]
