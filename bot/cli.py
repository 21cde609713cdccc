"""The command line: ask, chat and run; the others are in `commands/`."""

import argparse
import asyncio
import contextlib
import io
import json
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

from bot.app import (
    FIRST_VERSION_WITHIN,
    App,
    ingest_beside,
    onboarding_files,
    open_app,
    open_publisher,
    open_records,
    reminding,
    telling_beside,
)
from bot.assistant.chat_model import ModelError
from bot.assistant.dialogue import Citation, Question, Reply
from bot.commands import agents, gaps, records, users
from bot.commands.doctor import examine
from bot.commands.explaining import explain
from bot.conversations.alone import AlreadyRunning, alone
from bot.conversations.backup import BackupError
from bot.conversations.database import DatabaseUnavailable
from bot.conversations.migrating import MigrationNeeded, prepare
from bot.curation.found_gaps import FoundGaps
from bot.logs import configure_logging
from bot.settings import Settings, SettingsError, load_settings
from bot.texts import Language, say
from knowledge.documents import LibraryError

# Earlier questions of a terminal conversation that a follow-up may lean on.
_HISTORY = 5


def main(arguments: list[str] | None = None) -> int:
    """Run `python -m bot`; returns the exit code: 0 done, 1 something is not OK, 2 nothing could be done."""
    _accept_any_text()
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    configure_logging(settings.log_level if options.command == "run" else "ERROR")
    commands = {
        "ask": _ask,
        "chat": _chat,
        "run": _run,
        "doctor": _doctor,
        "agent": agents.run,
        "gaps": gaps.run,
        "user": users.run,
    }
    try:
        return commands.get(options.command, records.run)(options, settings)
    except LibraryError as error:
        print(say(f"library.{error.code}", settings.language, **error.values), file=sys.stderr)
        return 2
    except MigrationNeeded as error:
        print(say(f"records.{error.code}", settings.language), file=sys.stderr)
        return 2
    except AlreadyRunning:
        print(say("records.already_running", settings.language), file=sys.stderr)
        return 2
    except BackupError as error:
        print(say(f"backup.{error.code}", settings.language, detail=error.detail), file=sys.stderr)
        return 2
    except DatabaseUnavailable as error:
        print(say("records.unavailable", settings.language, reason=error), file=sys.stderr)
        return 2
    except ModelError as error:
        print(say("chat_model.unusable", settings.language, detail=error), file=sys.stderr)
        return 2
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except (KeyboardInterrupt, BrokenPipeError):
        return 130


def _accept_any_text() -> None:
    """What is not UTF-8 must not end a conversation or a batch: a lone surrogate goes out as its JSON escape."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Hải Đăng, the supplier onboarding assistant.")
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="answer one question, or a file of them")
    ask.add_argument("question", nargs="?", help="the question")
    ask.add_argument(
        "--batch", type=Path, metavar="FILE", help='JSON Lines: {"id", "question", "history"}; - for stdin'
    )
    ask.add_argument("--json", action="store_true", help="print JSON")
    ask.add_argument("--explain", action="store_true", help="print every step from question to decision")
    commands.add_parser("chat", help="converse in the terminal")
    commands.add_parser("run", help="run the bot: the web page, and Telegram with a token")
    commands.add_parser("doctor", help="check settings, library, embeddings, conversations, language model, Telegram")
    records.add_commands(commands)
    agents.add_commands(commands)
    gaps.add_command(commands)
    users.add_commands(commands)
    return parser


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    if (options.question is None) == (options.batch is None):
        print(say("ask.one_of", settings.language), file=sys.stderr)
        return 2
    if (
        options.batch is not None
        and str(options.batch) != "-"
        and (options.batch.is_dir() or not options.batch.exists())
    ):
        print(say("ask.no_file", settings.language, file=options.batch), file=sys.stderr)
        return 2
    with open_app(settings) as app, asyncio.Runner() as runner:
        if options.batch is not None:
            with _lines(options.batch) as lines:
                return _batch(app, runner, lines, settings.language)
        reply = runner.run(app.assistant.reply(Question(options.question)))
    if options.explain:
        print(f"{explain(reply)}\n")
    print(json.dumps(reply.to_json(), ensure_ascii=False, indent=1) if options.json else render(reply))
    return 0


@contextlib.contextmanager
def _lines(path: Path) -> Iterator[TextIO]:
    if str(path) == "-":
        yield sys.stdin
        return
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        yield lines


def _batch(app: App, runner: asyncio.Runner, lines: TextIO, language: Language) -> int:
    """Answers go out in the order of the questions; a line that is no question is named on stderr and left out."""
    failed = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            question = _question(asked)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            print(say("ask.bad_line", language, number=number), file=sys.stderr)
            failed += 1
            continue
        reply = runner.run(app.assistant.reply(question))
        print(json.dumps({"id": asked.get("id"), **reply.to_json()}, ensure_ascii=False), flush=True)
    return 1 if failed else 0


def _question(asked: dict[str, Any]) -> Question:
    """Raises TypeError, KeyError or AttributeError for what is no question."""
    text, history = asked["question"], asked.get("history") or []
    if not isinstance(text, str) or not isinstance(history, list):
        raise TypeError
    return Question(text, tuple(str(earlier) for earlier in history))


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    with open_app(settings) as app:
        converse(app, settings)
    return 0


def converse(app: App, settings: Settings) -> None:
    """A conversation on the terminal until end of input."""
    with asyncio.Runner() as runner:
        # Not before: whoever breaks off at once would do so in the middle of making the loop.
        print(say("chat.hello", settings.language))
        _take_turns(app, runner)


def _take_turns(app: App, runner: asyncio.Runner) -> None:
    history: list[str] = []
    suggestions: tuple[str, ...] = ()
    while True:
        try:
            typed = input("\n> ").strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if not typed:
            continue
        if typed.isdigit() and 1 <= int(typed) <= len(suggestions):
            typed = suggestions[int(typed) - 1]
            print(f"> {typed}")
        reply = runner.run(app.assistant.reply(Question(typed, tuple(history))))
        history = [*history, typed][-_HISTORY:]
        suggestions = tuple(suggestion.text for suggestion in reply.suggestions)
        print("\n" + render(reply))


def _run(options: argparse.Namespace, settings: Settings) -> int:
    with ingest_beside(settings) as ingest:
        try:
            with open_app(settings, wait=FIRST_VERSION_WITHIN, hope=ingest.running) as app:
                return _serve(app, settings)
        except LibraryError:
            print(ingest.report.read_text(encoding="utf-8"), file=sys.stderr)
            raise


def _serve(app: App, settings: Settings) -> int:
    return asyncio.run(_channels(app, settings))


async def _channels(app: App, settings: Settings) -> int:
    """The web page, and Telegram where there is a token, in one event loop until a signal to stop."""
    from starlette.routing import Mount

    from bot.telegram.application import build_telegram, run_telegram
    from bot.web.application import build_web, run_web
    from bot.web.console.application import console_app

    files = onboarding_files(settings)
    stop = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    async with alone(settings.database):
        await asyncio.to_thread(prepare, settings.database)
        async with (
            open_records(settings) as records,
            reminding(records, files),
            telling_beside(app, records, settings),
        ):
            parts = (settings, app.live, app.assistant, records)
            publisher = open_publisher(app, settings)
            found_gaps = FoundGaps(records, app.live, app.embeddings)
            telegram = build_telegram(*parts, files, publisher, found_gaps) if settings.telegram_bot_token else None
            hold = timedelta(minutes=settings.console_hold_minutes)
            forget = app.assistant.forget
            profile = files.questionnaire.profile
            console = console_app(
                records.database,
                publisher,
                found_gaps,
                forget,
                hold=hold,
                language=settings.language,
                provinces=profile.provinces,
            )
            bot = (lambda: telegram.link) if telegram else None
            web = build_web(*parts, files, [Mount("/console", console)], bot)
            try:
                if telegram is None:
                    print(say("run.web", settings.language, url=web.url))
                    print(say("run.no_token", settings.language), flush=True)
                    await run_web(web, stop)
                else:
                    await _together([run_web(web, stop), run_telegram(telegram, stop)], stop)
            finally:
                console.state.behind.jobs.close()
    return 0


async def _together(channels: Sequence[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Run channels until all have ended; where one fails the others are told to stop, and its error is raised."""
    tasks = [asyncio.create_task(channel) for channel in channels]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    stop.set()
    await asyncio.wait(tasks)
    for task in tasks:
        task.result()


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    healthy = True
    for finding in examine(settings):
        mark = {True: "OK ", False: "!! ", None: "-- "}[finding.ok]
        print(f"{mark} {say(f'doctor.{finding.part}', settings.language)}: {finding.text}")
        healthy = healthy and finding.ok is not False
    return 0 if healthy else 1


def render(reply: Reply) -> str:
    """A reply for the terminal: text, numbered sources, numbered suggestions."""
    language = reply.language
    parts = [reply.text.replace("**", "")]
    if reply.sources:
        lines = [f"[{source.n}] {citation_line(source, language)}" for source in reply.sources]
        parts.append(f"{say('sources.title', language)}:\n" + "\n".join(lines))
    if reply.suggestions:
        lines = [f"{number}. {suggestion.text}" for number, suggestion in enumerate(reply.suggestions, start=1)]
        parts.append(f"{say('suggestions.title', language)}:\n" + "\n".join(lines))
    return "\n\n".join(parts)


def citation_line(source: Citation, language: Language) -> str:
    """Title › section (page, publisher, date) address."""
    parts = (source.where(language), source.publisher, shown_date(source.date, language))
    published = ", ".join(part for part in parts if part)
    section = f" › {source.section}" if source.section != source.title else ""
    return " ".join(part for part in (f"{source.title}{section}", f"({published})", source.uri or "") if part)


def shown_date(date: str | None, language: Language) -> str:
    """YYYY[-MM[-DD]] as people write it: 31/10/2019, 10/2019, 2019."""
    return "/".join(reversed(date.split("-"))) if date else say("sources.undated", language)
