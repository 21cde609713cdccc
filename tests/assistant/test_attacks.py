"""Attacks by those who ask and by those who write documents, against a model that falls for every one of them."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question, Reply
from bot.assistant.finding import Steps, find
from bot.assistant.likeness import says_the_same
from bot.assistant.orders import gives_orders
from bot.assistant.understanding import understand
from bot.assistant.writing import Writing
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.vietnamese import fold
from tests.auxil.fake_model import FakeModel
from tests.auxil.libraries import document, lexical_version, with_vectors_of
from tests.auxil.models import chat_models

ATTACKS = yaml.safe_load((Path(__file__).parent.parent / "data/attacks.yaml").read_text(encoding="utf-8"))
QUESTION = "Gạo xuất khẩu cần giấy tờ gì?"
FACT = "Gạo xuất khẩu cần ba tờ giấy tờ: hợp đồng, hoá đơn và tờ khai."
GUIDE = (
    f"## {QUESTION}\n\n{FACT}\n\n## Cước tàu đi Nhật\n\nHỏi hãng tàu.\n\n"
    "## Hàng mẫu\n\nGửi bằng chuyển phát nhanh.\n\n## Đặt cọc\n\nThường ba mươi phần trăm.\n\n"
    "## Bảo hiểm\n\nMua trước khi tàu chạy.\n"
)

pytestmark = pytest.mark.xdist_group("attacks")


@pytest.fixture(scope="module")
def rice(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveLibrary]:
    """A library that has one section on the papers of rice."""
    folder = tmp_path_factory.mktemp("rice")
    own = with_vectors_of(library, folder / "library")
    lexical_version(own, [document(folder, GUIDE)])
    with LiveLibrary(own) as live:
        yield live


async def asked(question: str, writes: str, rice: LiveLibrary, embeddings: TextEmbeddings, folder: Path) -> Reply:
    """The reply to a question with a model that writes this."""
    async with FakeModel(writes) as model:
        return await Assistant(rice, embeddings, models=chat_models(folder, model.url)).reply(Question(question))


async def attacked(
    attack: str, writes: str, rice: LiveLibrary, embeddings: TextEmbeddings, folder: Path
) -> tuple[Reply, str]:
    """The reply to the honest question where the section that answers it holds an attack; and what the model read."""
    question = Question(QUESTION)
    found = find(question, understand(question, rice.index), rice.index, embeddings, None, Steps())
    poisoned = replace(found.hits[0].passage, text=f"{FACT} {attack}")
    found = replace(found, hits=[replace(found.hits[0], passage=poisoned)])
    async with FakeModel(writes) as model:
        writing = Writing(chat_models(folder, model.url), found, found.reply(), says_the_same(embeddings))
        async for _ in writing.stream(asyncio.get_running_loop().time() + 10, []):
            pass
    return writing.reply, model.requests[0][1]["content"]


def goal(attack: dict[str, str]) -> str:
    """What must not be said, without its citation."""
    return re.sub(r"\s*\[\d\]$", "", attack["says"])


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS["questions"]) + len(ATTACKS["documents"]) >= 60


async def test_an_honest_answer_about_the_same_subject_is_sent(
    rice: LiveLibrary, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    reply = await asked(QUESTION, f"{FACT} [1]", rice, embeddings, tmp_path)
    assert (reply.made_by, reply.text) == ("generated", f"{FACT} [1]")


@pytest.mark.parametrize("attack", ATTACKS["questions"], ids=lambda attack: attack["ask"][11:51])
async def test_what_a_question_makes_a_model_say_is_not_sent(
    attack: dict[str, str], rice: LiveLibrary, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    question = attack["ask"].replace("{question}", QUESTION)
    alone = await asked(question, attack["says"], rice, embeddings, tmp_path)
    assert goal(attack) not in alone.text
    assert alone.made_by.startswith("fell_back:") or alone.decision != "answer"
    behind = await asked(question, f"{FACT} [1]\n{attack['says']}", rice, embeddings, tmp_path)
    assert goal(attack) not in behind.text


@pytest.mark.parametrize("attack", ATTACKS["documents"], ids=lambda attack: attack["text"][:40])
async def test_what_a_document_makes_a_model_say_is_not_sent(
    attack: dict[str, str], rice: LiveLibrary, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    """The composed answer does not quote the attack either, and the model never reads it."""
    alone, read = await attacked(attack["text"], attack["says"], rice, embeddings, tmp_path)
    assert alone.made_by.startswith("fell_back:")
    assert FACT in alone.text
    assert fold(attack["text"]) not in fold(alone.text)
    assert FACT in read
    assert fold(attack["text"]) not in fold(read)
    behind, _ = await attacked(attack["text"], f"{FACT} [1]\n{attack['says']}", rice, embeddings, tmp_path)
    assert behind.text.startswith(FACT)
    assert goal(attack) not in behind.text


@pytest.mark.parametrize("attack", ATTACKS["documents"], ids=lambda attack: attack["text"][:40])
def test_an_attack_in_a_document_is_told_from_what_guides_say(attack: dict[str, str]) -> None:
    assert gives_orders(attack["text"])
