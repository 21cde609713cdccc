"""A question that leans on those before it, made to stand alone by a language model: searched for, never shown."""

from bot.assistant.chat_model import ChatModels, ModelGaveUpError
from bot.assistant.dialogue import Question, Usage
from bot.assistant.facts import facts, missing
from bot.assistant.orders import gives_orders
from bot.assistant.prompting import prompt
from bot.texts import Language
from knowledge.function_words import content_words
from knowledge.vietnamese import normalise

# Characters. A rewritten question is one line of about the length of the two that it joins.
_LONGEST = 250
# The share of its words that must have been asked before: a model that answers or adds to it uses others.
_ASKED = 0.8


async def stand_alone(
    models: ChatModels, question: Question, language: Language, until: float, used: list[Usage]
) -> str | None:
    """The question with what it leans on, normalised; None where the model gave up or wrote something else."""
    rules = prompt("standalone")
    messages = rules.messages(language, history="\n".join(question.history), question=question.text)
    try:
        written = await models.write(rules, messages, until, used)
    except ModelGaveUpError:
        return None
    rewritten = " ".join(normalise(written).split()).strip("\"“”' ")
    return rewritten if _only_asks(rewritten, question) else None


def _only_asks(rewritten: str, question: Question) -> bool:
    """Whether a rewritten question holds nothing but what the person has asked, and what they ask now."""
    asked = normalise(" ".join((*question.history, question.text)))
    words, now = set(content_words(rewritten)), set(content_words(normalise(question.text)))
    if not words or len(rewritten) > _LONGEST or gives_orders(rewritten):
        return False
    known = len(words & set(content_words(asked))) >= _ASKED * len(words)
    return known and (not now or bool(now & words)) and not list(missing(facts(rewritten), facts(asked)))
