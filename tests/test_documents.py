"""Office documents from end to end: read, ingested, found by a question, cited with their page, sheet or slide."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.cli import render
from bot.telegram.rendering import render as render_for_telegram
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.ingestion import Options, Report, ingest
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil import office
from tests.auxil.libraries import library_with
from tests.auxil.old_vietnamese import vni

# One worker ingests for all.
pytestmark = pytest.mark.xdist_group("documents")


@pytest.fixture(scope="module")
def folder(guides: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guides, and beside them a document of each kind."""
    folder = tmp_path_factory.mktemp("documents")
    shutil.copytree(guides, folder, dirs_exist_ok=True)
    office.word_file(folder / "phi-kiem-nghiem.docx")
    office.workbook_file(folder / "kho-lanh.xlsx")
    office.slides_file(folder / "hoi-cho.pptx")
    office.pdf_file(folder / "so-tay.pdf")
    office.tcvn3_pdf(folder / "le-phi.pdf")
    office.page_file(folder / "kiem-dich.html")
    (folder / "thue.csv").write_text(
        "Mặt hàng;Thuế xuất khẩu\nQuặng bô-xít thô;30%\nMủ cao su;0%\n", encoding="utf-8-sig"
    )
    (folder / "ghi-chu.txt").write_bytes(vni("Xưởng ướp lạnh mực ống phải ghi nhật ký nhiệt độ.").encode("latin-1"))
    return folder


@pytest.fixture(scope="module")
def library(vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    return library_with(vectors, tmp_path_factory.mktemp("data") / "library")


@pytest.fixture(scope="module")
def report(library: Library, folder: Path, embeddings: TextEmbeddings) -> Report:
    return ingest(library, folder, BUILT_IN, lambda: embeddings, Options())


@pytest.fixture(scope="module")
def assistant(library: Library, report: Report, embeddings: TextEmbeddings) -> Iterator[Assistant]:
    assert report.rejected == []
    with LiveLibrary(library) as live:
        yield Assistant(live, embeddings)


@pytest.mark.parametrize(
    ("asked", "says", "source"),
    [
        ("phí kiểm nghiệm listeria bao nhiêu", "420.000 đồng", "Biểu phí kiểm nghiệm, tr. 1"),
        ("nộp mẫu kiểm nghiệm ở đâu", "phòng một cửa", "Nộp mẫu ở đâu?, tr. 2"),
        ("phí lưu kho lạnh Cát Lái một tấn", "45.000", "Phí, trang tính Phí"),
        ("lưu kho lạnh Cát Lái phụ thu cuối tuần bao nhiêu", "15%", "trang tính Phí"),
        ("tàu Hamburg cắt máng thứ mấy", "thứ Ba", "trang tính Lịch tàu"),
        ("thuê gian hàng Anuga hết bao nhiêu tiền", "4.200 euro", "Chi phí gian hàng, slide 3"),
        ("vải thiều đi mỹ chiếu xạ liều bao nhiêu", "400 Gy", "Chiếu xạ, tr. 3"),
        ("ai cấp mã số vùng trồng vải thiều", "hợp tác xã", "Mã số vùng trồng, tr. 2–3"),
        ("mức thu lệ phí một lô phế liệu giấy", "bảy trăm nghìn đồng", "Điều 2. Mức thu, tr. 2"),
        ("le phi hun trung go tron", "25.000 đồng/m³", "Lệ phí hun trùng, không ghi ngày"),
        ("thuế xuất khẩu quặng bô-xít thô", "30%", "thue, không ghi ngày"),
        ("xưởng ướp lạnh mực ống ghi nhật ký gì", "nhiệt độ", "ghi chu, không ghi ngày"),
    ],
)
def test_a_document_is_found_and_cited_with_its_place(assistant: Assistant, asked: str, says: str, source: str) -> None:
    reply = assistant.answer(Question(asked))
    assert reply.decision == "answer", reply.trace["signals"]
    assert says in reply.text
    [sent] = render_for_telegram(reply).parts
    assert source in sent
    place = reply.sources[0].where("vi")
    assert (f"({place}, " in render(reply)) == bool(place)


def test_places_in_english(assistant: Assistant) -> None:
    reply = assistant.answer(Question("vải thiều đi mỹ chiếu xạ liều bao nhiêu"))
    assert reply.sources[0].where("en") == "p. 3"
    assert list(reply.to_json()["sources"][0]["places"]) == [{"kind": "page", "name": "3", "start": 0}]


def test_what_has_not_changed_is_not_read_again(
    library: Library, folder: Path, report: Report, embeddings: TextEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.confined.Confined.read", lambda *_: pytest.fail("read"))
    again = ingest(library, folder, BUILT_IN, lambda: embeddings, Options())
    assert sorted(again.unchanged) == sorted(report.added)
    assert again.version is None


def test_what_others_wrote_is_not_held_to_the_rules_for_guides(report: Report) -> None:
    assert not [problem for problem in report.warnings if not problem.document.endswith((".md", ".txt"))]
