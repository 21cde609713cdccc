"""Where a person and the bot are: history, language, limits, feedback, and whose is whose."""

import datetime

import pytest

from bot.conversations import talking
from bot.conversations.exchange import Newest, Outcome
from bot.conversations.models import now
from bot.conversations.records import Records
from tests.conversations.asking import CHANNEL, LAN, LAN_IN_GROUP, MINH, MINH_IN_GROUP, ask, begin, text

HOUR = datetime.timedelta(hours=1)


def pass_time(monkeypatch: pytest.MonkeyPatch, time: datetime.timedelta) -> None:
    then = now() + time
    monkeypatch.setattr(talking, "now", lambda: then)


async def test_a_new_person_is_met_once(records: Records) -> None:
    first, again = await records.talk(LAN), await records.talk(LAN)
    assert first == again
    assert (first.history, first.newest, first.album, first.informed, first.language) == ((), None, None, False, "vi")
    assert LAN.person not in first.person
    assert (await records.talk(MINH)).person != first.person


async def test_the_last_five_questions_that_count_are_the_history(records: Records) -> None:
    for number in range(1, 8):
        await ask(records, LAN, number, f"câu {number}")
    await ask(records, LAN, 8, "chào em", decision="smalltalk")
    await ask(records, LAN, 9, "hỏng", decision="failed")
    talk = await records.talk(LAN)
    assert talk.history == ("câu 3", "câu 4", "câu 5", "câu 6", "câu 7")
    assert talk.newest == Newest(9, "hỏng")


async def test_a_mended_question_counts_in_its_last_wording(records: Records) -> None:
    await ask(records, LAN, 1, "thuế Mỹ")
    await ask(records, LAN, 2, "thế còn EUU", question_message=50)
    assert (await records.talk(LAN, edited=50)).history == ("thuế Mỹ",)
    await ask(records, LAN, 3, "thế còn EU", question_message=50)
    talk = await records.talk(LAN)
    assert talk.history == ("thuế Mỹ", "thế còn EU")
    assert talk.newest == Newest(50, "thế còn EU")


async def test_a_question_from_a_button_is_history_but_not_the_newest_typed(records: Records) -> None:
    await ask(records, LAN, 1, "gõ")
    await ask(records, LAN, 2, "bấm", question_message=None)
    talk = await records.talk(LAN)
    assert talk.history == ("gõ", "bấm")
    assert talk.newest == Newest(1, "gõ")


async def test_language_album_and_being_informed_are_kept(records: Records) -> None:
    talk = await begin(records, LAN, 1)
    await records.finish(CHANNEL, 1, Outcome(talk, messages=[text("?")], language="en", album="77", informed=True))
    talk = await records.talk(LAN)
    assert (talk.language, talk.album, talk.informed) == ("en", "77", True)
    await begin(records, LAN, 2)
    await records.finish(CHANNEL, 2, Outcome(talk))
    assert await records.talk(LAN) == talk


async def test_a_conversation_ends_with_start_or_with_a_long_silence(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(records, LAN, 1)
    talk = await begin(records, LAN, 2)
    await records.finish(CHANNEL, 2, Outcome(talk, language="en", anew=True))
    anew = await records.talk(LAN)
    assert (anew.history, anew.newest, anew.language) == ((), None, "en")
    assert anew.conversation != talk.conversation
    await ask(records, LAN, 3)
    pass_time(monkeypatch, 11 * HOUR)
    assert (await records.talk(LAN)).history
    pass_time(monkeypatch, 13 * HOUR)
    after = await records.talk(LAN)
    assert not after.history
    assert after.conversation != anew.conversation


async def test_in_a_group_everybody_has_a_thread_of_their_own(records: Records) -> None:
    await ask(records, LAN_IN_GROUP, 1, "của Lan")
    await ask(records, MINH_IN_GROUP, 2, "của Minh")
    lan, minh = await records.talk(LAN_IN_GROUP), await records.talk(MINH_IN_GROUP)
    assert (lan.history, minh.history) == (("của Lan",), ("của Minh",))
    assert lan.address == minh.address
    private = await records.talk(LAN)
    assert private.person == lan.person
    assert private.history == ()


async def test_limits_count_what_was_answered_lately(records: Records) -> None:
    for number, (ago, decision) in enumerate(
        [
            (datetime.timedelta(hours=25), "answer"),
            (datetime.timedelta(minutes=5), "smalltalk"),
            (datetime.timedelta(seconds=1), "abstain"),
            (datetime.timedelta(seconds=1), "limited"),
            (datetime.timedelta(seconds=1), "not_taken"),
        ]
    ):
        await ask(records, LAN, number, asked_at=now() - ago, decision=decision)
    await ask(records, MINH, 90)
    talk = await records.talk(LAN_IN_GROUP)
    assert (talk.asked_minute, talk.asked_day) == (1, 2)


async def test_feedback_lands_on_the_turn_of_its_person_and_can_be_changed(records: Records) -> None:
    key, other = await ask(records, LAN, 1), await ask(records, LAN, 2)
    assert await records.feedback(LAN, key, "up")
    assert await records.feedback(LAN_IN_GROUP, key, "down", "wrong", "Giờ là 7 ngày")
    assert not await records.feedback(MINH, key, "up")
    assert not await records.feedback(LAN, "no-such-key", "up")
    turns = {turn["key"]: turn for turn in (await records.personal_data(LAN))["turns"]}
    judged = turns[key]
    assert (judged["feedback"], judged["feedback_reason"], judged["feedback_note"]) == (
        "down",
        "wrong",
        "Giờ là 7 ngày",
    )
    assert judged["feedback_at"]
    assert turns[other]["feedback"] is None
    await records.feedback(LAN, key, None)
    [judged] = [turn for turn in (await records.personal_data(LAN))["turns"] if turn["key"] == key]
    assert (judged["feedback"], judged["feedback_at"]) == (None, None)
