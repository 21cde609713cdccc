"""/check and /profile without JavaScript: from the first field to the scorecard, and what must not work."""

import io
from pathlib import Path

import httpx
import pdfplumber
import pytest

from bot.onboarding.files import load_files
from bot.texts import say
from bot.web.application import Web
from tests.auxil.forms import Reader
from tests.onboarding.files import changed
from tests.web import conftest
from tests.web.conftest import FILES, Running, visitor

QUESTIONS = FILES.questionnaire.questions
TELL, SKIP = say("onboarding.ok"), say("onboarding.skip")


async def fills_in(lan: Reader, goods: str = "coffee", market: str = "eu") -> None:
    """The profile, from the first page to the first question of the check."""
    await lan.open("/check")
    await lan.press(say("onboarding.begin"))
    await lan.press(TELL, chosen=goods)
    await lan.press(SKIP)
    await lan.press(TELL, chosen=market)
    for _ in range(4):
        await lan.press(SKIP)


async def answers(lan: Reader, choose: int | str = -1) -> None:
    """Questions until the review; choose: the place of the option, or the answer."""
    while "/check/questions/" in lan.path:
        await answers_one(lan, choose)


async def answers_one(lan: Reader, choose: int | str) -> str:
    action = lan.page.forms[0].get("action")
    option = choose if isinstance(choose, str) else QUESTIONS[action.rpartition("/")[2]].options[choose].key
    return await lan.send(action, [("check", lan.page.forms[0].fields["check"]), ("answer", option)])


async def test_the_check_is_taken_over_a_restart_and_ends_with_a_scorecard(running: Running) -> None:
    async with running() as web, visitor(web) as client:
        lan = Reader(client)
        assert say("onboarding.intro") in await lan.open("/check")
        assert say("onboarding.field.goods") in await lan.press(say("onboarding.begin"))
        assert say("onboarding.field.province") in await lan.press(TELL, chosen=["coffee", "nonsense"])
        await lan.press(TELL, chosen="Đắk Lắk")
        await lan.press(TELL, chosen="eu")
        await lan.press("Chưa xuất lần nào")
        # Back shows what was chosen.
        await lan.follow(say("onboarding.back"))
        await lan.follow(say("onboarding.back"))
        assert lan.page.xpath("//input[@checked]/@value") == ["eu"]
        # On with what was not asked for yet.
        await lan.press(TELL)
        await lan.press("11–50 người")
        await lan.press(TELL, own="  Cà phê Ỷ Lan & <con> ")
        wrong = await lan.press(TELL, own="0100109107")
        assert lan.response.status_code == 422
        assert say("web.field.bad_tax_code") in wrong
        assert lan.page.get_element_by_id("own").get("value") == "0100109107"
        first = await lan.press(TELL, own="0100 109 106")
        assert first.startswith("Câu 1/19 · Chất lượng")
        await lan.press("Chưa rõ")
        await answers_one(lan, 1)
        assert lan.text.startswith("Câu 3/19")
        assert say("onboarding.open", done=2, of=19) in await lan.follow(say("onboarding.pause"))
        cookies = client.cookies
    async with running() as web, visitor(web) as client:
        client.cookies = cookies
        lan = Reader(client)
        assert say("onboarding.open", done=2, of=19) in await lan.open("/check")
        assert (await lan.press(say("onboarding.go_on"))).startswith("Câu 3/19")
        assert (await lan.follow(say("onboarding.back"))).startswith("Câu 2/19")
        assert [button.get("value") for button in lan.page.xpath("//button[@data-chosen]")] == ["local"]
        assert (await lan.follow(say("onboarding.forward"))).startswith("Câu 3/19")
        await answers(lan)
        assert lan.path == "/check/review"
        assert say("onboarding.unknown") in lan.text
        # Changed, then on with the same need, and back to the review.
        await lan.open("/check/questions/speed.reply")
        await answers(lan, 0)
        result = await lan.press(say("onboarding.reckon"))
        assert lan.path.startswith("/check/results/")
        assert say("onboarding.gaps", count=3).replace("**", "") in result
        assert say("onboarding.find_out") in result
        [picture] = lan.page.xpath("//img[contains(@src, 'card.png')]")
        assert "• Tốc độ:" in picture.get("alt")
        assert "/100" in picture.get("alt")
        png = await client.get(picture.get("src"))
        assert (png.headers["content-type"], png.content[:4]) == ("image/png", b"\x89PNG")
        page = await client.get(lan.links()[say("web.check.get_pdf")])
        assert page.headers["content-disposition"].startswith("attachment")
        with pdfplumber.open(io.BytesIO(page.content)) as pdf:
            text = " ".join((pdf.pages[0].extract_text() or "").split())
        for fact in ("Cà phê Ỷ Lan & <con>", "0100109106", "Đắk Lắk"):
            assert fact in text
        # The way back to it, and what leads on.
        assert await lan.open("/check") == result
        assert {"/checklist", "/agents", "/profile"} <= set(lan.links().values())


async def test_a_second_check_is_compared_and_a_third_begun_anew(web: Web) -> None:
    async with visitor(web) as client:
        lan = Reader(client)
        await fills_in(lan, "rattan", "us")
        await answers(lan, "unknown")
        assert "Mới bắt đầu" in await lan.press(say("onboarding.reckon"))
        before = lan.response.url.path
        await lan.press(say("onboarding.revise"))
        assert lan.path == "/check/review"
        # Pressed a second time, the check that was begun the first time is there.
        await lan.open("/check/questions/quality.spec")
        await answers_one(lan, -1)
        await lan.open(before)
        await lan.press(say("onboarding.revise"))
        assert QUESTIONS["quality.spec"].options[-1].vi in lan.text
        after = await lan.press(say("onboarding.reckon"))
        assert "▲" in lan.page.xpath("//img[contains(@src, 'card.png')]/@alt")[0]
        assert "Lần trước, ngày" in after
        assert await lan.open(before) != after
        await lan.open("/check")
        assert (await lan.press(say("onboarding.anew"))).startswith("Câu 1/")
        assert lan.page.xpath("//button[@data-chosen]") == []


async def test_a_form_of_an_old_check_and_one_of_somebody_else_change_nothing(web: Web) -> None:
    async with visitor(web) as client, visitor(web) as other:
        lan, minh = Reader(client), Reader(other)
        await fills_in(lan)
        action, fields = lan.form_of("Chưa rõ")
        await fills_in(minh)
        for reader in (minh, lan):
            if reader is lan:
                await lan.open("/check")
                await lan.press(say("onboarding.anew"))
            assert say("web.check.stale") in await reader.send(action, fields)
            assert reader.response.status_code == 409
            await reader.send("/check/review", fields)
            assert reader.response.status_code == 409
            assert (await client_data(reader))["readiness_checks"][0]["answers"] == {}
        # The same form twice is one answer, and what cannot be chosen is asked again.
        await lan.open("/check")
        await lan.press(say("onboarding.go_on"))
        action, [(_, key), *_] = lan.form_of("Chưa rõ")
        for _ in range(2):
            assert (await lan.send(action, [("check", key), ("answer", "unknown")])).startswith("Câu 2/")
        for odd in ("best", "", "x" * 900, "\u0000"):
            assert (await lan.send(action, [("check", key), ("answer", odd)])).startswith("Câu 1/")
        # Not all is answered: nothing is reckoned.
        assert (await lan.send("/check/review", [("check", key)])).startswith("Câu 2/")
        await answers(lan)
        await lan.press(say("onboarding.reckon"))
        result = lan.path
        # Reckoned twice is one result.
        await lan.send("/check/review", [("check", key)])
        assert lan.path == result
        assert len((await client_data(lan))["readiness_checks"]) == 1
        for path in (result, f"{result}/card.png", f"{result}/card.pdf", f"{result}/card.svg"):
            assert (await other.get(path)).status_code == 404
        assert (await client.get(f"{result}/card.svg")).status_code == 404


async def client_data(reader: Reader) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = (await reader.client.get("/api/data")).json()
    return found


async def test_what_no_page_of_ours_sends_is_refused(web: Web) -> None:
    async with visitor(web) as client:
        lan = Reader(client)
        await lan.open("/check")
        action, fields = lan.form_of(say("onboarding.begin"))
        for start in ("", "/embed"):
            for path in ("/check", "/check/profile/goods", "/check/review", "/profile", "/profile/goods"):
                for site in ("cross-site", "same-site", "none"):
                    await lan.send(f"{start}{path}", fields, **{"Sec-Fetch-Site": site})
                    assert lan.response.status_code == 403
        assert not any((await client_data(lan)).values())
        assert (await client.post("/check/profile/mood", data={"own": "calm"})).status_code == 404
        assert (await client.get("/profile/mood")).status_code == 404
        assert (await client.post("/profile", data={"act": "sell"})).status_code == 422
        assert (await client.post("/check", json={"act": "on"})).status_code == 415
        assert (await client.post("/profile/company", data={"own": "Ỷ" * 60_000})).status_code == 413
        many = {f"f{number}": "1" for number in range(200)}
        assert (await client.post("/profile/company", data=many)).status_code == 422
        # Looking without a check leads to where one is begun, and keeps nothing.
        for path in ("/check/questions/quality.spec", "/check/questions/nothing", "/check/review"):
            assert say("onboarding.intro") in await lan.open(path)
        assert not any((await client_data(lan)).values())
    async with httpx.AsyncClient(base_url=web.url, headers={"Sec-Fetch-Site": "same-origin"}) as nobody:
        assert (await nobody.post(action, data=dict(fields))).status_code == 401
        # Who comes here first has a session from here on.
        await nobody.get("/check")
        assert (await nobody.post(action, data=dict(fields))).status_code == 303


async def test_the_profile_is_seen_changed_and_forgotten(web: Web) -> None:
    async with visitor(web) as client:
        lan = Reader(client)
        assert say("web.profile.none") in await lan.open("/profile")
        await lan.open("/profile/goods")
        # What is written is recognised, and kept as it is.
        told = await lan.press(TELL, chosen="wood", own=" ghế mây tre đan <b>")
        assert lan.path == "/profile"
        assert "Đồ gỗ, nội thất; Mây tre, cói, lục bình; ghế mây tre đan <b>" in told
        # What is taken away by hand is not read from the same words again.
        await lan.open("/profile/goods")
        assert lan.page.xpath("//input[@checked]/@value") == ["wood", "rattan"]
        told = await lan.press(TELL, chosen="wood")
        assert "Đồ gỗ, nội thất; ghế mây tre đan <b>" in told
        await lan.open("/profile/province")
        assert "Hà Đông cũ" in await lan.press(TELL, own="Hà Đông cũ")
        await lan.open("/profile/province")
        told = await lan.press(TELL, chosen="Huế")
        assert "Huế" in told
        assert "Hà Đông cũ" not in told
        await lan.open("/profile/staff")
        await lan.press("1–10 người")
        await lan.open("/profile/staff")
        assert "1–10 người" not in await lan.press(say("web.field.clear"))
        await lan.open("/profile/tax_code")
        await lan.press(TELL, own="123")
        assert (lan.path, lan.response.status_code) == ("/profile/tax_code", 422)
        await lan.open("/profile")
        assert say("web.profile.unused") in await lan.press(say("about.stop"))
        assert say("web.profile.used") in await lan.press(say("about.use"))
        assert (await client_data(lan))["suppliers"][0]["profile"]["goods"] == ["wood"]
        assert say("web.profile.none") in await lan.press(say("web.profile.forget_yes"))
        assert (await client_data(lan))["suppliers"][0]["profile"] == {}
        await client.request("DELETE", "/api/data")
        assert not any((await client_data(lan)).values())


async def test_the_pages_stay_within_the_frame_and_in_its_language(running: Running) -> None:
    async with running(web_origins="https://hiephoi.example.vn") as web, visitor(web) as client:
        lan = Reader(client)
        await lan.open("/embed/check?lang=en")
        assert lan.response.headers["Content-Security-Policy"].endswith("'self' https://hiephoi.example.vn")
        first = await lan.press(say("onboarding.begin", "en"))
        assert (lan.path, lan.response.url.query) == ("/embed/check/profile/goods", b"lang=en")
        assert say("onboarding.field.goods", "en") in first
        for _ in range(7):
            await lan.press(say("onboarding.skip", "en"))
        inside = [href for href in lan.links().values() if not href.startswith(("?lang=", "#"))]
        assert len(inside) >= 6
        assert all(href.startswith("/embed") and href.endswith("?lang=en") for href in inside)
        await answers(lan, "unknown")
        await lan.press(say("onboarding.reckon", "en"))
        assert lan.path.startswith("/embed/check/results/")
        [picture] = lan.page.xpath("//img[contains(@src, 'card.png')]/@src")
        assert (await client.get(picture)).headers["content-type"] == "image/png"
        assert (await client.get("/embed/nothing")).text.count('href="/embed') >= 4
        # Outside the frame nobody may show them.
        assert (await client.get("/check")).headers["Content-Security-Policy"].endswith("'none'")


async def test_a_gap_opens_the_section_that_helps(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = "Đại lý uỷ quyền của Alibaba.com làm những việc gì?"
    path, _ = changed(tmp_path, QUESTIONS["quality.spec"].guide, f"agents/dai-ly-uy-quyen.md#{section}")
    monkeypatch.setattr(conftest, "FILES", load_files(path))
    async with running() as web, visitor(web) as client:
        lan = Reader(client)
        await fills_in(lan)
        await answers_one(lan, 0)
        await answers(lan)
        await lan.press(say("onboarding.reckon"))
        [guide] = lan.page.find_class("guide")
        assert section in guide.text_content()
        assert "gian hàng" in guide.text_content()
