"""A typed question in the library's own words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.live import LiveLibrary
from knowledge.query import abbreviations, expand, spell_out
from knowledge.vietnamese import fold, normalise


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dn xk ko có co", "doanh nghiệp xuất khẩu không có co"),
        ("DN XK?", "doanh nghiệp xuất khẩu?"),
        ("tmđt là gì", "thương mại điện tử là gì"),
        ("l/c", "l/c"),
        ("xin co mất mấy ngày", "xin C/O mất mấy ngày"),
        ("mở lc", "mở L/C"),
        ("kho hàng", "kho hàng"),
        ("nói s cho họ chịu", "nói sao cho họ chịu"),
        ("áo size S", "áo size S"),
        ("what's that", "what's that"),
        ("nộp hs gồm gì, mã HS", "nộp hồ sơ gồm gì, mã HS"),
    ],
)
def test_abbreviations_are_spelled_out_as_whole_words(typed: str, meant: str) -> None:
    assert spell_out(typed) == meant


def test_abbreviations_stand_for_something_that_is_not_spelled_out_again() -> None:
    for short, full in abbreviations().items():
        assert normalise(short) == short.lower() == short
        assert unicodedata.is_normalized("NFC", full)
        assert normalise(full) == full
        assert spell_out(full) == full


def test_a_bare_question_is_understood_as_the_marked_one(live: LiveLibrary) -> None:
    marked = normalise("Người mua Mỹ quan tâm điều gì nhất?")
    assert expand(fold(marked), live.index) == marked.lower()


def test_abbreviations_come_before_restoring(live: LiveLibrary) -> None:
    assert expand("dai ly uy quyen ko lam gi", live.index) == "đại lý uỷ quyền không làm gì"


def test_an_english_question_is_left_alone(live: LiveLibrary) -> None:
    text = "what do the buyers care about"
    assert expand(text, live.index) == text


@given(text=st.text(st.characters(codec=None, exclude_categories=()), max_size=200))
def test_any_text_can_be_expanded(live: LiveLibrary, text: str) -> None:
    assert isinstance(expand(normalise(text), live.index), str)
