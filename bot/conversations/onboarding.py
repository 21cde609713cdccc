"""What suppliers say of themselves: profile, readiness checks, steps done, the wish to be reminded."""

import datetime
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, insert, select, update

from bot.conversations.database import Database
from bot.conversations.models import Address, Base, Conversation, Person, StepMark, insert_new, new_key, now
from bot.conversations.outbox import tell
from bot.conversations.supplier_models import ReadinessCheck, Reminder, StepState, Supplier
from bot.texts import Language

_log = logging.getLogger(__name__)

_supplier, _check = Supplier.__table__.c, ReadinessCheck.__table__.c
_step, _reminder = StepState.__table__.c, Reminder.__table__.c
_person, _address = Person.__table__.c, Address.__table__.c
# Each with the name under which a person gets their rows.
_TABLES: dict[str, type[Base]] = {
    "suppliers": Supplier,
    "readiness_checks": ReadinessCheck,
    "step_states": StepState,
    "reminders": Reminder,
}
# Finished checks that are shown: the last one, and what it is compared with.
_SHOWN = 2
_DAY = datetime.timedelta(days=1)
# Reminders written in one transaction, so that answers come in between.
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """A check as it is kept; result: of a finished one."""

    key: str
    version: str
    answers: Mapping[str, str]
    result: dict[str, Any] | None
    finished_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person is. open: the check that is not finished. finished: the last ones, the newest first.

    states: of steps, by step. every_days: how often they want to be reminded. language: in which they talk.
    """

    profile: dict[str, Any]
    open: KeptCheck | None = None
    finished: tuple[KeptCheck, ...] = ()
    states: Mapping[str, StepMark] = field(default_factory=dict)
    every_days: int | None = None
    language: Language = "vi"

    @property
    def result(self) -> dict[str, Any] | None:
        """Of the last check that was finished."""
        return self.finished[0].result if self.finished else None


@dataclass(frozen=True, slots=True)
class Beside:
    """What matters for an answer to a question: a check is open, its suggestion was made already, and where a question
    leans on the profile it is answered for that.
    """

    open: bool
    invited: bool
    uses_profile: bool


# Says what to remind somebody of and when to do it again; no words: nothing is left to remind of.
Compose = Callable[[Standing, int], tuple[str, datetime.datetime]]


class OnboardingRecords:
    """Every method is one transaction, as in `Records`. person: the pseudonym, of a person whom the records know."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, person: str) -> Standing:
        """All that is kept of a person's onboarding."""
        return await self._database.read(lambda connection: _standing(connection, person))

    async def beside(self, person: str) -> Beside:
        return await self._database.read(lambda connection: _beside(connection, person))

    async def keep_profile(self, person: str, profile: dict[str, Any]) -> None:
        await self._database.write(lambda connection: _keep_supplier(connection, person, {"profile": profile}))

    async def begin(self, person: str, version: str, answers: Mapping[str, str]) -> str:
        """Begin a check, in place of one that is open, with answers given before; returns its key."""
        return await self._database.write(lambda connection: _begin(connection, person, version, dict(answers)))

    async def answer(self, person: str, key: str, version: str, question: str, answer: str) -> bool:
        """Keep an answer, in place of an earlier one; False when that check is not open or not theirs."""
        return await self._database.write(
            lambda connection: _answer(connection, person, key, version, question, answer)
        )

    async def finish(self, person: str, key: str, version: str, result: dict[str, Any]) -> bool:
        """Be done with an open check; False when it is not open or not theirs."""
        return await self._database.write(lambda connection: _finish(connection, person, key, version, result))

    async def mark(self, person: str, step: str, state: StepMark | None) -> None:
        """What the person says of a step; None: it is to be done."""
        await self._database.write(lambda connection: _mark(connection, person, step, state))

    async def remind_every(self, person: str, address: int, days: int, first: datetime.datetime) -> None:
        """The person agrees to be reminded, at an address."""
        await self._database.write(lambda connection: _agree(connection, person, address, days, first))

    async def stop_reminding(self, person: str) -> None:
        await self._database.write(
            lambda connection: connection.execute(delete(Reminder).where(_reminder.person_id == person))
        )

    async def remind(self, moment: datetime.datetime, compose: Compose) -> int:
        """Tell those whose time has come, and note when it comes again, all at once; returns how many were due.

        Whoever cannot be reached waits until they write again.
        """
        return await self._database.write(lambda connection: _remind(connection, moment, compose))


def rows_of(person: str) -> dict[str, Select[Any]]:
    """The rows of a person, by the name of what they are."""
    return {
        name: select(*table.__table__.c).where(table.__table__.c.person_id == person) for name, table in _TABLES.items()
    }


def forget(connection: Connection, people: Select[Any]) -> None:
    """Erase all rows of some people."""
    for table in _TABLES.values():
        connection.execute(delete(table).where(table.__table__.c.person_id.in_(people)))


def expire(connection: Connection, before: datetime.datetime) -> None:
    """Erase what nobody touched since."""
    connection.execute(delete(Supplier).where(_supplier.updated_at < before))
    connection.execute(delete(ReadinessCheck).where(_check.updated_at < before))
    connection.execute(delete(StepState).where(_step.at < before))
    connection.execute(delete(Reminder).where(_reminder.agreed_at < before))


def invited(connection: Connection, person: str) -> None:
    """The check was suggested to a person."""
    _keep_supplier(connection, person, {"invited_at": now()})


def _keep_supplier(connection: Connection, person: str, values: dict[str, Any]) -> None:
    moment = now()
    connection.execute(insert_new(connection, Supplier), {"person_id": person, "profile": {}, "updated_at": moment})
    connection.execute(update(Supplier).where(_supplier.person_id == person).values(updated_at=moment, **values))


def _standing(connection: Connection, person: str) -> Standing:
    shown = (_check.key, _check.version, _check.answers, _check.result, _check.finished_at)
    mine = select(*shown).where(_check.person_id == person)
    open_ = connection.execute(mine.where(_check.finished_at.is_(None)).order_by(_check.id.desc()).limit(1)).first()
    done = mine.where(_check.finished_at.is_not(None)).order_by(_check.id.desc()).limit(_SHOWN)
    states = connection.execute(select(_step.step, _step.state).where(_step.person_id == person)).all()
    profile = connection.scalar(select(_supplier.profile).where(_supplier.person_id == person))
    return Standing(
        profile or {},
        KeptCheck(*open_) if open_ else None,
        tuple(KeptCheck(*row) for row in connection.execute(done)),
        {step: state for step, state in states},  # noqa: C416  # rows are no pairs to the type checker
        connection.scalar(select(_reminder.every_days).where(_reminder.person_id == person)),
        connection.scalar(select(_person.language).where(_person.id == person)) or "vi",
    )


def _beside(connection: Connection, person: str) -> Beside:
    row = connection.execute(
        select(
            exists().where(_check.person_id == person, _check.finished_at.is_(None)),
            exists().where(_check.person_id == person),
            exists().where(_supplier.person_id == person, _supplier.invited_at.is_not(None)),
            select(_supplier.profile).where(_supplier.person_id == person).scalar_subquery(),
        )
    ).one()
    profile = row[3] or {}
    return Beside(
        open=bool(row[0]),
        invited=bool(row[1] or row[2]),
        uses_profile=bool(profile) and profile.get("for_answers", True),
    )


def _begin(connection: Connection, person: str, version: str, answers: dict[str, str]) -> str:
    connection.execute(delete(ReadinessCheck).where(_check.person_id == person, _check.finished_at.is_(None)))
    key = new_key()
    values = {"key": key, "person_id": person, "version": version, "answers": answers, "updated_at": now()}
    connection.execute(insert(ReadinessCheck), values)
    return key


def _answer(connection: Connection, person: str, key: str, version: str, question: str, answer: str) -> bool:
    open_ = (_check.key == key, _check.person_id == person, _check.finished_at.is_(None))
    answers = connection.scalar(select(_check.answers).where(*open_).with_for_update())
    if answers is None:
        return False
    values = {"answers": {**answers, question: answer}, "version": version, "updated_at": now()}
    connection.execute(update(ReadinessCheck).where(*open_).values(**values))
    return True


def _finish(connection: Connection, person: str, key: str, version: str, result: dict[str, Any]) -> bool:
    moment = now()
    done = connection.execute(
        update(ReadinessCheck)
        .where(_check.key == key, _check.person_id == person, _check.finished_at.is_(None))
        .values(result=result, version=version, updated_at=moment, finished_at=moment)
    )
    return done.rowcount == 1


def _mark(connection: Connection, person: str, step: str, state: StepMark | None) -> None:
    connection.execute(delete(StepState).where(_step.person_id == person, _step.step == step))
    if state:
        connection.execute(insert(StepState), {"person_id": person, "step": step, "state": state, "at": now()})


def _agree(connection: Connection, person: str, address: int, days: int, first: datetime.datetime) -> None:
    connection.execute(delete(Reminder).where(_reminder.person_id == person))
    values = {"person_id": person, "address_id": address, "every_days": days, "agreed_at": now(), "next_at": first}
    connection.execute(insert(Reminder), values)


def _remind(connection: Connection, moment: datetime.datetime, compose: Compose) -> int:
    # While ops speak with somebody the bot does not come in between.
    held = exists().where(Conversation.address_id == _address.id, Conversation.held_until > moment)
    due = connection.execute(
        select(_reminder.person_id, _reminder.address_id, _reminder.every_days)
        .join_from(Reminder, Address, _reminder.address_id == _address.id)
        .where(_reminder.next_at <= moment, _address.state == "reachable", ~held)
        .order_by(_reminder.next_at)
        .limit(_AT_ONCE)
        .with_for_update(of=Reminder)
    ).all()
    for person, address, days in due:
        try:
            words, again = compose(_standing(connection, person), days)
        except ValueError as error:  # what one person told cannot be read any more: the others are not to wait for it
            _log.error("a reminder was left out", exc_info=error, extra={"event": "failure"})
            words, again = "", moment + _DAY
        tell(connection, address, words)
        connection.execute(update(Reminder).where(_reminder.person_id == person).values(next_at=again))
    return len(due)
