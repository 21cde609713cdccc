"""Who wants a human: what they agree to, what ops get in their group, whose words reach whom, and who keeps quiet."""

import asyncio
import datetime
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.conversations import tickets
from bot.conversations.accounts import add_user
from bot.conversations.database import Database
from bot.conversations.holding import take_over
from bot.conversations.models import AnyRow, Person
from bot.conversations.records import Records
from bot.telegram.application import Telegram
from bot.texts import say
from tests.auxil.bot_api import USERNAME, BotApi
from tests.auxil.bot_api_rules import check_keyboard
from tests.auxil.waiting import until
from tests.conversations.asking import Sender
from tests.telegram.conftest import STRANGER, Running, Turns
from tests.telegram.test_feedback import buttons

pytestmark = [pytest.mark.xdist_group("telegram")]

OPS, ELSEWHERE, LAN, STAFF = -500, -600, 7, 99
NEEDS = "Người mua Mỹ quan tâm điều gì nhất?"
HOLD = datetime.timedelta(minutes=30)
HOURS = "8:00–17:00, thứ Hai–thứ Sáu"
YES, ONLY = say("desk.yes"), say("desk.only")


@pytest.fixture
async def desk(api: BotApi, running: Running) -> AsyncIterator[Telegram]:
    """A bot with a group of ops, which knows the bot already."""
    api.say(OPS, "chào cả nhà", sender=STAFF)
    api.say(ELSEWHERE, "chào", sender=STAFF)
    async with running(api, ops_telegram_chat=OPS, support_hours=HOURS) as telegram:
        yield telegram


async def said(api: BotApi, chat: int, words: str | None, **more: Any) -> dict[str, Any]:
    count = len(api.sent(chat)) + 1
    api.say(chat, words, **more)
    return (await api.messages(chat, count))[-1]


async def pressed(api: BotApi, message: dict[str, Any], label: str) -> dict[str, Any]:
    chat = message["chat"]["id"]
    count = len(api.sent(chat)) + 1
    api.press(chat, buttons(message)[label], message["message_id"])
    return (await api.messages(chat, count))[-1]


async def opened(api: BotApi, label: str = YES, words: str = "cho toi gap nguoi that") -> dict[str, Any]:
    """Ask in words and agree; the message in the group of ops."""
    count = len(api.sent(OPS)) + 1
    await pressed(api, await said(api, LAN, words), label)
    return (await api.messages(OPS, count))[-1]


async def kept(database: Database) -> list[AnyRow]:
    rows = await database.read(lambda connection: tickets.tickets(connection, None, None, None, 9))
    return list(reversed(rows))


async def test_from_the_wish_in_words_to_the_specialist_and_back(
    api: BotApi, desk: Telegram, database: Database, records: Records, turns: Turns
) -> None:
    talk = await records.talk(Sender("telegram", str(LAN), str(LAN)))
    await records.onboarding.keep_profile(
        talk.person, {"goods": ["coffee"], "markets": ["eu"], "company": "Công ty Lan", "tax_code": "0100109106"}
    )
    await said(api, LAN, f"{NEEDS}")
    consent = await said(api, LAN, "cho toi gap nguoi that")
    assert NEEDS in consent["text"]
    assert "hồ sơ anh/chị đã khai" in consent["text"]
    told = await pressed(api, consent, YES)
    [ticket] = await kept(database)
    assert (ticket.subject, ticket.shown, ticket.conversation_id) == (NEEDS, True, talk.conversation)
    assert f"#{ticket.number}" in told["text"]
    assert HOURS in told["text"]
    [asked] = await api.messages(OPS, 1)
    assert asked["text"].startswith(f"#{ticket.number} ")
    for words in (NEEDS, "Cà phê", "EU", "/xong", f"console/tickets/{ticket.number}"):
        assert words in asked["text"]
    assert not {"Công ty Lan", "0100109106"} & set(asked["text"].replace(".", "\n").split("\n"))
    # Until somebody answers the bot does.
    assert "[1]" in (await said(api, LAN, NEEDS))["text"]
    count = len(api.sent(LAN)) + 1
    api.say(OPS, "Chào chị, em gọi lại nhé", sender=STAFF, answers=asked["message_id"])
    answer = (await api.messages(LAN, count))[-1]
    assert "Chuyên viên (yêu cầu" in answer["text"]
    assert "Chào chị, em gọi lại nhé" in answer["text"]
    assert (await api.messages(OPS, 2))[1]["text"] == say("desk.ops_first", number=ticket.number).strip()
    # The bot keeps quiet, and what she writes comes below the ticket.
    api.say(LAN, "dạ gọi số 0912345678 [đây](https://x.example)")
    passed = (await api.messages(OPS, 3))[2]
    assert passed["text"].startswith(f"#{ticket.number} dạ gọi số 0912345678")
    assert "href" not in passed["html"]
    assert passed["reply_to_message"]["message_id"] == asked["message_id"]
    api.say(OPS, "Vâng ạ", sender=STAFF, answers=passed["message_id"])
    assert (await api.messages(LAN, count + 1))[-1]["text"] == f"Chuyên viên (yêu cầu #{ticket.number}): Vâng ạ"
    done = await said(api, OPS, "/xong", sender=STAFF, answers=asked["message_id"])
    assert done["text"] == say("desk.ops_done", number=ticket.number)
    assert say("desk.back").strip() in (await api.messages(LAN, count + 2))[-1]["text"]
    assert "[1]" in (await said(api, LAN, NEEDS))["text"]
    late = await said(api, OPS, "Còn ai không", sender=STAFF, answers=asked["message_id"])
    assert late["text"] == say("desk.ops_closed", number=ticket.number)
    [ticket] = await kept(database)
    assert [one["text"] for one in ticket.answers] == ["Chào chị, em gọi lại nhé", "Vâng ạ"]
    assert (ticket.state, ticket.answered_at is not None) == ("closed", True)
    words = [(turn.decision, turn.question or turn.reply) for turn in sorted(await turns(), key=lambda turn: turn.id)]
    assert words[3:7] == [
        ("answer", NEEDS),
        ("ops", "Chào chị, em gọi lại nhé"),
        ("held", "dạ gọi số 0912345678 [đây](https://x.example)"),
        ("ops", "Vâng ạ"),
    ]


async def test_who_lets_nobody_read_along_sends_the_question_alone(
    api: BotApi, desk: Telegram, database: Database, records: Records
) -> None:
    talk = await records.talk(Sender("telegram", str(LAN), str(LAN)))
    await records.onboarding.keep_profile(talk.person, {"goods": ["coffee"]})
    await said(api, LAN, f"{NEEDS} gọi 0912345678")
    consent = await said(api, LAN, "/chuyenvien")
    check_keyboard(consent["reply_markup"])
    assert (await pressed(api, consent, say("desk.no")))["text"] == say("desk.not_sent")
    assert await kept(database) == []
    asked = await opened(api, ONLY, "Nói chuyện với tư vấn viên")
    [ticket] = await kept(database)
    assert (ticket.shown, ticket.conversation_id) == (False, None)
    assert say("desk.ops_not_shown") in asked["text"]
    assert NEEDS in asked["text"]
    assert not {"Cà phê", "0912345678"} & set(asked["text"].split())
    # Her words reach ops all the same once they have answered.
    count = len(api.sent(LAN)) + 1
    api.say(OPS, "Chào chị", sender=STAFF, answers=asked["message_id"])
    await api.messages(LAN, count)
    api.say(LAN, "em nghe")
    assert (await api.messages(OPS, 3))[2]["text"] == f"#{ticket.number} em nghe"


async def test_two_presses_make_one_ticket(api: BotApi, desk: Telegram, database: Database) -> None:
    consent = await said(api, LAN, "/chuyenvien")
    data, count = buttons(consent)[YES], len(api.sent(LAN))
    for _ in range(2):
        api.press(LAN, data, consent["message_id"])
    second = (await api.messages(LAN, count + 2))[-1]
    [ticket] = await kept(database)
    assert f"#{ticket.number}" in second["text"]
    assert "đang mở" in second["text"]
    assert "đang mở" in (await said(api, LAN, "gặp chuyên viên"))["text"]
    assert len(api.sent(OPS)) == 1


async def test_where_nobody_takes_requests_that_is_said(
    api: BotApi, app: Telegram, database: Database, turns: Turns
) -> None:
    honest = say("desk.nobody").strip()
    for words in ("/chuyenvien", "gap chuyen vien"):
        message = await said(api, LAN, words)
        assert (message["text"], "reply_markup" in message) == (honest, False)
    assert [turn.reply.strip() for turn in await turns()] == [honest]
    await database.write(lambda connection: add_user(connection, "lan", "ops", "một mật khẩu đủ dài 9"))
    consent = await said(api, LAN, "/chuyenvien")
    assert say("desk.no_hours") in (await pressed(api, consent, YES))["text"]
    assert len(await kept(database)) == 1


async def test_who_answers_in_the_group_is_known_to_nobody_and_an_edited_answer_is_said_not_to_go_out(
    api: BotApi, desk: Telegram, database: Database, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = select(Person.__table__.c.id)
    asked = await opened(api)
    before = await database.read(lambda connection: set(connection.scalars(people)))
    count = len(api.sent(LAN)) + 1
    number = api.say(OPS, "Chào chị", sender=STRANGER, answers=asked["message_id"])
    await api.messages(LAN, count)
    [ticket] = await kept(database)
    edited = {"kind": "edited_message", "message_id": number, "sender": STRANGER, "answers": asked["message_id"]}
    # The first answer is told in the group as well.
    await api.messages(OPS, 2)
    told = await said(api, OPS, "Chào chị ạ", **edited, edit_date=1)
    assert told["text"] == say("desk.ops_edited", number=ticket.number)
    # What fails is told where it failed, and keeps nothing of anybody either.
    with monkeypatch.context() as patch:
        patch.setattr("bot.desk.Desk.answer", lambda *_: 1 / 0)
        failed = await said(api, OPS, "Chị ơi", sender=STRANGER, answers=asked["message_id"])
    assert failed["text"].startswith(say("desk.ops_failed", reference="|").partition("|")[0])
    assert len(api.sent(LAN)) == count
    # Somebody in the console holds the conversation: closing the ticket does not take it from them.
    talk = await records.talk(Sender("telegram", str(LAN), str(LAN)))
    await database.write(lambda connection: take_over(connection, talk.conversation, "minh", HOLD))
    done = await said(api, OPS, "/xong", sender=STRANGER, answers=asked["message_id"])
    assert done["text"] == say("desk.ops_held", number=ticket.number)
    assert (await records.talk(Sender("telegram", str(LAN), str(LAN)))).held
    assert await database.read(lambda connection: set(connection.scalars(people))) == before


async def test_nothing_else_in_the_group_and_nobody_elsewhere_is_listened_to(
    api: BotApi, desk: Telegram, database: Database, turns: Turns
) -> None:
    asked = await opened(api)
    count = len(api.sent(LAN))
    # A group of strangers, where the bot has written the number.
    api.say(ELSEWHERE, f"@{USERNAME} #1001", sender=STAFF)
    here = (await api.messages(ELSEWHERE, 1))[0]
    here["text"] = asked["text"]
    api._seen[ELSEWHERE, here["message_id"]]["text"] = asked["text"]
    api.say(ELSEWHERE, "/xong", sender=STAFF, answers=here["message_id"])
    await said(api, ELSEWHERE, "Tôi là chuyên viên", sender=STAFF, answers=here["message_id"])
    api.say(OPS, f"@{USERNAME} {NEEDS}", sender=STAFF)
    api.say(OPS, "/xong", sender=STAFF)
    api.say(OPS, "/start", sender=STAFF, answers=asked["message_id"])
    photo = [{"file_id": "photo", "file_unique_id": "photo", "width": 90, "height": 60}]
    only_text = await said(api, OPS, None, photo=photo, sender=STAFF, answers=asked["message_id"])
    assert only_text["text"] == say("desk.ops_only_text", number=(await kept(database))[0].number)
    await asyncio.sleep(0.3)
    assert len(api.sent(OPS)) == 2
    assert len(api.sent(LAN)) == count
    [ticket] = await kept(database)
    assert (ticket.state, ticket.answers) == ("open", [])
    assert NEEDS not in [turn.question for turn in await turns()]


async def test_what_was_erased_is_answered_to_nobody(
    api: BotApi, desk: Telegram, database: Database, records: Records
) -> None:
    asked = await opened(api)
    data = await records.personal_data(Sender("telegram", str(LAN), str(LAN)))
    assert str(OPS) not in str(data["addresses"])
    assert len(data["tickets"]) == 1
    await records.erase(Sender("telegram", str(LAN), str(LAN)))
    assert await kept(database) == []
    # Somebody else's ticket may get the number that is free again.
    other = await said(api, 8, "/chuyenvien")
    await pressed(api, other, YES)
    [ticket] = await kept(database)
    assert asked["text"].startswith(f"#{ticket.number} ")
    count = len(api.sent(8))
    gone = await said(api, OPS, "Chào chị", sender=STAFF, answers=asked["message_id"])
    assert gone["text"] == (await api.messages(OPS, 3))[-1]["text"] == say("desk.ops_gone", number=ticket.number)
    assert len(api.sent(8)) == count
    await until(lambda: not api.pending())
