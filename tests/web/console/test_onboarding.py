"""How far suppliers come, as ops see it."""

import csv
import io

from bot.conversations.exchange import Sender
from bot.conversations.records import Records
from tests.web.console.conftest import Visitor

RESULT = {"level": {"vi": "Đang chuẩn bị", "en": "Preparing"}, "gaps": [{"need": "price"}]}


async def test_the_funnel_is_shown_and_exported_as_counts(ops: Visitor, records: Records) -> None:
    person = (await records.talk(Sender("web", "lan", "lan"))).person
    told = {"goods": ["coffee"], "province": "ngõ 5 nhà cô Lan", "company": "Cà phê Ỷ Lan"}
    await records.onboarding.keep_profile(person, told)
    key = await records.onboarding.begin(person, "1", {})
    await records.onboarding.finish(person, key, "1", RESULT)
    page = (await ops.get("/onboarding")).text
    assert "Đang chuẩn bị" in page
    assert "cà phê" in page
    exported = await ops.get("/onboarding/export")
    assert exported.text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(exported.text.removeprefix("\ufeff"))))
    assert ["Chỗ hổng theo mặt hàng", "cà phê", "Giá cả", "1"] in rows
    assert ["Các bước", "Đã làm xong", "", "1"] in rows
    for shown in (page, exported.text):
        assert "Lan" not in shown
        assert person not in shown
    empty = (await ops.get("/onboarding", params={"from": "2020-01-01", "to": "2020-01-31"})).text
    assert "Đang chuẩn bị" not in empty
    assert (await ops.get("/onboarding", params={"from": "x", "to": "9999-12-31"})).status_code == 200


async def test_nobody_sees_it_without_signing_in(ops: Visitor) -> None:
    ops.client.cookies.clear()
    assert (await ops.get("/onboarding/export")).status_code == 303
