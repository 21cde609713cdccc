"""Documents from a phone: a file in, looked at, published, answered from, taken back; killed and hurried in between."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.conversations.people import Pseudonyms
from bot.curation import curating
from bot.curation.publishing import Publisher
from bot.telegram import admin_drafts, application
from bot.telegram.application import Telegram
from tests.auxil.bot_api import BotApi
from tests.auxil.libraries import L_C_CHECK, write
from tests.auxil.phone import ASKED, BOSS, GUEST, SECOND, SEDGE, answer, buttons, pressing, previewed, said
from tests.auxil.waiting import until
from tests.telegram.conftest import Audited, Running

pytestmark = [pytest.mark.xdist_group("telegram")]

SPOILS = """\
## Nộp bộ chứng từ L/C trong mấy ngày?
<!--
questions:
- nộp bộ chứng từ L/C mất mấy ngày
-->
Nộp bộ chứng từ L/C lúc nào cũng được, ngân hàng không kiểm.
"""


async def test_a_file_is_read_published_answered_from_and_taken_back(
    api: BotApi, bot: Telegram, publisher: Publisher, audited: Audited, pseudonyms: Pseudonyms
) -> None:
    assert "4,2 USD" not in await answer(api, GUEST, ASKED)
    shown = await previewed(api)
    assert "đang đọc tệp “Bảng giá.md”" in api.sent(BOSS)[0]["text"]
    assert shown["text"].startswith("Bảng giá giỏ cỏ bàng\nTệp Bảng giá.md (bản 1): 2 mục, 2 đoạn.")
    for wanted in ("tài liệu mới", "không câu nào kém đi", "1. Giỏ cỏ bàng Phú Mỹ giá bao nhiêu?", "ít nhất 300 chiếc"):
        assert wanted in shown["text"]
    assert "4,2 USD" not in await answer(api, GUEST, ASKED)

    await said(api, BOSS, pressing(api, shown, "Xuất bản"), "Đã xuất bản “Bảng giá giỏ cỏ bàng”")
    await until(lambda: bot.processing.chats == 0)
    assert buttons(next(one for one in api.sent(BOSS) if one["message_id"] == shown["message_id"])) == []

    async def answered() -> bool:
        return "4,2 USD" in await answer(api, GUEST, ASKED)

    await until(answered, 5)
    again = await said(api, BOSS, lambda: api.send_file(BOSS, "Bảng giá.md", SEDGE.encode()), "giống hệt")
    assert buttons(again) == []

    step = await said(api, BOSS, lambda: api.say(BOSS, "/hoantac"), "Quay lại bản")
    assert "➖ không còn: Bảng giá giỏ cỏ bàng" in step["text"]
    await said(api, BOSS, pressing(api, step, "Quay lại"), "Đã quay lại bản")

    async def forgotten() -> bool:
        return "4,2 USD" not in await answer(api, GUEST, ASKED)

    await until(forgotten, 5)
    await until(lambda: bot.processing.chats == 0)
    boss, document = pseudonyms.of("telegram", str(BOSS)), "uploads/bang-gia.md"
    assert await audited() == [
        (boss, "document.add", document),
        (boss, "document.publish", document),
        (boss, "library.go_back", ""),
    ]
    assert {entry.by for entry in publisher.store.history()} == {boss}


async def test_discarded_is_gone_and_its_buttons_say_so(
    api: BotApi, bot: Telegram, publisher: Publisher, audited: Audited
) -> None:
    shown = await previewed(api)
    publish = pressing(api, shown, "Xuất bản")
    await said(api, BOSS, pressing(api, shown, "Bỏ bản nháp"), "Đã bỏ bản nháp “Bảng giá.md”")
    assert publisher.store.documents() == []
    await said(api, BOSS, publish, "Nút này đã cũ")
    # Another one of the same name is not what was looked at.
    await said(api, BOSS, lambda: api.send_file(BOSS, "Bảng giá.md", (SEDGE + "\nMới.\n").encode()), "bản 1)")
    await said(api, BOSS, publish, "Nút này đã cũ")
    assert publisher.store.document("uploads/bang-gia.md").status == "draft"
    await until(lambda: bot.processing.chats == 0)
    assert [action for _, action, _ in await audited()] == ["document.add", "document.discard", "document.add"]


async def test_an_answer_that_gets_worse_is_shown_and_asked_about_twice(
    api: BotApi, bot: Telegram, publisher: Publisher
) -> None:
    shown = await previewed(api, "L-C.md", SPOILS)
    for wanted in (
        "1 câu đang trả lời đúng sẽ thành sai",
        "Hiện nay: ",
        "Sau khi xuất bản: Nộp bộ chứng từ L/C lúc nào",
    ):
        assert wanted in shown["text"]
    sure = await said(api, BOSS, pressing(api, shown, "Xuất bản"), "Anh/chị vẫn muốn xuất bản")
    assert publisher.store.document("uploads/l-c.md").status == "draft"
    await said(api, BOSS, pressing(api, sure, "Vẫn xuất bản"), "Đã xuất bản")
    assert publisher.store.document("uploads/l-c.md").status == "live"


async def test_what_became_worse_since_it_was_looked_at_is_not_published(
    api: BotApi, bot: Telegram, publisher: Publisher, tmp_path: Path
) -> None:
    write(tmp_path / "guides", {"check_questions.yaml": "[]\n"})
    shown = await previewed(api, "L-C.md", SPOILS)
    assert "thành sai" not in shown["text"]
    write(tmp_path / "guides", {"check_questions.yaml": L_C_CHECK})
    sure = await said(api, BOSS, pressing(api, shown, "Xuất bản"), "Anh/chị vẫn muốn xuất bản")
    assert "1 câu đang trả lời đúng sẽ thành sai" in sure["text"]
    assert publisher.store.document("uploads/l-c.md").status == "draft"
    api.press(BOSS, "adm:leave::", sure["message_id"])
    await until(lambda: buttons(api.sent(BOSS)[-1]) == [])
    assert "Em để nguyên" in api.sent(BOSS)[-1]["text"]


async def test_files_that_cannot_be_taken_are_named_with_what_to_do(
    api: BotApi, bot: Telegram, publisher: Publisher
) -> None:
    async def told(name: str | None, content: bytes, wanted: str, size: int | None = None) -> None:
        message = await said(api, BOSS, lambda: api.send_file(BOSS, name, content, size), wanted)
        assert buttons(message) == []

    await told("Phim.mp4", b"x", "Không phải loại tài liệu đọc được")
    await told("../../etc/passwd", b"x", "Em không nhận được tệp “passwd”")
    await told(None, b"x", "Không phải loại tài liệu đọc được")
    await told("a\u202egpj.md" + "x" * 300, b"x", "Em không nhận được tệp “agpj.mdxxxxxxxx”")
    await told("x" * 5000, b"x", "Không phải loại tài liệu đọc được")
    await told("Hỏng.docx", b"PK\x03\x04 no archive", "Tệp hỏng")
    await told("Rỗng.md", b"  \n", "Tệp không có nội dung")
    await told("Cũ.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "Định dạng cũ")
    await told("Nặng.pdf", b"x", "Tệp này nặng 25 MB, mà Telegram chỉ cho bot tải tệp tối đa 20 MB", 25_000_000)
    api.fail(400, method="getFile", description="Bad Request: file is too big")
    await told("Nặng.pdf", b"x", "Tệp này nặng > 20 MB")
    api.fail(400, method="getFile", description="Bad Request: wrong file_id")
    await told("Lạ.pdf", b"x", "Em chưa tải được tệp này từ Telegram")
    assert publisher.store.documents() == []
    assert list(publisher.store.folder.rglob("passwd")) == []


async def test_hostile_names_and_titles_are_shown_as_plain_words(
    api: BotApi, bot: Telegram, publisher: Publisher
) -> None:
    link = "[bấm vào đây](https://evil.vn)"
    text = SEDGE.replace("Bảng giá giỏ cỏ bàng", f"'{link} **gấp**'")
    shown = await previewed(api, "..\\..\\\u202e**" + "ố" * 400 + ".MD", text)
    assert "evil.vn" in shown["text"]
    assert "evil.vn" not in str(shown["entities"])
    [stored] = publisher.store.documents()
    assert stored.current.name == f"**{'ố' * 98}.MD"
    assert stored.current.path.is_relative_to(publisher.store.folder)


async def killed_at(
    with_admins: Running,
    api: BotApi,
    act: Callable[[], object],
    room: Any,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    done: bool,
) -> None:
    """An act after which the bot ends when it comes to some function; done: just after that, else before."""
    reached, hold, real = asyncio.Event(), threading.Event(), getattr(room, name)
    loop = asyncio.get_running_loop()

    def stuck(*given: Any, **more: Any) -> object:
        result = real(*given, **more) if done else None
        loop.call_soon_threadsafe(reached.set)
        hold.wait(60)
        return result

    with monkeypatch.context() as dead:
        dead.setattr(room, name, stuck)
        dead.setattr(application, "_WORK_UNTIL", 0.1)
        async with with_admins(api):
            act()
            await asyncio.wait_for(reached.wait(), 60)
    hold.set()


async def test_killed_at_any_moment_it_is_done_once(
    api: BotApi, with_admins: Running, publisher: Publisher, audited: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the draft is kept, and after it is published, each before that is written down."""
    document = "uploads/bang-gia.md"
    send = partial(api.send_file, BOSS, "Bảng giá.md", SEDGE.encode())
    await killed_at(with_admins, api, send, admin_drafts, "preview", monkeypatch, done=False)
    assert publisher.store.document(document).status == "draft"
    async with with_admins(api):
        await until(lambda: "bản 1)" in api.sent(BOSS)[-1]["text"], 60)
    shown = api.sent(BOSS)[-1]
    assert [version.number for version in publisher.store.versions(document)] == [1]
    await killed_at(with_admins, api, pressing(api, shown, "Xuất bản"), curating, "publish", monkeypatch, done=True)
    live = publisher.library.published()
    async with with_admins(api) as bot:
        await until(lambda: "Đã xuất bản" in api.sent(BOSS)[-1]["text"], 60)
        await until(lambda: bot.processing.chats == 0)
    assert publisher.library.published() == live
    assert [action for _, action, _ in await audited()] == ["document.add", "document.publish"]
    assert [entry.what for entry in publisher.store.history()] == ["publish", "add"]


async def test_while_another_is_at_work_an_admin_is_told_and_others_are_answered(
    api: BotApi, bot: Telegram, publisher: Publisher
) -> None:
    with publisher.library.writing(10):
        await said(api, BOSS, partial(api.send_file, BOSS, "Giá.md", SEDGE.encode()), "đang được cập nhật ở chỗ khác")
        await said(api, SECOND, partial(api.send_file, SECOND, "Chè.md", b"# A\n\nB.\n"), "đang được cập nhật")
        assert "bảy điều" in await answer(api, GUEST, "Người mua Mỹ quan tâm điều gì nhất?")
    for chat in (BOSS, SECOND):
        await until(lambda chat=chat: "bản 1)" in api.sent(chat)[-1]["text"], 60)
    assert len(publisher.store.documents()) == 2
