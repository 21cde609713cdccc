"""Documents as people have them, made with the real tools: Word, Excel, PowerPoint, PDF, saved pages."""

import io
from collections.abc import Sequence
from pathlib import Path

import docx
import matplotlib
import openpyxl
import pptx
from docx.enum.text import WD_BREAK
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.auxil.old_vietnamese import tcvn3

# DejaVu, which comes with it.
FONTS = Path(matplotlib.get_data_path()) / "fonts/ttf"


def word_file(path: Path) -> Path:
    """A circular with styles, a numbered list, a table with a merged cell, and a page break."""
    document = docx.Document()
    document.core_properties.title = "Thông tư về phí kiểm nghiệm"
    document.add_heading("Thông tư về phí kiểm nghiệm", 0)
    document.add_heading("Phạm vi", 1)
    document.add_paragraph("Thông tư này áp dụng cho cơ sở chế biến cá tra xuất khẩu.")
    document.add_heading("Biểu phí kiểm nghiệm", 1)
    document.add_paragraph("Phí được thu như sau:")
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ("Nhóm", "Chỉ tiêu", "Mức phí"), strict=True):
        cell.text = text
    for row in (("Vi sinh", "Salmonella", "380.000 đồng"), ("", "Listeria", "420.000 đồng")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    document.add_heading("Nộp mẫu ở đâu?", 2)
    document.add_paragraph("Cơ sở nộp mẫu tại phòng một cửa của trung tâm vùng.", style="List Bullet")
    document.add_paragraph("Mẫu đựng trong thùng giữ lạnh.", style="List Bullet")
    document.save(str(path))
    return path


def workbook_file(path: Path) -> Path:
    """Two sheets: fees with a title, a percentage and a merged cell, and a calendar."""
    workbook = openpyxl.Workbook()
    fees = workbook.active
    assert fees is not None
    fees.title = "Phí"
    fees["A1"] = "Biểu phí dịch vụ kho lạnh Cát Lái"
    fees.merge_cells("A1:C1")
    for row in (
        ("Dịch vụ", "Đơn vị", "Mức phí"),
        ("Lưu kho lạnh", "tấn/ngày", 45000),
        ("Phụ thu cuối tuần", "%", 0.15),
    ):
        fees.append(row)
    fees["C3"].number_format = "#,##0"
    fees["C4"].number_format = "0%"
    calendar = workbook.create_sheet("Lịch tàu")
    calendar.append(("Tuyến", "Ngày cắt máng"))
    calendar.append(("Cát Lái – Hamburg", "thứ Ba"))
    workbook.save(path)
    return path


def slides_file(path: Path) -> Path:
    """Three slides; the third has a table and notes."""
    presentation = pptx.Presentation()
    for title, lines in (
        ("Chào hàng hội chợ Anuga", ["Cologne"]),
        ("Chuẩn bị mẫu", ["Gửi mẫu trước sáu tuần", "Ghi nhãn tiếng Đức"]),
    ):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(lines)
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Chi phí gian hàng"
    table = slide.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for number, row in enumerate(
        (("Hạng mục", "Chi phí"), ("Thuê gian 9 m²", "4.200 euro"), ("Dựng gian", "1.800 euro"))
    ):
        for cell, text in zip(table.rows[number].cells, row, strict=True):
            cell.text = text
    slide.notes_slide.notes_text_frame.text = "Nhắc khách đặt khách sạn sớm."
    presentation.save(str(path))
    return path


def page_of(canvas: Canvas, lines: Sequence[tuple[str, str, float]], number: int, *, running: str = "") -> None:
    """A page: (text, font, size) from above, a running head and a page number."""
    width, height = A4
    if running:
        canvas.setFont("Vera", 9)
        canvas.drawString(60, height - 40, running)
    canvas.setFont("Vera", 9)
    canvas.drawCentredString(width / 2, 30, f"Trang {number}")
    y = height - 90
    for text, font, size in lines:
        canvas.setFont(font, size)
        canvas.drawString(60, y, text)
        y -= size * 1.35 if text else size * 0.8
    canvas.showPage()


def unicode_fonts() -> None:
    """DejaVu as "Vera" and "VeraBold"."""
    pdfmetrics.registerFont(TTFont("Vera", str(FONTS / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont("VeraBold", str(FONTS / "DejaVuSans-Bold.ttf")))


def pdf_file(path: Path, *, password: str | None = None) -> Path:
    """Four pages with running heads; a heading on the third, a paragraph over a page break, a broken word."""
    unicode_fonts()
    canvas = Canvas(str(path), pagesize=A4, encrypt=password)
    canvas.setTitle("Sổ tay xuất khẩu trái cây")
    running = "Sổ tay xuất khẩu trái cây – Cục Bảo vệ thực vật"
    body = "Vera"
    page_of(canvas, [("Sổ tay xuất khẩu trái cây", "VeraBold", 22), ("", body, 11),
            ("Tài liệu dành cho doanh nghiệp đóng gói vải thiều và nhãn.", body, 11)],
            1, running=running)  # fmt: skip
    page_of(canvas, [("Mã số vùng trồng", "VeraBold", 16), ("", body, 11),
            ("Vùng trồng vải thiều phải có mã số trước khi thu hoạch hai tháng, và hồ sơ xin mã số do", body, 11),
            ("hợp tác xã nộp tại chi cục. Cán bộ sẽ kiểm tra thực địa rồi mới cấp mã, nghi-", body, 11),
            ("êm cấm mua bán mã số giữa các vùng trồng.", body, 11), ("", body, 11),
            ("Nếu vùng trồng bị phát hiện dư lượng vượt mức thì mã số bị tạm dừng cho đến khi hợp tác xã", body, 11)],
            2, running=running)  # fmt: skip
    page_of(canvas, [("khắc phục xong và được kiểm tra lại.", body, 11), ("", body, 11),
            ("Chiếu xạ", "VeraBold", 16), ("", body, 11),
            ("Vải thiều đi Mỹ phải chiếu xạ liều tối thiểu 400 Gy tại cơ sở được APHIS công nhận.", body, 11)],
            3, running=running)  # fmt: skip
    page_of(canvas, [("Phụ lục liên hệ", "VeraBold", 16), ("", body, 11),
            ("Chi cục trả lời doanh nghiệp trong ba ngày làm việc.", body, 11)], 4, running=running)  # fmt: skip
    canvas.save()
    return path


def ruled_pdf(rows: Sequence[Sequence[str]]) -> bytes:
    """A page with a ruled table."""
    from reportlab.lib import colors
    from reportlab.platypus import SimpleDocTemplate, Table

    unicode_fonts()
    buffer = io.BytesIO()
    table = Table(
        [list(row) for row in rows],
        style=[("GRID", (0, 0), (-1, -1), 1, colors.black), ("FONT", (0, 0), (-1, -1), "Vera")],
    )
    SimpleDocTemplate(buffer, pagesize=A4).build([table])
    return buffer.getvalue()


def tcvn3_pdf(path: Path) -> Path:
    """As PDF printers made them before Unicode: a font of 256 characters."""
    canvas = Canvas(str(path), pagesize=A4)
    pages = (
        ("Điều 1. Đối tượng nộp lệ phí", "Thương nhân nhập khẩu phế liệu giấy nộp lệ phí theo quy định."),
        ("Điều 2. Mức thu", "Mức thu lệ phí là bảy trăm nghìn đồng cho một lô phế liệu giấy."),
    )
    for number, lines in enumerate(pages, start=1):
        y = 760
        for line in lines:
            canvas.setFont("Times-Roman", 13)
            canvas.drawString(60, y, tcvn3(line))
            y -= 24
        canvas.drawString(290, 30, str(number))
        canvas.showPage()
    canvas.save()
    return path


PAGE = """<!DOCTYPE html>
<!-- saved from url=(0050)https://chicuc.example/thu-tuc/kiem-dich-go -->
<html lang="vi"><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>Kiểm dịch gỗ xuất khẩu | Chi cục Kiểm dịch vùng II</title>
<script>var menu = "Trang chủ";</script><style>body {{ margin: 0 }}</style></head>
<body class="page"><header role="banner"><a href="./x_files/a.html">Trang chủ</a></header>
<nav><ul><li>Giới thiệu</li><li>Tin tức</li></ul></nav>
<main><h1>Kiểm dịch gỗ xuất khẩu</h1>
<p>Pallet gỗ đi nước ngoài phải xử lý theo <b>ISPM&nbsp;15</b>.<!-- quảng cáo --> Dấu được đóng trên hai mặt.</p>
<h2>Hồ sơ gồm gì?</h2><ul><li><p>Giấy đăng ký kiểm dịch</p></li><li>Hợp đồng mua bán</li></ul>
<h2>Lệ phí hun trùng</h2>
<table><thead><tr><th>Loại hàng</th><th>Lệ phí</th></tr></thead>
<tbody><tr><td>Gỗ tròn</td><td>25.000 đồng/m³</td></tr><tr><td>Ván ép</td><td>18.000 đồng/m³</td></tr></tbody></table>
</main><aside>Bài đọc nhiều</aside><footer>Bản quyền</footer></body></html>
"""


def page_file(path: Path) -> Path:
    path.write_text(PAGE.format(), encoding="utf-8")
    return path
