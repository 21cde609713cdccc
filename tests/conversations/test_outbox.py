"""Messages out: in order within a chat, one at a time, each marked for what became of it."""

import datetime

import pytest

from bot.conversations import outbox
from bot.conversations.exchange import Outcome
from bot.conversations.models import now
from bot.conversations.records import Records
from tests.conversations.asking import (
    CHANNEL,
    GROUP,
    LAN,
    LAN_IN_GROUP,
    MINH,
    ask,
    begin,
    send_all,
    text,
)

MINUTE = datetime.timedelta(minutes=1)


async def bodies(records: Records) -> list[str]:
    return [due.body["html"] for due in await records.due(CHANNEL, 100)]


async def test_of_each_chat_only_the_first_unsent_message_is_due(records: Records) -> None:
    await ask(records, LAN, 1, messages=("L1", "L2"))
    await ask(records, MINH, 2, messages=("M1",))
    await ask(records, LAN, 3, messages=("L3",))
    first, other = await records.due(CHANNEL, 100)
    assert (first.body, other.body) == ({"html": "L1"}, {"html": "M1"})
    assert (first.chat, first.kind, first.position, first.tries) == (LAN.chat, "text", 0, 0)
    assert await records.due("web", 100) == []
    assert len(await records.due(CHANNEL, 1)) == 1
    await records.mark_sending([first.id])
    assert await bodies(records) == ["M1"]
    await records.mark_sent([(first.id, 77)])
    assert await send_all(records) == ["L2", "M1", "L3"]
    messages = (await records.personal_data(LAN))["messages"]
    assert [(message["state"], message["body"]) for message in messages] == [("sent", None)] * 3
    assert messages[0]["channel_message_id"] == 77


async def test_a_message_is_marked_as_sending_once(records: Records) -> None:
    await ask(records, LAN, 1)
    [due] = await records.due(CHANNEL, 1)
    assert await records.mark_sending([due.id, 999]) == (due.id,)
    assert await records.mark_sending([due.id]) == ()
    await records.mark_sent([])


async def test_what_was_under_way_at_a_kill_waits_again_and_is_counted(records: Records) -> None:
    await ask(records, LAN, 1, messages=("một", "hai"))
    [due] = await records.due(CHANNEL, 1)
    await records.mark_sending([due.id])
    assert await records.resume_sending("web") == 0
    assert await records.resume_sending(CHANNEL) == 1
    [again] = await records.due(CHANNEL, 1)
    assert (again.id, again.tries) == (due.id, 1)
    assert await records.resume_sending(CHANNEL) == 0


async def test_a_message_that_waits_holds_its_chat_and_no_other(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(records, LAN, 1, messages=("một", "hai"))
    await ask(records, MINH, 2, messages=("khác",))
    [due, _] = await records.due(CHANNEL, 9)
    await records.mark_sending([due.id])
    later = now() + MINUTE
    await records.retry_at(due.id, later, "502 " + "x" * 500)
    assert await bodies(records) == ["khác"]
    await send_all(records)
    assert await records.next_at(CHANNEL) == later
    monkeypatch.setattr(outbox, "now", lambda: later + MINUTE)
    assert await send_all(records) == ["một", "hai"]
    assert await records.next_at(CHANNEL) is None


@pytest.mark.parametrize("end", ["uncertain", "failed"])
async def test_what_may_have_arrived_or_never_will_is_not_sent_again(records: Records, end: str) -> None:
    await ask(records, LAN, 1, messages=("một", "hai"))
    [due] = await records.due(CHANNEL, 9)
    await records.mark_sending([due.id])
    await (records.mark_uncertain if end == "uncertain" else records.fail)(due.id, "TimedOut")
    assert await send_all(records) == ["hai"]
    message = (await records.personal_data(LAN))["messages"][0]
    assert (message["state"], message["body"], message["error"]) == (end, None, "TimedOut")


async def test_messages_to_a_chat_that_is_away_are_dropped_until_it_writes_again(records: Records) -> None:
    await ask(records, LAN, 1, messages=("một", "hai"))
    await ask(records, MINH, 2, messages=("khác",))
    [due, _] = await records.due(CHANNEL, 9)
    await records.mark_sending([due.id])
    await records.drop_address(due.address, "blocked")
    assert await send_all(records) == ["khác"]
    data = await records.personal_data(LAN)
    assert [(message["state"], message["body"]) for message in data["messages"]] == [("dropped", None)] * 2
    assert data["addresses"][0]["state"] == "blocked"
    await ask(records, LAN, 3, messages=("lại",))
    assert await send_all(records) == ["lại"]


@pytest.mark.parametrize("known", [False, True])
async def test_messages_follow_a_group_that_moved(records: Records, known: bool) -> None:
    new = LAN_IN_GROUP.chat.replace("777", "888")
    await ask(records, LAN_IN_GROUP, 1, "trước", messages=("một", "hai"))
    moved = type(LAN)(CHANNEL, LAN.person, new, private=False)
    if known:
        await records.talk(moved)
    [due] = await records.due(CHANNEL, 9)
    assert due.chat == GROUP
    await records.mark_sending([due.id])
    await records.migrate_address(due.address, new)
    assert [due.chat for due in await records.due(CHANNEL, 9)] == [new]
    assert await send_all(records) == ["một", "hai"]
    if not known:
        assert (await records.talk(moved)).history == ("trước",)


async def test_what_is_answered_after_a_group_moved_follows_it(records: Records) -> None:
    """The question came from the old chat, and was at work while a message before it found out."""
    await ask(records, LAN_IN_GROUP, 1, messages=("một",))
    talk = await begin(records, LAN_IN_GROUP, 2, "")
    new = LAN_IN_GROUP.chat.replace("777", "888")
    [due] = await records.due(CHANNEL, 9)
    await records.migrate_address(due.address, new)
    await records.finish(CHANNEL, 2, Outcome(talk, messages=[text("hai")]))
    assert [await chats_in_turn(records) for _ in range(2)] == [(new, "một"), (new, "hai")]


async def chats_in_turn(records: Records) -> tuple[str, str]:
    """Where the next message goes, and what it says; it is sent then."""
    [due] = await records.due(CHANNEL, 9)
    await records.mark_sending([due.id])
    await records.mark_sent([(due.id, due.id)])
    return due.chat, due.body["html"]


async def test_a_message_without_a_talk_reaches_a_chat_never_seen(records: Records) -> None:
    await records.post(CHANNEL, MINH.chat, [text("Đông quá")])
    [due] = await records.due(CHANNEL, 9)
    assert due.chat == MINH.chat
    # The chat becomes the person's once they talk, so that it can be erased with them.
    await records.talk(MINH)
    assert (await records.personal_data(MINH))["addresses"][0]["chat"] == MINH.chat


async def test_a_later_message_can_belong_to_an_earlier_turn(records: Records) -> None:
    key = await ask(records, LAN, 1)
    talk = await begin(records, LAN, 2, "")
    await records.finish(CHANNEL, 2, Outcome(talk, messages=[text("Vì sao ạ?")], about=key))
    await send_all(records)
    asked = (await records.personal_data(LAN))["messages"][-1]["channel_message_id"]
    assert await records.turn_of(LAN, asked) == key
    assert await records.turn_of(MINH, asked) is None


async def test_words_for_any_channel_wait_behind_what_is_there(records: Records) -> None:
    await ask(records, LAN, 1, messages=("trước",))
    [due] = await records.due(CHANNEL, 1)
    await records.tell(due.address, " ")
    await records.tell(due.address, "Dạ, **có** câu trả lời rồi ạ.")
    await records.mark_sent([(due.id, 1)])
    [note] = await records.due(CHANNEL, 100)
    assert (note.kind, note.body) == ("note", {"text": "Dạ, **có** câu trả lời rồi ạ."})


@pytest.mark.parametrize("seam", ["\n\n", "\n", " ", ""])
def test_a_long_note_is_split_and_nothing_of_it_is_lost(seam: str) -> None:
    piece = "chữ" * 300 + "😀"
    pieces = [message.body["text"] for message in outbox.notes(seam.join([piece] * 20))]
    assert len(pieces) > 1
    assert all(len(text.encode("utf-16-le")) <= 2 * outbox.LONGEST_NOTE for text in pieces)
    assert "".join("".join(pieces).split()) == piece * 20
    if seam:
        assert all(text.startswith("chữ") and text.endswith("😀") for text in pieces)
