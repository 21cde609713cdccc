"""Language models behind one door: a first and a second choice, with a time limit, retries, a rest after failures and a
budget. Nothing here knows what they are asked.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage

from bot.assistant.budget import Budget
from bot.assistant.dialogue import Usage
from bot.assistant.prompting import Prompt

# What models are asked to do, each of which can be switched off.
USES = ("standalone", "answer", "suggest")

Failure = Literal["budget", "resting", "timeout", "unavailable", "interrupted"]

# So many failures in a row, and a model is left alone for so many seconds.
_FAILURES = 3
_REST = 60.0
# Seconds before the first retry; twice as many before each further one.
_PAUSE = 0.5
# Characters a token has at least; for providers that do not say what they used.
_CHARACTERS = 3

_log = logging.getLogger(__name__)


class ModelGaveUpError(Exception):
    """No model has answered, or not to the end. Seen by the assistant, which answers without one."""

    def __init__(self, reason: Failure) -> None:
        super().__init__(reason)
        self.reason: Failure = reason


class ModelError(Exception):
    """A model that cannot be set up. Seen by whoever starts the program; the text says what to do."""


@dataclass(slots=True)
class ChatModel:
    """A model, and whether it is worth asking. prices: USD for a million tokens read and written; None: not known."""

    name: str
    model: BaseChatModel
    prices: tuple[float, float] | None = None
    _failures: int = 0
    _rests_until: float = 0.0

    def rests(self) -> bool:
        return time.monotonic() < self._rests_until

    def worked(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        """After a rest one failure is enough for the next."""
        self._failures += 1
        if self._failures >= _FAILURES:
            self._rests_until = time.monotonic() + _REST

    def cost(self, tokens_in: int, tokens_out: int) -> float | None:
        return (tokens_in * self.prices[0] + tokens_out * self.prices[1]) / 1e6 if self.prices else None


@dataclass(frozen=True, slots=True)
class ChatModels:
    """models: by preference. retries: of one model, before its first word. uses: what they are asked to do."""

    models: Sequence[ChatModel]
    budget: Budget
    timeout: float = 20.0
    retries: int = 1
    uses: frozenset[str] = frozenset(USES)

    async def stream(
        self, prompt: Prompt, messages: list[BaseMessage], until: float, used: list[Usage]
    ) -> AsyncGenerator[str, None]:
        """What a model writes, piece by piece, until a time of the running loop.

        A model that has not begun after its share of the time makes room for the next one. used: each call is added.
        Raises ModelGaveUpError.
        """
        if not self.budget.left():
            raise ModelGaveUpError("budget")
        failure = ModelGaveUpError("resting")
        awake = [model for model in self.models if not model.rests()]
        for place, model in enumerate(awake):
            now = asyncio.get_running_loop().time()
            begin_by = now + (until - now) / (len(awake) - place)
            for attempt in range(self.retries + 1):
                call = _Call(model, prompt, messages)
                try:
                    async with aclosing(call.pieces(begin_by, until)) as pieces:
                        async for piece in pieces:
                            yield piece
                    model.worked()
                    return
                except ModelGaveUpError as error:
                    failure = error
                finally:
                    used.append(call.usage())
                    self.budget.spend(used[-1].usd, used[-1].tokens_in + used[-1].tokens_out)
                pause = _PAUSE * 2**attempt
                late = asyncio.get_running_loop().time() + pause >= begin_by
                if call.begun or not call.may_retry or attempt == self.retries or late:
                    break
                await asyncio.sleep(pause)
            model.failed()
            if call.begun:
                break
        raise failure

    async def write(self, prompt: Prompt, messages: list[BaseMessage], until: float, used: list[Usage]) -> str:
        """All that a model writes. Raises ModelGaveUpError."""
        async with aclosing(self.stream(prompt, messages, until, used)) as pieces:
            return "".join([piece async for piece in pieces])


@dataclass(slots=True)
class _Call:
    """One request to one model. begun: whether it has said anything."""

    model: ChatModel
    prompt: Prompt
    messages: list[BaseMessage]
    begun: bool = False
    may_retry: bool = True
    _started: float = field(default_factory=time.perf_counter)
    _written: int = 0
    _counted: dict[str, int] = field(default_factory=dict)

    async def pieces(self, begin_by: float, until: float) -> AsyncGenerator[str, None]:
        """Raises ModelGaveUpError."""
        try:
            async with aclosing(_chunks(self.model.model, self.messages)) as chunks:
                while True:
                    async with asyncio.timeout_at(until if self.begun else begin_by):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        return
                    self._count(chunk)
                    if piece := str(chunk.text):
                        self.begun = True
                        self._written += len(piece)
                        yield piece
        except TimeoutError:
            raise ModelGaveUpError("timeout") from None
        except Exception as error:  # noqa: BLE001  # each provider has errors of its own
            # Never the error's text: it may hold the key or the question.
            _log.warning("chat model %s failed: %s", self.model.name, type(error).__name__)
            self.may_retry = _passes(error)
            raise ModelGaveUpError("interrupted" if self.begun else "unavailable") from None

    def _count(self, chunk: AIMessageChunk) -> None:
        for name, count in (chunk.usage_metadata or {}).items():
            if isinstance(count, int):
                self._counted[name] = self._counted.get(name, 0) + count

    def usage(self) -> Usage:
        """What it took, estimated where the provider did not say (as when it was stopped half way)."""
        read = sum(len(str(message.content)) for message in self.messages) // _CHARACTERS
        tokens_in = self._counted.get("input_tokens") or (read if self.begun else 0)
        tokens_out = self._counted.get("output_tokens") or self._written // _CHARACTERS
        return Usage(
            model=self.model.name,
            prompt=self.prompt.name,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            usd=self.model.cost(tokens_in, tokens_out),
            seconds=round(time.perf_counter() - self._started, 3),
        )


async def _chunks(model: BaseChatModel, messages: list[BaseMessage]) -> AsyncGenerator[AIMessageChunk, None]:
    async for chunk in model.astream(messages):
        yield chunk


def _passes(error: Exception) -> bool:
    """Whether the same request may work a moment later: the network, a server's fault, too many requests."""
    status = getattr(error, "status_code", None)
    return status is None or status in (408, 409, 429) or status >= 500


def load_chat_model(name: str, url: str | None, key: str | None, temperature: float | None) -> BaseChatModel:
    """A model by "provider:name" of LangChain's init_chat_model.

    url: root of the provider's interface, where it is not the usual one. key: else the provider's own environment
    variable counts. Raises ModelError.
    """
    provider = name.partition(":")[0]
    options: dict[str, Any] = {} if provider == "ollama" else {"max_retries": 0}
    if provider == "openai":
        options["stream_usage"] = True
        # A server of one's own asks for no key, its client does.
        key = key or ("none" if url else None)
    given = {"base_url": url, "api_key": key, "temperature": temperature}
    options |= {option: value for option, value in given.items() if value is not None}
    try:
        from langchain.chat_models import init_chat_model

        model: BaseChatModel = init_chat_model(name, **options)
    except ImportError as error:
        raise ModelError(f"{name}: {error.name or error}; pip install -e '.[{_extra(provider)}]'") from None
    except Exception as error:  # noqa: BLE001  # each provider has errors of its own, as for a missing key
        raise ModelError(f"{name}: {type(error).__name__}") from None
    return model


def _extra(provider: str) -> str:
    return "google" if provider.startswith("google") else provider
