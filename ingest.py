"""Publish a folder of documents, and those that people brought, as the library that the bot answers from.

    python ingest.py                    the guides of KNOWLEDGE_DIR
    python ingest.py FOLDER             another folder; with --guard only if nothing is answered worse
    python ingest.py --check            read and lint, publish nothing
    python ingest.py --watch            publish whenever the folder changes

    python ingest.py --add FILE         keep a document, say what was read and what it would spoil, publish it
    python ingest.py --list             the documents of the library
    python ingest.py --show ID          one of them; --set ID FIELD=VALUE changes what it is called or when it is due
    python ingest.py --retire ID        take it out of the library; --restore ID takes it back

    python ingest.py --versions         the kept versions of the library
    python ingest.py --diff 7           what the live version says otherwise than version 7
    python ingest.py --rollback 7       publish version 7 again; it stays until --unpin or a change of a document

Exit code: 0 done, 1 some documents were rejected or the new version was not published, 2 nothing was done.
"""

import argparse
import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.commands import library
from bot.commands.library import line_of, print_findings
from bot.curation.guarding import Findings
from bot.curation.publishing import Outcome, Publisher
from bot.curation.watching import watch
from bot.logs import configure_logging
from bot.settings import Settings, SettingsError, load_settings
from bot.texts import Language, say
from knowledge.acts import Act
from knowledge.documents import DocumentError, LibraryError
from knowledge.ingestion import Options, Report, check


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    configure_logging(settings.log_level)
    try:
        return _run(options, settings)
    except LibraryError as error:
        print(say(f"library.{error.code}", settings.language, **error.values), file=sys.stderr)
        return 2
    except DocumentError as error:
        print(say("ingest.rejected", settings.language, line=line_of(error.problem, settings.language)))
        return 2
    except (KeyboardInterrupt, BrokenPipeError):
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ingest.py", description="Publish a folder of documents as the library.")
    parser.add_argument("folder", nargs="?", type=Path, help="folder of documents (default: KNOWLEDGE_DIR)")
    commands = parser.add_mutually_exclusive_group()
    commands.add_argument("--check", action="store_true", help="read and lint every document, publish nothing")
    commands.add_argument("--watch", action="store_true", help="publish whenever the folder has changed, until stopped")
    commands.add_argument("--add", type=Path, metavar="FILE", help="keep a document and publish it")
    commands.add_argument("--list", action="store_true", help="list the documents")
    commands.add_argument("--show", metavar="ID", help="show a document: what is known of it, sections, versions")
    commands.add_argument("--set", nargs="+", metavar=("ID", "FIELD=VALUE"), help="set title, topic or review_by")
    commands.add_argument("--retire", metavar="ID", help="take a document out of the library")
    commands.add_argument("--restore", metavar="ID", help="take a retired document back, or an older --number of one")
    commands.add_argument("--discard", metavar="ID", help="delete what was added and never published")
    commands.add_argument("--versions", action="store_true", help="list the kept versions of the library")
    commands.add_argument("--diff", type=int, metavar="VERSION", help="what the live version says otherwise")
    commands.add_argument("--rollback", type=int, metavar="VERSION", help="publish a kept version again and pin it")
    parser.add_argument("--topic", help="with --add: the topic that the document is about")
    parser.add_argument("--by", metavar="NAME", help="who does it (default: the user of this machine)")
    parser.add_argument("--number", type=int, help="with --restore: the version of the document")
    parser.add_argument("--guard", action="store_true", help="do not publish if something is answered worse")
    parser.add_argument("--yes", action="store_true", help="publish although something is answered worse")
    parser.add_argument("--unpin", action="store_true", help="publish although the library was rolled back")
    parser.add_argument("--rebuild", action="store_true", help="build a new version even if nothing changed")
    parser.add_argument("--strict", action="store_true", help="reject documents that have warnings")
    parser.add_argument("--allow-empty", action="store_true", help="let an empty folder empty the library")
    parser.add_argument("--allow-shrink", action="store_true", help="let a run remove more than half of the library")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> int:
    folder = options.folder or settings.knowledge_dir
    if options.check:
        return _print_report(check(folder), options, settings.language)
    publisher = Publisher(settings)
    by = options.by or _user()
    if options.watch:
        _watch(publisher, folder, options, settings.language)
    if options.add:
        document = publisher.store.add(options.add, by, options.topic)
        if not options.json:
            library.print_read(publisher, document, settings.language)
        return _publish(publisher, Act("publish", document.id, by), options, settings.language, guarded=True)
    if options.retire:
        return _publish(publisher, Act("retire", options.retire, by), options, settings.language)
    if options.restore:
        return _publish(publisher, Act("restore", options.restore, by, options.number), options, settings.language)
    if options.rollback is not None:
        publisher.roll_back(options.rollback, by)
        print(say("ingest.rolled_back", settings.language, number=options.rollback))
        return 0
    if options.set:
        library.change(publisher, options.set[0], options.set[1:], by)
    elif library.run(options, publisher, by, settings.language):
        return 0
    return _publish(publisher, None, options, settings.language)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may have no name for its user
        return "-"


def _publish(
    publisher: Publisher, act: Act | None, options: argparse.Namespace, language: Language, *, guarded: bool = False
) -> int:
    def accept(findings: Findings) -> bool:
        return options.yes or not findings.spoilt

    with _bar(language) as bar:
        outcome = publisher.publish(
            act,
            folder=options.folder,
            options=Options(options.strict, options.rebuild, options.allow_empty, options.allow_shrink, options.unpin),
            guarded=guarded or options.guard,
            accept=accept,
            progress=bar.embedded,
            waiting=bar.waiting,
        )
    code = _print_outcome(outcome, options, language)
    if act and act.what == "publish" and outcome.report.refused and not options.json:
        print(say("ingest.draft_kept", language, id=act.document))
    return code


def _watch(publisher: Publisher, folder: Path, options: argparse.Namespace, language: Language) -> None:
    """Publish whenever the folder has changed. Ends with an interrupt only."""

    def run() -> None:
        try:
            _publish(publisher, None, options, language)
        except LibraryError as error:
            print(say(f"library.{error.code}", language, **error.values), file=sys.stderr)
        sys.stdout.flush()

    def failed(error: Exception) -> None:
        print(say("ingest.watch_failed", language, detail=f"{type(error).__name__}: {error}"), file=sys.stderr)

    print(say("ingest.watching", language, folder=folder), flush=True)
    watch(folder, run, failed)


class _Bar:
    """A progress bar on a terminal; silence where nobody watches."""

    def __init__(self, progress: Progress, language: Language) -> None:
        self._progress = progress
        self._language = language
        self._task = progress.add_task(say("ingest.embedding", language), total=None, visible=False)

    def embedded(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total, visible=total > 0)

    def waiting(self) -> None:
        self._progress.console.print(say("ingest.waiting", self._language))


@contextmanager
def _bar(language: Language) -> Iterator[_Bar]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Bar(progress, language)


def _print_outcome(outcome: Outcome, options: argparse.Namespace, language: Language) -> int:
    report, findings = outcome.report, outcome.findings
    if options.json:
        found = {"findings": findings.to_json()} if findings else {}
        print(json.dumps(report.to_json() | found, ensure_ascii=False, indent=1, default=str))
        return 1 if report.refused or report.rejected else 0
    if findings:
        print_findings(findings, language)
    code = _print_report(report, options, language)
    if report.refused and not report.rejected:
        print(say("ingest.refused", language))
    return 1 if report.refused else code


def _print_report(report: Report, options: argparse.Namespace, language: Language) -> int:
    if options.json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        for problem in report.rejected:
            print(say("ingest.rejected", language, line=line_of(problem, language)))
        shown = report.warnings if options.check or options.strict or options.add else []
        for problem in shown:
            print(say("ingest.warning", language, line=line_of(problem, language)))
        _print_summary(report, options, language)
    failed = report.rejected or (options.check and options.strict and report.warnings)
    return 1 if failed else 0


def _print_summary(report: Report, options: argparse.Namespace, language: Language) -> None:
    counts = {name: len(getattr(report, name)) for name in ("added", "updated", "unchanged", "removed", "rejected")}
    if options.check:
        read = len(report.added)
        print(say("ingest.checked", language, read=read, rejected=counts["rejected"], warnings=len(report.warnings)))
        return
    print(say("ingest.counts", language, **counts))
    if report.pinned:
        print(say("ingest.pinned", language))
    if report.refused:
        return
    if report.version is None:
        print(say("ingest.nothing_new", language, passages=report.passages, seconds=f"{report.seconds:.1f}"))
        return
    values = {"number": report.version, "passages": report.passages, "seconds": f"{report.seconds:.1f}"}
    print(say("ingest.published", language, **values))
    if report.first_answer is not None:
        print(say("ingest.first_answer", language, seconds=f"{report.first_answer:.1f}"))
    if report.warnings and not options.add:
        print(say("ingest.has_warnings", language, count=len(report.warnings)))


if __name__ == "__main__":
    sys.exit(main())
