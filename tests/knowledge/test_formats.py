"""What is read of each format: headings, tables, places, and what is left out."""

import csv
import subprocess
import sys
import unicodedata
from pathlib import Path

import docx
import openpyxl
import pptx
import pypdfium2
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from knowledge import passages
from knowledge.confined import Confined
from knowledge.documents import Document, DocumentError, Place
from knowledge.formats import tables
from knowledge.reading import read_document
from tests.auxil import office
from tests.auxil.old_vietnamese import tcvn3, vni

ROOT = Path(__file__).parents[2]


def read(path: Path) -> Document:
    return read_document(path, path.parent)


def texts(document: Document) -> dict[tuple[str, ...], str]:
    return {section.headings: section.text for section in document.sections}


def test_word(tmp_path: Path) -> None:
    document = read(office.word_file(tmp_path / "a.docx"))
    assert document.title == "Thông tư về phí kiểm nghiệm"
    fees = ("Biểu phí kiểm nghiệm",)
    assert texts(document)["Phạm vi",] == "Thông tư này áp dụng cho cơ sở chế biến cá tra xuất khẩu."
    assert texts(document)[fees].endswith(
        "| Vi sinh | Salmonella | 380.000 đồng |\n| Vi sinh | Listeria | 420.000 đồng |"
    )
    assert texts(document)[*fees, "Nộp mẫu ở đâu?"].startswith("- Cơ sở nộp mẫu")
    assert document.sections[-1].places == (Place("page", "2"),)


def test_word_without_styles_deletions_numbers_and_old_fonts(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph().add_run("Hồ sơ xin phép").bold = True
    run = made.add_paragraph().add_run(tcvn3("Thương nhân nộp hồ sơ tại cửa khẩu."))
    run.font.name = ".VnTime"
    run = made.add_paragraph().add_run(tcvn3("thông tư"))
    run.font.name = ".VnTimeH"
    made.add_paragraph(vni("Hồ sơ gồm giấy phép và hợp đồng mua bán."))
    made.add_paragraph(unicodedata.normalize("NFD", "Thời hạn là bảy ngày."))
    changed = made.add_paragraph("Phí ")
    for tag, inner, text in (("w:ins", "w:t", "200.000"), ("w:del", "w:delText", "100.000")):
        change, run_, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        words.text = text
        run_.append(words)
        change.append(run_)
        changed._p.append(change)
    for text in ("Nộp đơn", "Nhận phép"):
        made.add_paragraph(text, style="List Number")
    made.sections[0].header.paragraphs[0].text = "Đầu trang"
    made.save(str(tmp_path / "ho-so.docx"))
    document = read(tmp_path / "ho-so.docx")
    assert document.title == "Hồ sơ xin phép"
    assert document.sections[0].text.split("\n\n") == [
        "Thương nhân nộp hồ sơ tại cửa khẩu.",
        "THÔNG TƯ",
        "Hồ sơ gồm giấy phép và hợp đồng mua bán.",
        "Thời hạn là bảy ngày.",
        "Phí 200.000",
        "1. Nộp đơn",
        "2. Nhận phép",
    ]
    assert document.sections[0].places == ()


def test_articles_that_word_numbers_by_itself(tmp_path: Path) -> None:
    made = docx.Document()
    numbering = made.part.numbering_part.element
    abstract, number = OxmlElement("w:abstractNum"), OxmlElement("w:num")
    abstract.set(qn("w:abstractNumId"), "90")
    for level, form, text in ((0, "upperRoman", "Chương %1"), (1, "decimal", "Điều %2."), (2, "lowerLetter", "%3)")):
        element = OxmlElement("w:lvl")
        element.set(qn("w:ilvl"), str(level))
        for name, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", text)):
            child = OxmlElement(name)
            child.set(qn("w:val"), value)
            element.append(child)
        abstract.append(element)
    numbering.insert(0, abstract)
    number.set(qn("w:numId"), "90")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "90")
    number.append(reference)
    numbering.append(number)
    items = ("hàng xuất khẩu", "hàng nhập khẩu")
    for level, text in (
        (0, "QUY ĐỊNH"),
        (1, "Phạm vi"),
        *((2, item) for item in items),
        (1, "Mức phí"),
        (2, "theo lô"),
    ):
        properties = made.add_paragraph(text)._p.get_or_add_pPr()
        numbered = properties.get_or_add_numPr()
        numbered.get_or_add_ilvl().val = level
        numbered.get_or_add_numId().val = 90
    made.save(str(tmp_path / "a.docx"))
    assert [(section.headings, section.text) for section in read(tmp_path / "a.docx").sections] == [
        (("Điều 1. Phạm vi",), "a) hàng xuất khẩu\n\nb) hàng nhập khẩu"),
        (("Điều 2. Mức phí",), "a) theo lô"),
    ]


def test_workbooks(tmp_path: Path) -> None:
    document = read(office.workbook_file(tmp_path / "kho-lanh.xlsx"))
    assert document.title == "kho lanh"
    assert [section.places for section in document.sections] == [
        (Place("sheet", "Phí"),),
        (Place("sheet", "Lịch tàu"),),
    ]
    assert document.sections[0].text.startswith("Biểu phí dịch vụ kho lạnh Cát Lái\n\n| Dịch vụ |")
    assert "| Lưu kho lạnh | tấn/ngày | 45.000 |" in document.sections[0].text


def test_a_long_table_repeats_its_header_in_each_passage(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(("Mã HS", "Mô tả", "Thuế"))
    for number in range(300):
        sheet.append((f"0902{number:04}", f"Chè loại {number} đóng gói dưới ba ki-lô-gam", 0.1))
        sheet.cell(number + 2, 3).number_format = "0%"
    workbook.create_sheet("ẩn").sheet_state = "hidden"
    workbook.save(tmp_path / "bieu-thue.xlsx")
    document = read(tmp_path / "bieu-thue.xlsx")
    cut = passages.passages_of(document)
    assert len(cut) > 10
    assert all(passage.text.startswith("| Mã HS | Mô tả | Thuế |\n| --- | --- | --- |\n| 0902") for passage in cut)
    assert sum(passage.text.count("| 10% |") for passage in cut) == 300
    assert tables.LONGEST_TABLE < passages.MAX_CHARACTERS


def test_slides(tmp_path: Path) -> None:
    document = read(office.slides_file(tmp_path / "a.pptx"))
    assert document.title == "Chào hàng hội chợ Anuga"
    assert texts(document)["Chuẩn bị mẫu",] == "- Gửi mẫu trước sáu tuần\n- Ghi nhãn tiếng Đức"
    assert texts(document)["Chi phí gian hàng",].endswith("Nhắc khách đặt khách sạn sớm.")
    assert [section.places[0].name for section in document.sections] == ["1", "2", "3"]


def test_a_hidden_slide_is_not_read_and_does_not_change_the_numbers(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    for title in ("Một", "Hai", "Ba"):
        presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = title
    presentation.slides[1].element.set("show", "0")
    presentation.save(str(tmp_path / "a.pptx"))
    assert [(section.text, section.places[0].name) for section in read(tmp_path / "a.pptx").sections] == [
        ("Một", "1"),
        ("Ba", "3"),
    ]


def test_pdf(tmp_path: Path) -> None:
    document = read(office.pdf_file(tmp_path / "a.pdf"))
    assert document.title == "Sổ tay xuất khẩu trái cây"
    assert list(texts(document)) == [(), ("Mã số vùng trồng",), ("Chiếu xạ",), ("Phụ lục liên hệ",)]
    growing = document.sections[1]
    assert "nghiêm cấm mua bán" in growing.text
    assert "cho đến khi hợp tác xã khắc phục xong" in growing.text
    assert growing.places == (Place("page", "2"), Place("page", "3", growing.text.index("khắc phục xong")))
    whole = "\n".join(texts(document).values())
    assert "Cục Bảo vệ thực vật" not in whole
    assert "Trang" not in whole


def test_pdf_in_tcvn3(tmp_path: Path) -> None:
    document = read(office.tcvn3_pdf(tmp_path / "le-phi.pdf"))
    assert texts(document) == {
        ("Điều 1. Đối tượng nộp lệ phí",): "Thương nhân nhập khẩu phế liệu giấy nộp lệ phí theo quy định.",
        ("Điều 2. Mức thu",): "Mức thu lệ phí là bảy trăm nghìn đồng cho một lô phế liệu giấy.",
    }


def test_a_ruled_table_of_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(office.ruled_pdf([("Dịch vụ", "Phí"), ("C/O", "60.000"), ("Kiểm dịch", "70.000")]))
    assert read(path).sections[0].text == "| Dịch vụ | Phí |\n| --- | --- |\n| C/O | 60.000 |\n| Kiểm dịch | 70.000 |"


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    office.unicode_fonts()
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.setFont("Vera", 9)
    for number in range(20):
        canvas.drawString(50, 760 - 14 * number, f"cột trái có dòng số {number:02} rất dài")
        canvas.drawString(320, 760 - 14 * number, f"cột phải có dòng số {number:02} rất dài")
    canvas.save()
    text = read(tmp_path / "a.pdf").sections[0].text
    assert text.rindex("cột trái") < text.index("cột phải")


def test_a_scan_says_what_to_do(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"), pagesize=A4)
    from PIL import Image

    Image.new("L", (600, 800), 255).save(tmp_path / "page.png")
    canvas.drawImage(str(tmp_path / "page.png"), 0, 0, 595, 842)
    canvas.save()
    with pytest.raises(DocumentError) as error:
        read(tmp_path / "scan.pdf")
    # With Tesseract here an empty picture has no text.
    assert error.value.problem.code in ("scan", "empty")


def test_a_scan_is_read_where_tesseract_is(tmp_path: Path) -> None:
    tesseract = pytest.importorskip("pytesseract")
    if "vie" not in tesseract.get_languages():
        pytest.skip("no Vietnamese for Tesseract here")
    office.pdf_file(tmp_path / "source.pdf")
    canvas = Canvas(str(tmp_path / "scan.pdf"), pagesize=A4)
    with pypdfium2.PdfDocument(tmp_path / "source.pdf") as pdf:
        for number, page in enumerate(pdf):
            page.render(scale=2.5).to_pil().save(tmp_path / f"{number}.png")
            canvas.drawImage(str(tmp_path / f"{number}.png"), 0, 0, *A4)
            canvas.showPage()
    canvas.save()
    [section] = read(tmp_path / "scan.pdf").sections
    assert "hợp tác xã" in section.text
    assert [place.name for place in section.places] == ["1", "2", "3", "4"]


def test_saved_pages(tmp_path: Path) -> None:
    document = read(office.page_file(tmp_path / "x.html"))
    assert document.title == "Kiểm dịch gỗ xuất khẩu"
    assert texts(document) == {
        (): "Pallet gỗ đi nước ngoài phải xử lý theo ISPM 15. Dấu được đóng trên hai mặt.",
        ("Hồ sơ gồm gì?",): "- Giấy đăng ký kiểm dịch\n- Hợp đồng mua bán",
        ("Lệ phí hun trùng",): "| Loại hàng | Lệ phí |\n| --- | --- |\n| Gỗ tròn | 25.000 đồng/m³ |\n"
        "| Ván ép | 18.000 đồng/m³ |",
    }


def test_old_pages(tmp_path: Path) -> None:
    words = tcvn3("Thương nhân nộp phí tại cảng.")
    page = f'<html><title>Phi</title><body><font face=".VnTime">{words}</font></body></html>'
    (tmp_path / "a.html").write_bytes(page.encode("latin-1"))
    assert read(tmp_path / "a.html").sections[0].text == "Thương nhân nộp phí tại cảng."
    page = "<meta charset=windows-1258><h1>Phi</h1><p>Nô\u0323p phi\u0301 ta\u0323i ca\u0309ng</p>"
    (tmp_path / "b.html").write_bytes(page.replace("i\u0301", "í").encode("cp1258"))
    assert read(tmp_path / "b.html").sections[0].text == "Nộp phí tại cảng"


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16")])
def test_csv_as_programs_write_it(delimiter: str, encoding: str, tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([("Mặt hàng", "Thuế"), ("Quặng, thô", "30%"), ("Cao su", "0%")])
    assert read(tmp_path / "a.csv").sections[0].text == (
        "| Mặt hàng | Thuế |\n| --- | --- |\n| Quặng, thô | 30% |\n| Cao su | 0% |"
    )


def test_a_statute_in_plain_text_is_headed(tmp_path: Path) -> None:
    (tmp_path / "luat.txt").write_text(
        "Chương I\nQUY ĐỊNH CHUNG\nĐiều 1. Phạm vi\nPhí kho.\nĐiều 2. Mức\n5 đồng.\n", "utf-8"
    )
    assert [section.headings[-1] for section in read(tmp_path / "luat.txt").sections] == [
        "Điều 1. Phạm vi",
        "Điều 2. Mức",
    ]


def test_nothing_of_a_parser_is_loaded_by_the_bot_or_the_door() -> None:
    """Memory and start-up stay what they were."""
    code = (
        "import sys, knowledge.ingestion, bot.app\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'docx', 'pptx', 'openpyxl', 'pdfplumber', 'pdfminer', 'lxml', 'pypdfium2'}, loaded\n"
        "assert 'knowledge.formats' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_guides_need_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Confined, "_start", lambda _: pytest.fail("started"))
    (tmp_path / "a.md").write_text("# A\n\nPhí.\n", encoding="utf-8")
    with Confined() as confined:
        assert read_document(tmp_path / "a.md", tmp_path, confined).title == "A"
