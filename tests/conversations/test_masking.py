"""Masking: numbers that lead to a person go, numbers that are about trade stay."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.conversations.masking import masked

PHONE, TAX, IDENTITY, ACCOUNT = "[số điện thoại]", "[mã số thuế]", "[số căn cước]", "[số tài khoản]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gọi em 0912345678 nhé", f"gọi em {PHONE} nhé"),
        ("sđt 0912 345 678", f"sđt {PHONE}"),
        ("ĐT:0912.345.678.", f"ĐT:{PHONE}."),
        ("zalo 091-234-5678, cảm ơn", f"zalo {PHONE}, cảm ơn"),
        ("sdt0912345678", f"sdt{PHONE}"),
        ("0912345678/0987654321", f"{PHONE}/{PHONE}"),
        ("+84 912 345 678", PHONE),
        ("+84 (0) 912 345 678", PHONE),
        ("0084912345678 hoặc 84912345678", f"{PHONE} hoặc {PHONE}"),
        ("văn phòng (024) 3825 1234", f"văn phòng {PHONE}"),
        ("fax 028.3829.7654", f"fax {PHONE}"),
        ("buyer +1 415 555 2671, +44 (20) 7946-0958", f"buyer {PHONE}, {PHONE}"),
        ("năm 2024 0912345678", f"năm 2024 {PHONE}"),
        ("viết cho lan.nguyen+xk@cong-ty.com.vn nhé", "viết cho [email] nhé"),
        ("MST 0101234567", f"MST {TAX}"),
        ("mã số thuế: 0101234567-001", f"mã số thuế: {TAX}"),
        ("công ty 0301234567-012 ở TP.HCM", f"công ty {TAX} ở TP.HCM"),
        ("tax code 3700123456", f"tax code {TAX}"),
        ("CCCD 079203001234", f"CCCD {IDENTITY}"),
        ("số 079203001234 của em", f"số {IDENTITY} của em"),
        ("cmnd: 023456789", f"cmnd: {IDENTITY}"),
        ("hộ chiếu C1234567", f"hộ chiếu {IDENTITY}"),
        ("stk 19034567890123 Techcombank", f"stk {ACCOUNT} Techcombank"),
        ("Số tài khoản VCB: 0071 0012 34567", f"Số tài khoản VCB: {ACCOUNT}"),
        ("thẻ 4111111111111111", f"thẻ {ACCOUNT}"),
        ("IBAN DE89 3704 0044 0532 0130 00", f"IBAN {ACCOUNT}"),
    ],
)
def test_what_leads_to_a_person_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected
    assert masked(masked(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "HS 0901.11.10 và 09011110",
        "mã HS 0901.11.0010, 0901110020",
        "HTS code 6109100012; 6109100014",
        "mã hàng hoá 0912345678",
        "cà phê 0901.11.00 15 tấn",
        "9403.60.8081",
        "44,65 tỷ USD năm 2024, tăng 6,2 %",
        "giá 15.000.000.000 đồng, tức 84.912.345.678 đ",
        "8412345678 đồng, 1500000000",
        "1.234.567,89 USD; 1,234,567.89; 0.0912345678",
        "Nghị định 15/2018/NĐ-CP, Thông tư 05/2018/TT-BCT, Luật 91/2025/QH15",
        "Quy định (EU) 2023/1115, ISO 22000:2018, 21 CFR 117",
        "ngày 31/10/2019, 2024-12-31 08:15:00, từ 2019-2024",
        "mã vạch 8934563138165",
        "container MSKU1234567, vận đơn HLCUSGN2401",
        "tờ khai 104567890123",
        "thuế 20 % từ 1/8/2025, 25 % với thép, 46 % trước đó",
        "tổng đài 19001234, giấy phép số 123456",
        "1 container 40 feet chở 26.000 kg",
        "a@b",
        "",
    ],
)
def test_what_is_about_trade_stays(text: str) -> None:
    assert masked(text) == text


digits = st.text("0123456789", min_size=7, max_size=7)
gap = st.sampled_from(["", " ", ".", "-"])


@given(st.sampled_from(["032", "056", "070", "081", "099", "+8433", "+8491", "+84 91"]), digits, gap)
@example("091", "2345678", ".")
def test_every_mobile_number_is_masked_however_it_is_grouped(start: str, rest: str, gap: str) -> None:
    number = f"{start}{rest[:1]}{gap}{rest[1:4]}{gap}{rest[4:]}"
    assert masked(f"gọi {number} nhé") == f"gọi {PHONE} nhé"


@given(st.integers(1, 97), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_no_hs_code_of_eight_digits_is_masked(chapter: int, heading: int, sub: int, last: int) -> None:
    dotted = f"{chapter:02}{heading:02}.{sub:02}.{last:02}"
    for code in (dotted, dotted.replace(".", ""), dotted[:7]):
        assert masked(f"mã {code} thuế 5 %") == f"mã {code} thuế 5 %"


@given(st.integers(0, 10**12), st.sampled_from(["đồng", "đ", "USD", "VND", "tỷ đồng", "triệu"]), st.sampled_from(".,"))
def test_no_price_is_masked(amount: int, unit: str, separator: str) -> None:
    grouped = f"{amount:,}".replace(",", separator)
    for price in (f"{grouped} {unit}", f"{amount} {unit}"):
        if not price.startswith("0"):
            assert masked(f"giá {price} một lô") == f"giá {price} một lô"


@given(st.integers(1900, 2100), st.integers(1, 300), st.sampled_from(["NĐ-CP", "TT-BCT", "QĐ-TTg", "QH15"]))
def test_no_year_and_no_number_of_a_law_is_masked(year: int, number: int, kind: str) -> None:
    text = f"{number}/{year}/{kind} có hiệu lực từ năm {year}, thay bản {year - 1}-{year}"
    assert masked(text) == text


@given(st.text(max_size=200))
def test_any_text_can_be_masked_and_masking_again_changes_nothing(text: str) -> None:
    assert masked(masked(text)) == masked(text)
