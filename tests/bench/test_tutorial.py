"""The benchmark's own sums: which sections a tutorial's chunk stands for, and what a ranking is worth."""

from math import log2
from pathlib import Path

import pytest

from bench.measures import Ranking, distinct, hit, ndcg
from bench.tutorial import chunks_of, file_of, text_of
from knowledge.documents import Document, Section
from knowledge.reading import document_files, read_document


def rank(*names: str) -> Ranking:
    """Each name is an item that touches the sections of its letters."""
    return [frozenset(name) for name in names]


def test_a_chunk_stands_for_the_sections_whose_text_it_overlaps() -> None:
    long = "\n\n".join(f"Đoạn {number}. " + "chữ " * 60 for number in range(8)).strip()
    document = Document("a.md", "", "Bài", (Section(("Ngắn?",), "Một câu."), Section(("Dài?",), long)))
    chunks = chunks_of(*text_of(document))
    assert chunks[0].sections == {"a.md#Ngắn?", "a.md#Dài?"}
    assert all(chunk.sections == {"a.md#Dài?"} for chunk in chunks[1:])
    assert all(len(chunk.text) <= 1000 for chunk in chunks)


def test_a_heading_alone_is_not_its_section() -> None:
    text = "chữ " * 245
    document = Document("a.md", "", "B", (Section(("Một?",), text.strip()), Section(("Hai?",), text.strip())))
    one, two = chunks_of(*text_of(document))[:2]
    assert one.sections == {"a.md#Một?"}
    assert two.sections == {"a.md#Hai?"}


@pytest.mark.parametrize("as_file", [False, True])
def test_each_section_of_the_guides_is_where_its_span_says(guides: Path, as_file: bool) -> None:
    for path in document_files(guides):
        document = read_document(path, guides)
        text, spans = file_of(document, guides) if as_file else text_of(document)
        assert [span.section for span in spans] == [f"{document.id}#{s.headings[-1]}" for s in document.sections]
        for span, section in zip(spans, document.sections, strict=True):
            assert section.text in text[span.start : span.end]
            assert section.headings[-1] not in text[span.start : span.end]
        chunks = chunks_of(text, spans)
        assert frozenset().union(*(chunk.sections for chunk in chunks)) == {span.section for span in spans}


def test_ndcg_of_one_right_section_is_the_discount_of_its_rank() -> None:
    right = frozenset("a")
    assert ndcg(rank("a", "b"), right) == 1
    assert ndcg(rank("b", "c", "a"), right) == pytest.approx(1 / log2(4))
    assert ndcg(rank("b", "c"), right) == 0
    assert ndcg(rank(*"bcdefghijk", "a"), right) == 0


def test_ndcg_of_several_right_sections() -> None:
    right = frozenset("ab")
    assert ndcg(rank("a", "b"), right) == 1
    assert ndcg(rank("a", "c", "b"), right) == pytest.approx((1 + 1 / 2) / (1 + 1 / log2(3)))
    assert ndcg(rank("ab"), right) == 1


def test_a_section_gains_once_and_takes_one_rank() -> None:
    assert distinct(rank("a", "ab", "a", "b", "", "c")) == rank("a", "ab", "", "c")
    assert ndcg(rank("b", "a", "a"), frozenset("a")) == pytest.approx(1 / log2(3))


def test_hit_looks_at_the_first_items_only() -> None:
    assert hit(rank("b", "a"), frozenset("a"), 2)
    assert not hit(rank("b", "a"), frozenset("a"), 1)
    assert not hit([], frozenset("a"), 5)
