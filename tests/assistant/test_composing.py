"""An answer out of a section: its own words, lists whole, the part that was asked for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.composing import LENGTH, blocks_of, excerpt
from knowledge.lexical import Lexical
from knowledge.vietnamese import folded_syllables, normalise, terms

FILLER = "Câu này nói về chuyện khác và chỉ để cho dài thêm một chút. "


def answer(markdown: str, question: str = "", length: int = LENGTH) -> str:
    """The excerpt, with the rarity of words as in a library of the section's own sentences."""
    sentences = [dict.fromkeys(terms(folded_syllables(normalise(part))), 1.0) for part in re.split(r"[.\n]", markdown)]
    return excerpt(markdown, question, Lexical.build(sentences), length)


def test_a_section_that_fits_is_given_whole() -> None:
    assert answer("Một câu. Hai câu.\n\nĐoạn hai.") == "Một câu. Hai câu.\n\nĐoạn hai."


def test_numbers_and_names_with_full_stops_are_not_split() -> None:
    markdown = "Alibaba.com có 1.000 người mua ở TP.HCM. Hết."
    assert [block.text for block in blocks_of(markdown)] == ["Alibaba.com có 1.000 người mua ở TP.HCM.", "Hết."]


def test_a_list_becomes_bullets_under_the_line_that_leads_into_it() -> None:
    markdown = "Cần ba thứ:\n\n- tờ khai\n* hoá đơn\n+ vận đơn\n\nXong."
    assert answer(markdown) == "Cần ba thứ:\n• tờ khai\n• hoá đơn\n• vận đơn\n\nXong."


def test_numbered_steps_keep_their_numbers_and_their_second_lines() -> None:
    assert answer("Các bước:\n1. Một\n   tiếp\n2. Hai") == "Các bước:\n1. Một tiếp\n2. Hai"


def test_a_table_becomes_a_bullet_a_row() -> None:
    markdown = "Biểu phí:\n\n| Gói | Phí | Hạn |\n|---|:--:|---|\n| A | 10 | 1 năm |\n| **B** | 20 | |"
    assert answer(markdown) == "Biểu phí:\n• **A**: Phí: 10; Hạn: 1 năm\n• **B**: Phí: 20"


def test_a_table_of_two_columns_needs_no_names() -> None:
    assert answer("| Cảng | Ngày |\n|---|---|\n| Hải Phòng | 3 |") == "• **Hải Phòng**: 3"


def test_a_list_is_never_cut() -> None:
    items = [f"- mục số {number} " + "dài " * 20 for number in range(30)]
    text = answer("Danh sách mục:\n\n" + "\n".join(items) + "\n\n" + FILLER * 20, "mục số")
    assert len(text) > LENGTH
    assert all(f"• mục số {number} " in text for number in range(30))


def test_of_a_long_section_the_first_sentence_and_the_part_asked_for_are_kept() -> None:
    markdown = (
        f"Câu trả lời đứng đầu. {FILLER * 12}\n\nThuế giá trị gia tăng được hoàn sau bốn mươi ngày. {FILLER * 12}"
    )
    text = answer(markdown, "bao giờ được hoàn thuế giá trị gia tăng")
    assert text.startswith("Câu trả lời đứng đầu. … ")
    assert "Thuế giá trị gia tăng được hoàn sau bốn mươi ngày." in text
    assert len(text) < LENGTH * 1.1


def test_what_is_left_out_is_marked() -> None:
    markdown = f"Đầu. {FILLER * 40}"
    assert answer(markdown, "đầu").endswith(" …")
    assert "…" not in answer("Đầu. Cuối.")


def test_a_question_that_shares_nothing_gets_the_beginning() -> None:
    text = answer(f"Đầu tiên là câu này. {FILLER * 40}", "zzz")
    assert text.startswith("Đầu tiên là câu này. Câu này nói")


@pytest.mark.parametrize("markdown", ["", " \n ", "|", "|\n|-", "-", "1.", "||\n|-|\n||", "- \n- ", ":", "…"])
def test_odd_markdown_does_not_raise(markdown: str) -> None:
    assert isinstance(answer(markdown, "gì"), str)


@given(st.text(), st.text(max_size=50), st.integers(1, 400))
def test_any_text_gives_an_excerpt(markdown: str, question: str, length: int) -> None:
    assert isinstance(answer(markdown, question, length), str)


WORD = st.sampled_from(["gạo", "chè", "mỹ", "thuế", "44,65", "c/o", "tờ", "khai", "hải", "quan", "alibaba.com"])
SENTENCE = st.lists(WORD, min_size=1, max_size=12).map(lambda words: " ".join(words).capitalize() + ".")
ITEM = st.lists(WORD, min_size=1, max_size=6).map(lambda words: "- " + " ".join(words))
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=6).map(" ".join)
LIST = st.lists(ITEM, min_size=1, max_size=5).map("\n".join)
SECTION = st.lists(PARAGRAPH | LIST, min_size=1, max_size=8).map("\n\n".join)


@given(SECTION, st.lists(WORD, max_size=5).map(" ".join), st.integers(20, 400))
def test_nothing_is_invented(markdown: str, question: str, length: int) -> None:
    """Every line between what was left out stands in the section as it is."""
    source = " ".join(re.sub(r"^- ", "• ", markdown, flags=re.MULTILINE).split())
    for part in re.split("…", answer(markdown, question, length)):
        for line in part.split("\n"):
            assert " ".join(line.split()) in source


@given(SECTION, st.lists(WORD, max_size=5).map(" ".join), st.integers(20, 400))
def test_what_is_kept_stands_in_the_order_of_the_section(markdown: str, question: str, length: int) -> None:
    blocks = [" ".join(block.text.split()) for block in blocks_of(markdown)]
    at = 0
    for part in answer(markdown, question, length).split("…"):
        rest = " ".join(part.split())
        while rest:
            at = next(number for number in range(at, len(blocks)) if rest.startswith(blocks[number])) + 1
            rest = rest[len(blocks[at - 1]) :].strip()
