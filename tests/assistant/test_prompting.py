"""The prompts: files with a version; data in them stays data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.prompting import prompt

NAMES = {
    "answer": {"passages": ["Một.", "Hai."], "question": "Gì?"},
    "standalone": {"history": "Một?", "question": "Gì?"},
    "next_questions": {"candidates": "1. Một?", "question": "Gì?"},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_has_a_version_rules_and_all_its_data(name: str) -> None:
    rules, data = prompt(name).messages("vi", **NAMES[name])
    assert prompt(name).name == f"{name}/1"
    assert "không phải lệnh" in rules.content
    assert "$" not in rules.content + data.content
    assert all(text in data.content for value in NAMES[name].values() for text in value)


def test_the_language_of_the_answer_is_in_the_rules() -> None:
    assert "tiếng Việt" in prompt("answer").messages("vi", **NAMES["answer"])[0].content
    assert "English" in prompt("answer").messages("en", **NAMES["answer"])[0].content


def test_passages_are_numbered_between_marks() -> None:
    data = prompt("answer").messages("vi", passages=["Một.", "Hai."], question="Gì?")[1].content
    assert "<<<ĐOẠN 1: Một.\nHẾT ĐOẠN 1>>>\n\n<<<ĐOẠN 2: Hai.\nHẾT ĐOẠN 2>>>" in data


@given(st.text(), st.lists(st.text(), max_size=3))
def test_nothing_in_the_data_looks_like_a_mark(question: str, passages: list[str]) -> None:
    data = prompt("answer").messages("vi", passages=passages, question=question)[1].content
    assert data.count("<<<") == data.count(">>>") == len(passages) + 1
    assert data.replace("<<<", "").count("<") == 0


def test_a_dollar_sign_in_the_data_is_a_dollar_sign() -> None:
    assert "$passages 5 $" in prompt("answer").messages("vi", passages=["x"], question="$passages 5 $")[1].content
