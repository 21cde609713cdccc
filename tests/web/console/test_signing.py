"""Who gets in, and for how long; what every page keeps out."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, update
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from bot.conversations import accounts
from bot.conversations.accounts import PER_ADDRESS, PER_NAME
from bot.conversations.database import Database
from bot.conversations.models import Attempt, AuditEntry, SignIn, now
from bot.web.console.visiting import COOKIE
from tests.web.console.conftest import PASSWORD, Visitor

Visitors = Callable[..., Awaitable[Visitor]]
# As they are outside of these tests, where checking is quick.
NOBODY, HASHER = accounts._NOBODY, accounts._hasher
SCRIPT = "<script>alert(1)</script>"
ODD = ("/nowhere", f"/conversations/{10**30}", "/turns/%00", "/people?of=%00", "/library/document/%00", "/gaps/%00")


def routes(app: Starlette) -> list[tuple[str, str]]:
    """Method and path of every page, with something filled in."""
    mount = app.routes[0]
    assert isinstance(mount, Mount)
    found = []
    for route in mount.routes:
        if isinstance(route, Route):
            path = route.path
            for name in ("number:int", "key:str", "id:path", "name:str"):
                path = path.replace(f"{{{name}}}", "1")
            found += [(method, path) for method in route.methods or () if method != "HEAD"]
    return found


ADMIN_ONLY = ("/library", "/people", "/log")


async def test_no_page_is_shown_to_strangers(app: Starlette, visitor: Visitors, users: None) -> None:
    stranger = await visitor()
    assert len(routes(app)) > 25
    for method, path in routes(app):
        if path == "/sign-in":
            continue
        response = await stranger.client.request(method, f"/console{path}")
        assert (response.status_code, response.headers["location"][:16]) == (303, "/console/sign-in"), path


async def test_ops_do_not_reach_what_is_for_admins(app: Starlette, ops: Visitor) -> None:
    token = await ops.csrf()
    for method, path in routes(app):
        response = await ops.client.request(method, f"/console{path}", data={"csrf": token})
        if path == "/sign-in":
            continue
        if path.startswith(ADMIN_ONLY) or path.endswith("/draft"):
            assert response.status_code == 403, path
        else:
            assert response.status_code not in (403, 500), path
        if path == "/sign-out":
            await ops.sign_in("lan")
            token = await ops.csrf()


async def test_every_form_needs_the_token_of_its_session(app: Starlette, ops: Visitor, admin: Visitor) -> None:
    foreign, own = await ops.csrf(), await admin.csrf()
    elsewhere = {"sec-fetch-site": "cross-site"}
    for method, path in routes(app):
        if method == "POST":
            form = {"csrf": own, "name": "minh", "password": PASSWORD}
            assert (await admin.client.post(f"/console{path}", data=form, headers=elsewhere)).status_code == 403, path
        if method == "POST" and path != "/sign-in":
            for token in ("", foreign):
                response = await admin.client.post(f"/console{path}", data={"csrf": token})
                assert response.status_code == 403, path


async def test_a_form_of_another_site_does_not_sign_in(visitor: Visitors, users: None) -> None:
    stranger = await visitor()
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        stranger.client.headers = headers  # type: ignore[assignment]
        assert (await stranger.sign_in("lan")).status_code == 403
    stranger.client.headers = {"origin": "http://console.test", "sec-fetch-site": "same-origin"}  # type: ignore[assignment]
    assert (await stranger.sign_in("lan")).status_code == 303


async def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: Visitors, users: None) -> None:
    plain, secure = await visitor(), await visitor(scheme="https")
    cookie = (await plain.sign_in("lan")).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/console"):
        assert part in cookie
    assert "Secure" not in cookie
    assert "Secure" in (await secure.sign_in("lan")).headers["set-cookie"]


async def test_a_session_is_new_each_time_and_only_its_hash_is_kept(
    visitor: Visitors, users: None, database: Database
) -> None:
    one = await visitor()
    one.client.cookies.set(COOKIE, "chosen-by-somebody-else", domain="console.test", path="/console")
    first = (await one.sign_in("lan")).cookies[COOKIE]
    second = (await one.sign_in("lan")).cookies[COOKIE]
    assert len({first, second, "chosen-by-somebody-else"}) == 3
    kept = await database.read(lambda connection: list(connection.scalars(select(SignIn.token))))
    assert len(kept) == 2
    assert not {first, second} & set(kept)


async def test_signing_out_ends_the_session(ops: Visitor, visitor: Visitors) -> None:
    token = ops.client.cookies.get(COOKIE, path="/console") or ""
    assert (await ops.get("/")).status_code == 200
    assert (await ops.post("/sign-out")).status_code == 303
    thief = await visitor()
    thief.client.cookies.set(COOKIE, token, domain="console.test", path="/console")
    assert (await thief.get("/")).status_code == 303


async def test_a_session_ends_with_its_time_and_with_its_user(
    ops: Visitor, admin: Visitor, database: Database, visitor: Visitors
) -> None:
    await database.write(
        lambda connection: connection.execute(update(SignIn).where(SignIn.user == "minh").values(until=now()))
    )
    assert (await admin.get("/")).status_code == 303
    await database.write(lambda connection: accounts.disable(connection, "lan"))
    assert (await ops.get("/")).status_code == 303
    assert (await ops.sign_in("lan")).status_code == 403
    await database.write(lambda connection: accounts.enable(connection, "lan"))
    assert (await ops.sign_in("lan")).status_code == 303


async def test_another_password_ends_what_the_old_one_began(ops: Visitor, database: Database) -> None:
    await database.write(lambda connection: accounts.set_password(connection, "lan", "another password"))
    assert (await ops.get("/")).status_code == 303
    assert (await ops.sign_in("lan")).status_code == 403
    assert (await ops.sign_in("lan", "another password")).status_code == 303


async def test_guessing_one_name_is_slowed_down_from_wherever_it_comes(visitor: Visitors, users: None) -> None:
    for number in range(PER_NAME):
        guesser = await visitor(address=f"10.0.0.{number}")
        assert (await guesser.sign_in("lan", f"guess number {number}")).status_code == 403
    owner = await visitor(address="10.0.1.1")
    assert (await owner.sign_in("lan")).status_code == 429
    # Others are not locked out by that.
    assert (await owner.sign_in("minh")).status_code == 303


async def test_many_guesses_at_once_are_as_many_as_one_after_the_other(visitor: Visitors, users: None) -> None:
    guesser = await visitor()
    answers = await asyncio.gather(*(guesser.sign_in("lan", "wrong") for _ in range(3 * PER_NAME)))
    assert sorted(answer.status_code for answer in answers) == [403] * PER_NAME + [429] * 2 * PER_NAME


async def test_one_address_cannot_try_name_after_name(
    visitor: Visitors, users: None, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_fits", lambda *_: False)
    guesser = await visitor(address="10.0.0.9")
    answers = [(await guesser.sign_in(f"name{number}", "wrong")).status_code for number in range(PER_ADDRESS + 1)]
    assert answers == [403] * PER_ADDRESS + [429]
    # Neither names, which may be passwords typed into the wrong field, nor addresses are kept.
    kept = await database.read(lambda connection: set(connection.scalars(select(Attempt.of))))
    assert all(len(of) == 32 for of in kept)
    # After a while they may try again.
    old = now() - accounts.WITHIN
    await database.write(lambda connection: connection.execute(update(Attempt).values(at=old)))
    assert (await guesser.sign_in("lan")).status_code == 403


async def test_a_right_password_forgets_the_wrong_ones(visitor: Visitors, users: None, database: Database) -> None:
    one = await visitor()
    for _ in range(PER_NAME - 1):
        await one.sign_in("lan", "wrong")
    assert (await one.sign_in("lan")).status_code == 303
    assert (await one.sign_in("lan", "wrong")).status_code == 403
    count = select(func.count()).select_from(Attempt)
    # One of the name; of the address all that failed.
    assert await database.read(lambda connection: connection.execute(count).scalar_one()) == 1 + PER_NAME


async def test_an_unknown_name_is_checked_as_a_known_one_is(
    visitor: Visitors, users: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = accounts._fits
    monkeypatch.setattr(accounts, "_fits", lambda hashed, typed: checked.append(hashed) or verify(hashed, typed))
    one = await visitor()
    known, unknown = await one.sign_in("lan", "wrong"), await one.sign_in("nobody", "wrong")
    assert known.text.replace('"lan"', "") == unknown.text.replace('"nobody"', "")
    assert len(checked) == 2


def test_what_unknown_names_are_checked_against_takes_as_long() -> None:
    assert NOBODY.split("$")[:4] == HASHER.hash("a password").split("$")[:4]


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/console/tickets?state=all", "/console/tickets?state=all"),
        ("https://evil.example/console/", "/console/today"),
        ("//evil.example/console/", "/console/today"),
        ("/\\evil.example", "/console/today"),
        ("/console/\\evil", "/console/today"),
        ("/console/../admin", "/console/today"),
        ("/console/\r\nset-cookie: a=b", "/console/today"),
        ("javascript:alert(1)", "/console/today"),
        ("", "/console/today"),
    ],
)
async def test_after_signing_in_one_stays_on_the_console(
    visitor: Visitors, users: None, wanted: str, target: str
) -> None:
    one = await visitor()
    assert (await one.sign_in("lan", next=wanted)).headers["location"] == target


async def test_switching_the_language_stays_on_this_host(visitor: Visitors) -> None:
    stranger = await visitor()
    response = await stranger.client.get("/console//evil.example/?lang=en")
    assert not response.headers.get("location", "/").startswith(("//", "http"))
    response = await stranger.get("/sign-in?next=/console/tickets&lang=en")
    assert response.headers["location"] == "/console/sign-in?next=%2Fconsole%2Ftickets"
    assert "Sign in" in (await stranger.get("/sign-in")).text
    await stranger.get("/sign-in?lang=vi")
    assert "Đăng nhập" in (await stranger.get("/sign-in")).text


async def test_every_answer_has_the_headers_and_no_script_within(app: Starlette, admin: Visitor) -> None:
    for method, path in [*routes(app), *(("GET", odd) for odd in ODD)]:
        if method == "GET":
            response = await admin.get(path)
            policy = response.headers["content-security-policy"]
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["cache-control"] == "no-store"
            if "html" in response.headers.get("content-type", ""):
                assert " style=" not in response.text
                assert "<script>" not in response.text
                assert response.status_code < 500, path
                assert "http://" not in response.text.replace("http://www.w3.org", "").replace(
                    "http://console.test", ""
                )


async def test_what_is_typed_into_the_form_is_shown_as_text(visitor: Visitors, users: None) -> None:
    stranger = await visitor()
    page = (await stranger.sign_in(f'"{SCRIPT}', "x")).text
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


async def test_a_form_that_is_too_large_is_refused_while_it_comes(visitor: Visitors, users: None) -> None:
    stranger = await visitor()
    assert (await stranger.sign_in("lan", "x" * 400_000)).status_code == 413


async def test_signing_in_and_out_is_kept_in_the_log(ops: Visitor, database: Database) -> None:
    await ops.sign_in("lan", "wrong")
    await ops.sign_in("my secret password", "wrong")
    await ops.post("/sign-out")
    found = await database.read(
        lambda connection: [
            tuple(row) for row in connection.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject))
        ]
    )
    # What is typed as a name and is none may be a password.
    assert [one for one in found if one[1].startswith("sign")] == [
        ("lan", "sign_in", "lan"),
        ("console", "sign_in_failed", "lan"),
        ("console", "sign_in_failed", ""),
        ("lan", "sign_out", "lan"),
    ]


async def test_pages_come_soon_even_while_passwords_are_checked(
    ops: Visitor, visitor: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checking takes long on purpose, and must not stop everybody else meanwhile."""
    monkeypatch.setattr(accounts, "_hasher", HASHER)
    monkeypatch.setattr(accounts, "_NOBODY", NOBODY)
    guesser = await visitor()
    guesses = [asyncio.create_task(guesser.sign_in("nobody", "wrong")) for _ in range(2)]
    await asyncio.sleep(0)
    assert (await ops.get("/sign-in")).status_code == 303
    assert not all(guess.done() for guess in guesses)
    await asyncio.gather(*guesses)
