"""Greetings and the like, told from questions by the whole message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.smalltalk import smalltalk_kind
from bot.texts import catalogue
from knowledge.vietnamese import normalise


@pytest.mark.parametrize(
    ("kind", "messages"),
    [
        (
            "greeting",
            ["chào em", "Xin chào!", "hi", "hello shop", "alo", "ad ơi", "có ai ở đó không", "chao buoi sang"],
        ),
        ("thanks", ["cảm ơn", "cám ơn em nhiều nhé", "thanks", "tks", "ok cảm ơn", "hay quá", "dạ hiểu rồi ạ"]),
        ("farewell", ["tạm biệt", "bye", "bye bye em", "hẹn gặp lại"]),
        (
            "identity",
            [
                "bạn là ai",
                "em là ai vậy",
                "bạn giúp được gì",
                "who are you",
                "em là người hay máy",
                "trợ giúp",
                "bot này là j",
                "bạn là người thật hay robot v",
                "bạn là ng thật hay robot v",
                "bot này là gì vậy",
            ],
        ),
    ],
)
def test_talk_is_told_by_its_kind(kind: str, messages: list[str]) -> None:
    assert {message: smalltalk_kind(normalise(message)) for message in messages} == dict.fromkeys(messages, kind)


@pytest.mark.parametrize(
    "question",
    [
        "chào em, cho anh hỏi thủ tục hải quan",
        "cảm ơn em, thế còn EU thì sao",
        "hi, how do I export coffee",
        "đại lý là ai",
        "người mua Mỹ quan tâm gì",
        "gói Gold Supplier là gì",
        "giá bao nhiêu",
        "muốn nói chuyện với người thật thì làm sao",
        "nói chuyện với người mua thế nào",
        "bye thì nói tiếng Anh thế nào với khách",
    ],
)
def test_a_question_with_a_greeting_in_it_is_a_question(question: str) -> None:
    assert smalltalk_kind(normalise(question)) is None


def test_every_kind_of_talk_has_its_words() -> None:
    kinds = {smalltalk_kind(text) for text in ("chào em", "cảm ơn", "tạm biệt", "bạn là ai", "gặp chuyên viên")}
    assert {f"talk.{kind}" for kind in kinds} <= set(catalogue())


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_is_talk_of_a_known_kind_or_none(text: str) -> None:
    assert smalltalk_kind(normalise(text)) in {"greeting", "thanks", "farewell", "identity", "person", None}
