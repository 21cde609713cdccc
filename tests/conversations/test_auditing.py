"""The audit log: what somebody did to the library is in it once, however often its update is handled."""

from sqlalchemy import select

from bot.conversations.database import Database
from bot.conversations.exchange import Audited, Outcome
from bot.conversations.models import AuditEntry
from bot.conversations.records import Records
from tests.conversations.asking import CHANNEL, LAN, MINH, begin


async def test_an_act_is_written_down_once_under_the_pseudonym(records: Records, database: Database) -> None:
    first = Audited("document.publish", "library", {"document": "uploads/gạo.md", "version": 1, "act": 2})
    second = Audited("document.publish", "library", {"document": "uploads/gạo.md", "version": 1, "act": 9})
    for number, sender, acts in ((1, LAN, [first]), (2, LAN, [first, second]), (3, MINH, [first])):
        talk = await begin(records, sender, number)
        assert await records.finish(CHANNEL, number, Outcome(talk, acts=acts))
    rows = select(AuditEntry.actor, AuditEntry.detail).order_by(AuditEntry.id)
    kept = [tuple(row) for row in await database.read(lambda connection: connection.execute(rows).all())]
    lan, minh = (await records.talk(LAN)).person, (await records.talk(MINH)).person
    assert kept == [(lan, first.detail), (lan, second.detail), (minh, first.detail)]
    assert [row["action"] for row in (await records.personal_data(LAN))["acts"]] == ["document.publish"] * 2


async def test_an_act_is_in_it_though_who_did_it_was_erased_meanwhile(records: Records, database: Database) -> None:
    talk = await begin(records, LAN, 1)
    await records.erase(LAN)
    act = Audited("document.retire", "library", {"act": 1})
    assert await records.finish(CHANNEL, 1, Outcome(talk, acts=[act]))
    rows = select(AuditEntry.action).where(AuditEntry.actor == talk.person)
    assert list(await database.read(lambda connection: connection.scalars(rows).all())) == ["document.retire"]
