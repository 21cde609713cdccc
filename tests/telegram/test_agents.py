"""/daily: lists to tick, what to ask, offers entered by replies and buttons, agents only with a source and a date."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.conversations.agents import MOST_OFFERS, Authorised, Offered, enter
from bot.conversations.database import Database
from bot.conversations.exchange import Sender
from bot.conversations.models import now
from bot.conversations.records import Records
from bot.onboarding.agents import agents
from bot.telegram.agent_menus import authorised_menu, group_menu, item_menu, label, list_menu
from bot.telegram.application import COMMANDS, Telegram
from bot.telegram.offer_menus import asked_in, comparison, field_question, fields_menu
from bot.texts import say
from knowledge.index import Index
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.reading import read_document
from tests.auxil.bot_api import BotApi
from tests.auxil.bot_api_rules import check_keyboard
from tests.auxil.libraries import lexical_version
from tests.conversations.test_agents import AN
from tests.onboarding.test_offers import DOUBTFUL, SOUND
from tests.telegram.test_feedback import AGENTS, answered, buttons

pytestmark = [pytest.mark.xdist_group("telegram")]

GUIDES = Path(__file__).parents[2] / "knowledge/guides"
ME = Sender("telegram", "7", "7")
GROUP = -100


async def pressed(api: BotApi, label: str, *, new: bool = False, chat: int = 7) -> dict[str, Any]:
    """Press the button whose label begins so, below the newest message that has it; the message that then shows.

    new: a further message comes rather than another text in the same one.
    """
    message, data = next(
        (message, data)
        for message in reversed(api.sent(chat))
        if "inline_keyboard" in message.get("reply_markup", {})
        for text, data in buttons(message).items()
        if text.startswith(label)
    )
    sent, edits = len(api.sent(chat)), len([name for name, _, _ in api.calls if name == "editMessageText"])
    api.press(chat, data, message["message_id"])
    if new:
        return (await api.messages(chat, sent + 1))[-1]
    await api.called("editMessageText", edits + 1)
    return next(shown for shown in api.sent(chat) if shown["message_id"] == message["message_id"])


async def replied(api: BotApi, text: str, prompt: dict[str, Any]) -> dict[str, Any]:
    return await answered(api, text, answers=prompt["message_id"])


def head(message: dict[str, Any]) -> str:
    return str(message["text"]).split("\n", 1)[0]


async def test_a_list_is_ticked_off_with_progress_and_begun_anew(api: BotApi, app: Telegram, records: Records) -> None:
    assert list(buttons(await answered(api, "/daily"))) == [
        label(key) for key in ("list.checks", "questions", "list.contract", "offers", "authorised")
    ]
    every = len(agents().lists["checks"])
    assert f"(xong 0/{every})" in head(await pressed(api, label("list.checks")))
    item = await pressed(api, "⬜ Xem thư uỷ quyền")
    assert agents().lists["checks"][1].why["vi"] in item["text"]
    shown = await pressed(api, f"✅ {say('agents.done')}")
    assert f"(xong 1/{every})" in head(shown)
    assert "✅ Xem thư uỷ quyền còn hạn" in buttons(shown)
    assert await records.agents.ticks(ME) == {"checks:letter"}
    await pressed(api, "✅ Xem thư uỷ quyền")
    assert f"(xong 0/{every})" in head(await pressed(api, f"↩️ {say('agents.undone')}"))
    for _ in range(2):
        await pressed(api, "⬜ Hỏi Alibaba.com")
        await pressed(api, f"✅ {say('agents.done')}")
        assert f"(xong 0/{every})" in head(await pressed(api, f"🔄 {say('agents.anew')}"))
    # Others have ticks of their own.
    await answered(api, "/daily", 8)
    assert f"🔄 {say('agents.anew')}" not in buttons(await pressed(api, label("list.checks"), chat=8))


async def test_what_to_ask_whom_is_read_out(api: BotApi, app: Telegram) -> None:
    await answered(api, "/daily")
    await pressed(api, label("questions"))
    for group in agents().questions:
        shown = await pressed(api, group.title["vi"])
        assert all(line.words["vi"] in shown["text"] for line in group.lines)
        await pressed(api, say("agents.to_questions"))
    await pressed(api, say("agents.to_menu"))


async def test_an_offer_is_entered_by_replies_and_buttons_then_compared(
    api: BotApi, app: Telegram, records: Records
) -> None:
    await answered(api, "/daily")
    await pressed(api, label("offers"))
    prompt = await pressed(api, f"➕ {say('agents.add')}", new=True)
    assert prompt["reply_markup"] == {"force_reply": True, "selective": True}
    question = await replied(api, "Cty <An> & Co", prompt)
    assert head(question) == "Cty <An> & Co · Uỷ quyền"
    prompt = await pressed(api, "Alibaba.com đã xác nhận", new=True)
    assert head(prompt) == "Cty <An> & Co · Tên gói"
    assert "Em đã ghi Uỷ quyền: Alibaba.com đã xác nhận." in [message["text"] for message in api.sent(7)]
    prompt = await replied(api, "bỏ qua", prompt)
    prompt = await replied(api, "1 năm", prompt)
    assert "Em đã ghi Thời hạn: 12 tháng." in prompt["text"]
    prompt = await replied(api, "30-35tr", prompt)
    assert head(prompt).endswith("Phí dịch vụ")
    assert "nguyên văn “30-35tr”" in prompt["text"]
    # Whatever is not a reply stays a question, and does not end what was begun.
    assert "Việc họ thường làm" in (await answered(api, AGENTS))["text"]
    question = await replied(api, "3tr/tháng", prompt)
    assert head(question).endswith("Thuế GTGT")
    # An option may be typed as well; what is none is asked for again.
    again = await replied(api, "để hỏi lại", question)
    assert say("agents.press_one") in again["text"]
    prompt = await replied(api, "chưa gồm", again)
    assert head(prompt).endswith("Gồm việc gì")
    [offer] = await records.agents.offers(ME)
    assert offer.answers == {
        "authorised": "confirmed",
        "months": "1 năm",
        "price": "30-35tr",
        "service": "3tr/tháng",
        "vat": "excluded",
    }
    await answered(api, "/daily")
    await pressed(api, label("offers"))
    await pressed(api, "Cty <An> & Co (5/15)")
    compared = await pressed(api, f"⚖️ {say('agents.compare')}")
    assert "• Cty <An> & Co: 3.000.000 đ, chưa tính phí gói" in compared["text"]
    assert "Giá chưa gồm thuế" in compared["text"]


async def test_an_offer_is_changed_renamed_and_deleted(api: BotApi, app: Telegram, records: Records) -> None:
    await records.talk(ME)
    for name in ("Một", "Hai"):
        assert await records.agents.add_offer(ME, name)
    first, second = await records.agents.offers(ME)
    full = {field.key: "unsaid" if field.options else "có" for field in agents().fields}
    for field, answer in full.items():
        await records.agents.answer(ME, first.key, field, answer)
    await answered(api, "/daily")
    await pressed(api, label("offers"))
    await pressed(api, "Một")
    await pressed(api, say("agents.edit"))
    prompt = await pressed(api, "✅ Phí gói", new=True)
    shown = await replied(api, "35tr", prompt)
    # All the others are filled in: the offer is shown.
    assert "• Phí gói: 35.000.000 đ" in shown["text"]
    shown = await replied(api, "xoá", prompt)
    assert "Phí gói:" not in shown["text"]
    assert "▶️ Điền tiếp: Phí gói" in buttons(shown)
    await pressed(api, say("agents.edit"))
    await pressed(api, "✅ Hoá đơn")
    assert "Hoá đơn:" not in (await pressed(api, say("agents.clear")))["text"]
    await pressed(api, say("agents.edit"))
    rename = await pressed(api, say("agents.party"), new=True)
    assert say("agents.party_taken").strip() in (await replied(api, "hai", rename))["text"]
    assert head(await replied(api, "Một mới", rename)) == "Một mới"
    # An old question names an offer that is there no more.
    assert (await replied(api, "36tr", prompt))["text"] == say("agents.offer_gone")
    await pressed(api, f"🗑 {say('agents.drop')}")
    shown = await pressed(api, say("agents.drop_yes"))
    assert [offer.key for offer in await records.agents.offers(ME)] == [second.key]
    assert "Hai (0/15)" in buttons(shown)


async def test_five_offers_are_enough(api: BotApi, app: Telegram, records: Records) -> None:
    await records.talk(ME)
    await answered(api, "/daily")
    await pressed(api, label("offers"))
    prompt = await pressed(api, f"➕ {say('agents.add')}", new=True)
    for number in range(MOST_OFFERS):
        await records.agents.add_offer(ME, f"Bên {number}")
    assert (await replied(api, "Bên thứ sáu", prompt))["text"] == say("agents.too_many", most=MOST_OFFERS)
    assert f"➕ {say('agents.add')}" not in buttons(await replied(api, "-", prompt))
    # One whose name is there already is opened.
    assert head(await replied(api, "bên 2", prompt)) == "Bên 2 · Uỷ quyền"


async def test_buttons_that_name_nothing_open_a_menu(api: BotApi, app: Telegram) -> None:
    menu = await answered(api, "/daily")
    for count, (data, shown) in enumerate(
        [
            ("ag:", "agents.menu"),
            ("ag:list:gone", "agents.menu"),
            ("ag:tick:checks:gone:1", "agents.menu"),
            ("of:", "agents.no_offers"),
            ("of:compare", "agents.no_offers"),
            ("of:set:gone:price:x", "agents.offer_gone"),
        ],
        start=1,
    ):
        api.press(7, data, menu["message_id"])
        await api.called("editMessageText", count)
        assert api.sent(7)[0]["text"].endswith(say(shown).replace("**", ""))


async def test_in_a_group_the_person_is_asked_to_come_alone(api: BotApi, app: Telegram) -> None:
    text = (await answered(api, "/daily", GROUP, sender=1))["text"]
    assert text.endswith(f"https://t.me/{app.application.bot.username}")
    # The web leads there as well.
    assert app.link == f"https://t.me/{app.application.bot.username}"
    answer = await answered(api, f"@{app.application.bot.username} {AGENTS}", GROUP, sender=1)
    assert say("agents.open") not in buttons(answer)


async def test_an_answer_on_agents_leads_to_the_menu_below_it(api: BotApi, app: Telegram) -> None:
    answer = await answered(api, AGENTS)
    assert say("agents.open") in buttons(answer)
    menu = await pressed(api, say("agents.open"), new=True)
    assert label("list.checks") in buttons(menu)
    assert api.sent(7)[0]["text"] == answer["text"]
    assert say("agents.open") not in buttons(await answered(api, "Người mua Mỹ quan tâm điều gì nhất?"))


async def test_an_agent_stands_in_the_list_only_with_source_and_date(
    api: BotApi, app: Telegram, database: Database
) -> None:
    await answered(api, "/daily")
    none = await pressed(api, label("authorised"))
    assert none["text"] == f"{say('agents.authorised')}\n{say('agents.none_authorised')}"
    today = now().date()
    known = [
        Authorised("0101234567", "Công ty An", "https://example.com/an?x=1&y=2", f"{today}", "cho gói GGS"),
        Authorised("0101234568", "Công ty Xưa", "https://example.com/xua", f"{today - datetime.timedelta(200)}"),
    ]
    for agent in known:
        await database.write(lambda connection, agent=agent: enter(connection, agent, "tests"))
    await pressed(api, say("agents.to_menu"))
    shown = await pressed(api, label("authorised"))
    fresh, old = shown["text"].split("\n\n")[1:3]
    assert fresh == f"Công ty An (mã số thuế 0101234567)\nNgày {today:%d/%m/%Y}, theo example.com\ncho gói GGS"
    assert old.endswith(say("agents.old"))
    assert '<a href="https://example.com/an?x=1&amp;y=2">' in shown["html"]
    assert "kiểm tra đủ các bước" in shown["text"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The bundled guides on agents."""
    library = Library(tmp_path_factory.mktemp("agents"))
    documents = [read_document(path, GUIDES) for path in sorted((GUIDES / "agents").glob("*.md"))]
    lexical_version(library, documents)
    with LiveLibrary(library) as live:
        yield live.index


def test_every_menu_leads_to_the_guides_and_is_taken_by_telegram(index: Index) -> None:
    long = "Công ty trách nhiệm hữu hạn rất dài tên là tên dài nhất thế gian"[:60]
    offers = [Offered("0" * 16, long, SOUND), Offered("1" * 16, "Cty B", DOUBTFUL)]
    for language in ("vi", "en"):
        every = [list_menu(key, {"checks:ask"}, language) for key in agents().lists]
        every += [
            item_menu(index, key, item, language, done=False) for key in agents().lists for item in agents().lists[key]
        ]
        every += [group_menu(index, group, language) for group in agents().questions]
        every += [authorised_menu(index, known, now().date(), language) for known in ([], [AN])]
        led = [*every[2:], comparison(index, offers, language)]
        questions = [field_question(offers[0], field, language) for field in agents().fields]
        for menu in (*every, *led, *questions, fields_menu(offers[0], language)):
            assert len(menu.parts) == 1
            assert menu.keyboard
            check_keyboard(menu.keyboard.to_dict())
        assert all("ask:" in str(menu.keyboard) for menu in led)


def test_a_question_is_known_by_its_head_in_both_languages() -> None:
    offer = Offered("0" * 16, "A · B", {})
    for language in ("vi", "en"):
        for field in agents().fields:
            text = field_question(offer, field, language).parts[0].replace("<b>", "").replace("</b>", "")
            assert asked_in(text) == ("A · B", field.key)
    assert asked_in("Cty A · Giá vàng\n?") is None
    assert asked_in("") is None


def test_the_command_is_in_the_menu_of_commands() -> None:
    assert "daily" in COMMANDS
