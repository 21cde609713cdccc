"""What handling one update leads to: gathered by the handlers, kept all at once."""

import datetime
from dataclasses import dataclass, field
from typing import Any, cast

from telegram import MaybeInaccessibleMessage, Message, Update
from telegram.ext import Application, CallbackContext, ExtBot, filters

from bot.assistant.dialogue import Reply
from bot.conversations import exchange
from bot.conversations.exchange import NewTurn, Outcome, Sender, Talk
from bot.telegram.delivery import Place
from bot.telegram.outgoing import parcels
from bot.telegram.rendering import Rendered
from bot.texts import Language

NEW = filters.UpdateType.MESSAGE & (filters.ChatType.PRIVATE | filters.ChatType.GROUPS)
# A person who has waited longer than this is told that the answer comes late.
LATE = datetime.timedelta(hours=1)


@dataclass(slots=True)
class Work:
    """talk: where the person was when the update came. queued_ms: how long it waited for its turn.

    informed: the messages say what is kept of the person. about: the key of an earlier turn that the messages belong
    to. void: nothing is to be kept.
    """

    sender: Sender
    talk: Talk
    place: Place
    asked_at: datetime.datetime
    late: bool
    queued_ms: float
    messages: list[exchange.Message] = field(default_factory=list)
    turn: NewTurn | None = None
    reply: Reply | None = None
    language: Language | None = None
    album: str | None = None
    informed: bool = False
    anew: bool = False
    about: str | None = None
    void: bool = False

    def say(self, rendered: Rendered) -> None:
        """Put a message into the outbox, for the place that the update came from."""
        self.messages += parcels(rendered, self.place)

    def outcome(self) -> Outcome:
        """What is to be kept, all at once."""
        return Outcome(
            talk=self.talk,
            turn=self.turn,
            messages=self.messages,
            language=self.language,
            album=self.album,
            informed=self.informed,
            anew=self.anew,
            about=self.about,
        )


Data = dict[Any, Any]


class Context(CallbackContext[ExtBot[int], Data, Data, Data]):
    """The context of a handler, with the work that it adds to."""

    work: Work


App = Application[ExtBot[int], Context, Data, Data, Data, None]


def work_on(update: Update, sender: Sender, talk: Talk, received_at: datetime.datetime) -> Work:
    """The work on an update that `addressing.incoming` let in: a message, or a button below one."""
    now = datetime.datetime.now(datetime.UTC)
    if update.callback_query:
        # When a button was pressed is not said.
        asked_at = received_at
        place = place_below(cast("MaybeInaccessibleMessage", update.callback_query.message))
        late = now - asked_at > LATE
    else:
        message = cast("Message", update.effective_message)
        asked_at = message.edit_date or message.date
        place = Place.of(message)
        late = now - asked_at > LATE
        if late:
            # What it answers may be far up by now.
            place = Place(place.chat, place.thread, message.message_id)
    queued = (now - received_at).total_seconds() * 1000
    return Work(sender, talk, place, asked_at, late, round(queued, 1))


def place_below(message: MaybeInaccessibleMessage) -> Place:
    """The place below a button; a message too old to be seen again still tells its chat."""
    if isinstance(message, Message):
        return Place(message.chat.id, Place.of(message).thread)
    return Place(message.chat.id)
