"""A section of a guide, to be opened in place on a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from bot.onboarding.guides import passages_of
from bot.web.chat_showing import section_text
from bot.web.rendering import section_html
from knowledge.index import Index
from knowledge.passages import Passage


@dataclass(frozen=True, slots=True)
class Opened:
    """title: of the guide. heading: of the section. url: of the source that carries it, where it has one."""

    title: str
    heading: str
    text: Markup
    url: str | None


def opened(index: Index, guide: str) -> Opened | None:
    """The section of a "document.md#heading"; None where this version of the library does not have it."""
    return next(iter(opened_all(index, [guide])), None)


def opened_all(index: Index, guides: Iterable[str]) -> list[Opened]:
    """Several of them, each once, without what the library does not have."""
    return [_opened(index, passage) for passage in passages_of(index, guides)]


def _opened(index: Index, passage: Passage) -> Opened:
    text = section_text(index, passage.id) or passage.text
    url = next((source.url for source in passage.sources[:1]), None) or ""
    leads_out = url.startswith(("http://", "https://"))
    return Opened(passage.title, passage.heading, section_html(text), url if leads_out else None)
