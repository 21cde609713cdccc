"""The outbox to Telegram: pace, order, patience, and what is no use trying again."""

import datetime
import itertools
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from bot import patience
from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.conversations.database import Database
from bot.conversations.exchange import Message
from bot.conversations.models import Address, OutboxItem
from bot.conversations.records import Records
from bot.patience import back_off
from bot.telegram import application, sending
from bot.telegram.application import Telegram
from tests.auxil.bot_api import BotApi
from tests.auxil.waiting import until
from tests.telegram.conftest import Running

pytestmark = [pytest.mark.xdist_group("telegram")]


@pytest.fixture(autouse=True)
def echoing(monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(self: Assistant, question: Question) -> Reply:
        return Reply(question.text, "answer", f"Đáp: {question.text}")

    monkeypatch.setattr(Assistant, "answer", echo)
    monkeypatch.setattr(sending, "FIRST_RETRY", 0.05)


async def outbox(database: Database) -> Sequence[tuple[str, int, str | None]]:
    """State, tries and error of every message, in order; what is over has no body any more."""
    columns = OutboxItem.__table__.c
    rows = select(columns.state, columns.tries, columns.error, columns.body).order_by(columns.id)
    found = await database.read(lambda connection: connection.execute(rows).all())
    assert all(body is None for state, _, _, body in found if state not in ("waiting", "sending"))
    return [(state, tries, error) for state, tries, error, _ in found]


async def test_messages_of_one_chat_are_spaced_and_others_do_not_wait(
    api: BotApi, app: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SPACING", 0.3)
    for text in "abc":
        api.say(7, text)
    api.say(8, "a")
    sent = await api.messages(7, 3)
    assert [message["text"] for message in sent] == ["Đáp: a", "Đáp: b", "Đáp: c"]
    assert all(later["at"] - earlier["at"] >= 0.3 for earlier, later in itertools.pairwise(sent))
    assert api.sent(8)[0]["at"] < sent[1]["at"]


async def test_all_chats_together_stay_below_the_pace(api: BotApi, running: Running) -> None:
    async with running(api, telegram_messages_per_second=10):
        for chat in range(1, 26):
            api.say(chat, "?")
        times = sorted([(await api.messages(chat, 1))[0]["at"] for chat in range(1, 26)])
    # A burst of ten, then ten a second.
    assert times[24] - times[0] >= 1.3


async def test_a_message_that_waits_holds_up_those_behind_it_in_its_chat_alone(
    api: BotApi, app: Telegram, database: Database
) -> None:
    api.fail(429, chat=7, retry_after=1)
    for text in "ab":
        api.say(7, text)
    api.say(8, "a")
    assert [message["text"] for message in await api.messages(7, 2)] == ["Đáp: a", "Đáp: b"]
    assert api.sent(7)[0]["at"] - api.sent(8)[0]["at"] > 0.8
    await until(lambda: all_sent(database))
    assert sorted(await outbox(database)) == [("sent", 1, None), ("sent", 1, None), ("sent", 2, None)]


async def all_sent(database: Database) -> bool:
    return {state for state, _, _ in await outbox(database)} == {"sent"}


async def test_a_blocked_chat_is_data_and_open_again_when_it_writes(
    api: BotApi, app: Telegram, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail(403)
    api.say(7, "a")
    address = select(Address.state)
    state = None
    while state != "blocked":
        state = await database.read(lambda connection: connection.execute(address).scalar())
    assert await outbox(database) == [("dropped", 1, "blocked")]
    api.say(7, "b")
    assert [message["text"] for message in await api.messages(7, 1)] == ["Đáp: b"]
    assert await database.read(lambda connection: connection.execute(address).scalar()) == "reachable"
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_group_that_moved_is_answered_where_it_is_now(api: BotApi, app: Telegram, database: Database) -> None:
    api.say(-1007, "/help", sender=1)
    await api.messages(-1007, 1)
    api.fail(400, chat=-50, migrate_to_chat_id=-1007)
    api.say(-50, "/help", sender=1)
    api.say(-50, "/chude", sender=1)
    _, first, second = await api.messages(-1007, 3)
    assert "Gõ câu hỏi" in first["text"]
    assert "chủ đề" in second["text"]
    rows = select(Address.chat, Address.state, Address.migrated_to).order_by(Address.id)
    found = await database.read(lambda connection: connection.execute(rows).all())
    assert ("-50", "gone", "-1007") in [tuple(row) for row in found]


async def test_what_telegram_refuses_is_given_up_and_the_next_one_follows(
    api: BotApi, app: Telegram, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail(400, description="Bad Request: can't parse entities")
    for text in "ab":
        api.say(7, text)
    assert [message["text"] for message in await api.messages(7, 1)] == ["Đáp: b"]
    assert (await outbox(database))[0] == ("failed", 1, "Can't parse entities")
    assert [record.levelname for record in caplog.records if getattr(record, "event", "") == "given_up"] == ["ERROR"]


async def test_what_may_have_arrived_is_marked_and_not_sent_again(
    api: BotApi, running: Running, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "_READ", 0.3)
    async with running(api):
        api.fail(hang=0.6)
        for text in "ab":
            api.say(7, text)
        await api.messages(7, 2)
        await until(lambda: settled(database))
        assert await outbox(database) == [("uncertain", 1, "ReadTimeout"), ("sent", 1, None)]
    async with running(api):
        api.say(8, "c")
        await api.messages(8, 1)
    assert [message["text"] for message in api.sent(7)] == ["Đáp: a", "Đáp: b"]


async def settled(database: Database) -> bool:
    return {state for state, _, _ in await outbox(database)}.isdisjoint({"waiting", "sending"})


async def test_a_message_that_is_broken_in_itself_holds_up_nobody(
    api: BotApi, app: Telegram, records: Records, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    api.say(7, "a")
    await api.messages(7, 1)
    await records.post("telegram", "7", [Message("text", {}), Message("text", {"html": "sau đó"})])
    app.sending.wake()
    assert (await api.messages(7, 2))[-1]["text"] == "sau đó"
    assert ("failed", 1, "KeyError") in await outbox(database)
    assert [record for record in caplog.records if getattr(record, "event", "") == "failure"]


def test_back_off_doubles_up_to_the_last_and_is_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    for factor in (0.75, 1.25):
        monkeypatch.setattr(patience.random, "uniform", lambda *_, factor=factor: factor)
        assert [back_off(tries, 0.5, 60) for tries in (0, 1, 2, 10, 10_000)] == [
            wait * factor for wait in (0.5, 1, 2, 60, 60)
        ]
    monkeypatch.undo()
    assert len({back_off(0, 1, 60) for _ in range(20)}) > 10
    assert datetime.timedelta(hours=1) <= sending.GIVE_UP


async def test_words_from_elsewhere_are_shown_as_telegram_shows_them(
    api: BotApi, app: Telegram, records: Records
) -> None:
    api.say(7, "a")
    await api.messages(7, 1)
    await records.tell(1, "**Chuyên viên**: giá 5 < 6")
    [_, note] = await api.messages(7, 2)
    assert (note["text"], note["html"]) == ("Chuyên viên: giá 5 < 6", "<b>Chuyên viên</b>: giá 5 &lt; 6")
