"""Users of the console: passwords, signing in and out, and what slows down whoever guesses."""

import asyncio
import datetime
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, insert, select, update

from bot.conversations.auditing import note
from bot.conversations.database import Database
from bot.conversations.models import Attempt, Role, SignIn, User, insert_new, now

# How long one is signed in.
SIGNED_IN = datetime.timedelta(hours=12)
# So many sign-ins may fail within so long: of one name, and from one address, where several people may sit.
WITHIN = datetime.timedelta(minutes=15)
PER_NAME, PER_ADDRESS = 5, 20
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200

_NAME = re.compile(r"[\w.-]{2,64}")
_user, _sign_in, _attempt = User.__table__.c, SignIn.__table__.c, Attempt.__table__.c
_hasher = PasswordHasher()
# Of no password; what is typed for an unknown name is checked against it, so that this takes as long.
_NOBODY = _hasher.hash(secrets.token_hex(16))


class AccountError(Exception):
    """An account cannot be made or changed so. Seen by the admin: a code of the catalogue (`user.<code>`)."""

    def __init__(self, code: Literal["bad_name", "exists", "unknown", "bad_password"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    role: Role
    disabled: bool
    created: datetime.datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in. csrf: what their forms bring along."""

    name: str
    role: Role
    csrf: str


def add_user(connection: Connection, name: str, role: Role, password: str) -> None:
    """Raises AccountError for a name that is taken or odd, or a password that is too short or too long."""
    if not _NAME.fullmatch(name):
        raise AccountError("bad_name")
    row = {"name": name, "password": _hash(password), "role": role, "disabled": False, "created": now()}
    if connection.execute(insert_new(connection, User), row).rowcount != 1:
        raise AccountError("exists")
    note(connection, "cli", "user_add", name, role=role)


def users(connection: Connection) -> list[Account]:
    rows = connection.execute(select(_user.name, _user.role, _user.disabled, _user.created).order_by(_user.name))
    return [Account(*row) for row in rows]


def set_password(connection: Connection, name: str, password: str) -> None:
    """A new password; whoever is signed in by the old one is not any longer. Raises AccountError."""
    changed = connection.execute(update(User).where(_user.name == name).values(password=_hash(password)))
    _done(connection, name, changed.rowcount, "user_password")


def disable(connection: Connection, name: str) -> None:
    """Let a user in no longer, and end where they are signed in. Raises AccountError."""
    changed = connection.execute(update(User).where(_user.name == name).values(disabled=True))
    _done(connection, name, changed.rowcount, "user_disable")


def enable(connection: Connection, name: str) -> None:
    """Let a user in again. Raises AccountError."""
    changed = connection.execute(update(User).where(_user.name == name).values(disabled=False))
    _done(connection, name, changed.rowcount, "user_enable")


def _done(connection: Connection, name: str, changed: int, action: str) -> None:
    if not changed:
        raise AccountError("unknown")
    connection.execute(delete(SignIn).where(_sign_in.user == name))
    note(connection, "cli", action, name)


def _hash(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError("bad_password")
    return _hasher.hash(password)


async def sign_in(database: Database, name: str, password: str, address: str) -> str | Literal["wrong", "wait"]:
    """The token of a new session; "wrong" for a name and a password that do not go together, "wait" after too many.

    address: from where. Raises DatabaseUnavailable.
    """
    attempts = [_digest(f"name {name}"), _digest(f"address {address}")]
    # Counted before it is looked at, so that many at once gain nothing.
    if not await database.write(lambda connection: _may_try(connection, attempts)):
        return "wait"
    kept = await database.read(
        lambda connection: connection.execute(
            select(_user.password, _user.disabled).where(_user.name == name)
        ).one_or_none()
    )
    hashed, disabled = kept or (_NOBODY, True)
    fits = await asyncio.to_thread(_fits, hashed, password[: LONGEST_PASSWORD + 1])
    if disabled or not fits:
        # Only the name of a user: what else is typed there may be a password.
        await database.write(lambda connection: note(connection, "console", "sign_in_failed", name if kept else ""))
        return "wrong"
    token = secrets.token_urlsafe(32)
    await database.write(lambda connection: _begin(connection, name, token, attempts))
    return token


def _may_try(connection: Connection, attempts: list[str]) -> bool:
    """Count an attempt of a name and of an address, unless there were too many."""
    moment = now()
    connection.execute(delete(Attempt).where(_attempt.at < moment - WITHIN))
    for of, most in zip(attempts, (PER_NAME, PER_ADDRESS), strict=True):
        if connection.execute(select(func.count()).where(_attempt.of == of)).scalar_one() >= most:
            return False
    connection.execute(insert(Attempt), [{"of": of, "at": moment} for of in attempts])
    return True


def _begin(connection: Connection, name: str, token: str, attempts: list[str]) -> None:
    moment = now()
    # What the name failed before is forgotten; of the address only the attempt that has just succeeded.
    connection.execute(delete(Attempt).where(_attempt.of == attempts[0]))
    newest = select(func.max(_attempt.id)).where(_attempt.of == attempts[1]).scalar_subquery()
    connection.execute(delete(Attempt).where(_attempt.id == newest))
    connection.execute(delete(SignIn).where(_sign_in.until < moment))
    connection.execute(
        insert(SignIn),
        {
            "token": _digest(token, 64),
            "user": name,
            "csrf": secrets.token_urlsafe(32),
            "created": moment,
            "until": moment + SIGNED_IN,
        },
    )
    note(connection, name, "sign_in", name)


def session_of(connection: Connection, token: str) -> Session | None:
    """Who is signed in by a token."""
    row = connection.execute(
        select(_user.name, _user.role, _sign_in.csrf)
        .join_from(SignIn, User, _sign_in.user == _user.name)
        .where(_sign_in.token == _digest(token, 64), _sign_in.until > now(), ~_user.disabled)
    ).one_or_none()
    return Session(*row) if row else None


def sign_out(connection: Connection, token: str) -> None:
    connection.execute(delete(SignIn).where(_sign_in.token == _digest(token, 64)))


def _digest(text: str, length: int = 32) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:length]


def _fits(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
