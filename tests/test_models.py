"""The program with language models: put together from settings, asked and examined on the command line."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from bot.app import chat_models
from bot.assistant.chat_model import ModelError
from bot.settings import Settings
from knowledge.library import Library
from tests.auxil.fake_model import Does, FakeModel
from tests.auxil.programs import BOT, environment, run

QUESTION = "Nộp chứng từ L/C trong bao nhiêu ngày?"
FIRST = "Bộ chứng từ phải được xuất trình trong vòng 21 ngày lịch sau ngày giao hàng, trừ khi L/C ghi khác. [1]"


async def ran(
    library: Library, guides: Path, folder: Path, *arguments: str, stdin: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    env = environment(library.folder.parent, guides, **settings)
    return await asyncio.to_thread(run, [*BOT, *arguments], env, folder, stdin)


def of(model: FakeModel, **more: str) -> dict[str, str]:
    return {"CHAT_MODEL": "openai:test", "CHAT_MODEL_URL": model.url, "CHAT_MODEL_USES": "answer", **more}


async def test_ask_and_batch_answer_through_the_model(library: Library, guides: Path, tmp_path: Path) -> None:
    async with FakeModel(FIRST) as model:
        one = await ran(library, guides, tmp_path, "ask", "--explain", QUESTION, **of(model))
        line = json.dumps({"id": 1, "question": QUESTION})
        many = await ran(library, guides, tmp_path, "ask", "--batch", "-", stdin=f"{line}\n{line}\n", **of(model))
    assert (one.returncode, one.stderr) == (0, "")
    assert FIRST in one.stdout
    assert "made by     generated" in one.stdout
    assert "answer/1 by openai:test: 100 tokens read, 20 written" in one.stdout
    assert (many.returncode, many.stderr) == (0, "")
    assert [json.loads(reply)["answer"] for reply in many.stdout.splitlines()] == [FIRST, FIRST]


async def test_chat_answers_through_the_model_turn_by_turn(library: Library, guides: Path, tmp_path: Path) -> None:
    async with FakeModel(FIRST) as model:
        typed = f"{QUESTION}\nchào em\n{QUESTION.lower()}\n"
        done = await ran(library, guides, tmp_path, "chat", stdin=typed, **of(model))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(FIRST) == 2


async def test_a_model_that_fails_is_no_failure(library: Library, guides: Path, tmp_path: Path) -> None:
    async with FakeModel(Does(status=500)) as model:
        done = await ran(library, guides, tmp_path, "ask", QUESTION, **of(model))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Bốn mốc ngày" in done.stdout


async def test_what_is_spent_counts_for_the_next_run(library: Library, guides: Path, tmp_path: Path) -> None:
    spent = library.folder.parent / "chat_model_spent.json"
    spent.unlink(missing_ok=True)
    prices = {"CHAT_MODEL_PRICE_IN": "1000", "CHAT_MODEL_PRICE_OUT": "1000", "CHAT_MODEL_BUDGET_PER_DAY": "0.1"}
    try:
        async with FakeModel(FIRST) as model:
            first = await ran(library, guides, tmp_path, "ask", QUESTION, **of(model, **prices))
            second = await ran(library, guides, tmp_path, "ask", QUESTION, **of(model, **prices))
    finally:
        spent.unlink(missing_ok=True)
    assert FIRST in first.stdout
    assert FIRST not in second.stdout
    assert len(model.requests) == 1


async def test_the_doctor_says_whether_each_model_answers(library: Library, guides: Path, tmp_path: Path) -> None:
    async with FakeModel("Chào") as model, FakeModel(Does(status=401)) as other:
        more = {"CHAT_MODEL_FALLBACK": "openai:other", "CHAT_MODEL_FALLBACK_URL": other.url}
        done = await ran(library, guides, tmp_path, "doctor", **of(model, CHAT_MODEL_KEY="bi-mat", **more))
    assert done.returncode == 1
    assert "OK  Language model: openai:test answers after " in done.stdout
    assert "!!  Language model: openai:other does not answer (unavailable)" in done.stdout
    assert "bi-mat" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", [["ask", QUESTION], ["doctor"]])
async def test_a_model_that_cannot_be_set_up_is_named(
    command: list[str], library: Library, guides: Path, tmp_path: Path
) -> None:
    done = await ran(library, guides, tmp_path, *command, CHAT_MODEL="nobody:x")
    assert done.returncode in (1, 2)
    assert "The language model cannot be used: nobody:x" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, **more)  # type: ignore[arg-type]


def test_without_a_setting_there_are_no_models(tmp_path: Path) -> None:
    assert chat_models(settings(tmp_path)) is None


def test_the_second_choice_has_the_address_and_key_of_the_first_where_the_provider_is_the_same(tmp_path: Path) -> None:
    models = chat_models(
        settings(
            tmp_path,
            chat_model="openai:a",
            chat_model_url="http://127.0.0.1:9/v1",
            chat_model_key="k",
            chat_model_fallback="openai:b",
            chat_model_price_in=1.0,
            chat_model_price_out=2.0,
            chat_model_uses="answer",
        )
    )
    assert models is not None
    assert [model.name for model in models.models] == ["openai:a", "openai:b"]
    assert {model.model.openai_api_base for model in models.models} == {"http://127.0.0.1:9/v1"}  # type: ignore[attr-defined]
    assert models.models[1].prices == (1.0, 2.0)
    assert models.uses == {"answer"}


def test_a_second_choice_of_another_provider_needs_its_own(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="ollama"):
        chat_models(settings(tmp_path, chat_model="openai:a", chat_model_key="k", chat_model_fallback="ollama:b"))
