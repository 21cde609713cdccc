"""The commands about the records: migrate, export, backup."""

import argparse
import asyncio
import datetime
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, get_args

from bot.conversations.backup import backup
from bot.conversations.database import Database, open_database
from bot.conversations.exporting import Format, Selection, export
from bot.conversations.migrating import MigrationNeeded, State, state, upgrade
from bot.conversations.models import Decided, Vote
from bot.settings import Settings
from bot.texts import say


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    commands.add_parser("migrate", help="bring the database of conversations up to date")
    turns = commands.add_parser("export", help="write questions and answers as JSON Lines or as a table for Excel")
    turns.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD", help="first day, Vietnamese time")
    turns.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD", help="last day, included")
    turns.add_argument("--decision", choices=get_args(Decided), help="only what was decided so")
    turns.add_argument("--feedback", choices=get_args(Vote), help="only what was rated so")
    turns.add_argument("--channel", help="only from this channel, such as telegram")
    turns.add_argument("--format", dest="form", choices=get_args(Format), default="jsonl", help="jsonl unless told")
    turns.add_argument("--unmasked", action="store_true", help="leave phone, tax, identity and account numbers in")
    turns.add_argument("--output", type=Path, metavar="FILE", help="write to a file rather than to stdout")
    copy = commands.add_parser("backup", help="copy the database of conversations while the bot runs")
    copy.add_argument("file", type=Path, metavar="FILE", help="the copy")


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands; returns the exit code: 0 done, 2 nothing could be done.

    Raises MigrationNeeded, BackupError, DatabaseUnavailable.
    """
    work: dict[str, Callable[[argparse.Namespace, Settings], None]] = {
        "migrate": _migrate,
        "export": _export,
        "backup": _backup,
    }
    try:
        work[options.command](options, settings)
    except OSError as error:
        print(say("records.no_file", settings.language, reason=error), file=sys.stderr)
        return 2
    return 0


def _migrate(options: argparse.Namespace, settings: Settings) -> None:
    found: State = state(settings.database)
    kept = upgrade(settings.database)
    print(say("migrate.current" if found == "current" else "migrate.done", settings.language))
    if kept:
        print(say("migrate.kept", settings.language, file=kept))


def _backup(options: argparse.Namespace, settings: Settings) -> None:
    backup(settings.database, options.file)
    print(say("backup.done", settings.language, file=options.file))


def _export(options: argparse.Namespace, settings: Settings) -> None:
    found = state(settings.database)
    if found in ("older", "newer"):
        raise MigrationNeeded(found)
    selection = Selection(options.first, options.last, options.decision, options.feedback, options.channel)
    with _output(options.output) as output:
        if found == "empty":
            print(say("records.empty", settings.language), file=sys.stderr)
        else:
            database = open_database(settings.database)
            asyncio.run(_write(database, selection, options.form, output, mask=not options.unmasked))


async def _write(database: Database, selection: Selection, form: Format, output: TextIO, *, mask: bool) -> None:
    try:
        async for piece in export(database, selection, form, mask=mask):
            output.write(piece)
    finally:
        await database.close()


@contextmanager
def _output(file: Path | None) -> Iterator[TextIO]:
    """Line ends stay as they are written: those of a table are CR LF."""
    if file is None:
        yield sys.stdout
        return
    with file.open("w", encoding="utf-8", newline="") as output:
        # What people asked is for whoever exported it.
        file.chmod(0o600)
        yield output
