"""The command about gaps: what people asked and were not answered, and the draft of a document for it."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from bot.app import pseudonyms_of
from bot.conversations.database import open_database
from bot.conversations.exporting import VIETNAM
from bot.conversations.migrating import MigrationNeeded, state
from bot.conversations.models import now
from bot.conversations.records import Records
from bot.curation.gap_draft import draft_of
from bot.curation.gaps import Gap, chosen, find_gaps
from bot.settings import Settings
from bot.texts import Language, say
from knowledge.embedding import load_embeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    gaps = commands.add_parser("gaps", help="what people asked and were not answered, grouped by meaning")
    gaps.add_argument("--days", type=_count, default=30, metavar="N", help="of the last N days; 30 unless told")
    gaps.add_argument("--limit", type=_count, default=20, metavar="N", help="show N gaps; 20 unless told")
    gaps.add_argument("--json", action="store_true", help="print JSON, all fields")
    gaps.add_argument("--draft", metavar="GAP", help="make the draft of a document for this gap: its number or key")
    gaps.add_argument("--to", type=Path, metavar="FILE", help="where to write the draft")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Returns the exit code: 0 done, 2 nothing could be done.

    Raises LibraryError, MigrationNeeded, DatabaseUnavailable.
    """
    if options.draft and not options.to:
        return _refuse(say("gaps.needs_file", settings.language, gap=options.draft))
    found = state(settings.database)
    if found in ("older", "newer"):
        raise MigrationNeeded(found)
    gaps = [] if found == "empty" else asyncio.run(_gaps(options.days, settings))
    if options.draft:
        return _draft(options, gaps, settings.language)
    if options.json:
        print(json.dumps([gap.to_json() for gap in gaps[: options.limit]], ensure_ascii=False, indent=1))
    else:
        _show(gaps, options, settings.language)
    return 0


async def _gaps(days: int, settings: Settings) -> list[Gap]:
    database = open_database(settings.database)
    try:
        with LiveLibrary(Library(settings.library_dir)) as live:
            embeddings = load_embeddings(settings.embedding_model)
            return await find_gaps(Records(database, pseudonyms_of(settings)), live, embeddings, days)
    finally:
        await database.close()


def _show(gaps: list[Gap], options: argparse.Namespace, language: Language) -> None:
    if not gaps:
        print(say("gaps.none", language, days=options.days))
        return
    print(say("gaps.title", language, days=options.days))
    in_field = True
    for number, gap in enumerate(gaps[: options.limit], start=1):
        if in_field and not gap.in_field:
            print(f"\n{say('gaps.outside', language)}")
            in_field = False
        print(_lines(number, gap, language))
    if len(gaps) > options.limit:
        print(say("gaps.more", language, more=len(gaps) - options.limit, total=len(gaps)))


def _lines(number: int, gap: Gap, language: Language) -> str:
    last = gap.last_asked.astimezone(VIETNAM).strftime("%d/%m/%Y")
    counts = {"count": gap.count, "people": gap.people, "waiting": gap.waiting}
    kind = say(f"gaps.kind.{gap.kind}", language)
    line = say("gaps.line", language, number=number, title=gap.question, kind=kind, last=last, key=gap.key, **counts)
    return "\n".join([line, *(f"     – {example}" for example in gap.examples[:3] if example != gap.question)])


def _draft(options: argparse.Namespace, gaps: list[Gap], language: Language) -> int:
    gap = chosen(gaps, options.draft)
    if gap is None:
        return _refuse(say("gaps.no_such", language, gap=options.draft))
    try:
        with options.to.open("x", encoding="utf-8") as file:
            file.write(draft_of(gap, now().astimezone(VIETNAM).date(), language))
    except FileExistsError:
        return _refuse(say("gaps.file_exists", language, file=options.to))
    except OSError as error:
        return _refuse(say("records.no_file", language, reason=error))
    print(say("gaps.drafted", language, file=options.to))
    return 0


def _refuse(text: str) -> int:
    print(text, file=sys.stderr)
    return 2
