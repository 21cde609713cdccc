"""The library from a phone: documents listed, retired and restored, questions tried out; nobody else sees any of it."""

import pytest

from bot.curation.publishing import Publisher
from bot.telegram import application
from bot.telegram.admin import COMMANDS
from bot.telegram.application import Telegram
from bot.texts import catalogue
from tests.auxil.bot_api import BotApi
from tests.auxil.phone import BOSS, GROUP, GUEST, SEDGE, buttons, pressing, said
from tests.auxil.waiting import until
from tests.telegram.conftest import Audited, Turns

pytestmark = [pytest.mark.xdist_group("telegram")]


async def test_nobody_else_sees_any_of_it(api: BotApi, bot: Telegram, publisher: Publisher) -> None:
    ours = {text.strip() for key, texts in catalogue().items() if key.startswith("admin.") for text in texts.values()}
    menu = await said(api, GUEST, lambda: api.say(GUEST, "/start"), "Hải Đăng")
    for command in COMMANDS:
        await said(api, GUEST, lambda command=command: api.say(GUEST, f"/{command} x"), "Em chưa có lệnh này")
        api.say(GROUP, f"/{command}@hai_dang_test_bot", sender=BOSS)
    await said(api, GUEST, lambda: api.say(GUEST, "/help"), "Anh/chị có thể:")
    await said(api, GUEST, lambda: api.send_file(GUEST, "a.md", SEDGE.encode()), "Em mới chỉ đọc được chữ")
    api.press(GUEST, "adm:list::0", menu["message_id"])
    await api.called("editMessageText")
    await until(lambda: "Danh sách cũ không còn dùng được" in api.sent(GUEST)[0]["text"])
    api.press(GUEST, "adm:publish:000000000000:0000000000000000", menu["message_id"])
    refused = [one["text"] for one in await api.messages(GROUP, 4)]
    assert all("Em chưa có lệnh này" in text for text in refused)
    api.send_file(GROUP, "a.md", SEDGE.encode(), sender=BOSS, caption="@hai_dang_test_bot")
    await api.messages(GROUP, 5)
    api.press(GROUP, "adm:list::0", api.sent(GROUP)[0]["message_id"], sender=BOSS)
    await api.called("editMessageText", 2)
    await until(lambda: bot.processing.chats == 0)
    seen = [one["text"].strip() for chat in (GUEST, GROUP) for one in api.sent(chat)]
    assert not ours & set(seen)
    assert not any("tailieu" in text or "quản trị" in text for text in seen)
    assert api.commands_in == {}
    assert [command["command"] for command in api.commands] == list(application.COMMANDS)
    assert publisher.store.documents() == []


async def test_an_admin_is_told_what_they_can_do_and_has_it_in_the_menu(api: BotApi, bot: Telegram) -> None:
    await said(api, BOSS, lambda: api.say(BOSS, "/help"), "/nhacviec")
    await until(lambda: BOSS in api.commands_in)
    assert [one["command"] for one in api.commands_in[BOSS]] == [*application.COMMANDS, *COMMANDS]
    assert [one["command"] for one in api.commands] == list(application.COMMANDS)


async def test_documents_are_listed_opened_retired_and_restored(
    api: BotApi, bot: Telegram, publisher: Publisher, audited: Audited
) -> None:
    guide = "buyers/bay-nhu-cau.md"
    publisher.store.change(
        publisher.store.add(SEDGE.encode(), "Lan", name="Cói.md").id, {"review_by": "2020-01-01"}, "Lan"
    )
    shown = await said(api, BOSS, lambda: api.say(BOSS, "/tailieu"), "Tài liệu của thư viện (5)")
    assert [label.split()[0] for label, _ in buttons(shown)] == ["📝⏰", "📄", "📄", "📄", "📄"]
    duties = await said(api, BOSS, lambda: api.say(BOSS, "/nhacviec"), "1 bản nháp còn chờ, 1 tài liệu đến hạn")
    pressing(api, duties, "Bảng giá giỏ cỏ bàng")()
    await until(lambda: "Hạn xem lại: 01/01/2020 (đã đến hạn)" in api.sent(BOSS)[1]["text"])
    assert "Lan gửi (chờ xuất bản)" in api.sent(BOSS)[1]["text"]
    assert [label for label, _ in buttons(api.sent(BOSS)[1])] == ["🔍 Xem thử bản nháp", "« Các tài liệu"]

    pressing(api, shown, "Bảy nhu cầu")()
    await until(lambda: "Bài có sẵn trong thư mục" in api.sent(BOSS)[0]["text"])
    pressing(api, api.sent(BOSS)[0], "Cất đi")()
    await until(lambda: "Anh/chị chắc chứ" in api.sent(BOSS)[0]["text"])
    assert guide in [one.id for one in publisher.documents()]
    await said(api, BOSS, pressing(api, api.sent(BOSS)[0], "Cất đi"), "Đã cất “Bảy nhu cầu")
    assert guide not in [one.id for one in publisher.documents()]
    await until(lambda: bot.processing.chats == 0)
    again = await said(api, BOSS, lambda: api.say(BOSS, "/tailieu"), "Tài liệu của thư viện (5)")
    pressing(api, again, "🗄 Bảy nhu cầu")()
    await until(lambda: "Tình trạng: đã cất" in api.sent(BOSS)[-1]["text"])
    pressing(api, api.sent(BOSS)[-1], "Dùng lại")()
    await until(lambda: "lại trả lời theo tài liệu này" in api.sent(BOSS)[-1]["text"])
    await said(api, BOSS, pressing(api, api.sent(BOSS)[-1], "Dùng lại"), "Đã dùng lại “Bảy nhu cầu")
    await until(lambda: bot.processing.chats == 0)
    assert [act[1:] for act in await audited()] == [("document.retire", guide), ("document.restore", guide)]


async def test_a_question_is_tried_out_without_a_trace(api: BotApi, bot: Telegram, turns: Turns) -> None:
    await said(api, BOSS, lambda: api.say(BOSS, "/thu"), "Anh/chị gõ câu cần thử sau lệnh")
    shown = await said(api, BOSS, lambda: api.say(BOSS, "/thu nguoi mua my quan tam gi nhat"), "Quyết định: trả lời")
    assert "1. Người mua Mỹ, người mua nước ngoài quan tâm điều gì nhất?" in shown["text"]
    assert "bảy điều" in api.sent(BOSS)[-2]["text"]
    await said(api, BOSS, lambda: api.say(BOSS, "/thu thời tiết Hà Nội hôm nay?"), "Quyết định: nói chưa biết")
    await said(api, BOSS, lambda: api.say(BOSS, "/thu cảm ơn em"), "không tìm trong thư viện")
    assert await turns() == []
    await said(api, BOSS, lambda: api.say(BOSS, "/hoantac"), "Không còn bản thư viện nào")
    await said(api, BOSS, lambda: api.say(BOSS, "/nhacviec"), "Không có bản nháp nào còn chờ")
