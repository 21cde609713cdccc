"""Dates, codes and names, in the writings that people use."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.facts import facts, missing, named_in, names
from knowledge.vietnamese import normalise


def lacking(said: str, held: str) -> list[str]:
    return list(missing(facts(normalise(said)), facts(normalise(held))))


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)))
def test_a_date_is_one_in_all_its_writings(date: datetime.date) -> None:
    day, month, year = date.day, date.month, date.year
    writings = [
        f"{day}/{month}/{year}",
        f"{day:02}-{month:02}-{year}",
        f"ngày {day} tháng {month} năm {year}",
        f"{day} tháng {month}, {year}",
        date.isoformat(),
        f"{date:%B} {day}, {year}",
        f"{day} {date:%B} {year}",
    ]
    assert {facts(normalise(text)).dates[0][0] for text in writings} == {(year, month, day)}


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("từ năm 2019", "ngày 5/5/2019"),
        ("tháng 5/2025", "ngày 5 tháng 5 năm 2025"),
        ("năm 2019", "giai đoạn 2015-2019"),
        ("C/O form D", "C/O mẫu D"),
        ("chứng từ EUR.1", "mẫu EUR 1"),
        ("Nghị định 85/2025/NĐ-CP", "nghị định số 85/2025/nđ-cp"),
        ("hàng mã 0901.21", "mã HS 090121"),
        ("xin C/O 3 ngày", "C/O mất 3 ngày"),
    ],
)
def test_what_the_passage_has_in_another_writing_is_not_missing(said: str, held: str) -> None:
    assert lacking(said, held) == []


@pytest.mark.parametrize(
    ("said", "held", "lost"),
    [
        ("ngày 5/5/2025", "tháng 5/2025", "ngày 5/5/2025"),
        ("năm 2020", "năm 2019", "năm 2020"),
        ("mẫu E", "mẫu D", "mẫu E"),
        ("Nghị định 86/2025/NĐ-CP", "Nghị định 85/2025/NĐ-CP", "86/2025/NĐ-CP"),
        ("ISO22000", "ISO9001", "ISO22000"),
        ("24/7", "24/6", "24/7"),
    ],
)
def test_what_the_passage_does_not_have_is_named(said: str, held: str, lost: str) -> None:
    assert lost.removeprefix("ngày ") in " ".join(lacking(said, held))


def test_names_are_told_from_the_beginnings_of_sentences() -> None:
    text = normalise("Hải quan kiểm tra. Reuters nói Bộ Công Thương và VCCI đã họp; theo Hoa Kỳ thì chưa.")
    assert list(names(text)) == ["Reuters", "Bộ Công Thương", "VCCI", "Hoa Kỳ"]


def test_a_name_stands_in_a_text_whole_or_under_another_of_its_names() -> None:
    held = normalise("Bộ Công Thương cấp C/O cho hàng đi Mỹ, Việt Nam nộp hồ sơ.")
    assert all(named_in(name, held) for name in ("Bộ Công Thương", "Hoa Kỳ", "Vietnamese", "C/O"))
    assert not any(named_in(name, held) for name in ("Bộ Việt", "Bộ Tài Chính", "Nhật Bản", "T/T"))
