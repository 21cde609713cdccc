"""Those who wanted to know: after a new version is published, what they asked is asked again, and they are told.

Only an answer out of a document that is new or changed counts, so that nobody is written to because a confidence
wavered. What the library held when everybody was last asked for stands in a file, so that what was published while the
bot was away counts as well.
"""

import asyncio
import json
import logging
from pathlib import Path

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Citation, Question, Reply
from bot.conversations.database import DatabaseUnavailable
from bot.conversations.exchange import Waiting
from bot.conversations.records import Records
from bot.texts import Language, say
from knowledge.index import Index
from knowledge.live import LiveLibrary

_log = logging.getLogger(__name__)

# Seconds between two looks at the published version.
LOOK = 2.0
# Seconds of rest after each question that is asked again, so that those who ask now have the processors.
REST = 0.25
# Waiting questions read at once.
_PAGE = 100
# Characters of the question that are quoted.
_QUOTED = 300


async def tell_when_answered(live: LiveLibrary, assistant: Assistant, records: Records, known: Path) -> None:
    """Follow the live library until cancelled. known: the file that remembers what it held."""
    done, later = 0, dict[int, str]()
    while True:
        index = live.index
        # A version without vectors is only a first one; the whole one follows.
        new = index.manifest.number != done and index.manifest.dense
        if new or later:
            try:
                if new:
                    later.clear()
                    await tell_of(index, assistant, records, known, later)
                    done = index.manifest.number
                else:
                    await _tell_later(later, records)
                    # Once all are told the rest is looked at once more, and the version remembered.
                    done = done if later else 0
            except DatabaseUnavailable as error:
                _log.warning("those who wait are not told yet (%s)", error)
            except Exception as error:  # noqa: BLE001  # the next version is to be looked at all the same
                _log.error("those who wait are not told", exc_info=error, extra={"event": "failure"})
                done = index.manifest.number
        await asyncio.sleep(LOOK)


async def tell_of(
    index: Index, assistant: Assistant, records: Records, known: Path, later: dict[int, str] | None = None
) -> int:
    """Ask every waiting question again, tell those who can be told now, and remember what the version holds.

    later: gets the words for those whose conversation ops hold, by turn; the version is not remembered before they are
    told. Returns how many were told. Raises DatabaseUnavailable; whoever was told then stays told.
    """
    later = {} if later is None else later
    held = {document.id: document.hash for document in index.documents}
    before = await asyncio.to_thread(_read, known)
    fresh = {id_ for id_, digest in held.items() if before is not None and before.get(id_) != digest}
    told = await _ask_again(index, fresh, assistant, records, later) if fresh else 0
    if held != before and not later:
        await asyncio.to_thread(_write, known, held)
    return told


async def _ask_again(
    index: Index, fresh: set[str], assistant: Assistant, records: Records, later: dict[int, str]
) -> int:
    """One question after the other, oldest first."""
    sections = {passage.id: passage.document for passage in index.passages}
    told = after = asked = 0
    while waiting := await records.waiting(after, _PAGE):
        for one in waiting:
            reply = await asyncio.to_thread(assistant.answer, Question(one.question, one.history))
            asked, after = asked + 1, one.turn
            if reply.decision == "answer" and sections.get(reply.sources[0].passage) in fresh:
                text = message(one, reply)
                became = await records.tell_waiting(one.turn, text)
                told += became == "told"
                if became == "held":
                    later[one.turn] = text
            await asyncio.sleep(REST)
    _log.info(
        "asked again for those who wait",
        extra={"event": "told", "version": index.manifest.number, "asked": asked, "told": told},
    )
    return told


async def _tell_later(later: dict[int, str], records: Records) -> None:
    """Nobody speaks in between while ops do: tell those whose conversation was handed back, or went silent."""
    for turn, text in list(later.items()):
        if await records.tell_waiting(turn, text) != "held":
            del later[turn]


def message(waiting: Waiting, reply: Reply) -> str:
    """What a person is told, in light Markdown and the language of the question."""
    question = " ".join(waiting.question.split())
    quoted = question if len(question) <= _QUOTED else f"{question[:_QUOTED].rstrip()}…"
    sources = "\n".join(_source_line(source, reply.language) for source in reply.sources)
    return say("gaps.answered_now", reply.language, question=quoted, answer=reply.text, sources=sources)


def _source_line(source: Citation, language: Language) -> str:
    named = source.title if source.section == source.title else f"{source.title} › {source.section}"
    publisher = f"[{source.publisher}]({source.uri})" if source.publisher and source.uri else source.publisher
    date = "/".join(reversed(source.date.split("-"))) if source.date else say("sources.undated", language)
    return f"[{source.n}] " + ", ".join(part for part in (named, source.where(language), publisher, date) if part)


def _read(known: Path) -> dict[str, str] | None:
    """None before the first time, and where the file is broken: nothing counts as new then."""
    try:
        held: dict[str, str] = json.loads(known.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return held


def _write(known: Path, held: dict[str, str]) -> None:
    fresh = known.with_suffix(".new")
    fresh.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
    fresh.replace(known)
