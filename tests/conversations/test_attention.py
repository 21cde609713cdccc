"""What ops look at in the morning: what went wrong lately, and what waits, in either database."""

import datetime

from bot.conversations.attention import attention
from bot.conversations.database import Database
from bot.conversations.models import now
from bot.conversations.records import Records
from tests.conversations.asking import CHANNEL, LAN, MINH, ask
from tests.conversations.test_desk import opened

DAY = datetime.timedelta(days=1)


async def test_what_went_wrong_since_and_what_waits(records: Records, database: Database) -> None:
    since = now() - DAY
    for number, (words, fields) in enumerate(
        {
            "Hỏng hôm qua": {"decision": "failed", "reference": "ab12"},
            "Hỏng tuần trước": {"decision": "failed", "asked_at": since - 7 * DAY},
            "Chưa ai trả lời": {"decision": "held"},
            "Trả lời tốt": {},
        }.items(),
        start=1,
    ):
        await ask(records, LAN, number, words, messages=(), **fields)
    disliked = await ask(records, MINH, 5, "Chưa đúng ý", asked_at=since + DAY / 2)
    await records.feedback(MINH, disliked, "down", "unclear", "ghi thiếu bước")
    await opened(records, await records.talk(MINH))
    [lost] = [one for one in await records.due(CHANNEL, 9) if one.chat == MINH.chat]
    await records.mark_sending([lost.id])
    await records.fail(lost.id, "refused")

    found = await database.read(lambda connection: attention(connection, since, 6))
    assert [(turn.question, turn.reference) for turn in found.failed.rows] == [("Hỏng hôm qua", "ab12")]
    assert [(turn.question, turn.note) for turn in found.disliked.rows] == [("Chưa đúng ý", "ghi thiếu bước")]
    # What was said for ops was followed by a question that the bot answered.
    assert (found.held.count, found.not_taken.count, found.tickets.count, found.lost) == (0, 0, 1, 1)

    for number in (6, 7):
        await ask(records, LAN, number, "Chưa ai trả lời", messages=(), decision="held")
    found = await database.read(lambda connection: attention(connection, since, 1))
    assert (len(found.failed.rows), found.failed.count, found.held.count) == (1, 1, 1)
