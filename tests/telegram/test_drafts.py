"""An answer shown as a draft while a language model writes it, and the message that follows."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.assistant.assistant import Assistant
from bot.telegram import drafts
from knowledge.embedding import TextEmbeddings
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import USERNAME, BotApi
from tests.auxil.fake_model import Does, FakeModel
from tests.auxil.models import chat_models
from tests.telegram.conftest import Running, Turns

pytestmark = [pytest.mark.xdist_group("telegram")]

QUESTION = "Nộp chứng từ L/C trong bao nhiêu ngày?"
FIRST = "Bộ chứng từ phải được xuất trình trong vòng 21 ngày lịch sau ngày giao hàng, trừ khi L/C ghi khác. [1]"
SECOND = "Ngân hàng có tối đa 5 ngày làm việc ngân hàng để kiểm tra. [1]"

Writing = Callable[..., AbstractAsyncContextManager[FakeModel]]


@pytest.fixture
def assistant(live: LiveLibrary, embeddings: TextEmbeddings) -> Assistant:
    """One of this test's own, whose models are set by `writing`."""
    return Assistant(live, embeddings)


@pytest.fixture
def writing(assistant: Assistant, running: Running, api: BotApi, tmp_path: Path) -> Writing:
    """A bot with a model that does this."""

    @asynccontextmanager
    async def run(*does: str | Does) -> AsyncIterator[FakeModel]:
        async with FakeModel(*does) as model:
            options = {"uses": frozenset({"answer"}), "timeout": 15.0}
            assistant._models = chat_models(tmp_path, model.url, **options)
            async with running(api):
                yield model

    return run


def drafts_of(api: BotApi) -> list[dict[str, str]]:
    return [given for method, given, _ in api.calls if method == "sendMessageDraft"]


async def test_the_answer_is_shown_as_it_comes_and_then_sent(
    writing: Writing, api: BotApi, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "_PACE", 0.0)
    async with writing(Does(f"{FIRST}\n{SECOND}\n", pause=0.1)):
        api.say(7, QUESTION)
        [message] = await api.messages(7)
    shown = drafts_of(api)
    assert [draft["text"] for draft in shown] in ([FIRST], [FIRST, f"{FIRST}\n{SECOND}"])
    assert len({draft["draft_id"] for draft in shown}) == 1
    assert f"{FIRST}\n{SECOND}" in message["text"]
    assert "Nguồn" in message["text"]
    [turn] = await turns()
    assert turn.writing
    assert turn.writing["made_by"] == "generated"
    [call] = turn.writing["calls"]
    assert call["tokens_out"] > 0
    assert call["seconds"] > 0


async def test_no_more_than_one_a_second(writing: Writing, api: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "_PACE", 1000.0)
    async with writing(Does(f"{FIRST}\n{SECOND}\n", pause=0.05)):
        api.say(7, QUESTION)
        await api.messages(7)
    assert len(drafts_of(api)) == 1


@pytest.mark.parametrize("status", [400, 403, 429, 502])
async def test_a_draft_that_fails_is_no_failure(status: int, writing: Writing, api: BotApi) -> None:
    api.fail(status, method="sendMessageDraft", times=9)
    async with writing(Does(f"{FIRST}\n{SECOND}\n", pause=0.02)):
        api.say(7, QUESTION)
        [message] = await api.messages(7)
    assert FIRST in message["text"]
    assert len(drafts_of(api)) == 1


async def test_a_group_sees_no_drafts(writing: Writing, api: BotApi) -> None:
    async with writing(Does(f"{FIRST}\n{SECOND}\n")):
        api.say(-100, f"@{USERNAME} {QUESTION}", sender=5)
        [message] = await api.messages(-100)
    assert FIRST in message["text"]
    assert drafts_of(api) == []


async def test_where_the_model_stops_half_way_the_message_is_the_composed_answer(
    writing: Writing, api: BotApi, turns: Turns
) -> None:
    async with writing(Does(f"{FIRST}\n{SECOND}\n", stops_after=len(FIRST) + 20)):
        api.say(7, QUESTION)
        [message] = await api.messages(7)
    assert "Bốn mốc ngày" in message["text"]
    [turn] = await turns()
    assert turn.writing
    assert turn.writing["made_by"].startswith("fell_back:")
    assert all(draft["text"] == FIRST for draft in drafts_of(api))
