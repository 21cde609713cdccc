"""Offers side by side: what is shown, worked out, missing, and warned of."""

from bot.onboarding.agents import Field, agents
from bot.onboarding.comparison import compare
from bot.onboarding.offers import (
    filled_in,
    given,
    meant,
    missing,
    monthly,
    read,
    tidy,
    told,
    unasked,
    unlike,
    warnings,
)

SOUND = {
    "authorised": "confirmed",
    "package": "Gold Supplier",
    "months": "12 tháng",
    "price": "36tr",
    "service": "3tr/tháng",
    "vat": "included",
    "work": "50 tin, 4 buổi dạy",
    "person": "Chị Hoa, 10 khách",
    "customers": "Gốm Bát Tràng: hài lòng",
    "login": "us",
    "promise": "work",
    "account": "company",
    "invoice": "given",
    "exit": "báo trước 30 ngày",
    "renewal": "36tr",
}
DOUBTFUL = {
    "authorised": "letter",
    "package": "gold supplier",
    "months": "1 năm",
    "price": "1200 usd",
    "service": "miễn phí",
    "vat": "unsaid",
    "login": "agent",
    "promise": "orders",
    "account": "personal",
    "invoice": "none",
}


def field(key: str) -> Field:
    found = agents().field(key)
    assert found
    return found


def keys(answers: dict[str, str]) -> list[tuple[str, str | None]]:
    return [(remark.field, remark.answer) for remark in warnings(answers)]


def test_a_sound_offer_lacks_nothing_and_warns_of_nothing() -> None:
    assert missing(SOUND) == []
    assert keys(SOUND) == []
    assert unasked(SOUND) is None
    assert set(SOUND) == {field.key for field in agents().fields}


def test_warnings_are_the_rules_of_the_file() -> None:
    assert keys(DOUBTFUL) == [
        ("authorised", "letter"),
        ("account", "personal"),
        ("invoice", "none"),
        ("login", "agent"),
        ("promise", "orders"),
        ("service", "free"),
    ]
    assert keys({"authorised": "denied", "login": "password", "vat": "excluded", "account": "other"}) == [
        ("authorised", "denied"),
        ("account", "other"),
        ("login", "password"),
        ("vat", "excluded"),
    ]
    assert keys({}) == []


def test_what_nobody_said_is_missing_as_well_as_what_was_not_asked() -> None:
    assert [field.key for field in missing(DOUBTFUL)] == ["vat", "work", "person", "customers", "exit", "renewal"]
    # It is not asked for again by itself.
    assert [found.key for found in (unasked(DOUBTFUL), unasked(DOUBTFUL, "work")) if found] == ["work", "person"]
    assert unasked({}, "renewal") is None


def test_a_month_costs_both_fees_each_for_what_it_covers() -> None:
    assert monthly(SOUND).sums == {"vnd": 6e6}
    assert monthly(SOUND).without == ()
    assert monthly(DOUBTFUL).sums == {"usd": 100}
    unknown = monthly({"price": "36tr", "service": "3tr/tháng"})
    assert unknown.sums == {"vnd": 3e6}
    assert [found.key for found in unknown.without] == ["price"]
    assert monthly({"months": "12", "price": "1200 usd", "service": "1tr mỗi tháng"}).sums == {"usd": 100, "vnd": 1e6}


def test_answers_are_shown_as_they_were_understood() -> None:
    assert told(field("price"), SOUND, "vi") == "36.000.000 đ (khoảng 3.000.000 đ mỗi tháng)"
    assert told(field("price"), {"price": "36tr"}, "vi") == "36.000.000 đ"
    assert told(field("price"), {"price": "36tr/năm", "months": "2 năm"}, "vi") == (
        "36.000.000 đ cho 12 tháng (khoảng 3.000.000 đ mỗi tháng)"
    )
    assert told(field("service"), SOUND, "vi") == "3.000.000 đ mỗi tháng"
    assert told(field("service"), DOUBTFUL, "vi") == "miễn phí"
    assert told(field("months"), {"months": "1,5 năm"}, "vi") == "18 tháng"
    assert told(field("price"), {"price": "30-35tr"}, "vi") == "30-35tr"
    assert told(field("account"), SOUND, "vi") == "Công ty ký hợp đồng"
    assert told(field("account"), {"account": "gone from the file"}, "vi") == ""
    assert told(field("exit"), {}, "vi") == ""
    assert read(field("price"), SOUND)
    assert not read(field("price"), {"price": "30-35tr"})
    assert not read(field("months"), {"months": "lâu dài"})
    assert read(field("exit"), SOUND)


def test_offers_that_do_not_compare_are_named() -> None:
    assert [remark.field for remark in unlike({"A": SOUND, "B": DOUBTFUL})] == []
    other = {**SOUND, "months": "24", "package": "Verified", "vat": "excluded"}
    assert [remark.field for remark in unlike({"A": SOUND, "B": other})] == ["package", "months", "vat"]


def test_the_comparison_sets_offers_below_each_field_and_names_no_winner() -> None:
    text = compare({"Cty A": SOUND, "Cty B": DOUBTFUL}, "vi").text("vi")
    paragraphs = text.split("\n\n")
    assert paragraphs[0] == "**2 báo giá đặt cạnh nhau**"
    prices = ("Cty A: 36.000.000 đ (khoảng 3.000.000 đ mỗi tháng)", "Cty B: 1.200 USD (khoảng 100 USD mỗi tháng)")
    assert "\n• ".join(("**Phí gói**", *prices)) in paragraphs
    assert "**Hoàn tiền và chấm dứt**\n• Cty A: báo trước 30 ngày\n• Cty B: chưa có" in paragraphs
    assert "**Phí gói và phí dịch vụ mỗi tháng**\n• Cty A: 6.000.000 đ\n• Cty B: 100 USD" in paragraphs
    [lacking] = [paragraph for paragraph in paragraphs if paragraph.startswith("**Còn thiếu")]
    assert lacking.count("\n") == 1
    assert "Cty B: thuế GTGT, gồm việc gì, người phụ trách" in lacking
    [careful] = [paragraph for paragraph in paragraphs if "Nên cẩn thận" in paragraph]
    assert careful.count("• Cty B") == 6
    assert "Cty A" not in careful
    assert "không tự quy đổi" in text
    assert paragraphs[-1].startswith("Em không chọn giúp bên nào chỉ vì giá rẻ")
    # The same in English, without a Vietnamese word but the names.
    english = compare({"Cty A": SOUND, "Cty B": DOUBTFUL}, "en").text("en")
    assert "Membership fee" in english
    assert "• Cty B: VAT, work included" in english


def test_an_offer_of_which_nothing_is_known_can_be_shown() -> None:
    paragraphs = compare({"Cty A": {}}, "vi").text("vi").split("\n\n")
    assert len(paragraphs) == 3
    assert paragraphs[1].count(",") >= len(agents().fields) - 1


def test_replies_answer_skip_or_clear() -> None:
    assert [meant(text) for text in ("bỏ qua", "Bo qua!", "-", "?", "", "“bỏ qua”", "chưa biết")] == ["skip"] * 7
    assert [meant(text) for text in ("xoá", "Xóa", "để trống")] == ["clear"] * 3
    assert [meant(text) for text in ("35tr", "bỏ qua phí năm đầu", "không")] == ["answer"] * 3


def test_answers_are_kept_in_one_line_without_marks_and_not_too_long() -> None:
    assert tidy(" Công ty\n  **Hòa** \0Phát [x](y) \ud800", 60) == "Công ty Hòa Phát x(y)"
    # Times twelve is another sum than for twelve months.
    times = {"price": given(field("price"), "2tr * 12 tháng") or ""}
    assert (times["price"], read(field("price"), times)) == ("2tr × 12 tháng", False)
    assert given(field("work"), "a" * 400) == "a" * 300
    assert given(field("work"), " \u200b ") is None
    assert given(field("invoice"), "không") == "none"
    assert given(field("account"), "Ca nhan.") == "personal"
    assert given(field("account"), "để hỏi lại đã") is None


def test_a_form_keeps_what_says_something() -> None:
    typed = {"price": " 35tr ", "vat": "included", "login": "gone", "months": "", "exit": "chưa biết", "other": "x"}
    assert filled_in(typed) == {"price": "35tr", "vat": "included"}
    assert filled_in(SOUND) == SOUND
