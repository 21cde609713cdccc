"""A composed answer told anew by a language model, and what to ask next; the composed one stays where that fails."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from bot.assistant.chat_model import ChatModels, ModelGaveUpError
from bot.assistant.dialogue import Reply, Suggestion, Usage
from bot.assistant.finding import Found
from bot.assistant.generating import Generation, Sentence, UnusableError, evidence
from bot.assistant.replying import candidates, cite
from bot.assistant.selecting import select
from bot.assistant.suggesting import choose
from bot.assistant.verifying import Resembles
from knowledge.passages import Passage

# Passages to write from: those that the composed answer quotes, and rivals with this share of the best one's score.
_PASSAGES = 3
_AS_GOOD = 0.7
# Questions that the next ones are chosen from.
_CANDIDATES = 8


@dataclass(slots=True)
class Writing:
    """reply: the composed answer; when `stream` has ended, what is to be sent. resembles: for answers in English."""

    models: ChatModels
    found: Found
    reply: Reply
    resembles: Resembles

    async def stream(self, until: float, used: list[Usage]) -> AsyncGenerator[Sentence, None]:
        """The sentences that hold, as they come; until: a time of the running loop. Raises nothing of the model's."""
        next_ones: asyncio.Task[tuple[Suggestion, ...]] | None = None
        try:
            if "answer" in self.models.uses:
                passages = self._passages()
                index, language = self.found.index, self.reply.language
                leans_on = evidence(passages, language, index.weight, self.resembles)
                generation = Generation(self.models, leans_on, used)
                try:
                    async with aclosing(generation.stream(self._asked(), until)) as sentences:
                        async for sentence in sentences:
                            # Asked for beside the answer as soon as the model is known to be worth it.
                            next_ones = next_ones or self._next_ones(until, used)
                            yield sentence
                except (ModelGaveUpError, UnusableError) as error:
                    self.reply = replace(self.reply, made_by=f"fell_back:{error}")
                    return
                self.reply = replace(
                    self.reply,
                    text=generation.text,
                    sources=tuple(cite(n, passages[n - 1]) for n in generation.cited),
                    made_by="generated_partly" if generation.dropped else "generated",
                )
            else:
                next_ones = self._next_ones(until, used)
            if next_ones:
                self.reply = replace(self.reply, suggestions=await next_ones)
        finally:
            if next_ones:
                next_ones.cancel()
                await asyncio.gather(next_ones, return_exceptions=True)

    def _passages(self) -> list[Passage]:
        hits = self.found.hits
        passages = select(self.found.understanding.query, hits, self.found.index)
        for hit in hits[1:]:
            sections = {passage.section for passage in passages}
            if len(passages) < _PASSAGES and hit.passage.section not in sections:
                if hit.score < _AS_GOOD * hits[0].score:
                    break
                passages.append(hit.passage)
        return passages

    def _asked(self) -> str:
        """What was asked before, as far as the question leans on it, and the question."""
        understanding = self.found.understanding
        return f"{understanding.query.context}\n{understanding.typed}".strip()

    def _next_ones(self, until: float, used: list[Usage]) -> asyncio.Task[tuple[Suggestion, ...]] | None:
        cited = {passage.section for passage in self._passages()}
        known = candidates(self.found.hits, cited, _CANDIDATES)
        count = len(self.reply.suggestions)
        if "suggest" not in self.models.uses or len(known) <= count:
            return None
        return asyncio.create_task(choose(self.models, self._asked(), self.reply.language, known, count, until, used))
