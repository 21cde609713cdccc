"""Signing in and out."""

from starlette.responses import RedirectResponse, Response

from bot.conversations.accounts import SIGNED_IN, sign_in, sign_out
from bot.conversations.auditing import note
from bot.web.console.visiting import COOKIE, Visit, page, safe_next, set_cookie


async def form(visit: Visit) -> Response:
    if visit.session:
        return visit.go("/")
    return visit.behind.pages.show(visit, "sign_in", next=safe_next(visit, visit.query("next")), problem="", name="")


async def enter(visit: Visit) -> Response:
    name, wanted = visit.typed("name"), safe_next(visit, visit.typed("next"))
    password = visit.form.get("password")
    client = visit.request.client
    address = client.host if client else ""
    token = await sign_in(visit.behind.database, name, password if isinstance(password, str) else "", address)
    if token in ("wrong", "wait"):
        problem = f"console.sign_in.{token}"
        status = 429 if token == "wait" else 403  # noqa: S105  # an answer, no token
        return visit.behind.pages.show(visit, "sign_in", status, next=wanted, problem=problem, name=name)
    response = RedirectResponse(wanted, 303)
    set_cookie(visit.request, response, COOKIE, token, int(SIGNED_IN.total_seconds()))
    return response


async def leave(visit: Visit) -> Response:
    token, name = visit.request.cookies.get(COOKIE, ""), visit.user.name
    await visit.behind.database.write(lambda connection: sign_out(connection, token))
    await visit.behind.database.write(lambda connection: note(connection, name, "sign_out", name))
    response = visit.go("/sign-in")
    set_cookie(visit.request, response, COOKIE, "", 0)
    return response


ROUTES = [
    page("/sign-in", form, anyone=True),
    page("/sign-in", enter, ("POST",), anyone=True),
    page("/sign-out", leave, ("POST",)),
]
