"""One spelling for one word, and the pieces that search counts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.vietnamese import clean, fold, folded_syllables, marks, normalise, syllables, terms

# Lone surrogates too: they reach us from JSON escapes and broken file names.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("hòa", "hoà"),
        ("khỏe", "khoẻ"),
        ("ủy quyền, THỦY SẢN, Thủy", "uỷ quyền, THUỶ SẢN, Thuỷ"),
        ("hoàn toàn, xoè, quý", "hoàn toàn, xoè, quý"),
        ("đề nghị toán học", "đề nghị toán học"),
        ("ｆｏｂ №5", "fob No5"),
        ("a\u200bb\ufeff", "ab"),
        ("a\x00b", "a b"),
    ],
)
def test_normalising_gives_one_spelling(typed: str, spelled: str) -> None:
    assert normalise(typed) == spelled


def test_decomposed_and_composed_text_are_the_same() -> None:
    text = "Đại lý uỷ quyền xuất khẩu ở Việt Nam"
    assert unicodedata.normalize("NFD", text) != text
    assert normalise(unicodedata.normalize("NFD", text)) == text


def test_cleaning_keeps_lines_and_compatibility_forms() -> None:
    assert clean("một\r\n\tm² \u00ad½") == "một\r\n\tm² ½"
    assert clean("a\ud800b") == "a b"


def test_folding_takes_every_mark_away() -> None:
    assert fold("Đại lý UỶ QUYỀN ở Đắk Lắk") == "dai ly uy quyen o dak lak"
    vowels = "aăâeêioôơuưy"
    tones = "\u0300\u0301\u0303\u0309\u0323"
    marked = [unicodedata.normalize("NFC", vowel + tone) for vowel in vowels for tone in tones]
    assert {fold(letter) for letter in marked} == set("aeiouy")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hải quan, xuất khẩu!", ["hải", "quan", "xuất", "khẩu"]),
        ("44,65 tỷ; 1.000.000", ["44,65", "tỷ", "1.000.000"]),
        ("C/O form E, L/C và D/P", ["c/o", "form", "e", "l/c", "và", "d/p"]),
        ("và/hoặc", ["và", "hoặc"]),
        ("snake_case", ["snake", "case"]),
        ("?!…", []),
    ],
)
def test_syllables(text: str, found: list[str]) -> None:
    assert syllables(text) == found


def test_terms_are_syllables_and_pairs_of_neighbours() -> None:
    assert terms(folded_syllables("Tờ khai thuế")) == ["to", "khai", "thue", "to khai", "khai thue"]
    assert terms(["một"]) == ["một"]
    assert terms([]) == []


def test_marks_tell_typed_with_diacritics_from_without() -> None:
    assert marks("thủ tục hải quan là gì") > 0.6
    assert marks("thu tuc hai quan la gi") == 0
    assert marks("123 456") == 0


@given(ANY_TEXT)
def test_any_text_can_be_normalised_and_that_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once.encode().decode() == once


@given(ANY_TEXT)
def test_folded_syllables_fold_one_for_one_and_hold_no_spaces(text: str) -> None:
    normal = normalise(text)
    folded = folded_syllables(normal)
    assert len(folded) == len(syllables(normal))
    assert not any(" " in syllable for syllable in folded)
