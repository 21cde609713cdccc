"""What to ask next, chosen by a language model among questions that the library answers."""

import re

from bot.assistant.chat_model import ChatModels, ModelGaveUpError
from bot.assistant.dialogue import Suggestion, Usage
from bot.assistant.prompting import prompt
from bot.texts import Language


async def choose(
    models: ChatModels,
    asked: str,
    language: Language,
    candidates: tuple[Suggestion, ...],
    count: int,
    until: float,
    used: list[Usage],
) -> tuple[Suggestion, ...]:
    """The best `count` of the candidates: those that the model names, then the others in their order."""
    rules = prompt("next_questions")
    listed = "\n".join(f"{number}. {candidate.text}" for number, candidate in enumerate(candidates, start=1))
    messages = rules.messages(language, candidates=listed, question=asked)
    try:
        written = await models.write(rules, messages, until, used)
    except ModelGaveUpError:
        return candidates[:count]
    numbers = [int(number) for number in re.findall(r"\d{1,2}", written)][:count]
    named = [candidates[number - 1] for number in numbers if 1 <= number <= len(candidates)]
    return tuple(dict.fromkeys((*named, *candidates)))[:count]
