"""What suppliers say of themselves, kept on both databases."""

import asyncio
import dataclasses
import datetime

import pytest
from sqlalchemy import func, select, update

from bot.conversations import onboarding, privacy
from bot.conversations.database import Database
from bot.conversations.exchange import Outcome, Sender
from bot.conversations.models import Base, Person, now
from bot.conversations.onboarding import Standing
from bot.conversations.records import Records
from bot.conversations.supplier_models import Reminder
from tests.conversations.asking import CHANNEL, LAN, MINH, ask, begin, send_all

DAY = datetime.timedelta(days=1)


async def person_of(records: Records, sender: Sender) -> str:
    return (await records.talk(sender)).person


async def told(records: Records) -> list[str]:
    """The notes that wait, sent."""
    texts = []
    while due := await records.due(CHANNEL, 100):
        await records.mark_sending([message.id for message in due])
        await records.mark_sent([(message.id, None) for message in due])
        texts += [message.body["text"] for message in due]
    return texts


async def test_nothing_is_known_of_somebody_new(records: Records) -> None:
    assert await records.onboarding.standing(await person_of(records, LAN)) == Standing({})


async def test_a_profile_is_kept_and_replaced(records: Records) -> None:
    lan, minh = await person_of(records, LAN), await person_of(records, MINH)
    await records.onboarding.keep_profile(lan, {"goods": ["coffee"]})
    await records.onboarding.keep_profile(lan, {"goods": ["coffee"], "company": "Ỷ"})
    assert (await records.onboarding.standing(lan)).profile == {"goods": ["coffee"], "company": "Ỷ"}
    assert (await records.onboarding.standing(minh)).profile == {}


async def test_the_talk_brings_the_profile_where_nobody_else_reads(records: Records) -> None:
    group = dataclasses.replace(LAN, chat="-100", private=False)
    lan = await person_of(records, LAN)
    assert (await records.talk(LAN)).profile == {}
    await records.onboarding.keep_profile(lan, {"goods": ["coffee"]})
    assert (await records.talk(LAN)).profile == {"goods": ["coffee"]}
    assert (await records.talk(group)).profile == {}
    assert (await records.talk(MINH)).profile == {}


async def test_a_check_is_answered_changed_finished_and_compared(records: Records) -> None:
    lan, minh = await person_of(records, LAN), await person_of(records, MINH)
    keep = records.onboarding
    keys = []
    for version in ("1", "2", "3"):
        key = await keep.begin(lan, version, {})
        for answer in ("none", "some", "some"):
            assert await keep.answer(lan, key, version, "quality.spec", answer)
        assert not await keep.answer(minh, key, version, "quality.spec", "all")
        assert not await keep.finish(minh, key, version, {})
        open_ = (await keep.standing(lan)).open
        assert open_ is not None
        assert (open_.key, open_.version, open_.answers) == (key, version, {"quality.spec": "some"})
        assert await keep.finish(lan, key, version, {"total": int(version)})
        # A second time, after a kill in between, nothing changes.
        assert not await keep.finish(lan, key, version, {"total": 99})
        assert not await keep.answer(lan, key, version, "quality.spec", "all")
        keys.append(key)
    standing = await keep.standing(lan)
    assert standing.open is None
    assert [(check.key, check.result) for check in standing.finished] == [
        (keys[2], {"total": 3}),
        (keys[1], {"total": 2}),
    ]


async def test_only_one_check_is_open(records: Records) -> None:
    lan = await person_of(records, LAN)
    first = await records.onboarding.begin(lan, "1", {})
    second = await records.onboarding.begin(lan, "2", {"quality.spec": "all"})
    assert not await records.onboarding.answer(lan, first, "1", "quality.spec", "none")
    open_ = (await records.onboarding.standing(lan)).open
    assert open_ is not None
    assert (open_.key, open_.answers) == (second, {"quality.spec": "all"})


async def test_answers_at_the_same_moment_are_all_kept(records: Records) -> None:
    lan = await person_of(records, LAN)
    key = await records.onboarding.begin(lan, "1", {})
    await asyncio.gather(*(records.onboarding.answer(lan, key, "1", f"q{n}", "all") for n in range(8)))
    open_ = (await records.onboarding.standing(lan)).open
    assert open_ is not None
    assert open_.answers == {f"q{n}": "all" for n in range(8)}


async def test_what_is_said_of_a_step_can_be_taken_back(records: Records) -> None:
    lan = await person_of(records, LAN)
    for state in ("done", "not_for_me"):
        await records.onboarding.mark(lan, "hs_code", state)  # type: ignore[arg-type]
        assert (await records.onboarding.standing(lan)).states == {"hs_code": state}
    await records.onboarding.mark(lan, "hs_code", None)
    assert (await records.onboarding.standing(lan)).states == {}


async def test_the_check_is_suggested_with_the_answer_or_not_at_all(records: Records) -> None:
    lan = await person_of(records, LAN)
    assert not (await records.onboarding.beside(lan)).invited
    talk = await begin(records, LAN, 1)
    assert await records.finish(CHANNEL, 1, Outcome(talk, invited=True))
    beside = await records.onboarding.beside(lan)
    assert (beside.open, beside.invited) == (False, True)
    minh = await person_of(records, MINH)
    await records.onboarding.begin(minh, "1", {})
    beside = await records.onboarding.beside(minh)
    assert (beside.open, beside.invited) == (True, True)


async def test_beside_an_answer_it_is_known_whether_it_goes_by_the_profile(records: Records) -> None:
    lan = await person_of(records, LAN)
    for profile, used in (({}, False), ({"goods": ["coffee"]}, True), ({"goods": [], "for_answers": False}, False)):
        assert not (await records.onboarding.beside(lan)).uses_profile
        await records.onboarding.keep_profile(lan, profile)
        assert (await records.onboarding.beside(lan)).uses_profile == used
        await records.onboarding.keep_profile(lan, {})


async def agree(records: Records, sender: Sender, moment: datetime.datetime) -> str:
    talk = await records.talk(sender)
    await records.onboarding.remind_every(talk.person, talk.address, 7, moment)
    return talk.person


def words(standing: Standing, days: int) -> tuple[str, datetime.datetime]:
    return f"{standing.profile.get('company', '')} {days}", now() + days * DAY


async def test_a_reminder_is_told_once_and_comes_again(records: Records) -> None:
    lan = await agree(records, LAN, now() - DAY)
    await agree(records, MINH, now() + DAY)
    await records.onboarding.keep_profile(lan, {"company": "Mây Tre Lan"})
    assert await records.onboarding.remind(now(), words) == 1
    assert await records.onboarding.remind(now(), words) == 0
    assert await told(records) == ["Mây Tre Lan 7"]
    assert await records.onboarding.remind(now() + 8 * DAY, words) == 2


async def test_one_who_cannot_be_reminded_keeps_nobody_waiting(records: Records) -> None:
    lan = await agree(records, LAN, now() - 2 * DAY)
    await records.onboarding.keep_profile(lan, {"company": "Mây Tre Lan"})
    await agree(records, MINH, now() - DAY)

    def compose(standing: Standing, days: int) -> tuple[str, datetime.datetime]:
        if standing.profile:
            raise ValueError("unreadable")
        return words(standing, days)

    assert await records.onboarding.remind(now(), compose) == 2
    assert await told(records) == ["7"]
    assert await records.onboarding.remind(now(), compose) == 0


async def test_killed_in_between_a_reminder_is_neither_lost_nor_told_twice(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agree(records, LAN, now() - DAY)

    def killed(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as dying:
        # After the words are in the outbox, before it is noted that they are.
        dying.setattr(onboarding, "update", killed)
        with pytest.raises(RuntimeError):
            await records.onboarding.remind(now(), words)
    assert await told(records) == []
    assert await records.onboarding.remind(now(), words) == 1
    assert await told(records) == ["7"]


async def test_nothing_is_told_where_nothing_is_left_after_stopping_or_to_a_chat_that_is_away(records: Records) -> None:
    lan = await agree(records, LAN, now() - DAY)
    assert await records.onboarding.remind(now(), lambda standing, days: ("", now() + DAY)) == 1
    await agree(records, LAN, now() - DAY)
    await records.drop_address((await records.talk(LAN)).address, "blocked")
    assert await records.onboarding.remind(now(), words) == 0
    await records.talk(LAN)
    await records.onboarding.stop_reminding(lan)
    assert await records.onboarding.remind(now(), words) == 0
    assert (await records.onboarding.standing(lan)).every_days is None
    assert await told(records) == []


async def test_what_nobody_touched_for_long_goes_and_lets_the_person_go(records: Records, database: Database) -> None:
    await ask(records, MINH, 1)
    await send_all(records)
    lan = await agree(records, LAN, now() + DAY)
    await records.onboarding.keep_profile(lan, {})
    await records.onboarding.begin(lan, "1", {})
    await records.onboarding.mark(lan, "hs_code", "done")
    await privacy.expire(database, now() - DAY)
    assert (await records.onboarding.standing(lan)).open is not None
    await database.write(lambda connection: connection.execute(update(Person).values(last_seen=now() - 9 * DAY)))
    await privacy.expire(database, now() + DAY)

    async def count(table: type[Base]) -> int:
        rows = select(func.count()).select_from(table)
        return await database.read(lambda connection: connection.execute(rows).scalar_one())

    assert [await count(table) for table in (*onboarding._TABLES.values(), Person)] == [0] * 5


async def test_a_reminder_of_somebody_erased_is_gone(records: Records, database: Database) -> None:
    await agree(records, LAN, now() - DAY)
    await records.erase(LAN)
    assert await records.onboarding.remind(now(), words) == 0
    rows = select(func.count()).select_from(Reminder)
    assert await database.read(lambda connection: connection.execute(rows).scalar_one()) == 0
