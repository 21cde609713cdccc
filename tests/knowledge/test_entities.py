"""What a question names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entities import find_entities
from knowledge.vietnamese import normalise


def named(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.name) for entity in find_entities(normalise(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Xuất cà phê sang Mỹ cần gì?", [("goods", "coffee"), ("market", "us")]),
        ("xuat ca phe sang my can gi", [("goods", "coffee"), ("market", "us")]),
        ("C/O form E cho gạo", [("paper", "co"), ("paper", "co"), ("goods", "rice")]),
        ("gian hàng trên Alibaba.com", [("platform", "alibaba")]),
        ("giá FOB và CIF", [("paper", "fob"), ("paper", "cif")]),
        ("hải quan hỏi gì", []),
        ("hàng thủ công mỹ nghệ, đồ mỹ nghệ", [("goods", "handicraft"), ("goods", "handicraft")]),
    ],
)
def test_markets_goods_papers_and_platforms_are_found_in_their_order(text: str, found: list[tuple[str, str]]) -> None:
    assert named(text) == found


def test_the_longest_reading_of_a_place_wins() -> None:
    assert named("giấy chứng nhận xuất xứ") == [("paper", "co")]
    [entity] = find_entities("mây tre đan")
    assert (entity.start, entity.end) == (0, 11)


def test_words_are_matched_whole() -> None:
    assert named("usage, eureka, myanmar") == []


def test_a_country_that_is_also_a_word_needs_its_capital_and_marks() -> None:
    assert named("bán sang Anh") == [("market", "uk")]
    assert named("anh bán gì, anh ơi") == []


@pytest.mark.parametrize(
    "text",
    [
        "Cần giấy tờ gì?",
        "Điều gì quan trọng nhất?",
        "Cho em hỏi hạn nộp",
        "Đưa hàng đi, tra cứu mức phí",
        "bị trả vài lần",
    ],
)
def test_a_word_with_other_marks_is_another_word(text: str) -> None:
    assert named(text) == []


def test_in_a_text_typed_bare_a_bare_word_is_enough() -> None:
    assert named("xuat giay sang nhat") == [("goods", "footwear"), ("market", "jp")]


def test_places_are_those_in_the_text() -> None:
    text = normalise("Đồ gỗ sang Nhật Bản, rồi sang Hàn Quốc")
    words = [text[entity.start : entity.end] for entity in find_entities(text)]
    assert words == ["Đồ gỗ", "Nhật Bản", "Hàn Quốc"]


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200))
def test_any_text_gives_entities_that_lie_in_it_one_after_the_other(text: str) -> None:
    typed = normalise(f"{text} mỹ {text}")
    found = find_entities(typed)
    places = [place for entity in found for place in (entity.start, entity.end)]
    assert places == sorted(places)
    assert all(0 <= entity.start < entity.end <= len(typed) for entity in found)
