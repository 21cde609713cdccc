"""Looking after the library from a phone: a file in, looked at, published, answered from; nobody else sees it."""

import asyncio
import contextlib
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import curating
from bot.assistant.assistant import Assistant
from bot.conversations.database import Database
from bot.conversations.models import AuditEntry
from bot.conversations.people import Pseudonyms
from bot.conversations.records import Records
from bot.publishing import Publisher
from bot.settings import Settings
from bot.telegram import admin_drafts, application
from bot.telegram.admin import COMMANDS
from bot.telegram.application import Telegram, build_telegram, run_telegram
from bot.texts import catalogue
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import BotApi
from tests.auxil.libraries import write
from tests.auxil.waiting import until
from tests.telegram.conftest import Turns

pytestmark = [pytest.mark.xdist_group("telegram")]

BOSS, SECOND, GUEST = 7, 8, 9
GROUP = -100
SEDGE = """\
---
title: Bảng giá giỏ cỏ bàng
review_by: 2099-01-01
---

## Giỏ cỏ bàng Phú Mỹ giá bao nhiêu?

Giỏ cỏ bàng Phú Mỹ giá 4,2 USD một chiếc, giao tại Cát Lái.

## Đặt ít nhất bao nhiêu giỏ cỏ bàng?

Mỗi mẫu giỏ cỏ bàng đặt ít nhất 300 chiếc.
"""
ASKED = "giỏ cỏ bàng phú mỹ giá bao nhiêu"
L_C = "logistics/tin-dung-thu.md#Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?"
CHECK = f"- {{ask: 'Nộp bộ chứng từ L/C trong mấy ngày?', style: written, section: '{L_C}', shows: 21 ngày}}\n"
SPOILS = """\
## Nộp bộ chứng từ L/C trong mấy ngày?
<!--
questions:
- nộp bộ chứng từ L/C mất mấy ngày
-->
Nộp bộ chứng từ L/C lúc nào cũng được, ngân hàng không kiểm.
"""

# What is published is opened by another process first: once here is enough, the tests of the library do the rest.
CHECKED = "test_a_file_is_read_published_answered_from_and_taken_back"

Run = Callable[..., contextlib.AbstractAsyncContextManager[Telegram]]


@pytest.fixture(autouse=True)
def _opened_by_no_other_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.function.__name__ != CHECKED:
        monkeypatch.setattr("knowledge.library._check_in_child", lambda folder: None)


@pytest.fixture
def publisher(guides: Path, library: Library, tmp_path: Path, embeddings: TextEmbeddings) -> Publisher:
    """Of a library of its own that holds the small guides."""
    own = write(shutil.copytree(guides, tmp_path / "guides"), {"check_questions.yaml": CHECK})
    shutil.copytree(library.folder, tmp_path / "library")
    return Publisher(Settings(_env_file=None, data_dir=tmp_path, knowledge_dir=own), embeddings)


@pytest.fixture
def run(publisher: Publisher, settings: Callable[..., Settings], records: Records, embeddings: TextEmbeddings) -> Run:
    """Run a bot over that library, with two admins."""

    @contextlib.asynccontextmanager
    async def running(api: BotApi) -> AsyncIterator[Telegram]:
        stop = asyncio.Event()
        with LiveLibrary(publisher.library) as live:
            given = settings(api, admin_telegram_ids=f"{BOSS}, {SECOND}")
            telegram = build_telegram(given, live, Assistant(live, embeddings), records, publisher)
            task = asyncio.create_task(run_telegram(telegram, stop))
            try:
                yield telegram
            finally:
                stop.set()
                await asyncio.wait_for(task, 60)

    return running


@pytest.fixture
async def bot(api: BotApi, run: Run) -> AsyncIterator[Telegram]:
    async with run(api) as telegram:
        yield telegram


@pytest.fixture
def audited(database: Database) -> Callable[[], Any]:
    async def found() -> list[tuple[str, str, str]]:
        rows = select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id)
        kept = await database.read(lambda connection: connection.execute(rows).all())
        return [(actor, action, detail.get("document", "")) for actor, action, detail in kept]

    return found


async def said(api: BotApi, chat: int, act: Callable[[], object], contains: str, within: float = 60) -> dict[str, Any]:
    """The first message of the bot after an act that says something."""
    before = len(api.sent(chat))
    act()
    await until(lambda: any(contains in message["text"] for message in api.sent(chat)[before:]), within)
    return next(message for message in api.sent(chat)[before:] if contains in message["text"])


def pressing(api: BotApi, message: dict[str, Any], label: str) -> Callable[[], object]:
    """A press of the button with a label."""
    data = next(data for text, data in buttons(message) if label in text)
    return lambda: api.press(message["chat"]["id"], data, message["message_id"])


def buttons(message: dict[str, Any]) -> list[tuple[str, str]]:
    rows = message.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
    return [(button["text"], button.get("callback_data", "")) for row in rows for button in row]


async def previewed(api: BotApi, name: str = "Bảng giá.md", text: str = SEDGE, chat: int = BOSS) -> dict[str, Any]:
    return await said(api, chat, lambda: api.send_file(chat, name, text.encode()), "bản 1)")


async def answer(api: BotApi, chat: int, question: str) -> str:
    before = len(api.sent(chat))
    api.say(chat, question)
    return str((await api.messages(chat, before + 1))[-1]["text"])


async def test_a_file_is_read_published_answered_from_and_taken_back(
    api: BotApi, bot: Telegram, publisher: Publisher, audited: Callable[[], Any], pseudonyms: Pseudonyms
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
    api: BotApi, bot: Telegram, publisher: Publisher, audited: Callable[[], Any]
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
    write(tmp_path / "guides", {"check_questions.yaml": CHECK})
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


async def killed_at(
    run: Run,
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
        async with run(api):
            act()
            await asyncio.wait_for(reached.wait(), 60)
    hold.set()


async def test_killed_at_any_moment_it_is_done_once(
    api: BotApi, run: Run, publisher: Publisher, audited: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the draft is kept, and after it is published, each before that is written down."""
    document = "uploads/bang-gia.md"
    send = partial(api.send_file, BOSS, "Bảng giá.md", SEDGE.encode())
    await killed_at(run, api, send, admin_drafts, "preview", monkeypatch, done=False)
    assert publisher.store.document(document).status == "draft"
    async with run(api):
        await until(lambda: "bản 1)" in api.sent(BOSS)[-1]["text"], 60)
    shown = api.sent(BOSS)[-1]
    assert [version.number for version in publisher.store.versions(document)] == [1]
    await killed_at(run, api, pressing(api, shown, "Xuất bản"), curating, "publish", monkeypatch, done=True)
    live = publisher.library.published()
    async with run(api) as bot:
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


async def test_documents_are_listed_opened_retired_and_restored(
    api: BotApi, bot: Telegram, publisher: Publisher, audited: Callable[[], Any]
) -> None:
    guide = "buyers/bay-nhu-cau.md"
    publisher.store.change(
        publisher.store.add(SEDGE.encode(), "Lan", name="Cói.md").id, {"review_by": "2020-01-01"}, "Lan"
    )
    shown = await said(api, BOSS, lambda: api.say(BOSS, "/tailieu"), "Tài liệu của thư viện (5)")
    assert [label.split()[0] for label, _ in buttons(shown)] == ["📝⏰", "📄", "📄", "📄", "📄"]
    duties = await said(api, BOSS, lambda: api.say(BOSS, "/nhacviec"), "1 bản nháp còn chờ, 1 tài liệu đến hạn")
    pressing(api, duties, "Bảng giá giỏ cỏ bàng")()
    await until(lambda: "Hạn xem lại: 01/01/2020 (đã đến hạn)" in api.sent(BOSS)[-1]["text"])
    assert "Lan gửi (chờ xuất bản)" in api.sent(BOSS)[-1]["text"]
    assert [label for label, _ in buttons(api.sent(BOSS)[-1])] == ["🔍 Xem thử bản nháp", "« Các tài liệu"]

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
