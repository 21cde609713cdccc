"""Chat models for tests, behind the real client library."""

from pathlib import Path
from typing import Any

from bot.assistant.budget import Budget
from bot.assistant.chat_model import ChatModel, ChatModels, load_chat_model
from bot.assistant.dialogue import Reply
from bot.assistant.generating import Sentence


def chat_model(url: str, prices: tuple[float, float] | None = None) -> ChatModel:
    return ChatModel("openai:test", load_chat_model("openai:test", url, None, 0.0), prices)


def chat_models(folder: Path, *urls: str, **options: Any) -> ChatModels:
    """Models behind these addresses, by preference; folder: for what was spent."""
    budget = options.pop("budget", None) or Budget(folder / "spent.json")
    return ChatModels([chat_model(url) for url in urls], budget, **{"timeout": 10.0, "retries": 0, **options})


async def all_of(stream: Any) -> tuple[list[Sentence], Reply]:
    """The sentences that were streamed, and the reply behind them."""
    parts = [part async for part in stream]
    *sentences, reply = parts
    assert isinstance(reply, Reply)
    assert all(isinstance(sentence, Sentence) for sentence in sentences)
    return sentences, reply
