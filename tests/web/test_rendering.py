"""Answers and sections as HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from bot.web.rendering import answer_html, section_html

ANSWERS = {
    "Một dòng [1].": '<p>Một dòng <a class="cite" href="#a">[1]</a>.</p>',
    "Một\nhai": "<p>Một<br>hai</p>",
    "Cần:\n• giấy **A**\n• giấy B [9]": "<p>Cần:</p><ul><li>giấy <strong>A</strong></li><li>giấy B [9]</li></ul>",
    "1. Nộp\n2. Chờ\n\n3. Nhận": '<ol start="1"><li>Nộp</li><li>Chờ</li></ol><ol start="3"><li>Nhận</li></ol>',
    "[trang](https://a.vn/?b=1&c)": '<p><a href="https://a.vn/?b=1&amp;c" rel="noopener noreferrer nofollow" '
    'target="_blank">trang</a></p>',
    "[bài](../x.md) và [x](javascript:alert(1))": "<p>bài và [x](javascript:alert(1))</p>",
    '<b onclick="x">&"': "<p>&lt;b onclick=&#34;x&#34;&gt;&amp;&#34;</p>",
    "": "",
}


@pytest.mark.parametrize("text", ANSWERS)
def test_light_markdown(text: str) -> None:
    assert answer_html(text, {1: "a"}) == ANSWERS[text]


@given(st.text("<>&\"'*[]()1. \n•-ahtps:/#javcri=on{}", max_size=60))
def test_nothing_in_a_text_makes_an_element_of_its_own(text: str) -> None:
    for made in (answer_html(text, {1: "a"}), section_html(text)):
        root = html.fromstring(f"<div>{made}</div>")
        allowed = {"class", "href", "rel", "target", "start", "tabindex", "title"}
        for element in root.iter():
            assert not set(element.attrib) - allowed
            assert element.get("href", "#").startswith(("#", "http://", "https://"))
            assert element.tag not in ("script", "img", "iframe", "style", "form")


def test_a_section_keeps_its_form_and_loads_nothing() -> None:
    made = section_html(
        "## Phí\n\n| Loại | Phí |\n|---|---|\n| A | 5% |\n\n![x](http://a.vn/x.png) <img src=http://a.vn> "
        "[bài](b.md) [ngoài](https://a.vn) <script>1</script>"
    )
    assert "<h2>Phí</h2>" in made
    assert '<div class="wide" tabindex="0"><table>' in made
    assert "<span>bài</span>" in made
    assert '<a href="https://a.vn" rel="noopener noreferrer nofollow" target="_blank">ngoài</a>' in made
    assert "<img" not in made
    assert "<script" not in made
