"""What the library can be asked."""

from pathlib import Path

import pytest

from bot.assistant.browsing import question_of, questions_of, topic_label, topics
from knowledge.index import Index
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil.libraries import document, lexical_version


@pytest.fixture
def odd(tmp_path: Path) -> Index:
    """Guides of a topic without a name, of none, and with a section in two parts and one without a heading."""
    library = Library(tmp_path / "library")
    long = "Câu này dài vừa phải để phải cắt đôi. " * 60
    files = {
        "a.md": "Mở đầu.\n\n## Không chủ đề?\n\nĐáp.\n",
        "mới/b.md": f"## Dài?\n\n{long}\n\n## Ngắn?\n\nĐáp.\n",
        "figures/c.md": "## Bao nhiêu?\n\nĐáp.\n",
    }
    lexical_version(library, [document(tmp_path, text, name) for name, text in files.items()])
    return library.open()


def test_topics_stand_in_the_order_in_which_people_meet_them(live: LiveLibrary) -> None:
    assert [topic.label for topic in topics(live.index)] == [
        "Chuyển đổi số",
        "Đại lý uỷ quyền và chương trình hỗ trợ",
        "Người mua mong đợi gì",
        topic_label("logistics"),
    ]
    assert [topic.label for topic in topics(live.index, "en")][:2] == ["Going digital", topic_label("agents", "en")]


def test_topics_of_other_documents_come_last_under_their_own_names(odd: Index) -> None:
    assert [topic.label for topic in topics(odd)] == [topic_label("figures"), "Tài liệu khác", "mới"]


def test_each_guide_stands_under_its_topic_and_leads_to_its_questions(live: LiveLibrary) -> None:
    for topic in topics(live.index):
        [guide] = topic.guides
        document = next(document for document in live.index.documents if document.title == guide.title)
        assert topic.label == topic_label(document.topic)
        asked = [suggestion.text for suggestion in questions_of(live.index, guide.key)]
        assert asked == [section.headings[-1] for section in document.sections]


def test_keys_fit_buttons_and_tell_guides_apart(live: LiveLibrary) -> None:
    keys = [key for topic in topics(live.index) for key in (topic.key, *(guide.key for guide in topic.guides))]
    assert len(set(keys)) == len(keys)
    assert all(len(key.encode()) <= 20 for key in keys)


def test_a_section_in_parts_is_one_question_and_text_without_heading_none(odd: Index) -> None:
    asked = {guide.title: questions_of(odd, guide.key) for topic in topics(odd) for guide in topic.guides}
    assert {title: [question.text for question in found] for title, found in asked.items()} == {
        "a": ["Không chủ đề?"],
        "b": ["Dài?", "Ngắn?"],
        "c": ["Bao nhiêu?"],
    }


def test_the_passage_of_a_question_leads_back_to_it(live: LiveLibrary) -> None:
    for topic in topics(live.index):
        for question in questions_of(live.index, topic.guides[0].key):
            assert question_of(live.index, question.passage) == question.text


def test_what_is_gone_is_not_found(live: LiveLibrary) -> None:
    assert questions_of(live.index, "000000000000") == []
    assert question_of(live.index, "0000000000000000") is None
