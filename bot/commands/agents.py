"""The commands about authorised agents: add, list, remove. What is entered is shown to people with source and date."""

import argparse
import asyncio
import datetime
import re
import sys
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection

from bot.conversations.agents import Authorised, authorised, enter, remove
from bot.conversations.database import open_database
from bot.conversations.migrating import prepare
from bot.settings import Settings
from bot.texts import say

T = TypeVar("T")

# Who did it, in the audit log.
_ACTOR = "command line"
_TAX_CODE = re.compile(r"\d{10}(?:-\d{3})?|\d{12}")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    agent = commands.add_parser("agent", help="enter, list and remove authorised agents that have a source")
    acts = agent.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", help="enter an agent, or change what was entered of its tax code")
    add.add_argument("name", metavar="NAME", help="the company's full legal name")
    add.add_argument("--tax-code", required=True, metavar="CODE", help="0123456789 or 0123456789-001")
    add.add_argument("--source", required=True, metavar="URL", help="the page that says so")
    add.add_argument("--date", required=True, metavar="YYYY-MM-DD", help="when the source said so")
    add.add_argument("--note", metavar="WORDS", help="shown below the agent, such as the end of its term")
    acts.add_parser("list", help="what is entered")
    gone = acts.add_parser("remove", help="take an agent out of the list")
    gone.add_argument("tax_code", metavar="CODE", help="its tax code")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands; returns the exit code: 0 done, 2 nothing could be done.

    Raises MigrationNeeded, BackupError, DatabaseUnavailable.
    """
    acts: dict[str, Callable[[argparse.Namespace, Settings], int]] = {"add": _add, "list": _list, "remove": _remove}
    return acts[options.act](options, settings)


def _add(options: argparse.Namespace, settings: Settings) -> int:
    tax_code, name = options.tax_code.replace(" ", ""), " ".join(options.name.split())
    wrong = _wrong(name, tax_code, options.source, options.date)
    if wrong:
        print(say(f"agents.cli_{wrong}", settings.language), file=sys.stderr)
        return 2
    note = " ".join(options.note.split()) if options.note else None
    agent = Authorised(tax_code, name, options.source, options.date, note or None)
    new = _done(settings, lambda connection: enter(connection, agent, _ACTOR))
    print(say("agents.cli_added" if new else "agents.cli_changed", settings.language, name=name, tax_code=tax_code))
    return 0


def _wrong(name: str, tax_code: str, source: str, date: str) -> str | None:
    """What is wrong with an entry: name, tax_code, source or date; None when nothing is."""
    if not name:
        return "name"
    if not _TAX_CODE.fullmatch(tax_code):
        return "tax_code"
    if not _is_address(source):
        return "source"
    return None if _is_past(date) else "date"


def _is_address(source: str) -> bool:
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    readable = source.isprintable() and not re.search(r"[\s()<>\"]", source)
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and readable


def _is_past(date: str) -> bool:
    """Whether it is a day, YYYY-MM-DD, and not one to come anywhere."""
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        return False
    return len(date) == len("YYYY-MM-DD") and day <= datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(1)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    agents = _done(settings, authorised)
    for agent in agents:
        print("\t".join((agent.tax_code, agent.name, agent.dated, agent.source, agent.note or "")).rstrip())
    if not agents:
        print(say("agents.cli_none", settings.language), file=sys.stderr)
    return 0


def _remove(options: argparse.Namespace, settings: Settings) -> int:
    if _done(settings, lambda connection: remove(connection, options.tax_code, _ACTOR)):
        print(say("agents.cli_removed", settings.language, tax_code=options.tax_code))
        return 0
    print(say("agents.cli_unknown", settings.language, tax_code=options.tax_code), file=sys.stderr)
    return 2


def _done(settings: Settings, work: Callable[[Connection], T]) -> T:
    """Do the work in the database, which is made if it is not there yet."""
    prepare(settings.database)
    return asyncio.run(_written(settings.database, work))


async def _written(url: str, work: Callable[[Connection], T]) -> T:
    database = open_database(url)
    try:
        return await database.write(work)
    finally:
        await database.close()
