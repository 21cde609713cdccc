"""What goes into the records and what comes out."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.conversations.models import Decided, Vote, Wanted
from bot.texts import Language

# What became of words for somebody who waits: on their way; ops hold the conversation, so later; nobody waits for them.
ToldWaiting = Literal["told", "held", "gone"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, and where. person, chat: the channel's own ids as text. private: nobody else is in the chat."""

    channel: str
    person: str
    chat: str
    private: bool = True


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update as it came. sender: None where nobody wrote it. question: what they typed, if anything was."""

    update_id: int
    payload: dict[str, Any]
    sender: Sender | None = None
    question: str = ""
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: new ones to be handled, ones refused because their chat's line is full, and ones that
    were left because there is no room at all; those are not written and have to be asked for again.

    Updates that were known before are in none of the three.
    """

    new: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenUpdate:
    """An update that waits to be handled. chat: its line; an update of nobody has a line of its own, "".

    tries: how often it was begun.
    """

    update_id: int
    chat: str
    tries: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """An update that its claimant is to handle now. tries: how often it was claimed, this time included."""

    payload: dict[str, Any]
    received_at: datetime.datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Newest:
    """The last question that was typed: the channel's number of it and its text."""

    message: int
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """Where a person and the bot are. person: the pseudonym. history: questions of the running conversation that a
    new one may lean on, oldest first. informed: they were told what is kept. album: the last one spoken of.

    asked_minute, asked_day: questions answered within the last 60 seconds and 24 hours. held: ops have taken the
    conversation over, and the bot keeps quiet; told_held: the person was told so. profile: what they told of their
    firm, where nobody else is in the chat.
    """

    person: str
    channel: str
    address: int
    conversation: int
    language: Language = "vi"
    history: tuple[str, ...] = ()
    newest: Newest | None = None
    album: str | None = None
    informed: bool = False
    asked_minute: int = 0
    asked_day: int = 0
    held: bool = False
    told_held: bool = False
    profile: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn to be kept; the fields are those of `models.Turn`. key: from `models.new_key()`."""

    key: str
    question: str
    decision: Decided
    asked_at: datetime.datetime
    understood: str = ""
    reply: str = ""
    sources: Sequence[dict[str, Any]] = ()
    confidence: float = 0.0
    library_version: int = 0
    latency: dict[str, Any] = field(default_factory=dict)
    question_message: int | None = None
    reference: str | None = None
    late: bool = False
    writing: dict[str, Any] | None = None
    suggestions: Sequence[dict[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """A question that was declined, or asked back and left, or answered to the person's dislike (`disliked`).

    history: what it could lean on. documents: ids of the documents found for it, best first. cited: the passages that
    the reply cited. version: of the library. wanted: the person wants to be told.
    """

    key: str
    person: str
    asked_at: datetime.datetime
    question: str
    history: tuple[str, ...]
    disliked: bool
    documents: tuple[str, ...]
    cited: tuple[str, ...]
    version: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A declined question whose asker wants to be told once it can be answered. turn: its number."""

    turn: int
    question: str
    history: tuple[str, ...]


MessageKind = Literal["text", "document", "photo", "note"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent. body: as JSON, what the channel needs to send it; of a note, which every channel takes,
    `text` in light Markdown (**bold**, [words](http…)), and `invites` where it suggests the readiness check.
    """

    kind: MessageKind
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audited:
    """What somebody did to the library, for the audit log. detail: what tells this act from all others, as JSON."""

    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What handling an update led to. talk: as `Records.talk` gave it; without one nothing but the update is changed.

    messages: sent in order, to the talk's chat. language: to go on in. album: spoken of now. informed: the person is
    told with these messages what is kept. anew: the conversation is over and another one begins. about: the key of an
    earlier turn that the messages belong to, where there is no new one. invited: the readiness check is suggested.
    acts: what the person did to the library.
    """

    talk: Talk | None = None
    turn: NewTurn | None = None
    messages: Sequence[Message] = ()
    language: Language | None = None
    album: str | None = None
    informed: bool = False
    anew: bool = False
    about: str | None = None
    invited: bool = False
    acts: Sequence[Audited] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A message whose turn it is in its chat. tries: attempts made before."""

    id: int
    address: int
    chat: str
    kind: MessageKind
    body: dict[str, Any]
    position: int
    tries: int
    created_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn as its person may see it again; the fields are those of `models.Turn`."""

    id: int
    key: str
    asked_at: datetime.datetime
    question: str
    decision: Decided
    reply: str
    sources: Sequence[dict[str, Any]]
    suggestions: Sequence[dict[str, str]] | None
    library_version: int
    feedback: Vote | None
    feedback_reason: str | None
    reference: str | None
    late: bool
    understood: str
    wants_answer: Wanted | None
    writing: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ShownNote:
    """Words that were told to a person from elsewhere. new: nobody has shown it to them yet. invites: to the readiness
    check.
    """

    id: int
    text: str
    created_at: datetime.datetime
    new: bool
    invites: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of the running conversation: turns and notes, oldest first; open: payloads of what waits."""

    conversation: int = 0
    turns: tuple[ShownTurn, ...] = ()
    notes: tuple[ShownNote, ...] = ()
    open: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Backlog:
    """inbox: updates that are not done. outbox: messages that are not sent; both of all channels."""

    inbox: int
    outbox: int
