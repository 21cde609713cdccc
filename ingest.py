"""Publish a folder of documents as the library that the bot answers from.

    python ingest.py                    the guides of KNOWLEDGE_DIR
    python ingest.py FOLDER             another folder
    python ingest.py --check            read and lint, publish nothing
    python ingest.py --list             the kept versions
    python ingest.py --rollback 7       publish version 7 again

Exit code: 0 done, 1 some documents were rejected, 2 nothing was done.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.logs import configure_logging
from bot.settings import Settings, SettingsError, load_settings
from bot.texts import Language, say
from knowledge.documents import LibraryError, Problem
from knowledge.embedding import load_embeddings
from knowledge.ingestion import Options, Report, check, ingest
from knowledge.library import Library


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ingest.py", description="Publish a folder of documents as the library.")
    parser.add_argument("folder", nargs="?", type=Path, help="folder of documents (default: KNOWLEDGE_DIR)")
    parser.add_argument("--check", action="store_true", help="read and lint every document, publish nothing")
    parser.add_argument("--list", action="store_true", help="list the kept versions")
    parser.add_argument("--rollback", type=int, metavar="VERSION", help="publish a kept version again")
    parser.add_argument("--rebuild", action="store_true", help="build a new version even if nothing changed")
    parser.add_argument("--strict", action="store_true", help="reject documents that have warnings")
    parser.add_argument("--allow-empty", action="store_true", help="let an empty folder empty the library")
    parser.add_argument("--allow-shrink", action="store_true", help="let a run remove more than half of the library")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> int:
    folder = options.folder or settings.knowledge_dir
    language = settings.language
    if options.check:
        return _print_report(check(folder), options, language)
    library = Library(settings.library_dir)
    if options.list:
        _print_versions(library, options)
        return 0
    if options.rollback is not None:
        with library.writing(wait=60):
            library.publish(options.rollback)
        print(say("ingest.rolled_back", language, number=options.rollback))
        return 0
    with _bar(language) as bar:
        report = ingest(
            library,
            folder,
            settings.embedding_model,
            lambda: load_embeddings(settings.embedding_model),
            Options(options.strict, options.rebuild, options.allow_empty, options.allow_shrink),
            bar.embedded,
            bar.waiting,
        )
    return _print_report(report, options, language)


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


def _print_report(report: Report, options: argparse.Namespace, language: Language) -> int:
    if options.json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        for problem in report.rejected:
            print(say("ingest.rejected", language, line=_line(problem, language)))
        shown = report.warnings if options.check or options.strict else []
        for problem in shown:
            print(say("ingest.warning", language, line=_line(problem, language)))
        _print_summary(report, options, language)
    failed = report.rejected or (options.check and options.strict and report.warnings)
    return 1 if failed else 0


def _line(problem: Problem, language: Language) -> str:
    return f"{problem.document}:{problem.line}: {say(f'problem.{problem.code}', language, **problem.values)}"


def _print_summary(report: Report, options: argparse.Namespace, language: Language) -> None:
    counts = {name: len(getattr(report, name)) for name in ("added", "updated", "unchanged", "removed", "rejected")}
    if options.check:
        read = len(report.added)
        print(say("ingest.checked", language, read=read, rejected=counts["rejected"], warnings=len(report.warnings)))
        return
    print(say("ingest.counts", language, **counts))
    if report.version is None:
        print(say("ingest.nothing_new", language, passages=report.passages, seconds=f"{report.seconds:.1f}"))
        return
    values = {"number": report.version, "passages": report.passages, "seconds": f"{report.seconds:.1f}"}
    print(say("ingest.published", language, **values))
    if report.first_answer is not None:
        print(say("ingest.first_answer", language, seconds=f"{report.first_answer:.1f}"))
    if report.warnings:
        print(say("ingest.has_warnings", language, count=len(report.warnings)))


def _print_versions(library: Library, options: argparse.Namespace) -> None:
    versions = library.versions()
    if options.json:
        print(json.dumps([asdict(version) for version in versions], ensure_ascii=False, indent=1))
        return
    for version in versions:
        mark = "*" if version.published else " "
        counts = f"{version.documents:>6} documents {version.passages:>7} passages"
        print(f"{mark} {version.number:>5}  {version.created}  {counts}  {version.model}")


if __name__ == "__main__":
    sys.exit(main())
