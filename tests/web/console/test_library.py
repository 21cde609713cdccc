"""The library's pages: brought, written, looked at, published, tried, retired, gone back; and hostile names."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from bot.publishing import Publisher
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


async def bring(admin: Visitor, name: str, content: bytes = RICE.encode()) -> str:
    """Upload a file; returns where one is sent."""
    response = await admin.post("/library/upload", {"topic": "goods"}, files={"file": (name, content)})
    return response.headers.get("location", f"{response.status_code}")


async def test_a_document_from_brought_to_retired(admin: Visitor, publisher: Publisher) -> None:
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
    assert "Đã đăng" in await done(admin, await admin.post("/library/do", act))
    assert "uploads/gao.md" in [one.id for one in publisher.documents()]
    log = (await admin.get("/log")).text
    assert "publish" in log
    retire = {"what": "retire", "id": "uploads/gao.md"}
    assert "Rút" in await done(admin, await admin.post("/library/look", retire))
    assert "Đã rút" in await done(admin, await admin.post("/library/do", retire))
    assert "uploads/gao.md" not in [one.id for one in publisher.documents()]
    listed = (await admin.get("/library?status=retired")).text
    assert "uploads/gao.md" in listed
    assert "tin-dung-thu" not in listed
    versions = re.findall(r"/library/versions/(\d+)/roll-back", (await admin.get("/library")).text)
    changed = (await admin.get(f"/library/changes?since={versions[0]}")).text
    assert "uploads/gao.md" in changed
    assert "Đã quay lại" in await done(admin, await admin.post(f"/library/versions/{versions[0]}/roll-back"))
    assert "uploads/gao.md" in [one.id for one in publisher.documents()]


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
    await admin.post("/library/edit", {"id": "uploads/che.md", "text": again, "do": "save"})
    assert [one.number for one in publisher.store.versions("uploads/che.md")] == [2, 1]
    difference = (await admin.get("/library/changes?id=uploads/che.md&since=1&until=2")).text
    assert "+Không cần giấy" in difference
    await admin.post("/library/discard", {"id": "uploads/che.md"})
    assert [one.number for one in publisher.store.versions("uploads/che.md")] == [1]


HOSTILE = (
    "../../etc/passwd.md",
    "..\\..\\boot.md",
    "/etc/cron.d/x.md",
    "a/../../b.md",
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
    assert await bring(admin, "....md") == "400"
    assert (await admin.post("/library/upload")).status_code == 400
    assert (await admin.get("/library/document/../../etc/passwd")).status_code in (400, 404)
    assert (await admin.get("/library/document/uploads/none.md")).status_code == 400
    assert (await admin.get("/library/changes?since=77")).status_code == 400
    assert (await admin.post("/library/look", {"what": "burn", "id": "x"})).status_code == 400
    missing = await done(admin, await admin.post("/library/look", {"what": "retire", "id": "uploads/none.md"}))
    assert 'role="alert"' in missing
    assert (await admin.get("/library/job/none")).status_code == 404
    monkeypatch.setattr(pages, "MAX_CONFINED_BYTES", 10)
    assert await bring(admin, "dài.md") == "413"
