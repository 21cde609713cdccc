"""The scorecard as a picture and as a page."""

import asyncio
import datetime
import io
from typing import Any

import pdfplumber
import pytest
from PIL import Image

from bot.onboarding.card import Card
from bot.onboarding.check import UNKNOWN, Check
from bot.onboarding.profile import Profile
from bot.onboarding.result import Result, headline, report
from bot.onboarding.scorecard import HEIGHT, WIDTH, _lines, _width, page, picture
from bot.texts import say
from tests.onboarding.files import questionnaire

LONG = "Nguyễn Thị Phượng Ỷ – Công ty TNHH Một thành viên Xuất nhập khẩu Ngũ Cốc Đồng Bằng Sông Cửu Long"
EVERY_LETTER = "ăằẳẵắặâầẩẫấậđêềểễếệôồổỗốộơờởỡớợưừửữứựàảãáạèẻẽéẹìỉĩíịòỏõóọùủũúụỳỷỹýỵ"
TODAY, SUMMER = datetime.date(2026, 11, 26), datetime.date(2026, 8, 1)


def result(answer: int | str) -> Result:
    check = Check(questionnaire(), Profile(goods=("coffee",)))
    for asked in check.questions():
        check = check.answered(asked.id, answer if isinstance(answer, str) else asked.question.options[answer].key)
    return Result.of_check(check)


def card(**more: Any) -> Card:
    return Card(**{"result": result(1), "date": TODAY, "previous": result(0), "previous_date": SUMMER, **more})


def drawn(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGB")


def test_the_picture_has_the_size_of_a_phone_and_both_webs() -> None:
    image = drawn(picture(card()))
    assert image.size == (WIDTH, HEIGHT)
    colours = {colour for _, colour in image.getcolors(1 << 24) or []}
    assert {(11, 122, 117), (224, 138, 30)} <= colours
    alone = {colour for _, colour in drawn(picture(card(previous=None, previous_date=None))).getcolors(1 << 24) or []}
    assert (224, 138, 30) not in alone


def test_nothing_is_drawn_outside_the_margins_however_long_the_name() -> None:
    for company in (LONG, "W" * 120):
        image = drawn(picture(card(company=company, result=result(UNKNOWN))))
        edges = (image.crop((0, 14, 40, HEIGHT)), image.crop((WIDTH - 40, 14, WIDTH, HEIGHT)))
        assert [edge.getcolors() for edge in edges] == [[(40 * (HEIGHT - 14), (255, 255, 255))]] * 2


def test_the_page_is_one_page_that_can_be_searched_with_its_fonts_in_it() -> None:
    content = page(card(company=LONG, facts=("Mã số thuế: 0100109106", EVERY_LETTER, EVERY_LETTER.upper())))
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        [only] = pdf.pages
        text = " ".join((only.extract_text() or "").split())
        assert round(only.width) == 595
        assert round(only.height) in (841, 842)
    for wanted in (LONG, "0100109106", EVERY_LETTER, EVERY_LETTER.upper(), "26/11/2026", "01/08/2026", "tự đánh giá"):
        assert wanted in text
    # Type 3: the letters are drawings within the file.
    assert b"/Type3" in content or b"/FontFile2" in content


@pytest.mark.parametrize("company", ["$x_1$ & <b> \\frac", "Công ty 🚢 漢字\U0001f9ff", "\u200b", "\n\tA\n"])
def test_whatever_a_name_is_made_of_a_picture_comes_out(company: str) -> None:
    assert drawn(picture(card(company=company))).size == (WIDTH, HEIGHT)


def test_lines_are_broken_within_the_width_and_cut_with_an_ellipsis() -> None:
    picture(card())
    lines = _lines(LONG, 26, 500, most=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(_width(line, 26) <= 500 for line in lines)
    assert " ".join(_lines(LONG, 26, 500, most=9)) == LONG


def test_every_advice_that_ships_fits_into_the_picture_with_a_long_name() -> None:
    for id_, question in questionnaire().questions.items():
        for kind, todo in (("do", question.advice), ("find_out", question.find_out)):
            need = say(f"need.{id_.partition('.')[0]}")
            words = f"{need} – {say(f'onboarding.{kind}')}: {todo.vi}"
            assert len(_lines(words, 25, WIDTH - 168, most=9)) <= 2, words


def test_a_card_survives_the_outbox() -> None:
    for given in (card(company=LONG, facts=("a", "b"), language="en"), card(previous=None, previous_date=None)):
        assert Card.from_json(given.to_json()) == given


async def test_many_are_drawn_at_once_and_are_the_same() -> None:
    cards = [card(company=str(number % 2)) for number in range(4)]
    drawings = await asyncio.gather(*(asyncio.to_thread(picture, one) for one in cards))
    assert len(set(drawings)) == 2


def test_the_text_says_what_the_picture_shows() -> None:
    now, before = result(-1), result(0)
    text = headline(now, before, "vi")
    assert "100/100 (▲ +100) – Sẵn sàng chào hàng" in text
    assert "• Giao dịch thuận tiện: 100 (▲ +100)" in text
    assert "(▼ −100)" in headline(before, now, "en")
    assert "(" not in headline(now, now, "vi").split("\n", 1)[1]


def test_gaps_of_different_needs_come_before_a_second_one_of_the_same() -> None:
    assert [gap.id for gap in result(0).gaps] == ["quality.spec", "price.cost", "quantity.moq"]
    check = Check(questionnaire(), Profile(goods=("coffee",)))
    for asked in check.questions():
        check = check.answered(asked.id, asked.question.options[0 if asked.need == "speed" else -1].key)
    assert [gap.id for gap in Result.of_check(check).gaps] == ["speed.reply", "speed.quote", "speed.sample"]


def test_unknown_is_told_apart_from_no() -> None:
    no, unknown = report(result(0), "vi"), report(result(UNKNOWN), "vi")
    assert no.count(say("onboarding.do")) == unknown.count(say("onboarding.find_out")) == 3
    assert say("onboarding.find_out") not in no
    assert "19/19" in unknown
    assert "chưa rõ 19/" not in no
    assert say("onboarding.gaps", count=3) not in report(result(-1), "vi")
