"""`bot ask --explain` shows the real values of every step."""

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.commands.explaining import explain


def test_each_step_of_a_question_is_shown(assistant: Assistant) -> None:
    reply = assistant.answer(Question("khach hoi dn co giay to gi", ("Đại lý uỷ quyền là gì?",)))
    text = explain(reply)
    assert "typed       khach hoi dn" in text
    assert "spelled out khach hoi doanh nghiệp" in text
    assert "leaning on  Đại lý uỷ quyền là gì" in text
    assert reply.trace["passages"][0]["section"] in text
    assert "took        understand " in text
    assert text.endswith(f"decision    {reply.decision}")


def test_talk_has_only_a_decision(assistant: Assistant) -> None:
    assert explain(assistant.answer(Question("xin chào"))) == "decision    smalltalk (nothing was searched)"
