"""The library, for admins: documents and their versions, files that are brought, texts that are written."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from starlette.responses import Response

from bot.curation import curating
from bot.curation.noting import audited
from bot.texts import catalogue, say
from bot.web.console.conversations import TOPICS
from bot.web.console.shelf import Preview, Typed, rendered
from bot.web.console.visiting import Visit, page
from knowledge.acts import StoredVersion
from knowledge.documents import DocumentError, LibraryError, Problem
from knowledge.reading import MAX_BYTES, MAX_CONFINED_BYTES

_LONGEST_NAME = 80
# What has words in the catalogue.
_ACTS = {key.removeprefix("admin.act.") for key in catalogue() if key.startswith("admin.act.")}


async def documents(visit: Visit) -> Response:
    held = await asyncio.to_thread(visit.behind.shelf.holdings)
    versions, pinned = await asyncio.to_thread(visit.behind.shelf.versions)
    whole = {one.number for one in versions if curating.answers_fully(one)}
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
        whole=whole,
        jobs=visit.behind.jobs.latest()[:5],
        topics=TOPICS,
        limit=MAX_CONFINED_BYTES // 1_000_000,
    )


async def document(visit: Visit) -> Response:
    id_ = visit.request.path_params["id"]
    shown = await asyncio.to_thread(visit.behind.shelf.document, id_)
    sections = rendered(shown.document) if shown.document else []
    return visit.behind.pages.show(visit, "document", shown=shown, sections=sections, acts=_ACTS)


async def upload(visit: Visit) -> Response:
    file = visit.file("file")
    if file is None:
        return visit.behind.pages.message(visit, "console.library.no_file", 400)
    content = await file.read(MAX_CONFINED_BYTES + 1)
    if len(content) > MAX_CONFINED_BYTES:
        return visit.behind.pages.message(visit, "console.too_large", 413)
    topic = visit.typed("topic") if visit.typed("topic") in TOPICS else None
    shelf, by = visit.behind.shelf, visit.user.name
    return await _added(visit, await asyncio.to_thread(shelf.add, content, file.filename or "", by, topic))


async def _added(visit: Visit, id_: str) -> Response:
    entry = await asyncio.to_thread(curating.brought, visit.behind.shelf.publisher, id_)
    await visit.audit_acts(audited(entry, visit.user.name))
    return visit.go(f"/library/document/{id_}")


async def edit(visit: Visit) -> Response:
    """The text of a document to change, or of a new one to write."""
    id_ = visit.query("id")
    if not id_:
        return editor(visit, Typed(text=say("console.library.new_text", visit.language)))
    shown = await asyncio.to_thread(visit.behind.shelf.document, id_)
    if shown.text is None:
        return visit.behind.pages.message(visit, "console.library.not_typed", 400)
    return editor(visit, Typed(id_, shown.versions[0].name, shown.text, shown.versions[0].hash))


async def save(visit: Visit) -> Response:
    """Show what was typed as it would be read, or keep it as a draft, unless somebody else has meanwhile."""
    value = visit.form.get("text")
    typed = Typed(
        visit.typed("id"),
        visit.typed("name")[:_LONGEST_NAME],
        (value if isinstance(value, str) else "").replace("\r\n", "\n"),
        visit.typed("over"),
    )
    if len(typed.text.encode("utf-8", "replace")) > MAX_BYTES:
        return visit.behind.pages.message(visit, "console.too_large", 413)
    shelf = visit.behind.shelf
    typed = await asyncio.to_thread(shelf.named, typed)
    preview = await asyncio.to_thread(shelf.preview, typed)
    if visit.typed("do") != "save" or preview.problem:
        return editor(visit, typed, preview)
    kept = await asyncio.to_thread(shelf.keep, typed, visit.user.name)
    if isinstance(kept, str):
        return await _added(visit, kept)
    # Whoever saves once more has seen that there is another version.
    return editor(visit, replace(typed, over=kept.hash), preview, newer=kept, status=409)


def editor(
    visit: Visit,
    typed: Typed,
    preview: Preview | None = None,
    *,
    about: str = "",
    newer: StoredVersion | None = None,
    status: int = 200,
) -> Response:
    """The page to write on. about: what to do with a text that nobody has written on so far. newer: a version that
    somebody else has kept since the text was opened.
    """
    values = {"typed": typed, "preview": preview, "about": about, "newer": newer, "told": teller(visit)}
    return visit.behind.pages.show(visit, "edit", status, **values)


def teller(visit: Visit) -> Callable[[Problem | DocumentError | LibraryError], str]:
    """Says in words what a problem or an error is."""

    def told(one: Problem | DocumentError | LibraryError) -> str:
        if isinstance(one, LibraryError):
            return say(f"library.{one.code}", visit.language, **one.values)
        problem = one.problem if isinstance(one, DocumentError) else one
        return f"{problem.line}: {say(f'problem.{problem.code}', visit.language, **problem.values)}"

    return told


def _careful(handler: Callable[[Visit], Any]) -> Callable[[Visit], Any]:
    """What the library cannot do is told, not a failure of the page."""

    async def careful(visit: Visit) -> Response:
        try:
            return cast("Response", await handler(visit))
        except (LibraryError, DocumentError) as error:
            return visit.behind.pages.show(visit, "message", 400, text=teller(visit)(error))

    careful.__name__ = handler.__name__
    return careful


def for_admins(path: str, handler: Callable[[Visit], Any], method: str = "GET") -> Any:  # noqa: ANN401
    """A page on the library; what cannot be done with it is told."""
    return page(path, _careful(handler), (method,), role="admin")


ROUTES = [
    for_admins("/library", documents),
    for_admins("/library/upload", upload, "POST"),
    for_admins("/library/edit", edit),
    for_admins("/library/edit", save, "POST"),
    for_admins("/library/document/{id:path}", document),
]
