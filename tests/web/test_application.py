"""What every response carries, and what those who watch the bot are told."""

import re
import secrets
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.conversations.database import DatabaseUnavailable
from bot.conversations.records import Records
from bot.settings import Settings, SettingsError
from bot.web.application import Web, create_application
from bot.web.reading import text_in
from tests.web.conftest import Running, visitor
from tests.web.test_chat import QUESTION, answered, ask

WEB = Path(__file__).parents[2] / "bot/web"


@pytest.mark.parametrize(
    "path",
    ["/", "/check", "/profile", "/static/chat.js", "/nothing", "/api/nothing", "/healthz", "/widget.js", "/topics"],
)
async def test_the_headers_stand_on_everything(path: str, web: Web) -> None:
    async with visitor(web) as client:
        response = await client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "server" not in response.headers


async def test_personal_things_are_not_stored_by_browsers(web: Web) -> None:
    async with visitor(web) as client:
        for path in ("/", "/api/conversation", "/api/data"):
            assert (await client.get(path)).headers["Cache-Control"] == "no-store"


async def test_the_cookie_is_for_this_site_alone(web: Web) -> None:
    async with httpx.AsyncClient(base_url=web.url) as client:
        cookie = (await client.get("/")).headers["Set-Cookie"]
        assert re.fullmatch(r"hd_session=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax", cookie)
        client.cookies.clear()
        tls = {"X-Forwarded-Proto": "https"}
        assert (await client.get("/", headers=tls)).headers["Set-Cookie"].endswith("SameSite=Lax; Secure")
        client.cookies.clear()
        framed = (await client.get("/embed", headers=tls)).headers["Set-Cookie"]
        assert framed.endswith("SameSite=None; Secure; Partitioned")


async def test_only_named_sites_may_frame_the_page_made_for_it(running: Running) -> None:
    origins = "https://hiephoi.example.vn, http://localhost:8200/"
    async with running(web_origins=origins) as web, visitor(web) as client:
        framed = (await client.get("/embed")).headers["Content-Security-Policy"]
        assert framed.endswith("frame-ancestors 'self' https://hiephoi.example.vn http://localhost:8200")
        assert (await client.get("/")).headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert (await client.get("/widget.js")).headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("value", ["*", "hiephoi.vn", "https://a.vn/path", "https://a.vn; script-src *", "https://a b"])
def test_a_site_that_is_no_origin_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="web_origins"):
        Settings(_env_file=None, web_origins=value)


def test_pages_have_no_script_or_style_of_their_own_and_name_no_other_host() -> None:
    for path in WEB.glob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"<style|<script(?![^>]*\bsrc=\"/static/)|\son\w+=|\sstyle=|(?:src|href)=\"(?:https?:)?//", text
        ), path


async def test_alive_ready_and_figures(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visitor(web) as client:
        counted = 'haidang_questions_total{channel="web",decision="answer"}'
        before = _figure((await client.get("/metrics")).text, counted)
        await ask(client, QUESTION)
        await answered(client)
        figures = (await client.get("/metrics")).text
        assert _figure(figures, counted) == before + 1
        assert _figure(figures, 'haidang_answer_seconds_count{channel="web"}') >= 1
        assert _figure(figures, "haidang_inbox_open") == 0
        assert _figure(figures, "haidang_outbox_waiting") == 0
        assert _figure(figures, "haidang_library_version") == 2
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        assert (await client.get("/readyz")).json() == {"status": "ready", "library": 2, "database": True}

        async def away(records: Records) -> None:
            raise DatabaseUnavailable("away")

        monkeypatch.setattr(Records, "backlog", away)
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


def _figure(text: str, name: str) -> float:
    return next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"{name} ")), 0.0)


async def test_figures_are_for_this_machine_or_for_who_has_the_token(running: Running) -> None:
    async with running(metrics_token="a secret") as web, visitor(web) as client:
        assert (await client.get("/metrics")).status_code == 403
        assert (await client.get("/metrics", headers={"Authorization": "Bearer a secret"})).status_code == 200
    async with running() as web, visitor(web) as client:
        # As a proxy on this machine passes it on.
        assert (await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})).status_code == 403


async def test_an_error_has_a_reference_and_says_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: Request) -> Response:
        raise RuntimeError("secret detail")

    async def away(request: Request) -> Response:
        raise DatabaseUnavailable("secret detail")

    application: Starlette = create_application([Route("/api/broken", broken), Route("/away", away)])
    client = TestClient(application, raise_server_exceptions=False)
    response = client.get("/api/broken")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "error_failed"
    [record] = [record for record in caplog.records if record.name == "bot.web.errors"]
    assert record.reference in response.json()["error"]["text"]  # type: ignore[attr-defined]
    page = client.get("/away", headers={"Accept-Language": "en"})
    assert page.status_code == 503
    assert "cannot be written down just now" in page.text
    assert "secret detail" not in response.text + page.text


async def test_a_taken_port_is_named(web: Web, running: Running) -> None:
    with pytest.raises(SettingsError, match="PORT="):
        async with running(port=int(web.url.rpartition(":")[2])):
            pass


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b"[" * 30_000, 400), (b"9" * 5000, 400), (b"NaN", 422)],
    ids=["nothing", "half", "no text", "deep", "long number", "no object"],
)
async def test_what_is_no_json_is_refused(content: bytes, status: int, web: Web) -> None:
    """What tests/web/test_openapi.py sends is JSON."""
    async with visitor(web) as client:
        response = await client.post("/api/questions", content=content, headers={"Content-Type": "application/json"})
        assert response.status_code == status
        assert set(response.json()["error"]) == {"code", "text"}


@pytest.mark.parametrize("path", ["/api/\ud7ff%00", "/topics/%2e%2e", "/topics/%00", "/static/%2e%2e/chat.py"])
async def test_odd_addresses_lead_nowhere(path: str, web: Web) -> None:
    async with visitor(web) as client:
        assert (await client.get(path)).status_code in (200, 404)


def test_a_text_can_be_written_down_in_every_database() -> None:
    assert text_in({"turn": "a\0b\ud800"}, "turn", 16) == "ab?"


async def test_nobody_opens_pages_without_end(web: Web) -> None:
    async with visitor(web) as client:
        sender = secrets.token_hex(4)
        with web.streams.listening(sender), web.streams.listening(sender):
            assert web.streams.looked_at(sender)
        assert not web.streams.looked_at(sender)
        async with httpx.AsyncClient(base_url=web.url, cookies=client.cookies, timeout=30) as many:
            open_ = [await many.send(many.build_request("GET", "/api/news"), stream=True) for _ in range(8)]
            refused = await many.get("/api/news")
            assert refused.status_code == 429
            for response in open_:
                await response.aclose()
