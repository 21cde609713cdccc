"""Files to documents, and each reason why a file is none."""

import datetime
import unicodedata
from pathlib import Path

import pytest

from knowledge.documents import Document, DocumentError, Problem, Source
from knowledge.reading import MAX_BYTES, document_files, read_document
from tests.auxil.libraries import document, write

WHOLE = """\
---
title: "L/C: thanh toán qua ngân hàng"
summary: Hiểu L/C.
topic: logistics
audience: [chủ doanh nghiệp, kế toán]
markets: us, eu
keywords: [L/C, 600]
sources:
  - id: icc
    publisher: ICC
    title: UCP 600
    url: https://icc.example/ucp
    date: 2007-07
  - publisher: Hải Đăng
    title: Kinh nghiệm
    date: 2026
updated: 2026-11-22
review_by: 2027-05-22
---

# L/C: thanh toán qua ngân hàng

Mở đầu.

## L/C là gì?
<!--
sources: [2]
questions:
- tín dụng thư là gì
- "lc: dùng sao"
-->
L/C là cam kết của ngân hàng.

### Ai mở L/C?

Ngân hàng của người mua.

## Hạn nộp chứng từ?

21 ngày.
"""


def problem(folder: Path, content: str | bytes, name: str = "guide.md") -> Problem:
    """Why a file with this content is no document."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DocumentError) as error:
        read_document(path, folder)
    assert f"{name}:{error.value.problem.line}: {error.value.problem.code}" in str(error.value)
    return error.value.problem


def front(lines: str) -> str:
    return f"---\n{lines}\n---\n\n## Hỏi?\n\nĐáp.\n"


def outline(read: Document) -> list[tuple[tuple[str, ...], str, int]]:
    return [(section.headings, section.text, section.line) for section in read.sections]


def test_front_matter_is_read(tmp_path: Path) -> None:
    read = document(tmp_path, WHOLE, "logistics/lc.md")
    assert (read.id, read.title, read.summary, read.topic) == (
        "logistics/lc.md",
        "L/C: thanh toán qua ngân hàng",
        "Hiểu L/C.",
        "logistics",
    )
    assert read.audience == ("chủ doanh nghiệp", "kế toán")
    assert (read.markets, read.keywords) == (("us", "eu"), ("L/C", "600"))
    assert read.sources == (
        Source("ICC", "UCP 600", "https://icc.example/ucp", "2007-07"),
        Source("Hải Đăng", "Kinh nghiệm", None, "2026"),
    )
    assert (read.updated, read.review_by) == (datetime.date(2026, 11, 22), datetime.date(2027, 5, 22))


def test_sections_carry_their_heading_path_and_the_line_they_begin_on(tmp_path: Path) -> None:
    read = document(tmp_path, WHOLE)
    assert outline(read) == [
        ((), "Mở đầu.", 21),
        (("L/C là gì?",), "L/C là cam kết của ngân hàng.", 25),
        (("L/C là gì?", "Ai mở L/C?"), "Ngân hàng của người mua.", 34),
        (("Hạn nộp chứng từ?",), "21 ngày.", 38),
    ]
    lines = WHOLE.split("\n")
    assert all(section.headings[-1] in lines[section.line - 1] for section in read.sections if section.headings)


def test_the_comment_below_a_heading_names_questions_and_sources(tmp_path: Path) -> None:
    section = document(tmp_path, WHOLE).sections[1]
    assert section.questions == ("tín dụng thư là gì", "lc: dùng sao")
    assert [source.publisher for source in section.sources] == ["Hải Đăng"]


def test_a_section_without_sources_of_its_own_has_the_documents(tmp_path: Path) -> None:
    read = document(tmp_path, WHOLE)
    assert read.sections[3].sources == read.sources


def test_an_ordinary_comment_is_left_out_and_means_nothing(tmp_path: Path) -> None:
    read = document(tmp_path, "## Hỏi?\n<!-- việc cần làm: xem lại -->\nĐáp. <!-- hết\n-->\n")
    assert outline(read) == [(("Hỏi?",), "Đáp.", 1)]
    assert read.sections[0].questions == ()


def test_a_document_survives_being_written_down(tmp_path: Path) -> None:
    read = document(tmp_path, WHOLE)
    assert Document.from_json(read.to_json()) == read


def test_the_hash_changes_with_any_byte(tmp_path: Path) -> None:
    assert document(tmp_path, WHOLE).hash != document(tmp_path, WHOLE + "\n").hash


def test_byte_order_mark_and_windows_lines_make_no_difference(tmp_path: Path) -> None:
    plain = document(tmp_path, WHOLE, "a.md")
    (tmp_path / "b.md").write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    (tmp_path / "c.md").write_bytes(WHOLE.replace("\n", "\r").encode())
    for name in ("b.md", "c.md"):
        read = read_document(tmp_path / name, tmp_path)
        assert (read.title, read.sections) == (plain.title, plain.sections)


def test_decomposed_unicode_is_composed(tmp_path: Path) -> None:
    read = document(tmp_path, unicodedata.normalize("NFD", WHOLE))
    assert read.sections == document(tmp_path, WHOLE).sections
    assert unicodedata.is_normalized("NFC", read.title)


def test_a_heading_inside_a_code_fence_or_a_list_is_no_heading(tmp_path: Path) -> None:
    fence = "```text\n## không phải tiêu đề\n```"
    read = document(tmp_path, f"## Viết thế nào?\n\n{fence}\n\n- mục\n\n  ## trong danh sách\n\n> ## trong trích dẫn\n")
    assert [section.headings for section in read.sections] == [("Viết thế nào?",)]
    assert "## không phải tiêu đề" in read.sections[0].text


def test_underlined_headings_are_headings(tmp_path: Path) -> None:
    text = "Tên bài\n=======\n\nHỏi gì?\n-------\n<!--\nquestions: [hỏi khác]\n-->\n\nĐáp.\n"
    read = document(tmp_path, text)
    assert read.title == "Tên bài"
    assert outline(read) == [(("Hỏi gì?",), "Đáp.", 4)]
    assert read.sections[0].questions == ("hỏi khác",)


def test_a_heading_of_two_lines_becomes_one_line(tmp_path: Path) -> None:
    assert document(tmp_path, "Hỏi gì\nở đây?\n---\n\nĐáp.\n").sections[0].headings == ("Hỏi gì ở đây?",)


def test_a_heading_without_words_heads_nothing(tmp_path: Path) -> None:
    read = document(tmp_path, "## Hỏi?\n\nĐáp.\n\n##\n\nThêm.\n")
    assert all(section.headings == ("Hỏi?",) for section in read.sections)


def test_nested_headings_make_a_path_that_a_higher_heading_ends(tmp_path: Path) -> None:
    text = "# Bài\n## A\na\n#### B\nb\n### C\nc\n## D\nd\n"
    found = [section.headings for section in document(tmp_path, text).sections]
    assert found == [("A",), ("A", "B"), ("A", "C"), ("D",)]


def test_of_two_first_level_headings_neither_is_the_title(tmp_path: Path) -> None:
    read = document(tmp_path, "# Một\na\n## Con\nb\n# Hai\nc\n", "hai-phan.md")
    assert read.title == "hai phan"
    assert [section.headings for section in read.sections] == [("Một",), ("Một", "Con"), ("Hai",)]


def test_a_title_comes_from_front_matter_then_heading_then_file_name(tmp_path: Path) -> None:
    assert document(tmp_path, "---\ntitle: A\n---\n# B\nx\n").title == "A"
    assert document(tmp_path, "# B\nx\n").title == "B"
    assert document(tmp_path, "x\n", "ten-bai.md").title == "ten bai"


def test_the_topic_of_a_document_that_names_none_is_its_folder(tmp_path: Path) -> None:
    assert document(tmp_path, "x\n", "buyers/sub/a.md").topic == "buyers"
    assert document(tmp_path, "x\n", "a.md").topic == ""


def test_plain_text_is_one_section_under_its_file_name(tmp_path: Path) -> None:
    read = document(tmp_path, "\n## Không phải tiêu đề\n\nHết.\n", "digital/ghi_chu-moi.txt")
    assert (read.title, read.topic) == ("ghi chu moi", "digital")
    assert outline(read) == [((), "## Không phải tiêu đề\n\nHết.", 1)]


def test_files_are_found_by_kind_and_readme_and_hidden_ones_left_out(tmp_path: Path) -> None:
    left_out = ["README.md", "b/README.txt", ".hidden/x.md", "b/.x.md", "x.png", "~$a.docx", "Trang_files/x.html"]
    write(tmp_path, dict.fromkeys(["b/a.md", "a.txt", "C.MD", "cu.doc", "d.pdf", "readme-khac.md", *left_out], "x"))
    (tmp_path / "folder.md").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in document_files(tmp_path)]
    assert found == ["C.MD", "a.txt", "b/a.md", "cu.doc", "d.pdf", "readme-khac.md"]


def test_invisible_characters_and_nul_do_not_reach_the_library(tmp_path: Path) -> None:
    assert document(tmp_path, "## Hỏi\u200b?\n\nĐ\u00adáp\x00.\n").sections[0].text == "Đáp ."


def test_too_large(tmp_path: Path) -> None:
    found = problem(tmp_path, b"a" * (MAX_BYTES + 1))
    assert (found.code, found.values) == ("too_large", {"megabytes": "5.0", "limit": "5"})


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    found = problem(tmp_path, "một\nhai\n".encode() + b"kh\xe1ch")
    assert (found.code, found.line) == ("not_utf8", 3)


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff", "---\ntitle: A\n---\n", "# Chỉ có tên\n\n## Không có gì\n"])
def test_empty(content: str, tmp_path: Path) -> None:
    assert problem(tmp_path, content).code == "empty"


def test_empty_plain_text(tmp_path: Path) -> None:
    assert problem(tmp_path, " \n", "a.txt").code == "empty"


def test_a_file_that_the_system_does_not_let_read_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    name = "locked.md"
    (tmp_path / name).symlink_to("/proc/self/mem")
    with pytest.raises(DocumentError) as error:
        read_document(tmp_path / name, tmp_path)
    assert error.value.problem.code == "unreadable"


def test_front_matter_that_is_not_closed(tmp_path: Path) -> None:
    assert problem(tmp_path, "---\ntitle: A\n\n## Hỏi\n\nĐáp\n").code == "front_matter_open"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("title: A\nsummary: x: y\ntopic: b", 3),
        ("title: A\nkeywords: [a, b", 4),
        ("title: A\n\ttopic: b", 3),
        ("- a\n- b", 2),
        ("title: A\nupdated: 2026-13-45", 2),
        ("title: " + "[" * 20_000, 2),
    ],
)
def test_broken_front_matter_names_the_line(lines: str, line: int, tmp_path: Path) -> None:
    found = problem(tmp_path, front(lines))
    assert (found.code, found.line) == ("bad_yaml", line)
    assert found.values["detail"]


def test_a_broken_comment_names_the_line_in_the_file(tmp_path: Path) -> None:
    text = "---\ntitle: A\n---\n\n## Hỏi?\n\n<!--\nquestions:\n- a\n- b: [c\n-->\n\nĐáp.\n"
    found = problem(tmp_path, text)
    assert (found.code, found.line) == ("bad_yaml", 11)
    underlined = "Hỏi?\n----\n<!--\nquestions: {\n-->\nĐáp.\n"
    assert problem(tmp_path, underlined).line == 5


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ("title: [a]", "title"),
        ("summary: {a: b}", "summary"),
        ("keywords: {a: b}", "keywords"),
        ("audience: [[a]]", "audience"),
        ("updated: hôm qua", "updated"),
        ("review_by: 2026-11-22 10:00:00", "review_by"),
        ("review_by: 2027", "review_by"),
        ("sources: VnExpress", "sources"),
        ("sources: [VnExpress]", "sources"),
        ("sources: [{publisher: A}]", "sources"),
        ("sources: [{publisher: A, title: B, date: hôm qua}]", "sources.date"),
        ("sources: [{publisher: A, title: B, date: 1/11/2019}]", "sources.date"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named_with_what_is_wanted(lines: str, field: str, tmp_path: Path) -> None:
    found = problem(tmp_path, front(lines))
    assert (found.code, found.values["field"]) == ("bad_field", field)
    assert found.values["wanted"]


def test_an_unknown_source_names_the_section_and_the_id(tmp_path: Path) -> None:
    text = "---\nsources:\n- {id: a, publisher: A, title: B}\n---\n## Hỏi?\n<!-- sources: [a, b, c] -->\nĐáp.\n"
    found = problem(tmp_path, text)
    assert (found.code, found.line, found.values) == ("unknown_source", 5, {"id": "b, c"})


def test_front_matter_cannot_bring_in_what_cannot_be_written_down(tmp_path: Path) -> None:
    read = document(tmp_path, front('title: "A\\ud800\\u0000B"\nkeywords: ["x\\ud800"]'))
    assert (read.title, read.keywords) == ("A  B", ("x ",))


def test_an_escaped_surrogate_in_a_question_or_source_is_cleaned(tmp_path: Path) -> None:
    text = (
        '---\nsources:\n- {id: a, publisher: "A\\ud800", title: "B\\ud800", url: "https://a\\ud800"}\n---\n'
        '## Hỏi?\n<!--\nquestions: ["q\\ud800"]\n-->\nĐáp.\n'
    )
    assert repr(document(tmp_path, text).to_json()).count("ud800") == 0
