"""Whatever is typed becomes something that can be searched or answered as talk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.dialogue import Question
from bot.assistant.understanding import LONGEST, understand
from knowledge.live import LiveLibrary
from knowledge.vietnamese import normalise

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


def test_a_bare_question_with_abbreviations_is_understood(live: LiveLibrary) -> None:
    understood = understand(Question("ng mua My  quan tam j\nnhat"), live.index)
    assert understood.typed == "ng mua My quan tam j nhat"
    assert understood.query.text == "người mua mỹ quan tâm gì nhất"
    assert (understood.language, understood.smalltalk) == ("vi", None)


def test_talk_is_not_searched_for(live: LiveLibrary) -> None:
    assert understand(Question("cảm ơn em", ("Đại lý làm gì?",)), live.index).smalltalk == "thanks"


@pytest.mark.parametrize(
    ("text", "language"),
    [("What do the American buyers care about?", "en"), ("nguoi mua My can gi", "vi"), ("???", "vi")],
)
def test_the_language_is_that_of_the_question(text: str, language: str, live: LiveLibrary) -> None:
    assert understand(Question(text), live.index).language == language


def test_a_very_long_message_is_cut(live: LiveLibrary) -> None:
    understood = understand(Question("gạo " * 5000, ("chè " * 5000,)), live.index)
    assert len(understood.typed) == LONGEST
    assert len(understood.query.context) <= 2 * LONGEST


def test_the_history_is_understood_like_the_question(live: LiveLibrary) -> None:
    bare = understand(Question("thế mất bao lâu?", ("dai ly uy quyen lam nhung viec gi",)), live.index)
    marked = understand(Question("thế mất bao lâu?", ("Đại lý uỷ quyền làm những việc gì",)), live.index)
    assert bare.query.context.lower() == marked.query.context.lower()
    assert "đại lý uỷ quyền" in bare.query.context


def test_greetings_in_the_history_are_passed_over(live: LiveLibrary) -> None:
    history = ("Đại lý uỷ quyền làm những việc gì", "cảm ơn em")
    assert "đại lý" in understand(Question("thế mất bao lâu?", history), live.index).query.context.lower()


@given(text=ANY_TEXT, history=st.lists(ANY_TEXT, max_size=3).map(tuple))
def test_any_text_is_understood(text: str, history: tuple[str, ...], live: LiveLibrary) -> None:
    understood = understand(Question(text, history), live.index)
    assert len(understood.typed) <= LONGEST
    assert understood.typed == normalise(understood.typed)
    assert understood.query.text.encode() is not None
