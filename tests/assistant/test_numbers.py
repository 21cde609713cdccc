"""Numbers as people write them, in two languages, with what they count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.numbers import numbers
from knowledge.vietnamese import normalise

SAME = [
    ("23.900 tỷ", "23,900 billion"),
    ("23.900 tỷ", "23 900 000 000 000"),
    ("27,6%", "27.6 phần trăm"),
    ("27,6 %", "27.6 percent"),
    ("44,65 tỷ USD", "44.65 billion dollars"),
    ("US$ 30", "30 đô la"),
    ("500k", "500.000"),
    ("1,5 triệu đồng", "1.500.000 VND"),
    ("hai mươi lăm ngày", "25 days"),
    ("ba mươi phần trăm", "30%"),
    ("mười hai tháng", "12 tháng"),
    ("ba trăm triệu đồng", "300.000.000đ"),
    ("20kg", "20 kilogram"),
    ("23,9 nghìn tỷ đồng", "23.900 tỷ đồng"),
    ("5 ngày làm việc", "5 business days"),
    ("0,125 kg", "0.125 kg"),
    ("€ 1.234,56", "1,234.56 euro"),
]
OTHERS = [
    ("30%", "30 ngày"),
    ("30 USD", "30 đồng"),
    ("3 ngày", "3 ngày làm việc"),
    ("5 nhóm", "5%"),
    ("10 triệu", "10 tỷ"),
    ("1,5", "15"),
    ("27,6%", "27,5%"),
    ("10 đồng", "10 - 20 triệu đồng"),
]


def said(text: str) -> set[tuple[float, str]]:
    return {(number.value, number.unit) for number in numbers(normalise(text))}


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_number_in_two_writings_is_one(one: str, other: str) -> None:
    assert said(one) == said(other)
    assert len(said(one)) == 1


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_differs_in_value_or_unit_does_not_stand_for_the_other(one: str, other: str) -> None:
    [claim] = numbers(normalise(one))
    assert not claim.stands_in(numbers(normalise(other)))


def test_both_ends_of_a_range_have_its_unit_and_its_multiplier() -> None:
    assert said("10-20 triệu đồng") == {(10e6, "vnd"), (20e6, "vnd")}
    assert said("5 đến 7 ngày") == {(5, "day"), (7, "day")}
    assert said("20 – 30%") == {(20, "%"), (30, "%")}


def test_words_that_only_look_like_numbers_are_none() -> None:
    assert numbers("cả hai bên, một doanh nghiệp, năm nay") == []


def test_a_number_in_a_table_has_whatever_unit_its_heading_has() -> None:
    [claim] = numbers("120 usd")
    assert claim.stands_in(numbers("phí (usd): 120"))
    assert not claim.stands_in(numbers("120 doanh nghiệp"))


def written(value: int, separator: str) -> str:
    return f"{value:,}".replace(",", separator)


@given(st.integers(0, 10**13), st.sampled_from([".", ",", " ", ""]), st.sampled_from([".", ",", " ", ""]))
def test_thousands_are_read_alike_however_they_are_parted(value: int, one: str, other: str) -> None:
    assert said(written(value, one)) == said(written(value, other)) == {(float(f"{float(value):.12g}"), "")}


@given(st.integers(0, 99_999), st.integers(0, 99), st.sampled_from([",", "."]))
def test_a_decimal_is_read_alike_with_a_comma_and_a_point(whole: int, hundredths: int, mark: str) -> None:
    assert said(f"{whole}{mark}{hundredths:02}%") == {(float(f"{whole}.{hundredths:02}"), "%")}


@given(st.integers(1, 999), st.integers(1, 999))
def test_equal_values_stand_for_each_other_and_no_others_do(one: int, other: int) -> None:
    [claim] = numbers(f"{one} triệu đồng")
    assert claim.stands_in(numbers(f"{other}.000.000 VND")) == (one == other)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert all(number.value >= 0 for number in numbers(normalise(text)))
