"""Rendering: nothing is lost, every part is a message that Telegram takes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.dialogue import Citation, Reply, Suggestion
from bot.telegram.rendering import is_web_address, render, render_text, shown_date, spans, split, units
from tests.auxil.bot_api_rules import INVISIBLE, check_keyboard, parse_html

ANY = st.text(st.characters(exclude_categories=()), max_size=80)
PIECES = st.sampled_from(
    (
        *("**", "**đậm**", "[1]", "[", "](", "[bài](https://vnexpress.net/a?b=1&c=2)", "<b>", "</b>", "&amp;", "&"),
        *("\n", "\n\n", "• gạch đầu dòng ", "1. bước ", "Câu một. Câu hai! ", "😀", "é" * 9, " ", "\t", "x" * 50),
        *("\u200b", "\x00", "\ud800"),
    )
)
MARKED = st.lists(PIECES | ANY, max_size=30).map("".join)


def seen(parts: tuple[str, ...]) -> str:
    """All that can be seen of the parts, without white space."""
    return visible("".join(parse_html(part)[0] for part in parts))


def visible(text: str) -> str:
    return re.sub(rf"(?:{INVISIBLE.pattern[:-1]})+", "", re.sub("[\ud800-\udfff]", "\ufffd", text))


@settings(deadline=None)
@given(MARKED, st.integers(2, 60))
def test_whatever_is_written_nothing_is_lost_and_every_part_fits(text: str, limit: int) -> None:
    found = spans(text)
    parts = split(found, limit)
    assert seen(parts) == visible("".join(span.text for span in found))
    for part in parts:
        shown, _ = parse_html(part)
        assert 0 < units(shown) <= limit
        assert shown == shown.strip()
        assert not INVISIBLE.fullmatch(shown)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=(), exclude_characters="*[]"), max_size=60), st.integers(1, 150))
def test_long_text_without_marks_stays_as_it_is(text: str, times: int) -> None:
    long = text * times
    parts = render_text(long).parts
    assert seen(parts) == visible(long)
    assert all(units(parse_html(part)[0]) <= 4096 for part in parts)


@settings(deadline=None)
@given(MARKED, MARKED, ANY, st.none() | ANY | st.just("https://vnexpress.net/a"))
def test_a_reply_of_any_text_is_taken(text: str, title: str, publisher: str, uri: str | None) -> None:
    source = Citation(1, title, title, publisher, None, uri, "p")
    reply = Reply("?", "answer", text, sources=(source,), suggestions=(Suggestion(title, "a" * 16),))
    rendered = render(reply, quote=title)
    for part in rendered.parts:
        parse_html(part)
    if rendered.keyboard:
        check_keyboard(rendered.keyboard.to_dict())


def test_marks_become_html_and_the_rest_is_literal() -> None:
    html = "".join(
        span.html()
        for span in spans('**A & B** < [x](https://a.vn/?a=1&b="2) [1] *c* `d` [y](http:) **[z](http://b.vn)**')
    )
    assert html == (
        '<b>A &amp; B</b> &lt; [x](https://a.vn/?a=1&amp;b="2) [1] *c* `d` [y](http:) '
        '<b><a href="http://b.vn">z</a></b>'
    )


def test_a_link_to_another_guide_leaves_its_words() -> None:
    assert render_text("Xem [bài về giá](../buyers/need-price.md#gia) nhé.").parts == ("Xem bài về giá nhé.",)


def test_a_link_keeps_the_brackets_of_its_address() -> None:
    assert render_text("[a](https://b.vn/c_(d))").parts == ('<a href="https://b.vn/c_(d)">a</a>',)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("một hai\n\nba bốn\nnăm", ("một hai", "ba bốn\nnăm")),
        ("một hai\nba bốn năm", ("một hai", "ba bốn năm")),
        ("Một hai. Ba bốn năm.", ("Một hai.", "Ba bốn năm.")),
        ("một hai ba bốn năm", ("một hai ba", "bốn năm")),
        ("x" * 15, ("x" * 12, "xxx")),
        ("😀" * 8, ("😀" * 6, "😀" * 2)),
        ("**một hai ba bốn**", ("<b>một hai ba</b>", "<b>bốn</b>")),
        (" \n ", ()),
    ],
)
def test_seams(text: str, parts: tuple[str, ...]) -> None:
    assert split(spans(text), 12) == parts


def test_sources_are_numbered_dated_and_opened_by_one_button_an_address() -> None:
    sources = (
        Citation(1, "Bảy nhu cầu", "Giá", "VnExpress", "2019-11-01", "https://vnexpress.net/a", "p1"),
        Citation(2, "Bảy nhu cầu", "Bảy nhu cầu", "VnExpress", "2019-11", "https://vnexpress.net/a", "p2"),
        Citation(3, "Mẹo", "Mẫu", "Hải Đăng", None, None, "p3"),
        Citation(4, "Xấu", "Xấu", "CBI", "2020", "javascript:alert(1)", "p4"),
    )
    suggestions = (Suggestion("Hỏi gì?", "0123456789abcdef"), Suggestion("Dài quá?", "x" * 61))
    rendered = render(Reply("?", "answer", "Bảy điều. [1]", sources=sources, suggestions=suggestions))
    assert rendered.parts == (
        "Bảy điều. [1]\n\n<b>Nguồn</b>\n[1] Bảy nhu cầu › Giá, VnExpress, 01/11/2019\n"
        "[2] Bảy nhu cầu, VnExpress, 11/2019\n[3] Mẹo › Mẫu, Hải Đăng, không ghi ngày\n[4] Xấu, CBI, 2020",
    )
    assert rendered.keyboard
    assert [[(b.text, b.url or b.callback_data) for b in row] for row in rendered.keyboard.inline_keyboard] == [
        [("Nguồn 1, 2: VnExpress", "https://vnexpress.net/a")],
        [("Hỏi gì?", "ask:0123456789abcdef")],
    ]


def test_dates() -> None:
    assert [shown_date(date) for date in ("2019-11-01", "2019-11", "2019")] == ["01/11/2019", "11/2019", "2019"]


@pytest.mark.parametrize(
    "address", ["https://a.vn", "http://a.b.vn:80/c?d=e#f", "https://vi.wikipedia.org/wiki/Hải_Phòng"]
)
def test_web_addresses(address: str) -> None:
    assert is_web_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.vn",
        "ftp://a.vn",
        "https://",
        "http://localhost",
        "https://a b.vn",
        "http://[",
        "https://a.vn:x",
        "https://a..vn",
        "https://a.vn/\n",
    ],
)
def test_addresses_that_no_button_opens(address: str) -> None:
    assert not is_web_address(address)
