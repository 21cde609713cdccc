"""The commands about users of the console: add, list, disable, enable, password."""

import argparse
import asyncio
import getpass
import sys
from typing import get_args

from bot.conversations import accounts
from bot.conversations.accounts import AccountError
from bot.conversations.database import Database, open_database
from bot.conversations.migrating import prepare
from bot.conversations.models import Role
from bot.settings import Settings
from bot.texts import Language, say


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    user = commands.add_parser("user", help="who may sign in to the console: add, list, disable, enable, password")
    doing = user.add_subparsers(dest="doing", required=True)
    add = doing.add_parser("add", help="let somebody in; the password is asked for, or read from stdin")
    add.add_argument("name")
    add.add_argument("--role", choices=get_args(Role), required=True, help="admin: also library, people, log")
    doing.add_parser("list", help="show all")
    doing.add_parser("disable", help="let somebody in no longer, at once").add_argument("name")
    doing.add_parser("enable", help="let somebody in again").add_argument("name")
    doing.add_parser("password", help="set another password").add_argument("name")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Returns the exit code: 0 done, 2 nothing could be done. Raises MigrationNeeded, DatabaseUnavailable."""
    language = settings.language
    prepare(settings.database)
    password = _password(language) if options.doing in ("add", "password") else ""
    try:
        asyncio.run(_do(options, settings, password))
    except AccountError as error:
        values = {"name": options.name, "least": accounts.SHORTEST_PASSWORD, "most": accounts.LONGEST_PASSWORD}
        print(say(f"user.{error.code}", language, **values), file=sys.stderr)
        return 2
    return 0


def _password(language: Language) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(say("user.ask_password", language))
    return sys.stdin.readline().rstrip("\r\n")


async def _do(options: argparse.Namespace, settings: Settings, password: str) -> None:
    database = open_database(settings.database)
    try:
        await _doing(options, database, password, settings.language)
    finally:
        await database.close()


async def _doing(options: argparse.Namespace, database: Database, password: str, language: Language) -> None:
    if options.doing == "list":
        for account in await database.read(accounts.users):
            state = say("user.state_disabled" if account.disabled else "user.state_active", language)
            print(f"{account.name}  {account.role}  {state}  {account.created:%Y-%m-%d}")
    elif options.doing == "add":
        await database.write(lambda connection: accounts.add_user(connection, options.name, options.role, password))
        print(say("user.added", language, name=options.name, role=options.role))
    elif options.doing == "disable":
        await database.write(lambda connection: accounts.disable(connection, options.name))
        print(say("user.disabled", language, name=options.name))
    elif options.doing == "enable":
        await database.write(lambda connection: accounts.enable(connection, options.name))
        print(say("user.enabled", language, name=options.name))
    else:
        await database.write(lambda connection: accounts.set_password(connection, options.name, password))
        print(say("user.password_set", language, name=options.name))
