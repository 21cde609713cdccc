"""What an editor should mend: each warning, and no false alarm on the bundled guides."""

import datetime
import unicodedata
from pathlib import Path

import pytest

from knowledge.documents import Problem
from knowledge.ingestion import check
from knowledge.lint import LONGEST_SECTION, lint
from knowledge.passages import plain
from tests.auxil.libraries import document

ROOT = Path(__file__).parents[2]

FRONT = """\
---
title: Bài
sources:
- {publisher: A, title: B}
review_by: 2099-01-01
---

"""


def warnings(folder: Path, text: str) -> list[Problem]:
    return lint(document(folder, text), folder / "guide.md")


def codes(folder: Path, body: str) -> list[str]:
    return [problem.code for problem in warnings(folder, FRONT + body)]


def test_a_guide_as_it_should_be_has_no_warning(tmp_path: Path) -> None:
    assert codes(tmp_path, "## Hỏi?\n\nNăm 2019, xuất khẩu sang Mỹ đạt 44,65 tỷ USD, tăng 27,6%. Đặt cọc 30%.\n") == []


def test_no_review_date_and_no_source(tmp_path: Path) -> None:
    assert [problem.code for problem in warnings(tmp_path, "## Hỏi?\n\nĐáp.\n")] == ["no_review_by", "no_source"]


def test_review_overdue(tmp_path: Path) -> None:
    yesterday = datetime.datetime.now().astimezone().date() - datetime.timedelta(days=1)
    [problem] = warnings(tmp_path, FRONT.replace("2099-01-01", yesterday.isoformat()) + "## Hỏi?\n\nĐáp.\n")
    assert (problem.code, problem.values) == ("review_overdue", {"date": yesterday.isoformat()})


def test_a_guide_to_be_reviewed_today_is_not_overdue(tmp_path: Path) -> None:
    tomorrow = datetime.datetime.now().astimezone().date() + datetime.timedelta(days=1)
    assert warnings(tmp_path, FRONT.replace("2099-01-01", tomorrow.isoformat()) + "## Hỏi?\n\nĐáp.\n") == []


def test_mixed_unicode_names_each_line(tmp_path: Path) -> None:
    body = "## Hỏi?\n\n" + unicodedata.normalize("NFD", "Đáp án.") + "\n"
    [problem] = warnings(tmp_path, FRONT + body)
    assert (problem.code, problem.line) == ("mixed_unicode", 10)


def test_a_section_too_long_for_one_answer(tmp_path: Path) -> None:
    longest = "từ " * LONGEST_SECTION
    assert codes(tmp_path, f"## Hỏi?\n\n{longest}\n") == []
    [problem] = warnings(tmp_path, f"{FRONT}## Ngắn?\n\nĐáp.\n\n## Hỏi?\n\n{longest} nữa\n")
    assert (problem.code, problem.line) == ("section_long", 12)
    assert problem.values == {"section": "Hỏi?", "words": str(LONGEST_SECTION + 1)}


def test_a_heading_that_stands_twice_is_named_once(tmp_path: Path) -> None:
    [problem] = warnings(tmp_path, f"{FRONT}## Hỏi gì?\n\nA.\n\n## HOI GI?\n\nB.\n\n## Hỏi gì?\n\nC.\n")
    assert (problem.code, problem.values) == ("heading_twice", {"section": "Hỏi gì?"})


def test_the_same_heading_below_two_others_is_no_repetition(tmp_path: Path) -> None:
    assert codes(tmp_path, "## Mỹ\n\nA.\n\n### Phí?\n\nB.\n\n## EU\n\nC.\n\n### Phí?\n\nD.\n") == []


@pytest.mark.parametrize(
    "sentence", ["Xuất khẩu đạt 44,65 tỷ USD.", "Kim ngạch tăng 27,6%.", "Alibaba.com có 200 triệu người mua."]
)
def test_a_figure_without_a_year(sentence: str, tmp_path: Path) -> None:
    [problem] = warnings(tmp_path, f"{FRONT}## Hỏi?\n\nNăm 2019 khác. {sentence} Hết.\n")
    assert (problem.code, problem.values["sentence"]) == ("figure_undated", sentence)


@pytest.mark.parametrize(
    "sentence", ["Thuế giá trị gia tăng 0%.", "Bảo hiểm từ 1 triệu USD.", "Ví dụ: doanh thu 4 tỷ USD.", "Đặt cọc 30%."]
)
def test_a_rule_or_an_example_needs_no_year(sentence: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f"## Hỏi?\n\n{sentence}\n") == []


def test_dead_links(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("x")
    good = "[a](other.md) [b](other.md#muc) [c](https://a.example/x) [d](#day)"
    [problem] = warnings(tmp_path, f"{FRONT}## Hỏi?\n\n{good} [e](missing.md)\n")
    assert (problem.code, problem.values) == ("dead_link", {"section": "Hỏi?", "target": "missing.md"})
    # A name that no file can have is missing as well.
    [problem] = warnings(tmp_path, f"{FRONT}## Hỏi?\n\n[e]({'a' * 400})\n")
    assert problem.code == "dead_link"


def test_a_text_of_nothing_but_brackets_is_read_to_its_end(tmp_path: Path) -> None:
    for piece in ("[", "[a](", "]("):
        assert plain(piece * 300_000) == piece * 300_000
    assert plain("[Luật](http://a.vn/x_(y)) và ![hình](b.png)") == "Luật và hình"


@pytest.mark.parametrize(
    "sentence",
    [
        "Hiện nay, các đại lý uỷ quyền của Alibaba.com tại Việt Nam gồm OSB và Vinet.",
        "Gói Gold Supplier cơ bản hiện nay là 1.399 một năm.",
        "Mua gói thì chắc chắn có đơn hàng.",
        "Cách này tuyệt đối an toàn.",
        "Thuế nhập khẩu của Mỹ với gỗ hiện nay là 10%.",
    ],
)
def test_claims_that_no_guide_may_make(sentence: str, tmp_path: Path) -> None:
    found = warnings(tmp_path, f"{FRONT}## Hỏi?\n\n{sentence}\n")
    assert [problem.code for problem in found] == ["forbidden_claim"]
    assert found[0].values["why"]


def test_warnings_stand_in_the_order_of_their_lines(tmp_path: Path) -> None:
    body = "## B\n\n[x](missing.md)\n\n## A\n\n" + unicodedata.normalize("NFD", "Đạt 5 tỷ USD.") + "\n"
    lines = [problem.line for problem in warnings(tmp_path, FRONT + body)]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_the_bundled_guides_can_all_be_read() -> None:
    report = check(ROOT / "knowledge/guides")
    assert report.rejected == []
    assert len(report.added) >= 15
