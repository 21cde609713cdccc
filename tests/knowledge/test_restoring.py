"""Diacritics restored and slips mended from how the library writes; what was meant as typed is kept."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.restoring import Restorer
from knowledge.vietnamese import fold, normalise, syllables

TEXTS = [
    "Thủ tục hải quan cần những giấy tờ gì? Tờ khai hải quan và hoá đơn thương mại.",
    "Người mua Mỹ quan tâm đến chất lượng. Hai bên ký hợp đồng.",
    "Thuế xuất khẩu và thuế nhập khẩu. Hai tuần sau mới có giấy.\nGạo và cà phê.",
]


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    return Restorer.train(normalise(text) for text in TEXTS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("thu tuc hai quan", "thủ tục hải quan"),
        ("hai ben ky hop dong", "hai bên ký hợp đồng"),
        ("THUE XUAT KHAU?", "thuế xuất khẩu?"),
        ("nguoi mua My, ca phe", "người mua mỹ, cà phê"),
        ("thủ tục hai quan cần giay to gì", "thủ tục hải quan cần giấy tờ gì"),
    ],
)
def test_bare_text_gets_its_marks_back(typed: str, meant: str, restorer: Restorer) -> None:
    assert restorer.restore(typed) == meant


def test_the_neighbour_decides_between_two_readings(restorer: Restorer) -> None:
    assert restorer.restore("hai quan") == "hải quan"
    assert restorer.restore("hai tuan") == "hai tuần"


def test_a_text_with_marks_is_left_alone(restorer: Restorer) -> None:
    text = "Hai bên ký hợp đồng, thuế xuất khẩu"
    assert restorer.restore(text) == text


def test_what_was_marked_and_is_known_is_kept_in_a_text_mostly_bare(restorer: Restorer) -> None:
    assert restorer.restore("quan tâm hải quan can nhung giay to gi") == "quan tâm hải quan cần những giấy tờ gì"


def test_a_slip_of_the_finger_is_mended_where_the_neighbours_agree() -> None:
    """In a library large enough that a word it never uses is a surprise."""
    restorer = Restorer.train(normalise(text) for text in TEXTS * 300)
    assert restorer.restore("thủ tục hải quann") == "thủ tục hải quan"
    assert restorer.restore("thu tuc hai qaun") == "thủ tục hải quan"


def test_a_marked_word_of_everyday_speech_is_kept_though_no_guide_has_it(restorer: Restorer) -> None:
    assert restorer.restore("thủ tục hải quan ạ") == "thủ tục hải quan ạ"


def test_what_has_no_likely_reading_stays_as_typed(restorer: Restorer) -> None:
    assert restorer.restore("Incoterms FOB 44,65 XYZ") == "Incoterms FOB 44,65 XYZ"
    assert restorer.restore("") == ""
    assert restorer.restore("?!") == "?!"


def test_a_restorer_read_back_restores_the_same(restorer: Restorer, tmp_path: Path) -> None:
    restorer.save(tmp_path / "syllables.tsv")
    read = Restorer.load(tmp_path / "syllables.tsv")
    for text in ("thu tuc hai quan", "hai ben ky hop dong", "thue nhap khau", "hai qaun"):
        assert read.restore(text) == restorer.restore(text)


def test_a_restorer_of_no_text_changes_nothing(tmp_path: Path) -> None:
    Restorer.train([]).save(tmp_path / "syllables.tsv")
    assert Restorer.load(tmp_path / "syllables.tsv").restore("thu tuc") == "thu tuc"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_keeps_its_number_of_syllables(text: str) -> None:
    restorer = Restorer.train(normalise(known) for known in TEXTS)
    typed = normalise(text)
    restored = restorer.restore(typed)
    assert len(syllables(restored)) == len(syllables(typed))


@given(st.lists(st.sampled_from([word for text in TEXTS for word in text.split()]), max_size=12))
def test_any_words_of_the_library_typed_bare_keep_their_letters(words: list[str]) -> None:
    restorer = Restorer.train(normalise(known) for known in TEXTS)
    typed = fold(" ".join(words))
    assert fold(restorer.restore(typed)) == typed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("hàg", "hàng"), ("đúg", "đúng"), ("xog", "xong"), ("hìh", "hình"), ("hag dug xog", "hàng đúng xong")],
)
def test_the_n_that_chat_drops_is_put_back(typed: str, meant: str) -> None:
    restorer = Restorer.train([normalise("gửi hàng đúng mẫu xong, hình chụp")] * 300)
    assert restorer.restore(typed) == meant


def test_what_chat_does_not_chop_keeps_its_end(restorer: Restorer) -> None:
    assert restorer.restore("catalog, blog") == "catalog, blog"


def test_a_mark_left_out_is_mended_before_a_mark_typed_otherwise() -> None:
    restorer = Restorer.train([normalise("chất lượng và giá")] * 300)
    assert restorer.restore("chất lưọng và giá") == "chất lượng và giá"
    assert restorer.restore("bị vạ lây và giá") == "bị vạ lây và giá"
