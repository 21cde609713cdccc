"""Sums and terms as people type them; what could be read in two ways is not read."""

import pytest

from bot.onboarding.amounts import Money, money, months, shown

MILLION = 1e6


@pytest.mark.parametrize(
    ("typed", "amount", "currency", "span"),
    [
        ("35tr", 35 * MILLION, "vnd", None),
        ("35 trieu", 35 * MILLION, "vnd", None),
        ("khoảng 35 trđ", 35 * MILLION, "vnd", None),
        ("35.000.000", 35 * MILLION, "vnd", None),
        ("35 000 000 đ", 35 * MILLION, "vnd", None),
        ("35,000,000 VND", 35 * MILLION, "vnd", None),
        ("35000k", 35 * MILLION, "vnd", None),
        ("3tr5/tháng", 3.5 * MILLION, "vnd", 1),
        ("3tr tháng", 3 * MILLION, "vnd", 1),
        ("3 triệu mỗi tháng", 3 * MILLION, "vnd", 1),
        ("Phí 2.000.000đ/thang (chưa VAT 10%)", 2 * MILLION, "vnd", 1),
        ("35 triệu đồng/năm", 35 * MILLION, "vnd", 12),
        ("12 triệu/quý", 12 * MILLION, "vnd", 3),
        ("45tr cho 2 năm", 45 * MILLION, "vnd", 24),
        ("1,5 tỷ", 1500 * MILLION, "vnd", None),
        ("1 tỷ 2", 1200 * MILLION, "vnd", None),
        ("1 ty 200 trieu", 1200 * MILLION, "vnd", None),
        ("1500 usd", 1500, "usd", None),
        ("$1,500 /năm", 1500, "usd", 12),
        ("1500 đô", 1500, "usd", None),
        ("1.200,50 eur", 1200.5, "eur", None),
        ("5000 tệ", 5000, "cny", None),
        ("miễn phí", 0, "vnd", None),
        ("0đ", 0, "vnd", None),
    ],
)
def test_a_sum_is_read_with_its_currency_and_what_it_is_for(
    typed: str, amount: float, currency: str, span: float | None
) -> None:
    found = money(typed)
    assert found
    assert (found.amount, found.currency, found.months) == (amount, currency, span)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "35",
        "1500",
        "30-35tr",
        "2tr x 12 tháng",
        "35tr năm đầu, 30tr năm sau",
        "gói 1: 35tr",
        "35 triệu 500 nghìn",
        "chưa có",
        "9" * 40,
        "20%",
    ],
)
def test_what_is_no_one_sum_is_not_read(typed: str) -> None:
    assert money(typed) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12 tháng", 12),
        ("12", 12),
        ("6 thang", 6),
        ("1 năm", 12),
        ("một năm", 12),
        ("2 nam", 24),
        ("1,5 năm", 18),
        ("18 months", 18),
        ("1 năm rưỡi", None),
        ("12 tháng + 2 tháng", None),
        ("từ 1/1/2027 đến 31/12/2027", None),
        ("365 ngày", None),
        ("0", None),
        ("1000 năm", None),
        ("", None),
    ],
)
def test_a_term_is_read_in_months(typed: str, expected: float | None) -> None:
    assert months(typed) == expected


def test_the_share_of_a_month_is_of_what_the_sum_is_for() -> None:
    assert Money(36.0).monthly(12) == 3
    assert Money(36.0, months=3).monthly(12) == 12
    assert Money(36.0).monthly(None) is None


def test_a_sum_is_shown_as_it_is_written_in_the_language() -> None:
    assert shown(35 * MILLION, "vnd", "vi") == "35.000.000 đ"
    assert shown(35 * MILLION, "vnd", "en") == "35,000,000 VND"
    assert shown(1500, "usd", "vi") == "1.500 USD"
    assert shown(12.5, "usd", "vi") == "12,50 USD"
