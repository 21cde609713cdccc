"""Questions left open on an admin's phone: from the list to a draft to the document; nobody else sees any of it."""

import re

import pytest

from bot.curation.publishing import Publisher
from bot.telegram import admin_gaps
from bot.telegram.application import Telegram
from bot.texts import say
from tests.auxil.bot_api import BotApi
from tests.auxil.bot_api_rules import check_keyboard
from tests.auxil.gaps import ANSWER, ASKED
from tests.auxil.phone import BOSS, GUEST, answer, buttons, pressing, previewed, said
from tests.auxil.waiting import until

pytestmark = [pytest.mark.xdist_group("telegram")]


async def test_from_what_was_left_open_to_a_document(
    api: BotApi, bot: Telegram, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_gaps, "_PATIENCE", 0.0)
    await answer(api, GUEST, ASKED)
    declined = api.sent(GUEST)[-1]
    tell = dict(buttons(declined))[say("gaps.tell_me")]
    api.press(GUEST, tell, declined["message_id"])
    await until(lambda: say("gaps.untell_me") in dict(buttons(api.sent(GUEST)[-1])))
    key = tell.split(":")[1]
    # A guest's buttons of these names are any button.
    for forged in ("adm:gaps::", f"adm:gap:{key}:", f"adm:draft:{key}:"):
        api.press(GUEST, forged, declined["message_id"])
    await until(lambda: bot.processing.chats == 0)
    assert not any("bỏ ngỏ" in message["text"] or "document" in message for message in api.sent(GUEST))

    found = await said(api, BOSS, lambda: api.say(BOSS, "/nhacviec"), "Câu hỏi còn bỏ ngỏ trong 30 ngày qua")
    assert any(say("gaps.finding") in message["text"] for message in api.sent(BOSS))
    assert any("Không có bản nháp nào còn chờ" in message["text"] for message in api.sent(BOSS))
    assert "1 lượt · 1 người · 1 người chờ báo" in found["text"]
    check_keyboard(found["reply_markup"])
    pressing(api, found, "1. Xuất khẩu hoa lan")()
    await until(lambda: say("gaps.examples") in api.sent(BOSS)[-1]["text"])
    one = api.sent(BOSS)[-1]
    assert [label for label, _ in buttons(one)] == [say("gaps.make_draft"), say("gaps.to_all")]
    pressing(api, one, say("gaps.make_draft"))()
    await until(lambda: "document" in api.sent(BOSS)[-1])
    sent = api.sent(BOSS)[-1]
    assert sent["caption"] == say("gaps.draft_sent")
    name, draft = sent["document"]["file_name"], api.files[sent["document"]["file_id"]].decode()
    assert name == "xuat-khau-hoa-lan-cat-canh-sang-nhat-can-giay-to-gi.md"
    # Not filled in it is refused; filled in it is what any document is.
    await said(api, BOSS, lambda: api.send_file(BOSS, name, draft.encode()), "⟦")
    filled = re.sub(r"⟦Viết[^⟧]*⟧", f"{ANSWER}, hoá đơn và phiếu đóng gói.", draft)
    shown = await previewed(api, name, re.sub(r"⟦[^⟧]*⟧", "Cục Trồng trọt", filled))
    await said(api, BOSS, pressing(api, shown, say("admin.publish")), "Đã xuất bản")
    await until(lambda: bot.handlers._live.index.manifest.number == publisher.library.published())
    assert ANSWER in await answer(api, GUEST, ASKED)
    # What is answered is left open no more.
    pressing(api, one, say("gaps.make_draft"))()
    await until(lambda: any(say("gaps.gone") in message.get("text", "") for message in api.sent(BOSS)))
    await until(lambda: bot.processing.chats == 0)
