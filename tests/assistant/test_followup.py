"""Questions that lean on the one before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.followup import LONGEST_CONTEXT, in_context
from knowledge.vietnamese import SYLLABLE, normalise

BEFORE = "xuất khẩu cà phê sang Mỹ cần giấy tờ gì?"


def test_a_first_question_stands_alone() -> None:
    query = in_context(BEFORE, [])
    assert (query.text, query.context) == (BEFORE, "")


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("thế còn EU?", "xuất khẩu cà phê sang EU cần giấy tờ gì?"),
        ("còn Nhật Bản thì sao?", "xuất khẩu cà phê sang Nhật Bản cần giấy tờ gì?"),
        ("vậy còn gạo?", "xuất khẩu gạo sang Mỹ cần giấy tờ gì?"),
    ],
)
def test_another_market_or_ware_takes_the_place_of_the_one_before(question: str, meant: str) -> None:
    assert in_context(question, [BEFORE]).text == meant


def test_a_chain_of_them_goes_back_to_the_first() -> None:
    assert in_context("còn Hàn Quốc?", [BEFORE, "thế còn EU?"]).text == "xuất khẩu cà phê sang Hàn Quốc cần giấy tờ gì?"


@pytest.mark.parametrize(
    "question", ["giấy đó xin ở đâu?", "nó có bắt buộc không?", "thế mất bao lâu?", "chi phí bao nhiêu?"]
)
def test_a_pointer_or_a_bare_attribute_leans_on_what_was_asked(question: str) -> None:
    assert "cà phê" in in_context(question, [BEFORE]).context


def test_a_chain_keeps_the_subject_it_began_with() -> None:
    assert "cà phê" in in_context("thế mất bao lâu?", [BEFORE, "giấy đó xin ở đâu?"]).context


def test_a_whole_question_keeps_its_own_words() -> None:
    query = in_context("đại lý uỷ quyền làm những việc gì?", [BEFORE])
    assert query.text == "đại lý uỷ quyền làm những việc gì"


def test_a_turn_to_another_subject_leaves_the_one_before() -> None:
    question = "hỏi chuyện khác, đại lý uỷ quyền là gì"
    assert in_context(question, [BEFORE]) == in_context(question, [])


def test_a_long_conversation_is_not_carried_without_end() -> None:
    assert len(in_context("thế mất bao lâu?", [BEFORE] * 100).context) <= LONGEST_CONTEXT


TEXTS = st.text(max_size=80) | st.sampled_from(["thế còn EU?", "nó?", "còn", "vậy thì", "?", "giá", BEFORE])


@given(TEXTS, st.lists(TEXTS, max_size=5))
def test_any_conversation_gives_a_query_out_of_its_own_words(question: str, history: list[str]) -> None:
    earlier = [normalise(text) for text in history]
    query = in_context(normalise(question), earlier)
    said = " ".join([normalise(question), *earlier])
    assert all(word in said for word in SYLLABLE.findall(query.text))
