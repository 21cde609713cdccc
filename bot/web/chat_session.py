"""Who is at the page: a random number in a cookie of the browser's session, of which only a hash is kept."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from bot.conversations.exchange import Sender, Talk
from bot.conversations.records import Records
from bot.web.errors import WebError
from bot.web.pages import is_framed, page

CHANNEL = "web"
COOKIE = "hd_session"
_SECRET = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Visit:
    """secret: what the cookie holds. new: the browser does not have it yet."""

    secret: str
    new: bool = False

    @property
    def sender(self) -> Sender:
        """Who that is in the records, from which nobody can make the cookie."""
        name = hashlib.sha256(f"hai-dang:{self.secret}".encode()).hexdigest()[:32]
        return Sender(CHANNEL, name, name)


def visit_of(connection: HTTPConnection) -> Visit:
    """The visit of a browser, a new one if it has none."""
    secret = connection.cookies.get(COOKIE, "")
    return Visit(secret) if _SECRET.fullmatch(secret) else fresh()


def fresh() -> Visit:
    return Visit(secrets.token_hex(16), new=True)


def sender_of(connection: HTTPConnection) -> Sender:
    """Raises WebError for a browser without a visit: it has no cookies, or its session is over."""
    visit = visit_of(connection)
    if visit.new:
        raise WebError(401, "web.error_session")
    return visit.sender


def person_at(records: Records, connection: HTTPConnection) -> str:
    """The pseudonym of whoever looks at a page; nothing is kept of them by looking."""
    return records.pseudonym(visit_of(connection).sender)


async def person_known(records: Records, connection: HTTPConnection) -> Talk:
    """The talk of whoever sends a form, who is a person of the records now. Raises WebError without a visit."""
    return await records.talk(sender_of(connection))


def page_for(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A page for a visit, which begins with it where there was none."""
    response = page(template, request, status=status, **values)
    visit = visit_of(request)
    if visit.new:
        keep(visit, request, response)
    return response


def keep(visit: Visit, connection: HTTPConnection, response: Response) -> None:
    """Give the browser the cookie; inside another site's page it is kept apart for each such site."""
    secure = connection.url.scheme == "https"
    # Browsers take a cookie inside another site's page over https only.
    how = (
        "SameSite=None; Secure; Partitioned"
        if is_framed(connection) and secure
        else f"SameSite=Lax{'; Secure' if secure else ''}"
    )
    response.headers.append("Set-Cookie", f"{COOKIE}={visit.secret}; Path=/; HttpOnly; {how}")
