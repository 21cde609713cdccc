"""Updates from arrival to done, each function within one transaction."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, func, null, select, update

from bot.conversations import onboarding
from bot.conversations.auditing import note_once
from bot.conversations.desk import pass_on
from bot.conversations.exchange import Claimed, Incoming, NewTurn, OpenUpdate, Outcome, Taken
from bot.conversations.holding import held_now
from bot.conversations.models import InboxItem, insert_new, new_key, now
from bot.conversations.outbox import send
from bot.conversations.people import Pseudonyms
from bot.conversations.talking import keep_turn, know, remember, turn_number

UNHANDLED = ("open", "claimed")
# Of an update that is done, nothing stays but that it was, and when.
EMPTY = {"chat": "", "person_id": None, "payload": None}

_inbox = InboxItem.__table__.c
_THIS = (_inbox.channel == bindparam("of")) & (_inbox.update_id == bindparam("number"))

_KNOWN = select(_inbox.update_id).where(
    _inbox.channel == bindparam("of"), _inbox.update_id.in_(bindparam("numbers", expanding=True))
)
_LINES = (
    select(_inbox.chat, func.count())
    .where(_inbox.channel == bindparam("of"), _inbox.state.in_(UNHANDLED))
    .group_by(_inbox.chat)
)
# Its owner may claim an update again: a commit whose confirmation was lost is tried a second time.
_OWN = (_inbox.state == "claimed") & (_inbox.claimed_by == bindparam("owner")) & _inbox.payload.is_not(null())
_CLAIM = (
    update(InboxItem)
    .where(_THIS, (_inbox.state == "open") | _OWN)
    .values(state="claimed", claimed_by=bindparam("owner"), claimed_at=bindparam("moment"), tries=_inbox.tries + 1)
    .returning(_inbox.payload, _inbox.received_at, _inbox.tries)
)
_DONE = (
    update(InboxItem).where(_THIS, _inbox.state == "claimed").values(state="done", done_at=bindparam("moment"), **EMPTY)
)


def take(
    connection: Connection,
    pseudonyms: Pseudonyms,
    channel: str,
    updates: Sequence[Incoming],
    limit_queue: int,
    limit_open: int,
) -> Taken:
    """See `Records.take`."""
    numbers = [incoming.update_id for incoming in updates]
    known = set(connection.scalars(_KNOWN, {"of": channel, "numbers": numbers}))
    lines = Counter[str](dict(connection.execute(_LINES, {"of": channel}).all()))
    total = lines.total()
    new: list[Incoming] = []
    refused: list[Incoming] = []
    left: list[Incoming] = []
    for incoming in updates:
        if incoming.update_id in known:
            continue
        known.add(incoming.update_id)
        chat = incoming.sender.chat if incoming.sender else ""
        # One is at work beside those that wait.
        if chat and lines[chat] > limit_queue:
            refused.append(incoming)
        elif total >= limit_open:
            left.append(incoming)
        else:
            lines[chat] += 1
            total += 1
            new.append(incoming)
    moment = now()
    rows = [_row(pseudonyms, channel, incoming, moment) for incoming in new]
    rows += [
        _row(pseudonyms, channel, incoming, moment) | EMPTY | {"state": "refused", "done_at": moment}
        for incoming in refused
    ]
    if rows:
        # Of two deliveries of one update at the same moment, the claim lets only one be handled.
        connection.execute(insert_new(connection, InboxItem), rows)
    for incoming in refused:
        _keep_refused(connection, pseudonyms, incoming, moment)
    return Taken(*(tuple(incoming.update_id for incoming in part) for part in (new, refused, left)))


def _row(pseudonyms: Pseudonyms, channel: str, incoming: Incoming, moment: datetime.datetime) -> dict[str, object]:
    sender = incoming.sender
    return {
        "channel": channel,
        "update_id": incoming.update_id,
        "chat": sender.chat if sender else "",
        "person_id": pseudonyms.of(channel, sender.person) if sender else None,
        "payload": incoming.payload,
        "received_at": moment,
        "state": "open",
        "tries": 0,
        "done_at": None,
    }


def _keep_refused(
    connection: Connection, pseudonyms: Pseudonyms, incoming: Incoming, moment: datetime.datetime
) -> None:
    """Ops see that somebody asked and was not answered."""
    if incoming.sender is None or not incoming.question:
        return
    person = know(connection, pseudonyms, incoming.sender, moment)
    turn = NewTurn(new_key(), incoming.question, "not_taken", asked_at=moment, question_message=incoming.message)
    keep_turn(connection, person, incoming.sender.channel, None, turn, None)


def open_updates(connection: Connection, channel: str) -> list[OpenUpdate]:
    """See `Records.open_updates`."""
    here = _inbox.channel == channel
    connection.execute(update(InboxItem).where(here, _inbox.state == "claimed").values(state="open"))
    # Erased while it was at work, by a run that died before it was done.
    emptied = (here, _inbox.state == "open", _inbox.payload.is_(null()))
    connection.execute(update(InboxItem).where(*emptied).values(state="done", done_at=now()))
    rows = connection.execute(
        select(_inbox.update_id, _inbox.chat, _inbox.tries)
        .where(here, _inbox.state == "open")
        .order_by(_inbox.update_id)
    )
    return [OpenUpdate(*row) for row in rows]


def claim(connection: Connection, channel: str, update_id: int, owner: str) -> Claimed | None:
    """See `Records.claim`."""
    row = connection.execute(
        _CLAIM, {"of": channel, "number": update_id, "owner": owner, "moment": now()}
    ).one_or_none()
    return Claimed(*row) if row else None


def release(connection: Connection, channel: str, update_ids: Sequence[int]) -> None:
    """See `Records.release`."""
    connection.execute(
        update(InboxItem)
        .where(_inbox.channel == channel, _inbox.update_id.in_(update_ids), _inbox.state == "claimed")
        .values(state="open")
    )


def finish(connection: Connection, channel: str, update_id: int, outcome: Outcome) -> bool:
    """See `Records.finish`."""
    moment = now()
    done = connection.execute(_DONE, {"of": channel, "number": update_id, "moment": moment})
    if done.rowcount != 1:
        return False
    talk, turn = outcome.talk, outcome.turn
    if talk:
        note_once(connection, talk.person, outcome.acts)
    # Whoever was erased while this was at work stays so.
    if talk is None or not remember(connection, talk, outcome, moment):
        return True
    messages = outcome.messages
    if turn and turn.question and not talk.held and held_now(connection, talk.conversation):
        # Ops took over while this was at work: they see the question, and nobody speaks in between.
        turn, messages = replace(turn, decision="held", reply="", sources=(), suggestions=()), ()
    turn_id: int | None
    turn_id = turn_number(connection, outcome.about) if outcome.about else None
    if turn:
        turn_id = keep_turn(connection, talk.person, talk.channel, talk.conversation, turn, moment)
        if turn.decision == "held":
            pass_on(connection, talk, turn_id, turn.question)
    if outcome.invited:
        onboarding.invited(connection, talk.person)
    if messages:
        send(connection, talk.address, messages, moment, turn_id=turn_id, update_id=update_id)
    return True
