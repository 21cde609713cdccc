"""The page of gaps: who sees it, what stands in it, and the way to a draft."""

import asyncio
from typing import Any

import pytest

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from bot.conversations.exchange import Sender
from bot.conversations.records import Records
from bot.web.console import gaps
from tests.conversations.asking import LAN, MINH, ask
from tests.web.console.conftest import Visitor

SCRIPT = "<script>alert(1)</script>"
FEES = "Phí tu chỉnh L/C là bao nhiêu?"


async def declined(records: Records, assistant: Assistant, sender: Sender, number: int, words: str) -> str:
    reply = assistant.answer(Question(words))
    kept: dict[str, Any] = {"understood": reply.understood or words, "sources": reply.evidence()}
    kept |= {"library_version": reply.version, "decision": "abstain", "messages": ()}
    return await ask(records, sender, number, words, **kept)


async def test_ops_see_gaps_and_admins_make_drafts_of_them(
    records: Records, assistant: Assistant, ops: Visitor, admin: Visitor
) -> None:
    key = await declined(records, assistant, LAN, 1, FEES)
    again = await declined(records, assistant, MINH, 2, "phi tu chinh LC bao nhieu")
    await records.want_answer(LAN, key, wanted=True)
    odd = await declined(records, assistant, LAN, 3, f"thời tiết {SCRIPT} Hà Nội hôm nay, gọi 0912345678?")
    page = (await ops.get("/gaps?days=7")).text
    assert FEES in page
    for said in ("2 lượt", "2 người", "1 người chờ báo", "chưa trả lời được"):
        assert said in page
    assert (
        page.index("Trong lĩnh vực") < page.index(FEES) < page.index("Có vẻ ngoài lĩnh vực") < page.index("thời tiết")
    )
    assert SCRIPT not in page
    assert "0912345678" not in page
    for visitor, may in ((ops, False), (admin, True)):
        one = (await visitor.get(f"/gaps/{key}")).text
        assert "phi tu chinh LC bao nhieu" in one
        assert f"/console/turns/{key}" in one
        assert f"/console/turns/{again}" in one
        assert (f"/gaps/{key}/draft" in one) is may
        assert (await visitor.get(f"/gaps/{key}/draft")).status_code == (200 if may else 403)
    editor = (await admin.get(f"/gaps/{key}/draft?days=30")).text
    assert 'value="phi-tu-chinh-l-c-la-bao-nhieu.md"' in editor
    assert "⟦Nơi công bố nguồn⟧" in editor
    assert SCRIPT not in (await admin.get(f"/gaps/{odd}/draft")).text
    assert (await admin.get("/gaps/none/draft")).status_code == 404


async def test_a_page_does_not_wait_for_a_long_finding(
    records: Records, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed, may = records.missed, asyncio.Event()

    async def slow(*arguments: Any) -> Any:
        await may.wait()
        return await missed(*arguments)

    monkeypatch.setattr(records, "missed", slow)
    monkeypatch.setattr(gaps, "_PATIENCE", 0.05)
    for path in ("/gaps", "/gaps/none"):
        assert 'http-equiv="refresh"' in (await admin.get(path)).text
    may.set()
    monkeypatch.setattr(gaps, "_PATIENCE", 60)
    page = (await admin.get("/gaps")).text
    assert 'http-equiv="refresh"' not in page
    assert "không có câu hỏi nào còn bỏ ngỏ" in page
    assert (await admin.get("/gaps/none")).status_code == 404
