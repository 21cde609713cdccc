"""The prompts: Markdown files with a version in front, the rules above the line of =, the data below it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

import yaml
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from bot.texts import Language

_FOLDER = Path(__file__).with_name("prompts")
_LANGUAGES = {"vi": "Viết bằng tiếng Việt.", "en": "Viết bằng tiếng Anh (English)."}


@dataclass(frozen=True, slots=True)
class Prompt:
    """name: with its version, as turns record it ("answer/1"). rules: what the model is told beside the data."""

    name: str
    rules: str
    data: str

    def messages(self, language: Language, **data: str | list[str]) -> list[BaseMessage]:
        """The rules, then the data between their marks; a list is numbered, each of its texts between marks."""
        rules = Template(self.rules).substitute(language=_LANGUAGES[language])
        marked = {name: _marked(value) for name, value in data.items()}
        return [SystemMessage(rules), HumanMessage(Template(self.data).substitute(marked))]


def _marked(data: str | list[str]) -> str:
    """Nothing in the data can look like a mark or like a turn of the conversation."""
    if isinstance(data, str):
        return data.replace("<", "‹").replace(">", "›")
    return "\n\n".join(f"<<<ĐOẠN {n}: {_marked(text)}\nHẾT ĐOẠN {n}>>>" for n, text in enumerate(data, start=1))


@cache
def prompt(name: str) -> Prompt:
    """One of answer, standalone and next_questions."""
    _, head, body = (_FOLDER / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)
    rules, _, data = body.partition("=====\n")
    return Prompt(f"{name}/{yaml.safe_load(head)['version']}", rules.strip(), data.strip())
