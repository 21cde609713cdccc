"""Language models behind the real client library, against a server that does as it is told."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.assistant import chat_model as module
from bot.assistant.budget import Budget
from bot.assistant.chat_model import ChatModels, ModelError, ModelGaveUpError, load_chat_model
from bot.assistant.dialogue import Usage
from bot.assistant.prompting import Prompt
from tests.auxil.fake_model import Does, FakeModel, Script
from tests.auxil.models import chat_model, chat_models

PROMPT = Prompt("greeting/3", "Trả lời ngắn.", "$text")
TEXT = "Xin chào anh/chị, em là Hải Đăng. " * 4


async def written(models: ChatModels, used: list[Usage] | None = None, seconds: float = 10.0) -> str:
    until = asyncio.get_running_loop().time() + seconds
    return await models.write(PROMPT, PROMPT.messages("vi", text="chào"), until, [] if used is None else used)


async def gave_up(models: ChatModels, used: list[Usage] | None = None, seconds: float = 10.0) -> str:
    with pytest.raises(ModelGaveUpError) as failure:
        await written(models, used, seconds)
    return failure.value.reason


@pytest.fixture
async def serve(tmp_path: Path):
    """Servers that do this, and models behind them."""
    async with AsyncExitStack() as stack:

        async def serving(*scripts: list[str | Does | Script], **options: object) -> tuple[ChatModels, list[FakeModel]]:
            servers = [await stack.enter_async_context(FakeModel(*script)) for script in scripts]
            return chat_models(tmp_path, *(server.url for server in servers), **options), servers

        yield serving


async def test_what_a_model_writes_comes_with_what_it_took(serve) -> None:
    models, [server] = await serve([TEXT])
    models = replace(models, models=[chat_model(server.url, (1.0, 5.0))])
    used: list[Usage] = []
    assert await written(models, used) == TEXT
    [usage] = used
    assert (usage.model, usage.prompt, usage.tokens_in, usage.tokens_out) == ("openai:test", "greeting/3", 100, 20)
    assert usage.usd == pytest.approx((100 * 1.0 + 20 * 5.0) / 1e6)
    assert usage.seconds > 0
    assert [message["role"] for message in server.requests[0]] == ["system", "user"]


async def test_tokens_are_estimated_where_the_server_does_not_count(serve) -> None:
    models, _ = await serve([Does(TEXT, counts=False)])
    used: list[Usage] = []
    await written(models, used)
    assert used[0].tokens_in > 0
    assert used[0].tokens_out == len(TEXT) // 3
    assert used[0].usd is None


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_may_pass_is_tried_again(status: int, serve) -> None:
    models, [server] = await serve([Does(status=status), TEXT], retries=1)
    assert await written(models) == TEXT
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_what_will_not_pass_is_not(status: int, serve) -> None:
    models, [server] = await serve([Does(status=status), TEXT], retries=3)
    assert await gave_up(models) == "unavailable"
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [Does(status=500), Does(TEXT, stops_after=0), Does(status=401)])
async def test_the_second_choice_answers_where_the_first_fails(fault: Does, serve) -> None:
    models, [first, second] = await serve([fault], [TEXT])
    used: list[Usage] = []
    assert await written(models, used, seconds=2.0) == TEXT
    assert (len(first.requests), len(second.requests), len(used)) == (1, 1, 2)


async def test_half_an_answer_is_not_continued_by_another_model(serve) -> None:
    models, [_, second] = await serve([Does(TEXT, stops_after=40, dies=True)], [TEXT], retries=2)
    assert await gave_up(models) == "interrupted"
    assert second.requests == []


@pytest.mark.parametrize("after", [0, 40])
async def test_a_model_that_hangs_is_left_at_the_time_limit(after: int, serve) -> None:
    models, [server] = await serve([Does(TEXT, stops_after=after)], retries=3)
    started = time.monotonic()
    assert await gave_up(models, seconds=0.5) == "timeout"
    assert time.monotonic() - started < 2.5
    for _ in range(100):
        if server.stopped:
            break
        await asyncio.sleep(0.05)
    assert server.stopped == 1


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    assert await gave_up(chat_models(tmp_path, "http://127.0.0.1:9/v1")) == "unavailable"


async def test_after_some_failures_a_model_rests_and_then_gets_another_chance(
    serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, [server] = await serve([Does(status=500), Does(status=500), Does(status=500), TEXT])
    assert [await gave_up(models) for _ in range(5)] == ["unavailable"] * 3 + ["resting"] * 2
    assert len(server.requests) == 3
    monkeypatch.setattr(module.time, "monotonic", lambda: module._REST + 10**9)
    assert await written(models) == TEXT


async def test_an_answer_ends_a_row_of_failures(serve) -> None:
    fault = Does(status=500)
    models, _ = await serve([fault, fault, TEXT, fault, fault, TEXT])
    for _ in range(2):
        assert await gave_up(models) == "unavailable"
        assert await gave_up(models) == "unavailable"
        assert await written(models) == TEXT


async def test_nothing_is_asked_when_the_budget_is_spent(serve, tmp_path: Path) -> None:
    models, [server] = await serve([TEXT], budget=Budget(tmp_path / "own.json", tokens=150))
    await written(models)
    await written(models)
    assert await gave_up(models) == "budget"
    assert len(server.requests) == 2


async def test_a_reader_who_goes_away_stops_the_model_and_pays_for_what_was_written(serve) -> None:
    models, [server] = await serve([Does(TEXT * 50, pause=0.02)])
    used: list[Usage] = []
    until = asyncio.get_running_loop().time() + 10
    stream = models.stream(PROMPT, PROMPT.messages("vi", text="chào"), until, used)
    await anext(stream)
    await stream.aclose()
    assert 0 < used[0].tokens_out < len(TEXT)
    for _ in range(100):
        if server.stopped:
            break
        await asyncio.sleep(0.05)
    assert server.stopped == 1


async def test_neither_key_nor_question_is_logged(serve, caplog: pytest.LogCaptureFixture) -> None:
    models, _ = await serve([Does(status=500)])
    with caplog.at_level(logging.INFO, logger="bot"):
        await gave_up(models)
    assert "openai:test failed" in caplog.text
    assert "chào" not in caplog.text


@pytest.mark.parametrize(
    ("name", "says"),
    [("nobody:x", "nobody:x"), ("anthropic:x", "pip install -e '.[anthropic]'"), ("google_genai:x", "[google]")],
)
def test_a_model_that_cannot_be_set_up_is_named_with_what_to_install(name: str, says: str) -> None:
    with pytest.raises(ModelError) as error:
        load_chat_model(name, None, "secret-key", None)
    assert says in str(error.value)
    assert "secret-key" not in str(error.value)
