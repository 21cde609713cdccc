"""Ticks and offers are each person's own; agents stand in the list only as an admin entered them."""

import asyncio
from typing import Any

from sqlalchemy import select

from bot.conversations.agents import MOST_OFFERS, Authorised, Offered, enter, remove
from bot.conversations.database import Database
from bot.conversations.models import AuditEntry
from bot.conversations.records import Records
from tests.conversations.asking import LAN, LAN_IN_GROUP, MINH

AN = Authorised("0101234567", "Công ty An", "https://example.com/an", "2026-10-01")


async def test_ticks_are_kept_per_person_and_taken_away(records: Records) -> None:
    for sender in (LAN, MINH):
        await records.talk(sender)
    for _ in range(2):
        await records.agents.tick(LAN, "checks:ask", done=True)
    await records.agents.tick(LAN, "checks:letter", done=True)
    await records.agents.tick(LAN, "contract:start", done=True)
    # A person is the same in all chats of a channel.
    assert await records.agents.ticks(LAN_IN_GROUP) == {"checks:ask", "checks:letter", "contract:start"}
    assert await records.agents.ticks(MINH) == set()
    await records.agents.tick(LAN, "checks:letter", done=False)
    assert await records.agents.ticks(LAN) == {"checks:ask", "contract:start"}
    await records.agents.untick(LAN, "checks")
    assert await records.agents.ticks(LAN) == {"contract:start"}


async def test_offers_are_entered_changed_and_deleted_by_their_person_only(records: Records) -> None:
    for sender in (LAN, MINH):
        await records.talk(sender)
    offer = await records.agents.add_offer(LAN, "Công ty Hòa")
    assert offer
    await records.agents.answer(LAN, offer.key, "price", "35tr")
    changed = await records.agents.answer(LAN, offer.key, "invoice", "none")
    assert changed
    assert changed.answers == {"price": "35tr", "invoice": "none"}
    # The same name again is the same party: an update that is handled twice makes no second offer.
    assert await records.agents.add_offer(LAN, "công ty hòa") == changed
    for stranger in (
        await records.agents.answer(MINH, offer.key, "price", "1đ"),
        await records.agents.rename_offer(MINH, offer.key, "Khác"),
    ):
        assert stranger is None
    await records.agents.drop_offer(MINH, offer.key)
    assert await records.agents.offers(LAN) == [changed]
    emptied = await records.agents.answer(LAN, offer.key, "price", None)
    assert emptied
    assert emptied.answers == {"invoice": "none"}
    await records.agents.drop_offer(LAN, offer.key)
    assert await records.agents.offers(LAN) == []
    assert await records.agents.answer(LAN, offer.key, "price", "35tr") is None


async def test_a_name_is_one_offers_only(records: Records) -> None:
    await records.talk(LAN)
    first, second = [await records.agents.add_offer(LAN, name) for name in ("Một", "Hai")]
    assert first
    assert second
    kept, renamed = [
        await records.agents.rename_offer(LAN, first.key, "HAI"),
        await records.agents.rename_offer(LAN, second.key, "hai"),
    ]
    assert [offer and offer.party for offer in (kept, renamed)] == ["Một", "hai"]


async def test_an_offer_is_kept_as_a_whole_or_not_at_all(records: Records) -> None:
    for sender in (LAN, MINH):
        await records.talk(sender)
    first = await records.agents.keep_offer(LAN, None, "Một", {"price": "35tr", "invoice": "none"})
    assert isinstance(first, Offered)
    # Sent twice it is one; with other answers it would overwrite what is there.
    assert await records.agents.keep_offer(LAN, None, "một", {"invoice": "none", "price": "35tr"}) == first
    assert await records.agents.keep_offer(LAN, None, "MỘT", {"price": "36tr"}) == "taken"
    second = await records.agents.keep_offer(LAN, None, "Hai", {})
    assert isinstance(second, Offered)
    assert await records.agents.keep_offer(LAN, second.key, "một", {}) == "taken"
    assert await records.agents.keep_offer(MINH, second.key, "Ba", {"price": "1đ"}) == "gone"
    changed = await records.agents.keep_offer(LAN, second.key, "hai", {"price": "36tr"})
    assert await records.agents.offers(LAN) == [first, changed]
    kept = [await records.agents.keep_offer(LAN, None, f"Bên {n}", {}) for n in range(MOST_OFFERS - 1)]
    assert kept[-1] == "full"
    assert len(await records.agents.offers(LAN)) == MOST_OFFERS
    await records.erase(LAN)
    assert await records.agents.keep_offer(LAN, None, "Một", {}) == "gone"


async def test_there_are_never_too_many_offers_not_even_at_once(records: Records) -> None:
    await records.talk(LAN)
    added = await asyncio.gather(*(records.agents.add_offer(LAN, f"Bên {n}") for n in range(MOST_OFFERS + 3)))
    assert added.count(None) == 3
    assert len(await records.agents.offers(LAN)) == MOST_OFFERS


async def test_nothing_is_kept_of_somebody_who_was_just_erased(records: Records) -> None:
    await records.talk(LAN)
    await records.erase(LAN)
    await records.agents.tick(LAN, "checks:ask", done=True)
    assert await records.agents.add_offer(LAN, "Công ty An") is None
    assert await records.agents.ticks(LAN) == set()


async def test_an_agent_is_entered_replaced_and_removed_with_a_note_in_the_audit_log(
    records: Records, database: Database
) -> None:
    assert await records.agents.authorised() == []
    later = Authorised("0101234567", "Công ty An", "https://example.com/2", "2026-11-01", "hết hạn 31/12/2026")
    assert await database.write(lambda connection: enter(connection, AN, "tests"))
    assert await records.agents.authorised() == [AN]
    assert not await database.write(lambda connection: enter(connection, later, "tests"))
    assert await records.agents.authorised() == [later]
    assert await database.write(lambda connection: remove(connection, "0101234567", "tests"))
    assert not await database.write(lambda connection: remove(connection, "0101234567", "tests"))
    assert await records.agents.authorised() == []
    rows: list[Any] = await database.read(
        lambda connection: connection.execute(
            select(AuditEntry.action, AuditEntry.actor, AuditEntry.subject).order_by(AuditEntry.id)
        ).all()
    )
    assert [tuple(row) for row in rows] == [
        (action, "tests", "agent:0101234567") for action in ("agent_add", "agent_change", "agent_remove")
    ]
