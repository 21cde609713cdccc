"""Who the supplier is."""

import pytest

from bot.onboarding.profile import FIELDS, Profile, tax_code


@pytest.mark.parametrize(
    ("text", "code"),
    [("0100109106", "0100109106"), (" 0100 109 106 ", "0100109106"), ("0100109106001", "0100109106-001")],
)
def test_a_tax_code_is_checked_by_its_tenth_digit(text: str, code: str) -> None:
    assert tax_code(text) == code


@pytest.mark.parametrize("text", ["0100109107", "100109106", "0100109106-0001", "0100109106-000", "MST", "", "٠" * 10])
def test_what_is_no_tax_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"form|check"):
        tax_code(text)


def test_one_wrong_digit_is_always_seen() -> None:
    code = "0100109106"
    for place in range(10):
        for digit in set("0123456789") - {code[place]}:
            with pytest.raises(ValueError, match="check"):
                tax_code(code[:place] + digit + code[place + 1 :])


def test_every_field_is_asked_for_once_and_can_be_left_out() -> None:
    profile, asked = Profile(), []
    while field := profile.next_field():
        asked.append(field)
        profile = profile.cleared(field)
    assert tuple(asked) == FIELDS
    assert Profile.from_json(profile.to_json()) == profile
    assert profile.asked_again("staff").next_field() == "staff"


def test_goods_that_are_written_are_recognised_and_kept_as_they_are() -> None:
    profile = Profile().chosen("goods", "wood", wanted=True).told("goods", "  giỏ lục bình, ghế mây tre đan  ")
    assert profile.goods == ("wood", "rattan")
    assert profile.other_goods == "giỏ lục bình, ghế mây tre đan"
    assert profile.chosen("goods", "wood", wanted=False).goods == ("rattan",)
    assert profile.next_field() == "goods"


def test_what_a_form_lists_at_once_keeps_its_order_and_reads_new_words_only() -> None:
    offered = ["coffee", "wood", "rattan"]
    profile = Profile().chosen("goods", "rattan", wanted=True).chosen("goods", "salt", wanted=True)
    profile = profile.listed("goods", ["rattan", "coffee"], " ghế gỗ ", offered)
    # What was not offered is not taken away by a form that could not show it.
    assert profile.goods == ("rattan", "salt", "coffee", "wood")
    assert profile.other_goods == "ghế gỗ"
    profile = profile.listed("goods", ["coffee"], "ghế gỗ", offered)
    assert (profile.goods, profile.other_goods) == (("salt", "coffee"), "ghế gỗ")
    assert profile.listed("goods", [], " ", offered) == Profile(goods=("salt",))


def test_what_is_written_is_kept_short_and_a_wrong_tax_code_is_refused() -> None:
    assert Profile().told("company", "  Hòa\u200b  Bình ").company == "Hòa Bình"
    assert len(Profile().told("company", "Ỷ" * 500).company) == 120
    with pytest.raises(ValueError, match="check"):
        Profile().told("tax_code", "0100109107")


def test_a_profile_of_another_version_can_be_read() -> None:
    assert Profile.from_json({"goods": ["coffee"], "mood": "calm"}) == Profile(goods=("coffee",))
