"""Documents to passages: how long sections are split, and ids that stay."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Document, Section
from knowledge.passages import MAX_CHARACTERS, embedded_text, passages_of, plain

SENTENCE = "Anh/chị nên hỏi ngân hàng trước khi ký hợp đồng với người mua ở nước ngoài. "


def guide(text: str, **fields: object) -> Document:
    section = Section(("Hỏi?",), text, questions=("hỏi khác",))
    return replace(Document(id="a.md", hash="0", title="Bài", sections=(section,)), **fields)


def test_a_short_section_is_one_passage_with_its_questions() -> None:
    [passage] = passages_of(guide("Đáp.", keywords=("k",), topic="buyers"))
    assert (passage.text, passage.part, passage.questions, passage.keywords) == ("Đáp.", 0, ("hỏi khác",), ("k",))
    assert passage.section == ("a.md", ("Hỏi?",))
    assert passage.heading == "Hỏi?"


def test_text_before_any_heading_goes_by_the_title() -> None:
    [passage] = passages_of(Document("a.md", "0", "Bài", (Section((), "Mở đầu."),)))
    assert passage.heading == "Bài"


def test_a_long_section_is_split_at_sentences_without_losing_a_word() -> None:
    text = SENTENCE * 60
    parts = passages_of(guide(text.strip()))
    assert [part.part for part in parts] == list(range(len(parts)))
    assert len(parts) > 2
    assert all(len(part.text) <= MAX_CHARACTERS and part.text.endswith(".") for part in parts)
    assert " ".join(part.text for part in parts).split() == text.split()


def test_only_the_first_part_of_a_section_carries_its_questions() -> None:
    assert [bool(part.questions) for part in passages_of(guide(SENTENCE * 60))][:3] == [True, False, False]


def test_paragraphs_are_kept_together_where_they_fit() -> None:
    paragraph = (SENTENCE * 8).strip()
    parts = passages_of(guide("\n\n".join([paragraph] * 3)))
    assert [part.text for part in parts] == [f"{paragraph}\n\n{paragraph}", paragraph]


def test_an_unchanged_passage_keeps_its_id() -> None:
    text = SENTENCE * 60
    before, after = passages_of(guide(text)), passages_of(guide(text + "Thêm một câu.", hash="1"))
    assert [part.id for part in before[:-1]] == [part.id for part in after[: len(before) - 1]]
    assert before[-1].id != after[-1].id


def test_whatever_is_indexed_is_in_the_id() -> None:
    same = guide("Đáp.")
    changed = [
        guide("Đáp khác."),
        guide("Đáp.", id="b.md"),
        guide("Đáp.", title="Khác"),
        guide("Đáp.", keywords=("k",)),
        guide("Đáp.", sections=(Section(("Khác?",), "Đáp.", ("hỏi khác",)),)),
        guide("Đáp.", sections=(Section(("Hỏi?",), "Đáp.", ("hỏi nữa",)),)),
    ]
    ids = {passages_of(document)[0].id for document in [same, *changed]}
    assert len(ids) == 1 + len(changed)
    assert passages_of(guide("Đáp."))[0].id == passages_of(same)[0].id


def test_equal_parts_of_one_section_have_ids_of_their_own() -> None:
    paragraph = (SENTENCE * 17).strip()
    parts = passages_of(guide(f"{paragraph}\n\n{paragraph}\n\n{paragraph}"))
    assert len({part.text for part in parts}) < len(parts)
    assert len({part.id for part in parts}) == len(parts)


def test_plain_takes_marks_and_addresses_away() -> None:
    markdown = (
        "**Đậm** và [liên kết](https://a.example/x_y)\n\n- mục `một`\n2. mục hai\n> trích\n\n|a|b|\n|---|---|\n|1|2|"
    )
    assert " ".join(plain(markdown).split()) == "Đậm và liên kết mục một mục hai trích a b 1 2"


def test_the_embedded_text_begins_with_the_heading_path() -> None:
    [passage] = passages_of(guide("**Đáp** án.", sections=(Section(("Hỏi?", "Nhỏ"), "**Đáp** án."),)))
    assert " ".join(embedded_text(passage).split()) == "Bài › Hỏi? › Nhỏ Đáp án."


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=6000))
def test_any_text_is_split_into_passages_of_bounded_length(text: str) -> None:
    parts = passages_of(guide(text))
    assert all(0 < len(part.text) <= MAX_CHARACTERS for part in parts)
    assert "".join("".join(part.text for part in parts).split()) == "".join(text.split())
