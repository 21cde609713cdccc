"""What a page shows of the records, on both databases."""

from bot.conversations.exchange import Incoming, Message, NewTurn, Outcome, Sender
from bot.conversations.models import new_key, now
from bot.conversations.records import Records

SOMEBODY = Sender("web", "a" * 32, "a" * 32)
ELSE = Sender("web", "b" * 32, "b" * 32)
ROOM = {"limit_queue": 20, "limit_open": 100}


async def asks(records: Records, number: int, sender: Sender = SOMEBODY) -> str:
    """Write a question down; returns its key."""
    key = new_key()
    payload = {"kind": "ask", "key": key, "text": f"câu {number}"}
    await records.take("web", [Incoming(number, payload, sender, payload["text"])], **ROOM)
    return key


async def answers(records: Records, number: int, key: str, sender: Sender = SOMEBODY, *, anew: bool = False) -> int:
    """Answer it; returns the address."""
    assert await records.claim("web", number, "test")
    talk = await records.talk(sender)
    offered = [{"text": "Còn gì nữa?", "passage": "p"}]
    turn = NewTurn(key, f"câu {number}", "answer", now(), reply="Dạ", suggestions=offered)
    assert await records.finish("web", number, Outcome(talk, turn, anew=anew))
    return talk.address


async def test_what_waits_then_its_turn_and_words_from_elsewhere(records: Records) -> None:
    key = await asks(records, 1)
    assert [payload["key"] for payload in (await records.shown(SOMEBODY)).open] == [key]
    assert await records.asked(SOMEBODY, key)
    assert (await records.backlog()).inbox == 1
    address = await answers(records, 1, key)
    await records.tell(address, "Chào **anh**")
    assert (await records.backlog()).outbox == 1
    shown = await records.shown(SOMEBODY)
    assert shown.open == ()
    assert [(turn.key, turn.reply, turn.suggestions) for turn in shown.turns] == [
        (key, "Dạ", [{"text": "Còn gì nữa?", "passage": "p"}])
    ]
    assert [(note.text, note.new) for note in shown.notes] == [("Chào **anh**", True)]
    assert await records.asked(SOMEBODY, key)
    assert not await records.asked(SOMEBODY, "0" * 16)
    await records.mark_shown([note.id for note in shown.notes])
    again = await records.shown(SOMEBODY)
    assert [(note.text, note.new) for note in again.notes] == [("Chào **anh**", False)]
    assert await records.due("web", 10) == []
    assert (await records.backlog()).outbox == 0


async def test_an_invitation_stands_below_its_answer_which_says_whom_it_is_for(records: Records) -> None:
    await asks(records, 1)
    assert await records.claim("web", 1, "test")
    talk = await records.talk(SOMEBODY)
    about = {"about": {"goods": "coffee", "market": ""}}
    turn = NewTurn(new_key(), "câu 1", "answer", now(), reply="Dạ", writing=about)
    invitation = Message("note", {"text": "Mời anh/chị", "invites": True})
    assert await records.finish("web", 1, Outcome(talk, turn, [invitation], invited=True))
    shown = await records.shown(SOMEBODY)
    assert [turn.writing for turn in shown.turns] == [about]
    assert [(note.text, note.invites) for note in shown.notes] == [("Mời anh/chị", True)]


async def test_only_what_is_new_and_only_ones_own(records: Records) -> None:
    for number in (1, 2):
        await answers(records, number, await asks(records, number))
    await answers(records, 3, await asks(records, 3, ELSE), ELSE)
    first, second = (await records.shown(SOMEBODY)).turns
    assert [turn.id for turn in (await records.shown(SOMEBODY, after_turn=first.id)).turns] == [second.id]
    assert [turn.question for turn in (await records.shown(ELSE)).turns] == ["câu 3"]


async def test_a_new_conversation_shows_nothing_of_the_one_before_but_words_not_seen(records: Records) -> None:
    address = await answers(records, 1, await asks(records, 1))
    await records.tell(address, "đã xem")
    await records.mark_shown([note.id for note in (await records.shown(SOMEBODY)).notes])
    await records.tell(address, "chưa xem")
    before = (await records.shown(SOMEBODY)).conversation
    await answers(records, 2, await asks(records, 2), anew=True)
    shown = await records.shown(SOMEBODY)
    assert shown.conversation != before
    assert shown.turns == ()
    assert [note.text for note in shown.notes] == ["chưa xem"]
    await records.erase(SOMEBODY)
    assert await records.shown(SOMEBODY) == type(shown)()
