"""Documents to passages: what is indexed, found and shown."""

import hashlib
import re
from dataclasses import dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from knowledge.documents import Document, Place, Section, Source
from knowledge.vietnamese import normalise

# The embedding model reads 512 tokens; Vietnamese prose takes about 3.3 characters a token.
MAX_CHARACTERS = 1400
FIRST_WORDS = 160

_SPLITTER = RecursiveCharacterTextSplitter(
    chunk_size=MAX_CHARACTERS,
    chunk_overlap=0,
    separators=["\n\n", "\n", ". ", "; ", ", ", " ", ""],
    keep_separator="end",
)
# Neither part begins another link, so that a text of nothing but brackets is read once and not once for each.
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_MARKUP = re.compile(r"^[\s|:-]+$|[*_`|]+|^\s{0,3}(?:[-+>]|\d+[.)])\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A section, or a part of a long one.

    id: hash of all that is indexed, so an unchanged passage keeps its id from version to version.
    headings: heading path below the title. part: 0 for the first or only passage of its section.
    places: the pages, sheet or slide on which it stands.
    """

    id: str
    document: str
    title: str
    topic: str
    headings: tuple[str, ...]
    text: str
    part: int
    questions: tuple[str, ...]
    keywords: tuple[str, ...]
    markets: tuple[str, ...]
    sources: tuple[Source, ...]
    places: tuple[Place, ...] = ()

    @property
    def section(self) -> tuple[str, tuple[str, ...]]:
        return self.document, self.headings

    @property
    def heading(self) -> str:
        return self.headings[-1] if self.headings else self.title


def passages_of(document: Document) -> list[Passage]:
    """The passages of a document in reading order; a section's questions lead to its first passage."""
    passages = []
    for section in document.sections:
        end = 0
        parts = [part.strip() for part in _SPLITTER.split_text(section.text)]
        for number, text in enumerate(part for part in parts if part):
            start = max(section.text.find(text, end), end)
            end = start + len(text)
            questions = section.questions if number == 0 else ()
            identity = "\x1f".join(
                (document.id, document.title, *section.headings, text, *questions, *document.keywords, str(number))
            )
            passages.append(
                Passage(
                    id=hashlib.sha256(identity.encode()).hexdigest()[:16],
                    document=document.id,
                    title=document.title,
                    topic=document.topic,
                    headings=section.headings,
                    text=text,
                    part=number,
                    questions=questions,
                    keywords=document.keywords,
                    markets=document.markets,
                    sources=section.sources,
                    places=_places(section, start, end),
                )
            )
    return passages


def _places(section: Section, start: int, end: int) -> tuple[Place, ...]:
    """Where the characters from start to end of a section's text stand."""
    begins = [place for place in section.places if place.start <= start][-1:]
    return (*begins, *(place for place in section.places if start < place.start < end))


def plain(markdown: str) -> str:
    """The words of a Markdown text, without its marks and addresses."""
    return _MARKUP.sub(" ", _LINK.sub(r"\1", markdown))


def asked_texts(passage: Passage) -> list[str]:
    """How people ask for a passage: its heading, then the other ways; nothing where no other ways are known."""
    return [normalise(way) for way in (passage.heading, *passage.questions)] if passage.questions else []


def embedded_text(passage: Passage) -> str:
    """What a passage says: its headings, then its words.

    Where it is known how people ask for it, the first words are enough: they answer, the rest is found by the lexical
    index, and half of the time to embed is saved (0.950 against 0.944 of the tuning questions).
    """
    path = " › ".join((passage.title, *passage.headings))
    text = plain(passage.text)
    return normalise(f"{path}\n{text[:FIRST_WORDS] if passage.questions else text}")
