"""What whoever looks after the library does by pressing a button: what they were shown, once, however often it comes.

An act that was begun and not finished, as the process was killed, is done when it comes again; one that was done
already is said to be; one that was meant for something that is no longer there does nothing.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.curation.guarding import Findings
from bot.curation.previewing import is_live
from bot.curation.publishing import Publisher
from knowledge.acts import Act, Entry, StoredDocument, StoredVersion
from knowledge.comparing import Difference, compare
from knowledge.documents import DocumentError, LibraryError
from knowledge.holdings import Holding, holdings
from knowledge.index import FORMAT
from knowledge.ingestion import Options
from knowledge.library import Version
from knowledge.reading import CONFINED, READERS, REFUSED

Waiting = Callable[[], None]
Progress = Callable[[int, int], None]

# Characters of a file's name, and of what stands behind its last dot.
_LONGEST_NAME, _LONGEST_SUFFIX = 100, 10


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a wish. gone: what it was meant for is not there any more. worse: not published, as something is
    answered worse, which `findings` tells. entry: the act in the history that made it so.
    """

    result: Literal["done", "gone", "worse"]
    title: str = ""
    entry: Entry | None = None
    findings: Findings | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step back, to the kept version before the live one, and what would be different then."""

    live: int
    to: int
    difference: Difference


def tidy_name(name: str) -> str:
    """The name of a file that somebody sent, as it may be kept and shown: no path, nothing unseen, not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    written = "".join(character for character in last if unicodedata.category(character) != "Cf")
    seen = " ".join("".join(character if character.isprintable() else " " for character in written).split())
    stem, dot, suffix = seen.rpartition(".")
    if not dot:
        return seen[:_LONGEST_NAME] or "tep"
    return f"{stem[:_LONGEST_NAME].strip() or 'tep'}.{suffix[:_LONGEST_SUFFIX]}"


def may_be_read(name: str) -> bool:
    """Whether a file of this name is worth to be looked at; some are then refused with what to do about it."""
    return Path(name).suffix.lower() in {*READERS, *CONFINED, *REFUSED}


def known_ids(publisher: Publisher) -> set[str]:
    """Of all documents, also of those that are gone."""
    store = publisher.store
    found = {one.id for one in store.documents()} | {one.id for one in publisher.documents()}
    return found | {*store.retired_guides()} | {entry.document for entry in store.history()}


def listed(publisher: Publisher) -> list[Holding]:
    """All documents, those that people brought first, and of these the drafts."""
    found = holdings(publisher.documents(), publisher.store)
    return sorted(found, key=lambda one: (not one.version, one.waiting is None, one.id))


def publish(
    publisher: Publisher,
    document: str,
    digest: str,
    by: str,
    *,
    sure: bool = False,
    waiting: Waiting = lambda: None,
    progress: Progress = lambda done, total: None,
) -> Done:
    """Publish the version whose hash begins like that, if it still waits.

    sure: although something is answered worse. waiting: called when another ingest is at work. progress: of vectors
    made. Raises LibraryError, and DocumentError when it cannot be read any more.
    """
    found = held(publisher, document, digest)
    return _publish(publisher, *found, by, sure, waiting, progress) if found else Done("gone")


def publish_again(
    publisher: Publisher,
    document: str,
    number: int,
    live: int,
    by: str,
    *,
    sure: bool = False,
    waiting: Waiting = lambda: None,
    progress: Progress = lambda done, total: None,
) -> Done:
    """Publish a version that was live before, if in its place still the one of `live` is: 0 where none is.

    Raises LibraryError, and DocumentError when it cannot be read any more.
    """
    stored = next((one for one in publisher.store.documents() if one.id == document), None)
    earlier = (one for one in publisher.store.versions(document) if one.published and one.number == number)
    version = next(earlier, None)
    if stored is None or version is None or live_number(stored) not in (live, number):
        return Done("gone")
    return _publish(publisher, stored, version, by, sure, waiting, progress)


def live_number(stored: StoredDocument) -> int:
    """Of the version of a document that is live; 0 where none is."""
    return stored.current.number if stored.status == "live" else 0


def _publish(
    publisher: Publisher,
    stored: StoredDocument,
    version: StoredVersion,
    by: str,
    sure: bool,
    waiting: Waiting,
    progress: Progress,
) -> Done:
    document, findings = stored.id, None
    if not is_live(publisher, stored, version):
        act = Act("publish", document, by, version.number)
        outcome = publisher.publish(act, guarded=not sure, waiting=waiting, progress=progress)
        findings = outcome.findings
        for problem in outcome.report.rejected:
            if problem.document == document:
                raise DocumentError(problem)
        if outcome.report.refused:
            return Done("worse", stored.title, None, findings)
    return Done("done", stored.title, _newest(publisher, document, ("publish", "restore"), version.number), findings)


def discard(publisher: Publisher, document: str, digest: str, by: str) -> Done:
    """Delete the draft whose hash begins like that. Raises LibraryError."""
    found = held(publisher, document, digest)
    if found is None or found[0].waiting != found[1]:
        entry = next(iter(publisher.store.history(document)), None)
        mine = entry is not None and (entry.what, entry.by) == ("discard", by)
        return Done("done", str(entry.detail["name"]), entry) if entry and mine else Done("gone")
    try:
        publisher.store.discard(document, by)
    except LibraryError as error:
        if error.code not in ("no_draft", "no_such_document"):
            raise
        return Done("gone")
    return Done("done", found[1].name, _newest(publisher, document, ("discard",)))


def change(
    publisher: Publisher,
    what: Literal["retire", "restore"],
    document: str,
    by: str,
    waiting: Waiting = lambda: None,
) -> Done:
    """Take a live document out of the library, or take a retired one back. Raises LibraryError."""
    before = next((one for one in listed(publisher) if one.id == document), None)
    if before is None or before.status == "draft":
        return Done("gone")
    there = any(one.id == document for one in publisher.documents())
    retired = document in publisher.store.retired_guides() or before.status == "retired"
    if retired != (what == "retire"):
        publisher.publish(Act(what, document, by), waiting=waiting)
    elif there == retired:
        # Done by one who was killed before it was published.
        publisher.publish(options=Options(unpin=True), waiting=waiting)
    return Done("done", before.title, _newest(publisher, document, (what,)))


def answers_fully(version: Version) -> bool:
    """Whether a kept version can be gone back to: it has vectors, and this program's format."""
    return version.dense and version.format == FORMAT


def step_back(publisher: Publisher) -> Step | None:
    """None where no earlier version is kept that answers as well as this program can. Raises LibraryError."""
    live = publisher.library.published()
    whole = [one.number for one in publisher.library.versions() if answers_fully(one)]
    earlier = [number for number in whole if live is not None and number < live]
    if live is None or not earlier:
        return None
    return Step(live, earlier[0], compare(publisher.documents(), publisher.documents(earlier[0])))


def go_back(publisher: Publisher, to: int, live: int, by: str) -> Done:
    """Go back to a version, if the live one still is the one that it was. Raises LibraryError."""
    now = publisher.library.published()
    if now == live:
        publisher.roll_back(to, by)
    elif now != to or not publisher.library.pinned():
        return Done("gone")
    return Done("done")


def brought(publisher: Publisher, document: str) -> Entry | None:
    """The act by which the newest version of a document came."""
    return next((entry for entry in publisher.store.history(document) if entry.what == "add"), None)


def held(publisher: Publisher, document: str, digest: str) -> tuple[StoredDocument, StoredVersion] | None:
    """A version that waits, or that is or was the live one; no older one, in whose place another one came."""
    stored = next((one for one in publisher.store.documents() if one.id == document), None)
    for version in (stored.waiting, stored.current) if stored else ():
        if stored and version and digest and version.hash.startswith(digest):
            return stored, version
    return None


def _newest(publisher: Publisher, document: str, acts: tuple[str, ...], version: int | None = None) -> Entry | None:
    found = (entry for entry in publisher.store.history(document) if entry.what in acts)
    return next((entry for entry in found if version in (None, entry.detail.get("version"))), None)
