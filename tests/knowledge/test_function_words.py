"""Words that say nothing about a question's subject, and questions in English."""

import pytest

from knowledge.function_words import content_words, function_words, is_english, is_function_word
from knowledge.vietnamese import fold, normalise


@pytest.mark.parametrize("kind", ["vietnamese", "english", "attributes"])
def test_the_lists_hold_folded_syllables(kind: str) -> None:
    words = function_words(kind)
    assert len(words) > 20
    assert all(fold(normalise(word)) == word and " " not in word for word in words)


def test_content_words_are_what_is_left() -> None:
    assert content_words("Cho em hỏi thủ tục hải quan là gì ạ?") == ["thu", "tuc", "hai", "quan"]
    assert content_words("thì sao nhỉ?") == []


def test_function_words_of_both_languages_are_known() -> None:
    assert is_function_word("khong")
    assert is_function_word("the")
    assert not is_function_word("alibaba")


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
