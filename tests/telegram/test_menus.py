"""Menus over a library that is too large for one page."""

from collections.abc import Iterator

import pytest

from bot.telegram.menus import menu_of, topics_menu
from bot.telegram.rendering import Rendered
from knowledge.documents import Document, Section
from knowledge.embedding import BUILT_IN
from knowledge.index import Index
from knowledge.library import Library


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """30 topics; the first has 20 guides, whose first has 17 questions."""

    def guide(number: int, topic: str, questions: int = 1) -> Document:
        sections = tuple(Section((f"Câu {n} của bài {number} <&>?",), f"Đáp án {n}.") for n in range(questions))
        return Document(f"{number:03}.md", str(number), f"Bài **{number}** <&>", sections, topic=topic)

    documents = [guide(0, "digital", 17), *(guide(n, "digital") for n in range(1, 20))]
    documents += [guide(n, f"chủ đề {n}") for n in range(20, 49)]
    library = Library(tmp_path_factory.mktemp("menus"))
    with library.writing(10):
        library.publish(library.build(documents, None, BUILT_IN))
    with library.open() as index:
        yield index


def rows(menu: Rendered) -> list[list[tuple[str, str]]]:
    assert menu.keyboard
    return [[(button.text, str(button.callback_data)) for button in row] for row in menu.keyboard.inline_keyboard]


def opened(index: Index, data: str) -> Rendered:
    menu = menu_of(index, data, "vi")
    assert menu
    return menu


def walk(index: Index, menu: Rendered) -> list[str]:
    """The labels of all pages, turning forward to the end and then back to the start."""
    labels = []
    while True:
        labels += [row[0][0] for row in rows(menu) if not row[0][0].startswith(("‹", "Trang", "«"))]
        ahead = [data for row in rows(menu) for label, data in row if label == "Trang sau ›"]
        if not ahead:
            break
        menu = opened(index, ahead[0])
    while back := [data for row in rows(menu) for label, data in row if label == "‹ Trang trước"]:
        menu = opened(index, back[0])
    assert next(row[0][0] for row in rows(menu)) == labels[0]
    return labels


def test_topics_guides_and_questions_are_paged(index: Index) -> None:
    topics = topics_menu(index, "Chọn đi ạ.", "vi")
    assert topics.parts == ("Chọn đi ạ. (trang 1/3)",)
    assert len(set(walk(index, topics))) == 30
    guides = opened(index, rows(topics)[0][0][1])
    assert len(set(walk(index, guides))) == 20
    assert guides.parts[0].startswith("<b>Chuyển đổi số</b>\n")
    questions = opened(index, rows(guides)[0][0][1])
    assert walk(index, questions) == [f"Câu {n} của bài 0 <&>?" for n in range(17)]
    assert questions.parts[0].endswith("(trang 1/3)")
    assert "<&>" not in questions.parts[0]


def test_back_leads_to_the_page_one_came_from(index: Index) -> None:
    guides = opened(index, rows(topics_menu(index, "?", "vi"))[0][0][1])
    ahead = next(data for row in rows(guides) for label, data in row if label == "Trang sau ›")
    second = opened(index, ahead)
    questions = opened(index, rows(second)[0][0][1])
    to_guides, to_topics = rows(questions)[-1]
    assert opened(index, to_guides[1]).parts == second.parts
    assert opened(index, to_topics[1]).parts[0].endswith("(trang 1/3)")


@pytest.mark.parametrize("page", ["99", "-1", "²", "x", "", "9" * 40])
def test_a_page_that_is_not_there_is_the_nearest(index: Index, page: str) -> None:
    assert "trang" in opened(index, f"c:{page}").parts[0]


@pytest.mark.parametrize("data", ["", "t:", "t:gone", "g:gone:0", "src", ":", "ask:x"])
def test_what_is_gone_or_no_menu_opens_nothing(index: Index, data: str) -> None:
    assert menu_of(index, data, "vi") is None
