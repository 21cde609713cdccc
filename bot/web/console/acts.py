"""Acts on the library: looked at first, then done as on Telegram (`curation/curating.py`): once, and audited."""

import asyncio
import secrets
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, cast

from starlette.responses import Response

from bot.curation import curating
from bot.curation.curating import Done
from bot.curation.noting import audited, went_back
from bot.curation.publishing import Outcome, Publisher
from bot.web.console.jobs import Job
from bot.web.console.library import for_admins, teller
from bot.web.console.visiting import Visit
from knowledge.acts import Act
from knowledge.comparing import Difference
from knowledge.documents import LibraryError

What = Literal["publish", "again", "retire", "restore"]
_ACTS = ("publish", "again", "retire", "restore")
_LONGEST_QUESTION, _LONGEST_TOKEN = 500, 64


@dataclass(frozen=True, slots=True)
class Wish:
    """An act that an admin wants, and what they were shown of it.

    what: "again" publishes an earlier version. version: of "publish" and "again". digest: the hash of the version, or
    how it begins. live: the number of the document's live version, 0 where there is none. sure: although something is
    answered worse.
    """

    what: What
    document: str
    by: str
    version: int | None
    digest: str = ""
    live: int = 0
    sure: bool = False

    @property
    def act(self) -> Act:
        return Act("publish" if self.what == "again" else self.what, self.document, self.by, self.version)


@dataclass(frozen=True, slots=True)
class Looked:
    """What an act would do to the answers."""

    wish: Wish
    outcome: Outcome


def _wish(visit: Visit) -> Wish:
    what = visit.typed("what")
    if what not in _ACTS:
        raise LibraryError("no_such_field", field=what[:_LONGEST_TOKEN])
    return Wish(
        cast("What", what),
        visit.typed("id"),
        visit.user.name,
        number_in(visit.typed("version")) or None,
        visit.typed("digest")[:_LONGEST_TOKEN],
        number_in(visit.typed("live")),
        visit.typed("sure") == "1",
    )


async def look(visit: Visit) -> Response:
    """Begin to look at what an act would do to the answers."""
    wish = _wish(visit)
    publisher = visit.behind.shelf.publisher
    job = visit.behind.jobs.start("look", wish.document, wish.by, partial(_looked, publisher, wish))
    return visit.go(f"/library/job/{job.key}")


def _looked(publisher: Publisher, wish: Wish, job: Job) -> Looked:
    if wish.what in ("publish", "again"):
        stored = publisher.store.document(wish.document)
        version = next((one for one in publisher.store.versions(wish.document) if one.number == wish.version), None)
        wish = replace(wish, digest=version.hash if version else "", live=curating.live_number(stored))
    return Looked(wish, publisher.preview(wish.act, waiting=job.waiting, progress=job.progress))


async def do(visit: Visit) -> Response:
    """Do an act that was looked at."""
    wish = _wish(visit)
    publisher = visit.behind.shelf.publisher

    async def noted(done: tuple[Wish, Done]) -> None:
        await visit.audit_acts(audited(done[1].entry, wish.by))

    def work(job: Job) -> tuple[Wish, Done]:
        return wish, _done(publisher, wish, job)

    job = visit.behind.jobs.start(wish.what, wish.document, wish.by, work, noted)
    return visit.go(f"/library/job/{job.key}")


def _done(publisher: Publisher, wish: Wish, job: Job) -> Done:
    how: dict[str, Any] = {"sure": wish.sure, "waiting": job.waiting, "progress": job.progress}
    match wish.what:
        case "publish":
            return curating.publish(publisher, wish.document, wish.digest, wish.by, **how)
        case "again":
            return curating.publish_again(publisher, wish.document, wish.version or 0, wish.live, wish.by, **how)
        case "retire" | "restore":
            return curating.change(publisher, wish.what, wish.document, wish.by, job.waiting)


async def try_question(visit: Visit) -> Response:
    """Ask a question of the live version and of the one that an act would make."""
    wish, question = _wish(visit), visit.typed("question")[:_LONGEST_QUESTION]
    if not question:
        return visit.go(f"/library/document/{wish.document}")
    publisher = visit.behind.shelf.publisher

    def ask(_: Job) -> Any:  # noqa: ANN401
        return question, publisher.ask_both(wish.act, question)

    job = visit.behind.jobs.start("try", wish.document, wish.by, ask)
    return visit.go(f"/library/job/{job.key}")


async def discard(visit: Visit) -> Response:
    """Delete the draft that was shown."""
    id_, digest, publisher = visit.typed("id"), visit.typed("digest"), visit.behind.shelf.publisher
    done = await asyncio.to_thread(curating.discard, publisher, id_, digest, visit.user.name)
    if done.result != "done":
        return visit.behind.pages.message(visit, "console.job.gone_meanwhile", 409)
    await visit.audit_acts(audited(done.entry, visit.user.name))
    return visit.go("/library")


async def roll_back(visit: Visit) -> Response:
    """Go back to a version of the library, if the live one still is the one that it was compared with."""
    to, live, by = visit.request.path_params["number"], number_in(visit.typed("live")), visit.user.name
    asked, publisher = visit.typed("asked")[:_LONGEST_TOKEN], visit.behind.shelf.publisher

    async def noted(done: Done) -> None:
        if done.result == "done":
            await visit.audit_acts([went_back(to, live, asked)])

    job = visit.behind.jobs.start("go_back", str(to), by, lambda _: curating.go_back(publisher, to, live, by), noted)
    return visit.go(f"/library/job/{job.key}")


async def changes(visit: Visit) -> Response:
    """What the live version has changed since an earlier one, or one version of a document since another."""
    id_, since, until = visit.query("id"), number_in(visit.query("since")), number_in(visit.query("until"))
    shelf = visit.behind.shelf
    found: Difference
    live = back = 0
    if id_:
        found = await asyncio.to_thread(shelf.changes, id_, since, until)
    else:
        live, found, whole = await asyncio.to_thread(shelf.changes_since, since)
        back = since if whole and since != live else 0
    return visit.behind.pages.show(
        visit,
        "changes",
        id=id_,
        since=since,
        until=until,
        difference=found,
        live=live,
        back=back,
        asked=secrets.token_hex(4),
    )


def number_in(text: str) -> int:
    """A number out of a form or an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len("1000000000") else 0


async def job(visit: Visit) -> Response:
    """How far some work is, and what came of it."""
    found = visit.behind.jobs.job(visit.request.path_params["key"])
    if found is None:
        return visit.behind.pages.show(visit, "job_gone", 404)
    return visit.behind.pages.show(visit, "job", job=found, told=teller(visit))


ROUTES = [
    for_admins("/library/look", look, "POST"),
    for_admins("/library/do", do, "POST"),
    for_admins("/library/try", try_question, "POST"),
    for_admins("/library/discard", discard, "POST"),
    for_admins("/library/changes", changes),
    for_admins("/library/versions/{number:int}/roll-back", roll_back, "POST"),
    for_admins("/library/job/{key:str}", job),
]
