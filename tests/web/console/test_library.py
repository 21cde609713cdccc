"""The library's pages: brought, written, looked at, published, tried, retired, gone back; and hostile names."""

import asyncio
import re
import shutil
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.conversations.database import Database
from bot.conversations.models import AuditEntry
from bot.curation.publishing import Publisher
from bot.settings import Settings
from bot.web.console import library as pages
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from tests.auxil.libraries import with_vectors_of, write
from tests.web.console.conftest import Visitor

SCRIPT = "<script>alert(1)</script>"
CHECKS = """\
- ask: Nộp bộ chứng từ L/C trong mấy ngày?
  style: written
  section: 'logistics/tin-dung-thu.md#Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?'
  shows: 21 ngày
"""
RICE = f"""\
## Xuất khẩu gạo cần giấy gì? {SCRIPT}
Cần giấy chứng nhận đủ điều kiện kinh doanh xuất khẩu gạo. {SCRIPT} [bấm](javascript:alert(1)) ![a](http://evil.example/a.png)
"""


@pytest.fixture
def publisher(guides: Path, library: Library, embeddings: TextEmbeddings, tmp_path: Path) -> Publisher:
    """Of a library of its own, that may be changed."""
    own = shutil.copytree(guides, tmp_path / "guides")
    write(own, {"check_questions.yaml": CHECKS})
    with_vectors_of(library, tmp_path / "data/library")
    publisher = Publisher(Settings(_env_file=None, data_dir=tmp_path / "data", knowledge_dir=own), embeddings)
    publisher.publish()
    return publisher


async def done(admin: Visitor, response: object) -> str:
    """The page of the work that was begun, once it is done."""
    path = response.headers["location"].removeprefix("/console")  # type: ignore[attr-defined]
    while True:
        page = (await admin.get(path)).text
        if 'http-equiv="refresh"' not in page:
            return page
        await asyncio.sleep(0.05)


def hidden(page: str) -> dict[str, str]:
    """The fields of the form that does what was looked at."""
    action = '/console/library/(?:do|versions/[^"]*)'
    [form] = re.findall(rf'<form method="post" action="{action}".*?</form>', page, re.DOTALL)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


async def audited(database: Database) -> list[tuple[str, str]]:
    """Who did what to the library, by the audit log."""
    rows = select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.subject == "library").order_by(AuditEntry.id)
    return [(actor, action) for actor, action in await database.read(lambda c: c.execute(rows).all())]


async def bring(admin: Visitor, name: str, content: bytes = RICE.encode()) -> str:
    """Upload a file; returns where one is sent."""
    response = await admin.post("/library/upload", {"topic": "goods"}, files={"file": (name, content)})
    return response.headers.get("location", f"{response.status_code}")


async def test_a_document_from_brought_to_retired(admin: Visitor, publisher: Publisher, database: Database) -> None:
    assert await bring(admin, "Gạo.md") == "/console/library/document/uploads/gao.md"
    page = (await admin.get("/library/document/uploads/gao.md")).text
    assert SCRIPT not in page
    assert "javascript:" not in re.sub(r"\[bấm\]\(javascript:[^)]*\)", "", page)
    assert '<img src="http' not in page
    act = {"what": "publish", "id": "uploads/gao.md", "version": "1"}
    before = publisher.library.published()
    look = await done(admin, await admin.post("/library/look", act))
    assert "Đã hỏi lại 1 câu" in look
    assert publisher.library.published() == before
    tried = await done(admin, await admin.post("/library/try", {**act, "question": "xuất khẩu gạo cần giấy gì?"}))
    assert "uploads/gao.md" in tried
    assert tried.count("BM25") == 2
    assert publisher.library.published() == before
    # What was not looked at is not published; twice is as good as once.
    assert "đã thay đổi" in await done(admin, await admin.post("/library/do", act))
    wish = hidden(look)
    for _ in range(2):
        assert "Đã xuất bản" in await done(admin, await admin.post("/library/do", wish))
    assert "uploads/gao.md" in [one.id for one in publisher.documents()]
    retire = {"what": "retire", "id": "uploads/gao.md"}
    look = await done(admin, await admin.post("/library/look", retire))
    assert "Cất đi" in look
    for _ in range(2):
        assert "Đã cất" in await done(admin, await admin.post("/library/do", hidden(look)))
    assert "uploads/gao.md" not in [one.id for one in publisher.documents()]
    listed = (await admin.get("/library?status=retired")).text
    assert "uploads/gao.md" in listed
    assert "tin-dung-thu" not in listed
    versions = re.findall(r"/library/changes\?since=(\d+)", (await admin.get("/library")).text)
    changed = (await admin.get(f"/library/changes?since={versions[0]}")).text
    assert "uploads/gao.md" in changed
    back = f"/library/versions/{versions[0]}/roll-back"
    stale = hidden(changed) | {"live": "1"}
    assert "đã thay đổi" in await done(admin, await admin.post(back, stale))
    assert "uploads/gao.md" not in [one.id for one in publisher.documents()]
    for _ in range(2):
        assert "Đã quay lại" in await done(admin, await admin.post(back, hidden(changed)))
    assert "uploads/gao.md" in [one.id for one in publisher.documents()]
    acts = ["document.add", "document.publish", "document.retire", "library.go_back"]
    assert await audited(database) == [("minh", act) for act in acts]
    log = (await admin.get("/log")).text
    for words in ("gửi tài liệu", "xuất bản tài liệu", "cất tài liệu", "quay lại bản cũ của thư viện"):
        assert log.count(words) == 1


async def test_a_text_is_written_looked_at_and_mended(admin: Visitor, publisher: Publisher) -> None:
    assert "title:" in (await admin.get("/library/edit")).text
    look = (await admin.post("/library/edit", {"name": "Chè", "text": RICE, "do": "look"})).text
    assert "<li>" in look
    assert SCRIPT not in look
    broken = await admin.post("/library/edit", {"name": "Chè", "text": "---\ntitle: [\n---\n", "do": "save"})
    assert 'role="alert"' in broken.text
    saved = await admin.post("/library/edit", {"name": "Chè", "text": RICE, "do": "save"})
    assert saved.headers["location"] == "/console/library/document/uploads/che.md"
    again = RICE.replace("Cần giấy", "Không cần giấy").replace("\n", "\r\n")
    form = {"id": "uploads/che.md", "over": over(await admin.get("/library/edit?id=uploads/che.md"))}
    await admin.post("/library/edit", {**form, "text": again, "do": "save"})
    assert [one.number for one in publisher.store.versions("uploads/che.md")] == [2, 1]
    difference = (await admin.get("/library/changes?id=uploads/che.md&since=1&until=2")).text
    assert "+Không cần giấy" in difference
    digests = [one.hash for one in publisher.store.versions("uploads/che.md")]
    # A draft that was kept after the one that was shown stays.
    for digest in ("", digests[1]):
        assert (await admin.post("/library/discard", {"id": "uploads/che.md", "digest": digest})).status_code == 409
    await admin.post("/library/discard", {"id": "uploads/che.md", "digest": digests[0]})
    assert [one.number for one in publisher.store.versions("uploads/che.md")] == [1]


def over(page: httpx.Response) -> str:
    found = re.search(r'name="over" value="(\w*)"', page.text)
    assert found
    return found[1]


async def test_of_two_who_edit_one_document_nobody_loses_a_word(admin: Visitor, publisher: Publisher) -> None:
    await bring(admin, "Gạo.md")
    form = {"id": "uploads/gao.md", "over": over(await admin.get("/library/edit?id=uploads/gao.md")), "do": "save"}
    texts = [RICE.replace("Cần", "Một. Cần"), RICE.replace("Cần", "Hai. Cần")]
    answers = await asyncio.gather(*(admin.post("/library/edit", {**form, "text": text}) for text in texts))
    # A second press of the same button is no conflict.
    again = await admin.post("/library/edit", {**form, "text": texts[0 if answers[0].status_code == 303 else 1]})
    assert sorted(answer.status_code for answer in [*answers, again]) == [303, 303, 409]
    assert [one.number for one in publisher.store.versions("uploads/gao.md")] == [2, 1]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert "minh đã lưu bản v2" in late.text
    text = texts[answers.index(late)]
    assert text.splitlines()[1].split(".")[0] in late.text
    await admin.post("/library/edit", {**form, "over": over(late), "text": text})
    assert [one.number for one in publisher.store.versions("uploads/gao.md")] == [3, 2, 1]
    # A new text of a name that is there already is not put over it unseen.
    new = {"name": "GẠO.md", "over": "", "text": "## Khác\n\nKhác.\n", "do": "save"}
    named = await admin.post("/library/edit", new)
    assert (named.status_code, "Đã có tài liệu mang tên tệp này" in named.text) == (409, True)
    assert len(publisher.store.versions("uploads/gao.md")) == 3


async def test_an_earlier_version_is_published_again(admin: Visitor, publisher: Publisher) -> None:
    for text in (RICE, RICE.replace("Cần", "Vẫn cần")):
        await bring(admin, "Gạo.md", text.encode())
        number = len(publisher.store.versions("uploads/gao.md"))
        act = {"what": "publish", "id": "uploads/gao.md", "version": str(number)}
        look = await done(admin, await admin.post("/library/look", act))
        await done(admin, await admin.post("/library/do", hidden(look)))
    page = (await admin.get("/library/document/uploads/gao.md")).text
    assert 'name="what" value="again"' in page
    look = await done(admin, await admin.post("/library/look", {**act, "what": "again", "version": "1"}))
    wish = hidden(look)
    assert "đã thay đổi" in await done(admin, await admin.post("/library/do", wish | {"live": "7"}))
    assert publisher.store.document("uploads/gao.md").current.number == 2
    for _ in range(2):
        assert "Đã quay về bản này" in await done(admin, await admin.post("/library/do", wish))
    assert publisher.store.document("uploads/gao.md").current.number == 1


HOSTILE = (
    "../../etc/passwd.md",
    "..\\..\\boot.md",
    "/etc/cron.d/x.md",
    "a/../../b.md",
    "....md",
    f"{SCRIPT}.md",
    "x" * 300 + ".md",
)


async def test_whatever_a_file_is_called_it_stays_below_the_uploads(admin: Visitor, publisher: Publisher) -> None:
    everything = publisher.store.folder.parent.parent
    before = set(everything.rglob("*.md"))
    for name in HOSTILE:
        location = await bring(admin, name)
        assert re.fullmatch(r"/console/library/document/uploads/[a-z0-9-]+\.md", location)
        assert SCRIPT not in (await admin.get(location.removeprefix("/console"))).text
    new = set(everything.rglob("*.md")) - before
    assert len(new) == len(HOSTILE) == len(publisher.store.documents())
    assert all(path.is_relative_to(publisher.store.folder / "files") for path in new)
    for page in ("/library", "/log"):
        assert SCRIPT not in (await admin.get(page)).text


async def test_what_cannot_be_done_is_told(
    admin: Visitor, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await bring(admin, "tệp.exe", b"MZ\0\0") == "400"
    assert (await admin.post("/library/upload")).status_code == 400
    assert (await admin.get("/library/document/../../etc/passwd")).status_code in (400, 404)
    assert (await admin.get("/library/document/uploads/none.md")).status_code == 400
    assert (await admin.get("/library/changes?since=77")).status_code == 400
    assert (await admin.post("/library/look", {"what": "burn", "id": "x"})).status_code == 400
    missing = await done(admin, await admin.post("/library/look", {"what": "retire", "id": "uploads/none.md"}))
    assert 'role="alert"' in missing
    gone = await admin.get("/library/job/none")
    assert gone.status_code == 404
    assert '/console/library"' in gone.text
    monkeypatch.setattr(pages, "MAX_CONFINED_BYTES", 10)
    assert await bring(admin, "dài.md") == "413"
