"""What ops look at in the morning: what went wrong since yesterday, and what waits for them."""

import asyncio
import datetime

from starlette.responses import Response

from bot.conversations.attention import attention
from bot.conversations.exporting import VIETNAM
from bot.conversations.models import now
from bot.web.console.conversations import REASONS
from bot.web.console.visiting import Visit, page

# Of each kind.
_SHOWN = 6


async def today(visit: Visit) -> Response:
    yesterday = now().astimezone(VIETNAM).date() - datetime.timedelta(days=1)
    since = datetime.datetime.combine(yesterday, datetime.time(), VIETNAM)
    found = await visit.behind.database.read(lambda connection: attention(connection, since, _SHOWN))
    held = await asyncio.to_thread(visit.behind.shelf.holdings) if visit.is_admin else []
    drafts = [one for one in held if one.waiting]
    parts = {name: getattr(found, name) for name in ("held", "failed", "not_taken", "disliked")}
    calm = not (found.tickets.count or found.lost or drafts or any(part.count for part in parts.values()))
    return visit.behind.pages.show(
        visit,
        "today",
        yesterday=yesterday,
        tickets=found.tickets,
        parts=parts,
        lost=found.lost,
        drafts=drafts,
        calm=calm,
        shown=_SHOWN,
        reasons=REASONS,
        filters={
            "held": {"decision": "held"},
            "failed": {"decision": "failed"},
            "not_taken": {"decision": "not_taken"},
            "disliked": {"feedback": "down"},
        },
    )


ROUTES = [page("/today", today)]
