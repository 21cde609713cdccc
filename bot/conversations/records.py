"""The records as a channel uses them: updates in, turns kept, messages out. The values are in `exchange.py`."""

import datetime
from collections.abc import Collection, Sequence
from typing import Any, Literal

from bot.conversations import inbox, outbox, privacy, showing, talking, unanswered
from bot.conversations.agents import AgentRecords
from bot.conversations.database import Database
from bot.conversations.desk import DeskRecords
from bot.conversations.exchange import (
    Backlog,
    Claimed,
    Due,
    Incoming,
    Message,
    Missed,
    OpenUpdate,
    Outcome,
    Sender,
    Shown,
    Taken,
    Talk,
    ToldWaiting,
    Waiting,
)
from bot.conversations.models import Vote, Wanted
from bot.conversations.onboarding import OnboardingRecords
from bot.conversations.people import Pseudonyms


class Records:
    """Every method is one transaction that is safe on disk when it returns.

    All raise DatabaseUnavailable when the database is locked, full, broken or out of reach: nothing has changed then,
    and the same call can be made again.
    """

    def __init__(self, database: Database, pseudonyms: Pseudonyms) -> None:
        self._database = database
        self._pseudonyms = pseudonyms
        self.agents = AgentRecords(database, pseudonyms)
        self.desk = DeskRecords(database)
        self.onboarding = OnboardingRecords(database)

    @property
    def database(self) -> Database:
        """For rooms that look into the records in ways of their own: the console."""
        return self._database

    def pseudonym(self, sender: Sender) -> str:
        """Who a sender is in the records, known there or not."""
        return self._pseudonyms.of(sender.channel, sender.person)

    # Updates in ------------------------------------------------------------------------------------------------------

    async def take(self, channel: str, updates: Sequence[Incoming], *, limit_queue: int, limit_open: int) -> Taken:
        """Write a batch of updates before the channel is told that they arrived. Redelivery changes nothing.

        An update beyond `limit_queue` open ones of its chat is refused: it is kept as a turn that was not taken, if it
        asks something, and never becomes open. Beyond `limit_open` open ones of the channel updates are left.
        """
        if not updates:
            return Taken()
        return await self._database.write(
            lambda connection: inbox.take(connection, self._pseudonyms, channel, updates, limit_queue, limit_open)
        )

    async def open_updates(self, channel: str) -> list[OpenUpdate]:
        """What is to be handled, in the order it came; for the start: ones claimed by an earlier run are open again."""
        return await self._database.write(lambda connection: inbox.open_updates(connection, channel))

    async def claim(self, channel: str, update_id: int, owner: str) -> Claimed | None:
        """Take hold of an open update; None when it is not open: handled, erased, or another's."""
        return await self._database.write(lambda connection: inbox.claim(connection, channel, update_id, owner))

    async def finish(self, channel: str, update_id: int, outcome: Outcome) -> bool:
        """Keep what a claimed update led to and be done with it, all at once or not at all.

        False, and nothing is changed, when the update is not claimed (any more).
        """
        return await self._database.write(lambda connection: inbox.finish(connection, channel, update_id, outcome))

    async def release(self, channel: str, update_ids: Sequence[int]) -> None:
        """Hand claimed updates back unhandled; the next run finds them open."""
        await self._database.write(lambda connection: inbox.release(connection, channel, update_ids))

    # Conversations ---------------------------------------------------------------------------------------------------

    async def talk(self, sender: Sender, *, edited: int | None = None) -> Talk:
        """Where the sender is; makes them known, their chat reachable, and begins a conversation after 12 h of silence.

        edited: the number of a question that is being asked anew; it is left out of the history.
        """
        found = await self._database.read(
            lambda connection: talking.talk_of(connection, self._pseudonyms, sender, edited)
        )
        if found is not None:
            return found
        return await self._database.write(
            lambda connection: talking.introduced(connection, self._pseudonyms, sender, edited)
        )

    async def post(self, channel: str, chat: str, messages: Sequence[Message]) -> None:
        """Send messages that belong to no talk, such as that a chat's line is full."""
        await self._database.write(lambda connection: outbox.post(connection, channel, chat, messages))

    async def tell(self, address: int, text: str, *, turn: int | None = None) -> None:
        """Send words in light Markdown to an address of any channel. turn: the number of one that they belong to."""
        await self._database.write(lambda connection: outbox.tell(connection, address, text, turn))

    async def feedback(
        self, sender: Sender, turn_key: str, vote: Vote | None, reason: str | None = None, note: str | None = None
    ) -> bool:
        """Keep what the sender thinks of an answer, in place of what they thought before; None takes it back.

        A reason or a note stays when the same vote comes again without one. False when there is no such turn of theirs.
        """
        person = self.pseudonym(sender)
        return await self._database.write(
            lambda connection: talking.judge(connection, person, turn_key, vote, reason, note)
        )

    async def turn_of(self, sender: Sender, message: int) -> str | None:
        """The key of the turn that one of our messages in the sender's chat belongs to."""
        return await self._database.read(
            lambda connection: talking.turn_of(connection, sender.channel, sender.chat, message)
        )

    async def personal_data(self, sender: Sender) -> dict[str, Any]:
        """All that is kept of the sender, ready for JSON."""
        person = self.pseudonym(sender)
        return await self._database.read(lambda connection: privacy.personal_data(connection, person))

    async def erase(self, sender: Sender) -> tuple[str, ...]:
        """Erase all that is kept of the sender, for good; returns their questions, for caches to forget.

        Their talk is void afterwards: tell them directly, and finish the update with an empty Outcome.
        """
        person = self.pseudonym(sender)
        return await privacy.erase(self._database, person, sender)

    # For channels that show the records themselves -------------------------------------------------------------------

    async def shown(self, sender: Sender, *, after_turn: int = 0, after_note: int = 0) -> Shown:
        """What the sender sees of their running conversation: all that waits, and turns and notes beyond these ids."""
        person = self.pseudonym(sender)
        return await self._database.read(
            lambda connection: showing.shown(connection, person, sender, after_turn, after_note)
        )

    async def asked(self, sender: Sender, turn_key: str) -> bool:
        """Whether a question with this key (in its payload, then of its turn) waits or was dealt with already."""
        return await self._database.read(lambda connection: showing.asked(connection, sender, turn_key))

    async def mark_shown(self, ids: Sequence[int]) -> None:
        """These notes are where their person can see them; their words stay, to be shown again."""
        await self._database.write(lambda connection: outbox.mark_shown(connection, ids))

    async def backlog(self) -> Backlog:
        """How much waits; for whoever watches the bot."""
        return await self._database.read(showing.backlog)

    # Questions without a good answer ---------------------------------------------------------------------------------

    async def missed(self, since: datetime.datetime, limit: int) -> list[Missed]:
        """Questions since then that were declined, asked back without an answer within the hour, or disliked; oldest
        first, of more than `limit` the newest. One that was mended counts in its last wording.
        """
        return await self._database.read(lambda connection: unanswered.missed(connection, since, limit))

    async def want_answer(self, sender: Sender, turn_key: str, *, wanted: bool) -> Wanted | None:
        """Keep whether the sender wants to be told once a question of theirs that was declined can be answered.

        Returns what is kept now: "told" stays. Raises LookupError when there is no such turn of theirs.
        """
        person = self.pseudonym(sender)
        found, state = await self._database.write(
            lambda connection: unanswered.want(connection, person, turn_key, wanted=wanted)
        )
        if not found:
            raise LookupError(turn_key)
        return state

    async def waiting(self, after: int, limit: int) -> list[Waiting]:
        """Questions whose askers want to be told and can be reached, in their order, behind the turn of a number."""
        return await self._database.read(lambda connection: unanswered.waiting(connection, after, limit))

    async def tell_waiting(self, turn: int, text: str) -> ToldWaiting:
        """Send a text, in light Markdown, to where a waiting question was asked, and mark it told, all at once.

        The same question of the same person in the same chat is told with it. "held", and nothing is sent, while ops
        hold the conversation; "gone" when it does not wait any more: told before, taken back, erased, or its chat away.
        """
        return await self._database.write(lambda connection: unanswered.tell_waiting(connection, turn, text))

    # Messages out ----------------------------------------------------------------------------------------------------

    async def resume_sending(self, channel: str) -> int:
        """For the start: messages that were under way when an earlier run died wait again; returns how many.

        They may arrive twice.
        """
        return await self._database.write(lambda connection: outbox.resume_sending(connection, channel))

    async def due(self, channel: str, limit: int) -> list[Due]:
        """Messages to send now, oldest first: at most the first unsent one of each chat."""
        return await self._database.read(lambda connection: outbox.due(connection, channel, limit))

    async def with_notes(self, channel: str, chats: Collection[str]) -> set[str]:
        """Those of some chats that something waits for."""
        return await self._database.read(lambda connection: outbox.with_notes(connection, channel, chats))

    async def next_at(self, channel: str) -> datetime.datetime | None:
        """When the earliest waiting message may be sent; None when none waits."""
        return await self._database.read(lambda connection: outbox.next_at(connection, channel))

    async def mark_sending(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Say that requests for these messages go out now; returns those that waited indeed."""
        return await self._database.write(lambda connection: outbox.mark_sending(connection, ids))

    async def mark_sent(self, sent: Sequence[tuple[int, int | None]]) -> None:
        """Ids and the channel's numbers of messages that arrived; their bodies are emptied."""
        await self._database.write(lambda connection: outbox.mark_sent(connection, sent))

    async def mark_uncertain(self, id_: int, error: str) -> None:
        """It may have arrived: not sent again, and the next one of the chat follows."""
        await self._database.write(lambda connection: outbox.give_up(connection, id_, "uncertain", error))

    async def retry_at(self, id_: int, when: datetime.datetime, error: str) -> None:
        """It did not arrive and waits until then; nothing else goes to its chat before."""
        await self._database.write(lambda connection: outbox.wait(connection, id_, when, error))

    async def fail(self, id_: int, error: str) -> None:
        """It never arrives; the next one of the chat follows."""
        await self._database.write(lambda connection: outbox.give_up(connection, id_, "failed", error))

    async def drop_address(self, address: int, state: Literal["blocked", "gone"]) -> None:
        """The chat cannot be reached: what waits for it is dropped. A later update from there makes it reachable."""
        await self._database.write(lambda connection: outbox.drop_address(connection, address, state))

    async def migrate_address(self, address: int, chat: str) -> None:
        """The chat has moved: what waits for it, and its conversations, go to the new one."""
        await self._database.write(lambda connection: outbox.migrate_address(connection, address, chat))
