"""What a person checks and compares about agents, and the agents that admins have entered with a source and a date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from bot.conversations.auditing import note
from bot.conversations.database import Database
from bot.conversations.exchange import Sender
from bot.conversations.models import Person, insert_new, new_key, now
from bot.conversations.people import Pseudonyms
from bot.conversations.supplier_models import AgentTick, AuthorisedAgent, Offer

T = TypeVar("T")

# More are not read side by side on a phone.
MOST_OFFERS = 5
# Why an offer is not kept.
Refused = Literal["taken", "full", "gone"]

_tick, _offer, _agent = AgentTick.__table__.c, Offer.__table__.c, AuthorisedAgent.__table__.c
_OFFERED = (_offer.key, _offer.party, _offer.answers)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer. key: names it in buttons. answers: as they were typed, by field."""

    key: str
    party: str
    answers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Authorised:
    """A company that a source names as an authorised agent. dated: YYYY-MM-DD, the day it was said or asked."""

    tax_code: str
    name: str
    source: str
    dated: str
    note: str | None = None


class AgentRecords:
    """Part of `Records`, and as that: every method is one transaction, and all raise DatabaseUnavailable.

    What is written for a person who has just been erased is not kept.
    """

    def __init__(self, database: Database, pseudonyms: Pseudonyms) -> None:
        self._database = database
        self._pseudonyms = pseudonyms

    async def ticks(self, sender: Sender) -> frozenset[str]:
        """The items that the sender has checked."""
        return await self._read(sender, _ticks)

    async def tick(self, sender: Sender, item: str, *, done: bool) -> None:
        """Say of an item whether it is checked."""
        await self._write(sender, lambda connection, person: _set_tick(connection, person, item, done=done))

    async def untick(self, sender: Sender, list_key: str) -> None:
        """Begin a list anew."""
        mine = _tick.item.startswith(f"{list_key}:", autoescape=True)
        await self._write(
            sender,
            lambda connection, person: connection.execute(delete(AgentTick).where(_tick.person_id == person, mine)),
        )

    async def offers(self, sender: Sender) -> list[Offered]:
        """The sender's offers, oldest first."""
        return await self._read(sender, _offers)

    async def add_offer(self, sender: Sender, party: str) -> Offered | None:
        """An offer by a party, which is an earlier one of that name if there is one; None when there are too many."""
        return await self._write(sender, lambda connection, person: _add(connection, person, party))

    async def answer(self, sender: Sender, key: str, field: str, answer: str | None) -> Offered | None:
        """Keep what an offer says of a field; None takes it away. Returns the offer, None when it is not there."""
        return await self._write(sender, lambda connection, person: _answer(connection, person, key, field, answer))

    async def rename_offer(self, sender: Sender, key: str, party: str) -> Offered | None:
        """Name the party anew; the offer stays as it is when another one has the name. None when it is not there."""
        return await self._write(sender, lambda connection, person: _rename(connection, person, key, party))

    async def keep_offer(
        self, sender: Sender, key: str | None, party: str, answers: Mapping[str, str]
    ) -> Offered | Refused:
        """Keep all of an offer at once, in place of what was there. key: None for a new one.

        Refused, and nothing is changed: the name is another offer's, there are too many, or it is not there. A new one
        that comes a second time as it is is the same.
        """
        kept = await self._write(sender, lambda connection, person: _keep(connection, person, key, party, answers))
        return kept or "gone"

    async def drop_offer(self, sender: Sender, key: str) -> None:
        """Delete an offer of the sender."""
        mine = (_offer.key == key, _offer.person_id == self._person(sender))
        await self._database.write(lambda connection: connection.execute(delete(Offer).where(*mine)))

    async def authorised(self) -> list[Authorised]:
        """The agents that admins have entered, by name."""
        return await self._database.read(authorised)

    def _person(self, sender: Sender) -> str:
        return self._pseudonyms.of(sender.channel, sender.person)

    async def _read(self, sender: Sender, work: Callable[[Connection, str], T]) -> T:
        person = self._person(sender)
        return await self._database.read(lambda connection: work(connection, person))

    async def _write(self, sender: Sender, work: Callable[[Connection, str], T]) -> T | None:
        person = self._person(sender)

        def known(connection: Connection) -> T | None:
            # Held until the end, so that neither erasing nor another of these comes in between.
            same = update(Person).where(Person.id == person).values(last_seen=Person.last_seen)
            return work(connection, person) if connection.execute(same).rowcount else None

        return await self._database.write(known)


def _ticks(connection: Connection, person: str) -> frozenset[str]:
    return frozenset(connection.scalars(select(_tick.item).where(_tick.person_id == person)))


def _set_tick(connection: Connection, person: str, item: str, *, done: bool) -> None:
    if done:
        connection.execute(insert_new(connection, AgentTick), {"person_id": person, "item": item, "at": now()})
    else:
        connection.execute(delete(AgentTick).where(_tick.person_id == person, _tick.item == item))


def _offers(connection: Connection, person: str) -> list[Offered]:
    rows = select(*_OFFERED).where(_offer.person_id == person).order_by(_offer.id)
    return [Offered(*row) for row in connection.execute(rows)]


def _named(offers: list[Offered], party: str) -> Offered | None:
    return next((offer for offer in offers if offer.party.casefold() == party.casefold()), None)


def _add(connection: Connection, person: str, party: str) -> Offered | None:
    offers = _offers(connection, person)
    if same := _named(offers, party):
        return same
    if len(offers) >= MOST_OFFERS:
        return None
    offer = Offered(new_key(), party, {})
    values = {"key": offer.key, "person_id": person, "party": party, "answers": {}, "changed_at": now()}
    connection.execute(insert(Offer), values)
    return offer


def _keep(
    connection: Connection, person: str, key: str | None, party: str, answers: Mapping[str, str]
) -> Offered | Refused:
    same = _named(_offers(connection, person), party)
    if key is None:
        if same:
            return same if same.answers == answers else "taken"
        new = _add(connection, person, party)
        return _changed(connection, Offered(new.key, party, dict(answers))) if new else "full"
    if same and same.key != key:
        return "taken"
    if _of_key(connection, person, key) is None:
        return "gone"
    return _changed(connection, Offered(key, party, dict(answers)))


def _of_key(connection: Connection, person: str, key: str) -> Offered | None:
    return next((offer for offer in _offers(connection, person) if offer.key == key), None)


def _answer(connection: Connection, person: str, key: str, field: str, answer: str | None) -> Offered | None:
    offer = _of_key(connection, person, key)
    if offer is None:
        return None
    answers = {name: given for name, given in offer.answers.items() if name != field}
    if answer is not None:
        answers[field] = answer
    return _changed(connection, Offered(key, offer.party, answers))


def _rename(connection: Connection, person: str, key: str, party: str) -> Offered | None:
    offer = _of_key(connection, person, key)
    taken = _named(_offers(connection, person), party)
    if offer is None or (taken and taken.key != key):
        return offer
    return _changed(connection, Offered(key, party, offer.answers))


def _changed(connection: Connection, offer: Offered) -> Offered:
    values = {"party": offer.party, "answers": offer.answers, "changed_at": now()}
    connection.execute(update(Offer).where(_offer.key == offer.key).values(values))
    return offer


def authorised(connection: Connection) -> list[Authorised]:
    """See `AgentRecords.authorised`."""
    rows = select(_agent.tax_code, _agent.name, _agent.source, _agent.dated, _agent.note).order_by(_agent.name)
    return [Authorised(*row) for row in connection.execute(rows)]


def enter(connection: Connection, agent: Authorised, actor: str) -> bool:
    """Enter an agent, in place of what was known of its tax code; False when that was something."""
    removed = connection.execute(delete(AuthorisedAgent).where(_agent.tax_code == agent.tax_code)).rowcount
    values = {"name": agent.name, "source": agent.source, "dated": agent.dated, "note": agent.note}
    connection.execute(insert(AuthorisedAgent), {"tax_code": agent.tax_code, **values, "entered_at": now()})
    note(connection, actor, "agent_change" if removed else "agent_add", f"agent:{agent.tax_code}", **values)
    return not removed


def remove(connection: Connection, tax_code: str, actor: str) -> bool:
    """Take an agent out of the list; False when it is not in it."""
    removed = connection.execute(delete(AuthorisedAgent).where(_agent.tax_code == tax_code)).rowcount == 1
    if removed:
        note(connection, actor, "agent_remove", f"agent:{tax_code}")
    return removed
