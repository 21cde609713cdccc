"""How far suppliers come, counted for a period: invited, told of themselves, checked, finished; gaps and tickets.

Only counts leave this module: nothing in them leads to a person.
"""

import datetime
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from bot.conversations.exporting import VIETNAM
from bot.conversations.models import Ticket
from bot.conversations.supplier_models import ReadinessCheck, Supplier

_supplier, _check, _ticket = Supplier.__table__.c, ReadinessCheck.__table__.c, Ticket.__table__.c
# Where goods or province were left out, or are words of somebody's own.
OTHER = ""
# The share of tickets that were answered within the longer of the two times.
_MOST = 0.9


@dataclass(slots=True)
class Group:
    """Suppliers who finished a check. gaps: of how many each need is among the gaps that matter most."""

    suppliers: int = 0
    gaps: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Funnel:
    """invited: to the check. profiles: told something of themselves. worked: people who worked on a check last within
    the period, finished or not; finished: of these with a finished one.

    levels: people by level, (Vietnamese, English), of their last finished check. goods, provinces: the same people by
    what they said; who makes several goods counts with each. usual, late: times to the first answer of a ticket, the
    median and what nine of ten took at most; None where none was answered.
    """

    invited: int = 0
    profiles: int = 0
    worked: int = 0
    finished: int = 0
    levels: Counter[tuple[str, str]] = field(default_factory=Counter)
    goods: dict[str, Group] = field(default_factory=dict)
    provinces: dict[str, Group] = field(default_factory=dict)
    tickets: int = 0
    answered: int = 0
    usual: datetime.timedelta | None = None
    late: datetime.timedelta | None = None


def funnel(
    connection: Connection,
    first: datetime.date,
    last: datetime.date,
    goods: Collection[str],
    provinces: Collection[str],
) -> Funnel:
    """From one day to another, as days are in Vietnam. goods, provinces: the names that can be chosen."""
    found = Funnel()
    invited = select(func.count()).where(*_within(_supplier.invited_at, first, last))
    found.invited = connection.scalar(invited) or 0
    touched = select(_supplier.profile).where(*_within(_supplier.updated_at, first, last))
    found.profiles = sum(bool(profile) for profile in connection.scalars(touched))
    _count_checks(connection, first, last, found, (goods, provinces))
    _count_tickets(connection, first, last, found)
    return found


def _count_checks(
    connection: Connection,
    first: datetime.date,
    last: datetime.date,
    found: Funnel,
    known: tuple[Collection[str], Collection[str]],
) -> None:
    checks = (
        select(_check.person_id, _check.result, _supplier.profile)
        .outerjoin_from(ReadinessCheck, Supplier, _supplier.person_id == _check.person_id)
        .where(*_within(_check.updated_at, first, last))
        .order_by(_check.id)
    )
    people: set[str] = set()
    results: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for person, result, profile in connection.execute(checks):
        people.add(person)
        if result:
            results[person] = (result, profile or {})
    found.worked, found.finished = len(people), len(results)
    goods, provinces = known
    for result, profile in results.values():
        found.levels[(result["level"]["vi"], result["level"]["en"])] += 1
        needs = {gap["need"] for gap in result["gaps"]}
        made = [name for name in profile.get("goods", ()) if name in goods] or [OTHER]
        province = profile.get("province", OTHER)
        for name in dict.fromkeys(made):
            _add(found.goods, name, needs)
        _add(found.provinces, province if province in provinces else OTHER, needs)


def _add(groups: dict[str, Group], name: str, needs: set[str]) -> None:
    group = groups.setdefault(name, Group())
    group.suppliers += 1
    group.gaps.update(needs)


def _count_tickets(connection: Connection, first: datetime.date, last: datetime.date, found: Funnel) -> None:
    opened = select(_ticket.opened_at, _ticket.answered_at).where(*_within(_ticket.opened_at, first, last))
    tickets = connection.execute(opened).all()
    took = sorted(answered - opened for opened, answered in tickets if answered is not None)
    found.tickets, found.answered = len(tickets), len(took)
    if took:
        found.usual, found.late = took[(len(took) - 1) // 2], took[min(len(took) - 1, int(len(took) * _MOST))]


def _within(column: ColumnElement[Any], first: datetime.date, last: datetime.date) -> tuple[ColumnElement[bool], ...]:
    begin, end = (
        datetime.datetime.combine(day, datetime.time(), VIETNAM) for day in (first, last + datetime.timedelta(days=1))
    )
    return column >= begin, column < end
