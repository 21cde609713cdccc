"""Who did what to the records and the library, each function within one transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.conversations.exchange import Audited
from bot.conversations.models import AuditEntry, now

_audit = AuditEntry.__table__.c


def note(connection: Connection, actor: str, action: str, subject: str, detail: dict[str, Any]) -> None:
    """Write down what somebody did."""
    row = {"at": now(), "actor": actor, "action": action, "subject": subject, "detail": detail}
    connection.execute(insert(AuditEntry), row)


def note_once(connection: Connection, actor: str, acts: Sequence[Audited]) -> None:
    """Write down acts that are not written down yet: whoever handles an update again finds them done."""
    for act in acts:
        same = (_audit.actor == actor, _audit.action == act.action, _audit.subject == act.subject)
        if act.detail not in connection.scalars(select(_audit.detail).where(*same)).all():
            note(connection, actor, act.action, act.subject, act.detail)
