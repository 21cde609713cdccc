"""However large and hostile a document is, what an admin is shown of it is what Telegram takes."""

import datetime
from pathlib import Path

from hypothesis import given

from bot.assistant.dialogue import Reply
from bot.curation.contradictions import Contradiction
from bot.curation.curating import Step
from bot.curation.guarding import Check, Findings, Said, Spoilt
from bot.curation.previewing import Preview, Sample
from bot.telegram.admin_menus import (
    data,
    document_keyboard,
    documents_menu,
    draft_keyboard,
    duties_menu,
    key_of,
    parsed,
    step_keyboard,
    sure_keyboard,
)
from bot.telegram.admin_rendering import document_text, plainly, preview_text, step_text, tried_text
from bot.telegram.rendering import Rendered, render_text, units
from knowledge.acts import Entry, StoredDocument, StoredVersion
from knowledge.comparing import ChangedDocument, Difference
from knowledge.documents import Problem
from knowledge.duplicates import Duplicate
from knowledge.holdings import Holding
from tests.auxil.bot_api_rules import LIMIT, check_keyboard, parse_html
from tests.telegram.test_rendering import MARKED

NASTY = "<b>**[x](https://evil.vn)**</b>&amp;\u202e\n😀" * 200
ID = "uploads/" + "x" * 120 + ".md"
LAN = "0123456789abcdef" * 2


def version(number: int) -> StoredVersion:
    return StoredVersion(
        ID, number, NASTY, "f" * 64, NASTY, "", None, LAN, "2026-11-26T00:00:00+00:00", True, Path("x")
    )


def huge() -> Preview:
    many = 50
    said = Said("answer", NASTY, (NASTY,))
    spoilt = [Spoilt(Check(NASTY, "written", NASTY, "x"), said, said)] * many
    contradictions = [Contradiction(*[NASTY] * 8)] * many
    findings = Findings(many, spoilt, contradictions, [Duplicate(*[NASTY] * 4, 0.9, 0.9)] * many)
    warnings = [Problem("section_long", ID, n, {"section": f"{n} {NASTY}", "words": "9"}) for n in range(many)]
    document = StoredDocument(ID, "live", NASTY, NASTY, None, version(1), version(2))
    samples = [Sample(NASTY, Reply(NASTY, "answer", NASTY))] * 3
    return Preview(document, version(2), NASTY, many, many, False, warnings, findings, samples, 3)


def fits(shown: Rendered) -> str:
    """The text that is seen."""
    seen = ""
    for part in shown.parts:
        text, entities = parse_html(part)
        assert units(text) <= LIMIT
        assert not any(entity["type"] == "text_link" for entity in entities)
        seen += f"{text}\n"
    if shown.keyboard:
        check_keyboard(shown.keyboard.to_dict())
    return seen


def test_the_largest_preview_is_a_few_messages() -> None:
    found = huge()
    shown = render_text(preview_text(found, "vi"), draft_keyboard(found, "vi"))
    assert len(shown.parts) <= 3
    text = fits(shown)
    assert text.count("và 46 điểm nữa") == 4
    assert "Bản này sẽ thay cho bản 1 đang dùng." in text
    assert "sẽ đổi thêm 3 tài liệu khác" in text
    assert "không câu nào kém đi" not in text
    fits(render_text(preview_text(found, "en"), draft_keyboard(found, "en")))


def test_lists_and_documents_fit() -> None:
    old = datetime.date(2020, 1, 1)
    listed = [Holding(f"{ID}{n}", NASTY, NASTY, "live", 1, 2, LAN, "2026-11-26", old) for n in range(100)]
    listed.append(Holding("a.md", "A", "", "live", 0, None, "", "", None))
    for shown in (documents_menu(listed, 7, "vi"), duties_menu(listed, 99, "vi"), duties_menu([], 0, "vi")):
        assert len(shown.parts) == 1
        fits(shown)
    acts = ("add", "publish", "retire", "restore", "set", "discard")
    history = [Entry(n, "2026-11-26T01:02:03", LAN, act, ID, {}) for n, act in enumerate(acts * 9)]
    text = document_text(listed[0], [version(n) for n in (2, 1)] * 30, history, "", "vi")
    shown = render_text(text, document_keyboard(listed[0], 99, "vi"))
    assert len(shown.parts) == 1
    seen = fits(shown)
    assert "2. " in seen
    assert "(chờ xuất bản)" in seen
    assert "26/11/2026 quản trị viên 012345 gửi tệp" in seen
    mine = document_text(listed[0], [version(1)], history, LAN, "vi")
    assert "26/11/2026 anh/chị gửi tệp" in mine


def test_a_step_back_and_a_question_tried_out_fit() -> None:
    changed = [ChangedDocument(ID, NASTY, {}, ("-##a", f"-{NASTY}", f"+{NASTY}"))] * 60
    titles = {str(n): NASTY for n in range(60)}
    step = Step(8, 7, Difference(titles, titles, changed))
    shown = render_text(step_text(step, "vi"), step_keyboard(step, "vi"))
    assert len(shown.parts) == 1
    assert "điểm nữa" in fits(shown)
    trace = {"query": {"text": NASTY}, "passages": [
        {"section": NASTY, "document": NASTY, "score": 1.0, "cosine": 0.9, "bm25": 10.0}] * 5}  # fmt: skip
    fits(render_text(tried_text(Reply(NASTY, "answer", NASTY, confidence=0.9876, trace=trace), "vi")))
    assert "98,8%" in tried_text(Reply("?", "answer", "!", confidence=0.9876, trace=trace), "vi")


def test_data_of_buttons_comes_back_as_it_was_given() -> None:
    for action in ("publish!", "restore?", "list", "back"):
        pressed = data(action, key_of(ID), "f" * 16)
        assert parsed(pressed) == (action, key_of(ID), "f" * 16)
        fits(Rendered((), sure_keyboard("admin.publish_anyway", pressed, "vi")))
    assert parsed("adm:") == ("", "", "")
    assert parsed("adm:list::3") == ("list", "", "3")


@given(MARKED)
def test_words_of_a_document_are_no_marks_of_ours(text: str) -> None:
    shown = plainly(text, 60)
    assert len(shown) <= 60
    for part in render_text(shown).parts:
        assert parse_html(part)[1] == []
