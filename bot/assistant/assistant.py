"""A question to a reply: understand, search, decide, compose, and with a language model write."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace

from bot.assistant.chat_model import ChatModels
from bot.assistant.dialogue import Question, Reply, Usage
from bot.assistant.finding import Steps, find
from bot.assistant.generating import Sentence
from bot.assistant.likeness import says_the_same
from bot.assistant.replying import introduced
from bot.assistant.rewriting import stand_alone
from bot.assistant.understanding import LONGEST, Understanding, understand
from bot.assistant.writing import Writing
from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.live import LiveLibrary
from knowledge.query import expand
from knowledge.reranking import Reranker

# Replies kept for questions that are asked again; a new version of the library empties them.
_REMEMBERED = 2000
# Marks what a language model wrote among them.
_WRITTEN = "\0written"
# The share of a question's time that making it stand alone may take.
_TO_STAND_ALONE = 0.25


class Assistant:
    """Answers questions from the live library; safe to use from several threads.

    models: language models to tell answers anew with; without them every answer is composed.
    """

    def __init__(
        self,
        library: LiveLibrary,
        embeddings: TextEmbeddings,
        reranker: Reranker | None = None,
        models: ChatModels | None = None,
    ) -> None:
        self._library = library
        self._embeddings = embeddings
        self._reranker = reranker
        self._models = models
        self._remembered: dict[tuple[str, ...], Reply] = {}
        self._remembered_version = 0
        self._lock = threading.Lock()

    @property
    def index(self) -> Index:
        """The version that the next question is answered from."""
        return self._library.index

    @property
    def writes(self) -> bool:
        """Whether a language model tells answers anew, which takes seconds and no processor of this machine."""
        return self._models is not None

    def answer(self, question: Question) -> Reply:
        """The composed reply. Never raises for what a person typed."""
        started = time.perf_counter()
        index = self.index
        key = _key(question)
        steps = Steps()
        reply = self._recall(key, index)
        if reply is None:
            reply = replace(self._think(question, index, steps), version=index.manifest.number)
            self._remember(key, reply, index)
        latency = (time.perf_counter() - started) * 1000
        return introduced(replace(reply, question=question.text, latency_ms=latency, steps_ms=steps.taken))

    async def reply(self, question: Question) -> Reply:
        """The reply, told by a language model where there is one. Never raises for what a person or a model does."""
        async with aclosing(self.reply_stream(question)) as parts:
            return await anext(part async for part in parts if isinstance(part, Reply))

    async def reply_stream(self, question: Question) -> AsyncGenerator[Sentence | Reply, None]:
        """Checked sentences while a language model writes, for a draft; then the reply, which alone counts."""
        if self._models is None:
            yield await asyncio.to_thread(self.answer, question)
            return
        started, until = time.perf_counter(), asyncio.get_running_loop().time() + self._models.timeout
        index, steps, used = self.index, Steps(), list[Usage]()
        key = (_WRITTEN, *_key(question))
        reply = self._recall(key, index)
        if reply is None:
            understanding = await self._understand(question, index, until, used)
            steps.done("understand")
            found = await asyncio.to_thread(
                find, question, understanding, index, self._embeddings, self._reranker, steps
            )
            reply = replace(await asyncio.to_thread(found.reply), version=index.manifest.number)
            steps.done("compose")
            if reply.decision == "answer":
                writing = Writing(self._models, found, reply, says_the_same(self._embeddings))
                async with aclosing(writing.stream(until, used)) as sentences:
                    async for sentence in sentences:
                        yield sentence
                reply = writing.reply
                steps.done("write")
            if reply.made_by.startswith("generated"):
                self._remember(key, reply, index)
        latency = (time.perf_counter() - started) * 1000
        took = {"latency_ms": latency, "steps_ms": steps.taken, "usage": tuple(used)}
        yield introduced(replace(reply, question=question.text, **took))  # type: ignore[arg-type]

    async def _understand(self, question: Question, index: Index, until: float, used: list[Usage]) -> Understanding:
        """Understood, and made to stand alone by a model where the question leans on those before it."""
        understanding = await asyncio.to_thread(understand, question, index)
        if self._models is None or "standalone" not in self._models.uses or not understanding.query.context:
            return understanding
        if understanding.about:  # the model does not know of it
            return understanding
        now = asyncio.get_running_loop().time()
        rewritten = await stand_alone(
            self._models, question, understanding.language, now + (until - now) * _TO_STAND_ALONE, used
        )
        if rewritten is None:
            return understanding
        text = await asyncio.to_thread(expand, rewritten, index)
        return replace(understanding, query=replace(understanding.query, text=text, leans=False))

    def forget(self, questions: Iterable[str]) -> None:
        """Let go of every reply that was made for one of these questions, or leaned on one."""
        forgotten = {_asked(text) for text in questions}
        with self._lock:
            for key in [key for key in self._remembered if forgotten.intersection(key)]:
                del self._remembered[key]

    def _think(self, question: Question, index: Index, steps: Steps) -> Reply:
        understanding = understand(question, index)
        steps.done("understand")
        found = find(question, understanding, index, self._embeddings, self._reranker, steps)
        reply = found.reply()
        steps.done("compose")
        return reply

    def _recall(self, key: tuple[str, ...], index: Index) -> Reply | None:
        with self._lock:
            if self._remembered_version != index.manifest.number:
                self._remembered.clear()
                self._remembered_version = index.manifest.number
            return self._remembered.get(key)

    def _remember(self, key: tuple[str, ...], reply: Reply, index: Index) -> None:
        with self._lock:
            if self._remembered_version == index.manifest.number:
                self._remembered[key] = reply
                if len(self._remembered) > _REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]


def _key(question: Question) -> tuple[str, ...]:
    """Questions with the same key get the same reply from one version."""
    asked = tuple(_asked(text) for text in (*question.history, question.text))
    return (f"\0{question.about.goods}", f"\0{question.about.market}", *asked) if question.about else asked


def _asked(text: str) -> str:
    """Two questions with the same of these are answered alike."""
    return " ".join(text[:LONGEST].lower().split()).rstrip(" ?!.")
