"""Questions that lean on what the asker told of their goods and market, and the whole ones that do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import NOTHING_TOLD, About, Question, Reply
from bot.assistant.leaning import on_profile
from bot.texts import catalogue, say
from knowledge.embedding import TextEmbeddings
from knowledge.entities import find_entities, names_of
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.assistant.leaning_questions import GENERAL, LEANING, Asked
from tests.auxil.libraries import document, lexical_version, with_vectors_of

COFFEE = About("coffee", "eu")
PAPERS = "tôi cần giấy tờ gì?"
GUIDE = """## Xuất khẩu cà phê sang EU cần giấy tờ gì?

Cà phê sang EU cần giấy tờ về truy xuất thửa đất.

## Xuất khẩu cà phê sang Mỹ cần giấy tờ gì?

Cà phê sang Mỹ cần giấy tờ về đăng ký FDA, và giấy tờ đóng gói.

## Xuất khẩu gạo sang EU cần giấy tờ gì?

Gạo sang EU cần giấy tờ về hạn ngạch.

## MOQ là gì?

MOQ là số lượng ít nhất của một đơn hàng.

## Đặt cọc

Thường ba mươi phần trăm.
"""


def leaning(asked: Asked, about: About = COFFEE) -> tuple[str, About]:
    *history, question = (asked,) if isinstance(asked, str) else asked
    found = on_profile(question, history, about)
    return found.question, found.about


@pytest.fixture(scope="module")
def own(library: Library, embeddings: TextEmbeddings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder: Path = tmp_path_factory.mktemp("leaning")
    library = with_vectors_of(library, folder / "library")
    lexical_version(library, [document(folder, GUIDE)])
    with LiveLibrary(library) as live:
        yield Assistant(live, embeddings)


def ask(assistant: Assistant, text: str, about: About = NOTHING_TOLD, *history: str) -> Reply:
    return assistant.answer(Question(text, history, about))


@pytest.mark.parametrize("asked", GENERAL)
def test_a_whole_question_leans_on_nobody(asked: Asked) -> None:
    assert leaning(asked)[1] == NOTHING_TOLD


# Typed without marks they are restored first.
@pytest.mark.parametrize("asked", [asked for asked in LEANING if not str(asked).startswith(("toi", "hang cua"))])
def test_a_leaning_one_leans_on_goods_and_market(asked: Asked) -> None:
    assert leaning(asked)[1] == COFFEE


@pytest.mark.parametrize(
    ("asked", "meant", "about"),
    [
        (PAPERS, "xuất khẩu cà phê sang EU tôi cần giấy tờ gì", COFFEE),
        ("sang Nhật cần giấy tờ gì?", "xuất khẩu cà phê sang Nhật cần giấy tờ gì", About("coffee")),
        ("gạo cần chứng nhận gì?", "xuất khẩu sang EU gạo cần chứng nhận gì", About("", "eu")),
        ("xuất khẩu gạo sang Nhật cần gì?", "xuất khẩu gạo sang Nhật cần gì?", NOTHING_TOLD),
        # What the conversation names wins as well.
        (("Người mua Nhật thích gì?", "hàng của tôi cần giấy tờ gì?"), "xuất khẩu cà phê sang Nhật", About("coffee")),
        (("gạo sang Nhật bán được không?", PAPERS), PAPERS, NOTHING_TOLD),
        # What leans on another question leans on that one.
        (("Mở gian hàng thế nào?", "mất bao lâu?"), "mất bao lâu?", NOTHING_TOLD),
        ((PAPERS, "thế thuế bao nhiêu?"), "xuất khẩu cà phê sang EU thuế bao nhiêu", COFFEE),
        ((PAPERS, "thế còn Nhật?"), "thế còn Nhật?", About("coffee")),
        ("What papers do I need for my products?", "exporting coffee to the EU What papers do I need", COFFEE),
    ],
)
def test_what_is_named_wins_and_the_profile_gives_the_rest(asked: Asked, meant: str, about: About) -> None:
    question, used = leaning(asked)
    assert question.startswith(meant)
    assert used == about


def test_a_question_of_ones_own_goods_leaves_the_conversation_behind() -> None:
    found = on_profile("hạng của tôi cần giấy tờ gì", ["Đặt cọc bao nhiêu?"], COFFEE)
    assert (found.question, found.history) == ("xuất khẩu cà phê sang EU cần giấy tờ gì", [])
    assert on_profile("thế thuế bao nhiêu?", [PAPERS], COFFEE).history != []


def test_without_a_profile_nothing_is_changed() -> None:
    assert leaning(PAPERS, NOTHING_TOLD) == (PAPERS, NOTHING_TOLD)
    assert leaning(PAPERS, About("coffee"))[0] == "xuất khẩu cà phê tôi cần giấy tờ gì"


def test_the_answer_is_for_the_profile_and_says_so(own: Assistant) -> None:
    plain, reply = ask(own, PAPERS), ask(own, PAPERS, COFFEE)
    assert reply.text.startswith(say("about.answered", goods="cà phê", market="EU"))
    assert "thửa đất" in reply.text
    assert (reply.about, reply.writing()["about"]) == (COFFEE, {"goods": "coffee", "market": "eu"})
    assert "theo hồ sơ" not in plain.text
    assert "about" not in plain.writing()
    # Remembered apart, and the same again.
    assert ask(own, PAPERS).text == plain.text
    assert ask(own, PAPERS, COFFEE).text == reply.text
    assert "hạn ngạch" in ask(own, PAPERS, About("rice", "eu")).text


def test_another_market_goes_on_from_the_profile(own: Assistant) -> None:
    assert ask(own, "thế còn gạo?", COFFEE, PAPERS).about == About("", "eu")


@pytest.mark.parametrize("about", [About("toys", "us"), About("toys"), About("", "jp")])
def test_where_nothing_is_known_for_the_profile_it_is_as_without_one(own: Assistant, about: About) -> None:
    assert ask(own, PAPERS, about).text == ask(own, PAPERS).text
    assert ask(own, PAPERS, about).about == NOTHING_TOLD


def test_what_is_headed_by_goods_that_nobody_named_is_no_answer(own: Assistant) -> None:
    assert not ask(own, PAPERS, About("", "eu")).about


def test_an_answer_that_does_not_speak_of_what_was_asked_is_none(own: Assistant) -> None:
    assert not ask(own, "hàng của tôi đóng gói thế nào?", COFFEE).about


def test_a_whole_question_has_the_same_answer(own: Assistant) -> None:
    assert ask(own, "MOQ là gì?", COFFEE).text == ask(own, "MOQ là gì?").text


def test_every_ware_and_market_has_words_that_name_it() -> None:
    for kind in ("goods", "market"):
        for name in names_of(kind):
            words = catalogue()[f"about.{kind}.{name}"]["vi"]
            assert (kind, name) in [(entity.kind, entity.name) for entity in find_entities(words)]
