"""The file on agents: whole in both languages, and nothing in it that no guide says."""

import unicodedata
from pathlib import Path

import pytest

from bot.onboarding.agents import FREE, NAMING, UNSAID, VERIFYING, agents
from bot.onboarding.guides import passage_of
from knowledge.index import Index
from knowledge.live import LiveLibrary
from knowledge.reading import read_document

GUIDES = Path(__file__).parents[2] / "knowledge/guides"


@pytest.fixture(scope="module")
def sections() -> set[str]:
    """Every section of the guides on agents."""
    documents = [read_document(path, GUIDES) for path in sorted((GUIDES / "agents").glob("*.md"))]
    return {f"{document.id}#{section.headings[-1]}" for document in documents for section in document.sections}


def test_everything_is_said_by_a_section_that_exists(sections: set[str]) -> None:
    assert agents().guides() | {VERIFYING, NAMING} <= sections


def words() -> list[str]:
    file = agents()
    both = [text for items in file.lists.values() for item in items for text in (item.label, item.why)]
    both += [text for group in file.questions for text in (group.title, group.intro, *(x.words for x in group.lines))]
    both += [text for field in file.fields for text in (field.label, field.ask, field.why, *field.options.values())]
    both += [remark.words for remark in (*file.warnings, *file.unlike)]
    assert all(set(text) == {"vi", "en"} for text in both)
    return [line for text in both for line in text.values()]


def test_all_words_are_there_in_both_languages_in_composed_unicode() -> None:
    assert all(line.strip() and unicodedata.normalize("NFC", line) == line for line in words())


def test_keys_are_unique_and_short_enough_for_buttons() -> None:
    file = agents()
    for items in file.lists.values():
        assert len({item.key for item in items}) == len(items)
    assert set(file.lists) == {"checks", "contract"}
    assert len({field.key for field in file.fields}) == len(file.fields)
    longest = max(len(f"{field.key}:{option}") for field in file.fields for option in ("", *field.options))
    assert len("of:clear:") + 16 + len(":") + longest <= 64
    # A tick is kept by list and key.
    assert all(len(f"{key}:{item.key}") <= 40 for key, items in file.lists.items() for item in items)


def test_labels_of_fields_tell_them_apart_and_have_no_separator() -> None:
    """A reply is known by the label in the question that it answers."""
    for language in ("vi", "en"):
        labels = [field.label[language] for field in agents().fields]
        assert len(set(labels)) == len(labels)
        assert not [label for label in labels if " · " in label or "\n" in label]


def test_a_choice_has_options_and_everything_else_has_none() -> None:
    for field in agents().fields:
        assert (len(field.options) >= 3 and UNSAID in field.options) == (field.kind == "choice")
        assert field.kind == "choice" or not field.options


def test_remarks_are_about_answers_that_can_be_given() -> None:
    file = agents()
    for remark in file.warnings:
        field = file.field(remark.field)
        assert field
        assert remark.answer in (field.options if field.kind == "choice" else {FREE})
    assert all(file.field(remark.field) for remark in file.unlike)


@pytest.fixture(scope="module")
def index(live: LiveLibrary) -> Index:
    return live.index


def test_a_section_is_found_by_document_and_heading(index: Index) -> None:
    guide = "agents/dai-ly-uy-quyen.md#Đại lý uỷ quyền của Alibaba.com làm những việc gì?"
    found = passage_of(index, guide)
    assert found
    assert f"{found.document}#{found.heading}" == guide
    assert passage_of(index, f"{guide} Không có") is None
