"""/danhgia in Telegram: from the first question to a scorecard, with a restart in between."""

import datetime
import io

import pdfplumber
import pytest

from bot.conversations.exchange import Sender
from bot.conversations.records import Records
from bot.reminders import remind_due
from bot.telegram.application import Telegram
from bot.telegram.checking import label
from bot.texts import say
from tests.auxil.bot_api import USERNAME, BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import FILES, STRANGER, Running, Turns
from tests.telegram.person import Person, buttons

pytestmark = [pytest.mark.xdist_group("telegram")]

NEEDS = "Người mua Mỹ quan tâm điều gì nhất?"


async def test_the_check_is_taken_over_a_restart_and_ends_with_a_scorecard(api: BotApi, running: Running) -> None:
    lan = Person(api, STRANGER)
    async with running(api):
        await lan.says("xin chào", 2)
        intro = await lan.says("/danhgia", 2)
        assert say("onboarding.field.goods") in intro["text"]
        await lan.presses("pf:goods:+coffee")
        assert "✓ Cà phê" in buttons(lan.last())
        await lan.presses("pf:goods:ok")
        await lan.presses("pf:province:=Đắk Lắk")
        await lan.presses("pf:markets:+eu")
        await lan.presses("pf:markets:ok")
        await lan.presses("pf:experience:=none")
        await lan.presses("pf:staff:=s50")
        # The name is written as the reply to a prompt; a question in between is a question.
        prompt = await lan.presses("pf:company:write", 1)
        assert "bảy điều" in (await lan.says(NEEDS))["text"]
        await lan.says("Cà phê Ỷ Lan & <con>", answers=prompt["message_id"])
        prompt = await lan.presses("pf:tax_code:write", 1)
        wrong = await lan.says("0100109107", answers=prompt["message_id"])
        assert wrong["text"] == say("onboarding.bad_tax_code")
        first = await lan.says("0100109106", answers=wrong["message_id"])
        assert first["text"].startswith("Câu 1/19 · Chất lượng")
        assert {"🤔 Chưa rõ", "⏸ Để sau"} <= set(buttons(first))
        await lan.presses("rd:a:")
        await lan.presses("rd:a:")
        assert lan.last()["text"].startswith("Câu 3/19")
        await lan.presses("rd:pause")
        assert "2/19" in lan.last()["text"]
    async with running(api):
        # A normal question is answered in the middle, and leads back to where the check was left.
        answer = await lan.says(NEEDS)
        assert list(buttons(answer))[-2:] == ["👍", "👎"]
        await lan.presses("rd:on", 1)
        assert lan.last()["text"].startswith("Câu 3/19")
        await lan.presses("rd:q:")
        assert lan.last()["text"].startswith("Câu 2/19")
        assert any(label.startswith("✓") for label in buttons(lan.last()))
        await lan.answers(lambda question: 0 if question.startswith("price") else -1)
        assert label("reckon", "vi") in buttons(lan.last())
        report = await lan.presses("rd:end", 2)
        picture = api.sent(STRANGER)[-2]
        assert picture["photo"][0]["width"] == 1080
        assert "Giá cả: 0" in picture["caption"]
        assert "/100" in picture["caption"]
        assert "Giá cả" in report["text"]
        document = await lan.presses("rd:pdf", 1)
        with pdfplumber.open(io.BytesIO(api.files[document["document"]["file_id"]])) as pdf:
            text = " ".join((pdf.pages[0].extract_text() or "").split())
        assert "Cà phê Ỷ Lan & <con>" in text
        assert "0100109106" in text
        assert "Đắk Lắk" in text


async def test_answers_are_changed_and_the_next_scorecard_is_compared(api: BotApi, app: Telegram) -> None:
    lan = Person(api, 7)
    await lan.fills_in("rattan", ("us",))
    await lan.answers(lambda question: "unknown")
    await lan.presses("rd:end", 2)
    assert "Mới bắt đầu" in api.sent(7)[-2]["caption"]
    assert "Tìm hiểu trước" in lan.last()["text"]
    await lan.presses("rd:revise")
    await lan.presses("rd:q", message=lan.last())
    await lan.presses("rd:a:")
    # On with the same need, then back to the review.
    assert lan.last()["text"].startswith("Câu 2/19 · Chất lượng")
    for _ in range(2):
        best = [data for data in buttons(lan.last()).values() if data.startswith("rd:a:")][-2]
        await lan.presses(best)
    await lan.presses("rd:end", 2)
    assert "▲" in api.sent(7)[-2]["caption"]
    summary = await lan.says("/danhgia")
    assert "▲" in summary["text"]
    assert {label(key, "vi") for key in ("show_card", "pdf", "revise")} <= set(buttons(summary))


async def test_buttons_of_an_old_check_change_nothing(api: BotApi, app: Telegram, records: Records) -> None:
    lan = Person(api, 7)
    await lan.fills_in("coffee", ("eu",))
    old = dict(lan.last())
    await lan.says("/danhgia")
    await lan.presses("rd:new")
    stale = await lan.presses("rd:a:", 1, message=old)
    assert stale["text"] == say("onboarding.stale")
    api.press(7, "rd:a:0:quality.spec:none", lan.last()["message_id"])
    api.press(7, "pf:mood:ok", lan.last()["message_id"])
    await until(lambda: len(api.sent(7)) >= 6 and not api.pending())
    person = (await records.talk(sender(7))).person
    open_ = (await records.onboarding.standing(person)).open
    assert open_ is not None
    assert open_.answers == {}


def sender(number: int) -> Sender:
    return Sender("telegram", str(number), str(number))


async def test_in_a_group_the_person_is_asked_to_write_in_private(api: BotApi, app: Telegram) -> None:
    api.say(-100, f"/danhgia@{USERNAME}", sender=7)
    [message] = await api.messages(-100, 1)
    assert message["text"] == say("onboarding.private", link=f"https://t.me/{USERNAME}")


async def test_the_check_is_suggested_once_after_a_few_answers(api: BotApi, app: Telegram) -> None:
    lan = Person(api, STRANGER)
    await lan.says(NEEDS, 2)
    await lan.says(NEEDS)
    invitation = await lan.says(NEEDS, 2)
    assert invitation["text"] == say("onboarding.invite")
    await lan.says(NEEDS)
    assert [sent["text"] for sent in api.sent(STRANGER)].count(say("onboarding.invite")) == 1
    assert (await lan.presses("rd:on", 1, message=invitation))["text"].startswith("Hồ sơ 1/7")


async def test_answers_go_by_the_profile_until_they_are_told_not_to(
    api: BotApi, app: Telegram, records: Records, turns: Turns
) -> None:
    lan, question = Person(api, 7), "người mua ở thị trường của tôi quan tâm điều gì nhất?"
    nothing = await lan.says("/hoso")
    assert nothing["text"] == say("about.none")
    person = (await records.talk(Sender("telegram", "7", "7"))).person
    await records.onboarding.keep_profile(person, {"goods": ["coffee"], "markets": ["us"]})
    line = say("about.answered_market", market="Mỹ")
    answer = await lan.says(question)
    assert answer["text"].startswith(line)
    assert (await turns())[-1].writing["about"] == {"goods": "", "market": "us"}  # type: ignore[index]
    await lan.presses("ab:off")
    assert "ab:on" in buttons(lan.last()).values()
    assert line not in (await lan.says(question))["text"]
    shown = await lan.says("/hoso")
    assert shown["text"] == say("about.told_unused", told="cà phê; Mỹ").replace("**", "")
    await lan.presses("ab:on")
    assert (await lan.says(question))["text"].startswith(line)
    # What was erased is not brought back by an old button.
    await records.erase(Sender("telegram", "7", "7"))
    api.press(7, "ab:off", lan.last()["message_id"])
    await until(lambda: say("about.none") in str(api.calls))
    talk = await records.talk(Sender("telegram", "7", "7"))
    assert talk.profile == {}


async def test_a_picture_that_was_not_sent_yet_is_sent_by_the_next_run(
    api: BotApi, running: Running, records: Records
) -> None:
    lan = Person(api, 7)
    async with running(api):
        await lan.fills_in("coffee", ("eu",))
        await lan.answers(lambda question: -1)
        api.fail(502, method="sendPhoto", times=1)
        api.press(7, next(d for d in buttons(lan.last()).values() if d.startswith("rd:end")), lan.last()["message_id"])
        await api.called("sendPhoto", 1)
    async with running(api):
        await until(lambda: "photo" in str(api.sent(7)[-2].keys()))
        assert "100/100" in api.sent(7)[-2]["caption"]


async def test_everything_about_the_supplier_is_handed_over_and_erased(
    api: BotApi, app: Telegram, records: Records
) -> None:
    lan = Person(api, 7)
    await lan.fills_in("coffee", ("eu",))
    data = await records.personal_data(sender(7))
    assert data["suppliers"][0]["profile"]["goods"] == ["coffee"]
    assert len(data["readiness_checks"]) == 1
    await records.erase(sender(7))
    assert (await records.personal_data(sender(7)))["suppliers"] == []


async def test_reminders_are_agreed_to_and_stopped_at_once(api: BotApi, app: Telegram, records: Records) -> None:
    lan = Person(api, 7)
    overview = await lan.says("/lotrinh")
    assert say("checklist.basis_none", command=" (/danhgia)") in overview["text"]
    await lan.presses("ck:r")
    await lan.presses("ck:every:7")
    assert say("reminder.now", days=7) in lan.last()["text"]
    at_noon = datetime.datetime.now(datetime.UTC).replace(hour=5) + datetime.timedelta(days=9)
    # At three in the morning nobody is written to.
    assert await remind_due(records, FILES.steps, at_noon.replace(hour=20)) == 0
    assert await remind_due(records, FILES.steps, at_noon) == 1
    assert await remind_due(records, FILES.steps, at_noon) == 0
    reminder = (await api.messages(7, 2))[-1]
    assert "/dungnhac" in reminder["text"]
    assert "Tra mã HS" in reminder["text"]
    await lan.says("/dungnhac")
    assert await remind_due(records, FILES.steps, at_noon + datetime.timedelta(days=30)) == 0
    assert len(api.sent(7)) == 3
