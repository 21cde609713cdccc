"""One passage for most questions, two where two things are asked for."""

import pytest

from bot.assistant.selecting import select
from knowledge.embedding import BUILT_IN
from knowledge.index import Index
from knowledge.library import Library
from knowledge.search import Hit, Query
from tests.auxil.libraries import document

GUIDE = """---
title: Giao hàng
---
## FOB là gì?
Bên bán giao hàng lên tàu tại cảng đi, rủi ro chuyển từ đó.

## EXW là gì?
Bên bán giao hàng tại xưởng, người mua lo mọi việc còn lại.

## Hun trùng pallet tốn bao nhiêu tiền?
Giá hun trùng do công ty khử trùng báo theo khối.

## Hun trùng pallet mất bao lâu?
Thường mất một ngày, có chứng thư sau đó.
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("selecting")
    library = Library(folder / "library")
    with library.writing(10):
        library.publish(library.build([document(folder, GUIDE)], None, BUILT_IN))
    return library.open()


def selected(index: Index, question: str, first: int, second: int) -> list[str]:
    hits = [Hit(index.passages[number], score, 0.9, 5.0) for number, score in ((first, 5.0), (second, 4.5))]
    return [passage.heading for passage in select(Query(question), hits, index)]


def test_a_comparison_takes_both_sides(index: Index) -> None:
    assert selected(index, "so sánh FOB với EXW", 0, 1) == ["FOB là gì?", "EXW là gì?"]


def test_a_question_about_one_thing_takes_one(index: Index) -> None:
    assert selected(index, "FOB là gì", 0, 1) == ["FOB là gì?"]


def test_a_question_in_two_parts_takes_what_the_first_passage_lacks(index: Index) -> None:
    found = selected(index, "hun trùng pallet tốn bao nhiêu tiền và hun trùng mất bao lâu", 2, 3)
    assert found[0] == "Hun trùng pallet tốn bao nhiêu tiền?"


def test_a_far_second_is_never_taken(index: Index) -> None:
    hits = [Hit(index.passages[0], 5.0, 0.9, 5.0), Hit(index.passages[1], 1.0, 0.8, 1.0)]
    assert len(select(Query("so sánh FOB với EXW"), hits, index)) == 1
