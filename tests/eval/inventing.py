"""A language model that invents: it copies sentences of the passages it is given and changes a number in most of them.

It writes as it was told to, citations and all, so that nothing but the check of what is said can stop it.
"""

import random
import re
from collections.abc import Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

# Sentences of an answer; a true one comes first, so that the rest is read.
_SENTENCES = 5
# Of the sentences behind the first so many are changed.
_INVENTED = 0.7

_PASSAGE = re.compile(r"<<<ĐOẠN (\d+): (.*?)\nHẾT ĐOẠN \1>>>", re.DOTALL)
_SENTENCE = re.compile(r"[^\n.!?:;]{25,}[.!?](?=\s|$)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Inventing(BaseChatModel):
    """invented: how many sentences with a number of its own it has written."""

    invented: int = 0

    @property
    def _llm_type(self) -> str:
        return "inventing"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=self._answer(messages)))])

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content=self._answer(messages)))

    def _answer(self, messages: list[BaseMessage]) -> str:
        data = str(messages[-1].content)
        chance = random.Random(data)  # noqa: S311  # the same answer each time
        read = [
            (number, sentence.strip())
            for number, passage in _PASSAGE.findall(data)
            for sentence in _SENTENCE.findall(passage.partition("\n")[2])
        ]
        written: list[str] = []
        for number, sentence in read[:_SENTENCES]:
            changed = bool(written) and chance.random() < _INVENTED
            self.invented += changed
            written.append(f"{self._changed(sentence, chance) if changed else sentence} [{number}]")
        return " ".join(written)

    def _changed(self, sentence: str, chance: random.Random) -> str:
        """With one number changed, or with one put in where there is none."""
        numbers = list(_NUMBER.finditer(sentence))
        if not numbers:
            return f"{sentence[:-1]}, khoảng {chance.randrange(11, 9999)} triệu đồng."
        place = chance.choice(numbers)
        return f"{sentence[: place.start()]}{chance.randrange(11, 9999)}{sentence[place.end() :]}"
