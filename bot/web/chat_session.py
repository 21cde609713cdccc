"""Who is at the page: a random number in a cookie of the browser's session, of which only a hash is kept."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.conversations.exchange import Sender
from bot.web.errors import WebError

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


def keep(visit: Visit, connection: HTTPConnection, response: Response, *, framed: bool) -> None:
    """Give the browser the cookie. framed: for a page inside another site's page, apart for each such site."""
    secure = connection.url.scheme == "https"
    # Browsers take a cookie inside another site's page over https only.
    how = "SameSite=None; Secure; Partitioned" if framed and secure else f"SameSite=Lax{'; Secure' if secure else ''}"
    response.headers.append("Set-Cookie", f"{COOKIE}={visit.secret}; Path=/; HttpOnly; {how}")
