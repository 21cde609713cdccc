"""Who did what to the records and the library, without the content of what was done it to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.conversations.exchange import Audited
from bot.conversations.models import AnyRow, AuditEntry, now

_audit = AuditEntry.__table__.c
_LENGTH = 64


def note(connection: Connection, actor: str, action: str, subject: str = "", **detail: Any) -> None:  # noqa: ANN401
    """Keep an entry. actor: a user's name, a pseudonym, or "person", "cli". subject: what it was done to."""
    connection.execute(
        insert(AuditEntry),
        {
            "at": now(),
            "actor": actor[:_LENGTH],
            "action": action,
            "subject": subject[:_LENGTH],
            "detail": detail,
        },
    )


def note_once(connection: Connection, actor: str, acts: Sequence[Audited]) -> None:
    """Write down acts that are not written down yet: whoever handles an update again finds them done."""
    for act in acts:
        same = (_audit.actor == actor, _audit.action == act.action, _audit.subject == act.subject[:_LENGTH])
        if act.detail not in connection.scalars(select(_audit.detail).where(*same)).all():
            note(connection, actor, act.action, act.subject, **act.detail)


def entries(connection: Connection, before: int | None, limit: int) -> Sequence[AnyRow]:
    """Newest first. before: the number to go on from."""
    rows = select(*_audit)
    if before is not None:
        rows = rows.where(_audit.id < before)
    return connection.execute(rows.order_by(_audit.id.desc()).limit(limit)).all()
