"""A question to a reply, over the real library."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.passages import plain
from knowledge.vietnamese import fold, normalise, syllables
from tests.auxil.libraries import document, lexical_version, with_vectors_of

ANSWERED = {
    "Người mua Mỹ quan tâm điều gì nhất?": "Người mua Mỹ, người mua nước ngoài quan tâm điều gì nhất?",
    "Đại lý uỷ quyền của Alibaba.com làm những việc gì?": "Đại lý uỷ quyền của Alibaba.com làm những việc gì?",
    "Nộp chứng từ L/C trong bao nhiêu ngày?": "Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?",
    "Chỉ bán trên một sàn có rủi ro gì?": "Chỉ bán trên một sàn thì có rủi ro gì?",
}
OFF_FIELD = ["thời tiết Hà Nội hôm nay?", "cách nấu phở bò ngon", "ai vô địch World Cup 2022", "zzz qqq xxx"]


def ask(assistant: Assistant, text: str, *history: str) -> Reply:
    return assistant.answer(Question(text, history))


def headings(live: LiveLibrary) -> set[str]:
    return {passage.heading for passage in live.index.passages}


@pytest.mark.parametrize(("question", "section"), ANSWERED.items())
def test_a_question_is_answered_from_its_section_with_the_source(
    question: str, section: str, assistant: Assistant, live: LiveLibrary
) -> None:
    reply = ask(assistant, question)
    assert (reply.decision, reply.question) == ("answer", question)
    source = reply.sources[0]
    assert (source.n, source.section) == (1, section)
    passage = next(passage for passage in live.index.passages if passage.id == source.passage)
    named = passage.sources[0]
    assert (source.title, source.publisher, source.date, source.uri) == (
        passage.title,
        named.publisher,
        named.date,
        named.url,
    )
    assert [f"[{source.n}]" for source in reply.sources] == re.findall(r"\[\d+\]", reply.text)
    assert 0 < reply.confidence <= 1
    assert reply.version == live.index.manifest.number


@pytest.mark.parametrize(("question", "section"), ANSWERED.items())
def test_a_bare_question_gets_the_same_section(question: str, section: str, assistant: Assistant) -> None:
    reply = ask(assistant, fold(question))
    assert reply.sources[0].section == section


@pytest.mark.parametrize("question", ANSWERED)
def test_every_word_of_an_answer_stands_in_its_section(question: str, assistant: Assistant, live: LiveLibrary) -> None:
    reply = ask(assistant, question)
    cited = {source.section for source in reply.sources}
    sections = [passage for passage in live.index.passages if passage.heading in cited]
    written = " ".join(f"{passage.heading} {plain(passage.text)}" for passage in sections)
    said = re.sub(r" \[\d\]", "", reply.text)
    assert set(syllables(normalise(said))) <= set(syllables(normalise(written)))


def test_the_seven_needs_are_named_and_price_is_not_first(assistant: Assistant) -> None:
    for question in ("Người mua Mỹ quan tâm điều gì nhất?", "nguoi mua My quan tam dieu gi nhat?"):
        reply = ask(assistant, question)
        for need in ("chất lượng", "năng lực sản xuất", "giá", "số lượng", "giao dịch", "độ tin cậy", "tốc độ"):
            assert need in reply.text
        assert "giá không phải điều đầu tiên" in reply.text
        assert reply.sources[0].publisher == "VnExpress"


@pytest.mark.parametrize("question", OFF_FIELD)
def test_what_is_outside_the_field_is_not_answered_and_has_no_source(question: str, assistant: Assistant) -> None:
    reply = ask(assistant, question)
    assert reply.decision == "abstain"
    assert reply.sources == ()
    assert "[1]" not in reply.text


@pytest.mark.parametrize("message", ["chào em", "cảm ơn nhé", "bạn là ai?", "tạm biệt"])
def test_talk_gets_talk_without_sources(message: str, assistant: Assistant) -> None:
    reply = ask(assistant, message)
    assert (reply.decision, reply.sources) == ("smalltalk", ())
    assert reply.text


def test_english_is_answered_in_english_with_the_guides_words(assistant: Assistant) -> None:
    assert "I am Hải Đăng" in ask(assistant, "who are you").text
    assert "I will not guess" in ask(assistant, "what is the weather in the city today").text


@pytest.mark.parametrize("question", [*ANSWERED, *OFF_FIELD, "chào em"])
def test_every_suggestion_is_a_question_that_the_library_answers(
    question: str, assistant: Assistant, live: LiveLibrary
) -> None:
    reply = ask(assistant, question)
    assert len({suggestion.text for suggestion in reply.suggestions}) == len(reply.suggestions) <= 3
    for suggestion in reply.suggestions:
        assert suggestion.text in headings(live)
        next_reply = ask(assistant, suggestion.text)
        assert next_reply.decision == "answer"
        assert next_reply.sources[0].section == suggestion.text


@pytest.mark.parametrize("question", ANSWERED)
def test_an_answer_suggests_something_else_to_ask(question: str, assistant: Assistant) -> None:
    reply = ask(assistant, question)
    assert 2 <= len(reply.suggestions) <= 3
    assert {source.section for source in reply.sources}.isdisjoint(suggestion.text for suggestion in reply.suggestions)


def test_a_question_that_leans_on_the_one_before_is_answered_from_its_subject(assistant: Assistant) -> None:
    reply = ask(assistant, "thế họ không làm được việc gì?", "Đại lý uỷ quyền của Alibaba.com làm những việc gì?")
    assert reply.trace["passages"][0]["document"] == "agents/dai-ly-uy-quyen.md"


def test_json_has_the_promised_fields(assistant: Assistant) -> None:
    reply = ask(assistant, "Người mua Mỹ quan tâm điều gì nhất?").to_json()
    assert list(reply) == [
        "question", "decision", "answer", "sources", "suggestions", "confidence", "latency_ms", "version",
    ]  # fmt: skip
    assert list(reply["sources"][0]) == ["n", "title", "section", "publisher", "date", "uri"]
    assert all(isinstance(suggestion, str) for suggestion in reply["suggestions"])


def test_eight_threads_get_what_one_gets(assistant: Assistant) -> None:
    questions = [*ANSWERED, *map(fold, ANSWERED), *OFF_FIELD, "chào em"] * 8
    alone = {question: same(ask(assistant, question)) for question in set(questions)}
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda question: same(ask(assistant, question)), questions))
    assert together == [alone[question] for question in questions]


def test_a_question_asked_again_gets_the_same_answer_as_it_was_typed(assistant: Assistant) -> None:
    first, again = (
        ask(assistant, "Người mua Mỹ quan tâm điều gì nhất?"),
        ask(assistant, "người mua Mỹ quan tâm điều gì nhất"),
    )
    assert again.question == "người mua Mỹ quan tâm điều gì nhất"
    assert same(replace(again, question=first.question)) == same(first)


def test_a_question_asked_again_after_the_library_changed_is_answered_anew(
    library: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    own = with_vectors_of(library, tmp_path / "library")
    question = "Gạo xuất khẩu cần giấy tờ gì?"
    guide = (
        "## Gạo xuất khẩu cần giấy tờ gì?\n\nGạo xuất khẩu cần {} tờ giấy tờ.\n\n"
        "## Cước tàu đi Nhật\n\nHỏi hãng tàu.\n\n## Hàng mẫu\n\nGửi bằng chuyển phát nhanh.\n\n"
        "## Đặt cọc\n\nThường ba mươi phần trăm.\n\n## Bảo hiểm\n\nMua trước khi tàu chạy.\n"
    )
    lexical_version(own, [document(tmp_path, guide.format("ba"))])
    with LiveLibrary(own) as live:
        assistant = Assistant(live, embeddings)
        before = ask(assistant, question)
        lexical_version(own, [document(tmp_path, guide.format("bốn"))])
        live._take_up()
        after = ask(assistant, question)
    assert (before.version, after.version) == (1, 2)
    assert "cần ba tờ" in before.text
    assert "cần bốn tờ" in after.text


def same(reply: Reply) -> Reply:
    """The reply without what differs from one time to the next."""
    return replace(reply, latency_ms=0.0)


@settings(max_examples=30)
@given(
    text=st.text(st.characters(codec=None, exclude_categories=()), max_size=80),
    history=st.lists(st.text(max_size=30), max_size=2).map(tuple),
)
def test_any_message_gets_a_reply(text: str, history: tuple[str, ...], assistant: Assistant, live: LiveLibrary) -> None:
    reply = assistant.answer(Question(text, history))
    assert reply.text
    assert reply.question == text
    assert (reply.decision == "answer") == bool(reply.sources)
    assert 0 <= reply.confidence <= 1
    assert {suggestion.text for suggestion in reply.suggestions} <= headings(live)


def test_steps_are_timed_once_and_a_remembered_reply_took_none(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    fresh = Assistant(live, embeddings)
    first, again = ask(fresh, next(iter(ANSWERED))), ask(fresh, next(iter(ANSWERED)))
    assert list(first.steps_ms) == ["understand", "search", "decide", "compose"]
    assert 0 < sum(first.steps_ms.values()) <= first.latency_ms
    assert again.steps_ms == {}
    assert again == replace(first, latency_ms=again.latency_ms)


def test_what_is_kept_of_a_reply_names_passages_scores_and_sources(assistant: Assistant) -> None:
    reply = ask(assistant, "nguoi mua My quan tam dieu gi nhat?")
    found = reply.evidence()
    [cited] = [passage for passage in found if "n" in passage]
    assert (cited["n"], cited["publisher"], cited["id"]) == (1, "VnExpress", reply.sources[0].passage)
    assert all(passage["score"] <= found[0]["score"] for passage in found)
    assert "người mua mỹ" in reply.understood.lower()
    talk = ask(assistant, "chào em")
    assert (talk.evidence(), talk.understood) == ([], "")


def test_what_was_asked_is_forgotten_on_demand(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    fresh = Assistant(live, embeddings)
    ask(fresh, "Mẹ Tư hỏi giá bao bì?")
    ask(fresh, "thế còn EU?", "Mẹ Tư hỏi giá bao bì?")
    ask(fresh, "chào em")
    fresh.forget(["MẸ TƯ hỏi giá  bao bì", "chưa hỏi bao giờ"])
    assert "mẹ tư" not in str(fresh._remembered).lower()
    assert "chào em" in str(fresh._remembered)
