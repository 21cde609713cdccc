"""The library, for admins: documents, their versions, and acts that are looked at before they are done."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal, cast

from starlette.responses import Response

from bot.texts import say
from bot.web.console.conversations import TOPICS
from bot.web.console.jobs import Job
from bot.web.console.shelf import TYPED, Preview, rendered
from bot.web.console.visiting import Visit, page
from knowledge.acts import Act
from knowledge.comparing import Difference
from knowledge.documents import DocumentError, LibraryError, Problem
from knowledge.reading import MAX_BYTES, MAX_CONFINED_BYTES

What = Literal["publish", "retire", "restore"]
_ACTS = ("publish", "retire", "restore")
_LONGEST_QUESTION = 500


async def documents(visit: Visit) -> Response:
    held = await asyncio.to_thread(visit.behind.shelf.holdings)
    versions, pinned = await asyncio.to_thread(visit.behind.shelf.versions)
    words = visit.query("words").casefold()
    status = visit.query("status")
    shown = [
        one
        for one in held
        if (not words or words in f"{one.id} {one.title}".casefold())
        and (not status or status == one.status or (status == "due" and one.overdue and one.status == "live")
             or (status == "waiting" and one.waiting))
    ]  # fmt: skip
    return visit.behind.pages.show(
        visit,
        "library",
        documents=shown,
        words=visit.query("words"),
        status=status,
        versions=versions,
        pinned=pinned,
        jobs=visit.behind.jobs.latest()[:5],
        topics=TOPICS,
        limit=MAX_CONFINED_BYTES // 1_000_000,
    )


async def document(visit: Visit) -> Response:
    id_ = visit.request.path_params["id"]
    shown = await asyncio.to_thread(visit.behind.shelf.document, id_)
    sections = rendered(shown.document) if shown.document else []
    return visit.behind.pages.show(visit, "document", shown=shown, sections=sections)


async def upload(visit: Visit) -> Response:
    file = visit.file("file")
    if file is None:
        return visit.behind.pages.message(visit, "console.library.no_file", 400)
    content = await file.read(MAX_CONFINED_BYTES + 1)
    if len(content) > MAX_CONFINED_BYTES:
        return visit.behind.pages.message(visit, "console.too_large", 413)
    topic = visit.typed("topic")
    return await _added(visit, content, file.filename or "", topic if topic in TOPICS else None)


async def _added(visit: Visit, content: bytes, name: str, topic: str | None) -> Response:
    id_ = await asyncio.to_thread(visit.behind.shelf.add, content, name, visit.user.name, topic)
    await visit.audit("upload", id_)
    return visit.go(f"/library/document/{id_}")


async def edit(visit: Visit) -> Response:
    """The text of a document to change, or of a new one to write."""
    id_ = visit.query("id")
    if not id_:
        return editor(visit, "", "", say("console.library.new_text", visit.language), None)
    shown = await asyncio.to_thread(visit.behind.shelf.document, id_)
    if shown.text is None:
        return visit.behind.pages.message(visit, "console.library.not_typed", 400)
    return editor(visit, id_, shown.versions[0].name, shown.text, None)


async def save(visit: Visit) -> Response:
    """Show what was typed as it would be read, or keep it as a draft."""
    id_, name = visit.typed("id"), visit.typed("name")
    value = visit.form.get("text")
    text = (value if isinstance(value, str) else "").replace("\r\n", "\n")
    if len(text.encode()) > MAX_BYTES:
        return visit.behind.pages.message(visit, "console.too_large", 413)
    if id_:
        name = (await asyncio.to_thread(visit.behind.shelf.document, id_)).versions[0].name
    elif not name.endswith(TYPED):
        name = f"{name or 'tai-lieu'}{TYPED}"
    preview = await asyncio.to_thread(visit.behind.shelf.preview, text, name)
    if visit.typed("do") == "save" and preview.problem is None:
        return await _added(visit, text.encode(), name, None)
    return editor(visit, id_, name, text, preview)


def editor(visit: Visit, id_: str, name: str, text: str, preview: Preview | None, about: str = "") -> Response:
    """The page to write on; about: what to do with a text that nobody has written on so far."""
    return visit.behind.pages.show(
        visit, "edit", id=id_, name=name, text=text, preview=preview, told=teller(visit), about=about
    )


def teller(visit: Visit) -> Callable[[Problem | DocumentError | LibraryError], str]:
    """Says in words what a problem or an error is."""

    def told(one: Problem | DocumentError | LibraryError) -> str:
        if isinstance(one, LibraryError):
            return say(f"library.{one.code}", visit.language, **one.values)
        problem = one.problem if isinstance(one, DocumentError) else one
        return f"{problem.line}: {say(f'problem.{problem.code}', visit.language, **problem.values)}"

    return told


async def look(visit: Visit) -> Response:
    """Begin to look at what an act would do to the answers."""
    act = _act(visit)
    shelf = visit.behind.shelf
    job = visit.behind.jobs.start("look", act.document, act.by, lambda _: (act, shelf.publisher.preview(act)))
    return visit.go(f"/library/job/{job.key}")


async def do(visit: Visit) -> Response:
    """Do an act that was looked at."""
    act = _act(visit)
    shelf = visit.behind.shelf
    await visit.audit(act.what, act.document, version=act.version)
    job = visit.behind.jobs.start(
        act.what, act.document, act.by, lambda job: shelf.publisher.publish(act, progress=job.progress)
    )
    return visit.go(f"/library/job/{job.key}")


async def try_question(visit: Visit) -> Response:
    """Ask a question of the live version and of the one that an act would make."""
    act, question = _act(visit), visit.typed("question")[:_LONGEST_QUESTION]
    if not question:
        return visit.go(f"/library/document/{act.document}")
    shelf = visit.behind.shelf

    def ask(_: Job) -> Any:  # noqa: ANN401
        return act, question, shelf.publisher.ask_both(act, question)

    job = visit.behind.jobs.start("try", act.document, act.by, ask)
    return visit.go(f"/library/job/{job.key}")


def _act(visit: Visit) -> Act:
    what, version = visit.typed("what"), visit.typed("version")
    if what not in _ACTS:
        raise LibraryError("no_such_field", field=what)
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < len("1000000") else None
    return Act(cast("What", what), visit.typed("id"), visit.user.name, number)


async def discard(visit: Visit) -> Response:
    id_ = visit.typed("id")
    await asyncio.to_thread(visit.behind.shelf.publisher.store.discard, id_, visit.user.name)
    await visit.audit("discard", id_)
    return visit.go("/library")


async def roll_back(visit: Visit) -> Response:
    number, by = visit.request.path_params["number"], visit.user.name
    await visit.audit("roll_back", number)
    publisher = visit.behind.shelf.publisher
    job = visit.behind.jobs.start("roll_back", str(number), by, lambda _: publisher.roll_back(number, by))
    return visit.go(f"/library/job/{job.key}")


async def changes(visit: Visit) -> Response:
    """What the live version has changed since an earlier one, or one version of a document since another."""
    id_, since, until = visit.query("id"), _number(visit, "since"), _number(visit, "until")
    shelf = visit.behind.shelf
    found: Difference
    if id_:
        found = await asyncio.to_thread(shelf.changes, id_, since, until)
    else:
        found = await asyncio.to_thread(shelf.changes_since, since)
    return visit.behind.pages.show(visit, "changes", id=id_, since=since, until=until, difference=found)


def _number(visit: Visit, name: str) -> int:
    text = visit.query(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len("1000000000") else 0


async def job(visit: Visit) -> Response:
    """How far some work is, and what came of it."""
    found = visit.behind.jobs.job(visit.request.path_params["key"])
    if found is None:
        return visit.behind.pages.message(visit, "console.job.gone", 404)
    return visit.behind.pages.show(visit, "job", job=found, told=teller(visit))


def _careful(handler: Callable[[Visit], Any]) -> Callable[[Visit], Any]:
    """What the library cannot do is told, not a failure of the page."""

    async def careful(visit: Visit) -> Response:
        try:
            return cast("Response", await handler(visit))
        except (LibraryError, DocumentError) as error:
            return visit.behind.pages.show(visit, "message", 400, text=teller(visit)(error))

    careful.__name__ = handler.__name__
    return careful


def _admin(path: str, handler: Callable[[Visit], Any], method: str = "GET") -> Any:  # noqa: ANN401
    return page(path, _careful(handler), (method,), role="admin")


ROUTES = [
    _admin("/library", documents),
    _admin("/library/upload", upload, "POST"),
    _admin("/library/edit", edit),
    _admin("/library/edit", save, "POST"),
    _admin("/library/look", look, "POST"),
    _admin("/library/do", do, "POST"),
    _admin("/library/try", try_question, "POST"),
    _admin("/library/discard", discard, "POST"),
    _admin("/library/changes", changes),
    _admin("/library/versions/{number:int}/roll-back", roll_back, "POST"),
    _admin("/library/job/{key:str}", job),
    _admin("/library/document/{id:path}", document),
]
