"""What ops see and do: conversations, taking over, tickets, people, the overview and the log."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.conversations import tickets
from bot.conversations.database import Database
from bot.conversations.models import Turn, now
from bot.conversations.records import Records
from bot.texts import catalogue
from bot.web.console.pages import HERE
from tests.conversations.asking import CHANNEL, LAN, MINH, ask, take, update_of
from tests.web.console.conftest import Visitor

SCRIPT = "<script>alert('x')</script>"
SOURCES = [
    {
        "id": "access/us-tariffs.md#1",
        "document": "access/us-tariffs.md",
        "section": f"Thuế {SCRIPT}",
        "score": 7.1,
        "n": 1,
    }
]


@pytest.fixture
async def turns(records: Records) -> list[str]:
    """Keys of turns: one answered and disliked, one with a script and a number, talk, and one that failed."""
    keys = [
        await ask(records, LAN, 1, "Thuế Mỹ với đồ gỗ", sources=SOURCES, confidence=0.91, latency={"total": 40}),
        await ask(records, LAN, 2, f"{SCRIPT} gọi 0912345678", decision="abstain", confidence=0.2),
        await ask(records, MINH, 3, "xin chào", decision="smalltalk"),
        await ask(records, MINH, 4, "=HYPERLINK(1)", decision="failed", reference="beef0123", messages=()),
    ]
    await records.feedback(LAN, keys[0], "down", "wrong", f"{SCRIPT} sai rồi")
    return keys


async def test_turns_are_listed_filtered_and_masked(turns: list[str], ops: Visitor) -> None:
    page = (await ops.get("/conversations")).text
    assert page.index("=HYPERLINK") < page.index("xin chào") < page.index("Thuế Mỹ")
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert "0912345678" not in page
    assert "[số điện thoại]" in page
    assert (await ops.get("/turns/a%00")).status_code == 404
    # NUL, which PostgreSQL refuses, counts for nothing.
    found = (await ops.get("/conversations?words=thue+m%00y&feedback=down&topic=access&least=90")).text
    assert "Thuế Mỹ với đồ gỗ" in found
    assert "xin chào" not in found
    for odd in (
        "decision=DROP",
        "from=yesterday",
        "least=x",
        "after=1-",
        "after=9-9",
        "words=%22%27",
        "from=0001-01-01",
        "after=9999999999999999999999999999999-1",
        "words=%00&least=nan",
    ):
        assert (await ops.get(f"/conversations?{odd}")).status_code == 200


async def test_pages_of_turns_and_what_is_new(records: Records, ops: Visitor) -> None:
    for number in range(60):
        await ask(records, LAN, number, f"câu số {number}", messages=())
    page = (await ops.get("/conversations")).text
    assert page.count('<span class="tag answer">') == 50
    older = re.search(r'rel="next" href="/console([^"]+)"', page)
    assert older
    rest = (await ops.get(older[1].replace("&amp;", "&"))).text
    assert rest.count('<span class="tag answer">') == 10
    counting = re.search(r'data-count="/console([^"]+)"', page)
    assert counting
    assert (await ops.get(counting[1])).json()["new"] == 0
    await ask(records, MINH, 100, "câu mới", messages=())
    assert (await ops.get(counting[1])).json() == {"new": 1, "text": "1 câu hỏi mới"}


async def test_a_transcript_shows_everything_and_no_script(
    turns: list[str], records: Records, ops: Visitor, admin: Visitor
) -> None:
    number = (await records.talk(LAN)).conversation
    page = (await ops.get(f"/conversations/{number}")).text
    for part in ("Thuế Mỹ với đồ gỗ", "91.0 %", "access/us-tariffs.md", "7.1", "sai nội dung", "sai rồi", turns[0]):
        assert part in page
    assert SCRIPT not in page
    assert "0912345678" not in page
    # Only admins may ask for numbers, and that is kept.
    assert "0912345678" not in (await ops.get(f"/conversations/{number}?unmasked=1")).text
    assert "0912345678" in (await admin.get(f"/conversations/{number}?unmasked=1")).text
    # So is what comes while the page is open, but not each look for it.
    last = re.findall(r'data-turn="(\d+)"', page)[-1]
    for after in (0, last):
        await admin.get(f"/conversations/{number}/news?unmasked=1&after={after}")
    await ops.get(f"/conversations/{number}/news?unmasked=1&after=0")
    assert (await admin.get("/log")).text.count("xem thông tin cá nhân") == 2
    assert (await ops.get("/conversations/999999")).status_code == 404
    assert (await ops.get("/turns/beef0123")).headers["location"].startswith("/console/conversations/")
    assert (await ops.get("/turns/none")).status_code == 404


async def test_an_export_has_the_filters_of_the_page(turns: list[str], ops: Visitor, admin: Visitor) -> None:
    response = await ops.get("/conversations/export?format=csv&words=goi&unmasked=1")
    assert "attachment" in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.text.lstrip("\ufeff"))))
    assert [row["question"] for row in rows] == [f"{SCRIPT} gọi [số điện thoại]"]
    lines = (await admin.get("/conversations/export?format=jsonl&unmasked=1")).text.splitlines()
    assert [json.loads(line)["key"] for line in lines] == turns
    assert "0912345678" in lines[1]
    log = (await admin.get("/log")).text
    assert log.count("xuất dữ liệu") == 2


async def test_taking_over_writing_and_handing_back(
    turns: list[str], records: Records, ops: Visitor, admin: Visitor
) -> None:
    number = (await records.talk(LAN)).conversation
    here = f"/conversations/{number}"
    assert (await ops.post(f"{here}/write", {"text": "chưa nhận"})).status_code == 409
    assert (await ops.post(f"{here}/take")).headers["location"] == f"/console{here}"
    assert (await admin.post(f"{here}/take")).status_code == 409
    assert "lan đang trả lời" in (await admin.get(here)).text
    await ops.post(f"{here}/write", {"text": f"Chào chị {SCRIPT}"})
    await ask(records, LAN, 9, "em cảm ơn", decision="held", messages=())
    page = (await ops.get(here)).text
    assert page.index("sai rồi") < page.index("Chào chị") < page.index("em cảm ơn")
    assert SCRIPT not in page
    last = re.findall(r'data-turn="(\d+)"', page)[-2]
    news = (await ops.get(f"{here}/news?after={last}")).text
    assert "em cảm ơn" in news
    assert "Chào chị" not in news
    await ops.post(f"{here}/hand-back")
    assert not (await records.talk(LAN)).held
    notes = [one.body["text"] for one in await records.due(CHANNEL, 9) if one.kind == "note"]
    assert notes == [] or notes[0].startswith("**Chuyên viên lan:** Chào chị")


async def test_a_ticket_is_given_to_somebody_answered_and_closed(
    turns: list[str], records: Records, database: Database, ops: Visitor, admin: Visitor
) -> None:
    talk = await records.talk(MINH)
    number = await database.write(lambda c: tickets.open_ticket(c, talk, f"Cần tư vấn {SCRIPT}", shown=False))
    page = (await ops.get("/tickets")).text
    assert f"#{number}" in page
    assert SCRIPT not in page
    here = f"/tickets/{number}"
    assert "không cho xem" in (await ops.get(here)).text
    await ops.post(f"{here}/assign", {"owner": "nobody-of-that-name"})
    await ops.post(f"{here}/assign", {"owner": "minh"})
    await ops.post(f"{here}/answer", {"text": "Chào anh, gọi lại chiều nay."})
    # Who was writing meanwhile is told, and keeps their words.
    second = await admin.post(f"{here}/answer", {"text": "Em gọi anh nhé.", "seen": "0"})
    assert (second.status_code, "lan đã trả lời" in second.text) == (409, True)
    assert "Em gọi anh nhé.</textarea>" in second.text
    one = await database.read(lambda c: tickets.ticket_by(c, number))
    assert (one.owner, [answer["by"] for answer in one.answers]) == ("minh", ["lan"])
    # As if the conversation had been taken over: what is written next is for ops, and the answer stands in it.
    assert (await records.talk(MINH)).held
    kept = (await records.personal_data(MINH))["turns"]
    assert [turn["reply"] for turn in kept if turn["decision"] == "ops"] == ["Chào anh, gọi lại chiều nay."]
    await ops.post(f"{here}/close")
    assert not (await records.talk(MINH)).held
    assert any("đã xong" in str(one["body"]) for one in (await records.personal_data(MINH))["messages"])
    assert (await ops.post(f"{here}/answer", {"text": "muộn rồi"})).status_code == 409
    assert f"#{number}" not in (await ops.get("/tickets?state=open")).text
    assert f"#{number}" in (await ops.get("/tickets?state=all")).text


async def test_a_person_is_found_exported_and_erased(
    turns: list[str], records: Records, admin: Visitor, forgotten: list[str]
) -> None:
    person = (await records.talk(LAN)).person
    for wanted in (person, turns[0]):
        assert person in (await admin.get(f"/people?of={wanted}")).text
    assert person not in (await admin.get("/people?of=beef0123")).text
    assert "Không tìm thấy ai" in (await admin.get("/people?of=%27%20OR%201=1")).text
    data = json.loads((await admin.post(f"/people/{person}/export")).text)
    assert [turn["key"] for turn in data["turns"]] == turns[:2]
    assert (await admin.post(f"/people/{person}/erase", {"confirm": "wrong"})).status_code == 400
    assert (await admin.post(f"/people/{person}/erase", {"confirm": person[:6]})).status_code == 200
    assert forgotten == ["Thuế Mỹ với đồ gỗ", f"{SCRIPT} gọi 0912345678"]
    assert (await records.talk(LAN)).history == ()
    assert (await admin.post(f"/people/{turns[0]}/erase", {"confirm": turns[0][:6]})).status_code == 404
    log = (await admin.get("/log")).text
    assert "xoá dữ liệu của một người" in log
    assert person not in log


async def test_a_turn_of_no_conversation_is_read_masked_and_reading_it_otherwise_is_kept(
    records: Records, admin: Visitor
) -> None:
    refused = update_of(MINH, 2, "gọi 0912345678")
    await take(records, update_of(MINH, 1, "một"), refused, queue=0)
    [turn] = (await records.personal_data(MINH))["turns"]
    page = (await admin.get(f"/turns/{turn['key']}")).text
    assert "[số điện thoại]" in page
    assert "0912345678" in (await admin.get(f"/turns/{turn['key']}?unmasked=1")).text
    assert (await admin.get("/log")).text.count("xem thông tin cá nhân") == 1


async def test_what_went_wrong_since_yesterday_and_what_waits_is_seen_at_once(
    turns: list[str], records: Records, database: Database, ops: Visitor, admin: Visitor
) -> None:
    talk = await records.talk(MINH)
    number = await database.write(lambda c: tickets.open_ticket(c, talk, f"Cần tư vấn {SCRIPT}", shown=True))
    await ask(records, LAN, 6, "chuyện cũ", decision="failed", asked_at=now() - timedelta(days=3), messages=())
    page = (await ops.get("/today")).text
    assert SCRIPT not in page
    assert re.findall(r"<dd>(?:<a [^>]*>)?(\d+)", page) == ["1", "0", "1", "0", "1", "0"]
    for words in (f"#{number} Cần tư vấn", "=HYPERLINK", "beef0123", "Thuế Mỹ với đồ gỗ", "sai nội dung", "sai rồi"):
        assert words in page
    assert "chuyện cũ" not in page
    # Until somebody says otherwise, what they wrote for ops is the last word of that conversation.
    await ask(records, MINH, 7, "chuyên viên ơi", decision="held", messages=())
    assert "chuyên viên ơi" in (await admin.get("/today")).text
    await ask(records, MINH, 8, "xin chào", messages=())
    assert "chuyên viên ơi" not in (await admin.get("/today")).text
    await database.write(lambda c: c.execute(update(Turn).values(asked_at=now() - timedelta(days=3))))
    await database.write(lambda c: tickets.close(c, number, "lan"))
    assert "Không có gì cần xem" in (await ops.get("/today")).text


async def test_a_page_that_fails_says_so_with_a_reference_for_the_log(
    ops: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.web.console.today.attention", lambda *_: 1 / 0)
    page = await ops.get("/today")
    assert page.status_code == 500
    [reference] = {record.reference for record in caplog.records if hasattr(record, "reference")}
    assert reference in page.text


async def test_the_overview_counts_the_period(turns: list[str], ops: Visitor) -> None:
    page = (await ops.get("/?days=7")).text
    numbers = re.findall(r"<dd>([^<]*)", page)
    assert [number.strip() for number in numbers[:4]] == ["4", "2", "0", "1"]
    assert "0 %" in numbers[4]
    assert "40 ms" in numbers[5]
    assert page.count("<rect") == 3
    assert (await ops.get("/?days=3650")).status_code == 200
    await ops.get("/?lang=en")
    assert "Questions a day" in (await ops.get("/")).text


def test_every_text_that_the_pages_name_is_there() -> None:
    named = set()
    for file in (HERE / "templates").glob("*.html"):
        named |= set(re.findall(r"\bt\('([\w.]+\w)'[,)]", file.read_text(encoding="utf-8")))
    for file in HERE.glob("*.py"):
        named |= set(re.findall(r'"((?:console|person)\.[\w.]+\w)"', file.read_text(encoding="utf-8")))
    assert len(named) > 100
    assert {name for name in named if not name.endswith((".css", ".js"))} <= set(catalogue())
