"""Words that say nothing about a question's subject, and questions in English."""

import pytest

from knowledge.function_words import content_words, function_words, is_english
from knowledge.vietnamese import fold, normalise


@pytest.mark.parametrize("kind", ["vietnamese", "english", "unmistakable", "attributes"])
def test_the_lists_hold_syllables(kind: str) -> None:
    words = function_words(kind)
    assert len(words) > 20
    assert all(normalise(word) == word.lower() == word for word in words)


def test_only_attributes_and_english_words_are_folded() -> None:
    for kind in ("english", "unmistakable", "attributes"):
        assert all(fold(word) == word for word in function_words(kind))


def test_content_words_are_what_is_left() -> None:
    assert content_words("Cho em hỏi thủ tục hải quan là gì ạ?") == ["thu", "tuc", "hai", "quan"]
    assert content_words("thì sao nhỉ?") == []


def test_a_mark_makes_another_word() -> None:
    assert content_words("bao nhiêu báo giá") == ["bao", "gia"]
    assert content_words("lông mi giả bán qua Mỹ") == ["long", "mi", "gia", "ban", "my"]


def test_function_words_of_a_language_count_only_in_that_language() -> None:
    assert content_words("What can my buyers check?") == ["buyers", "check"]
    assert "can" in content_words("hàng can nhựa")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("What do American buyers care about?", True),
        ("how to export", True),
        ("thu tuc hai quan la gi", False),
        ("Thủ tục for export là gì", False),
        ("alibaba", False),
        ("", False),
        ("123", False),
    ],
)
def test_english_is_told_from_bare_vietnamese(text: str, english: bool) -> None:
    assert is_english(text) is english
