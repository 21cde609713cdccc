"""The section of a guide that a step, an item or a warning leads to: "document.md#heading"."""

from collections.abc import Iterable

from knowledge.index import Index
from knowledge.passages import Passage


def passage_of(index: Index, guide: str) -> Passage | None:
    """The passage that a section begins with; None where this version of the library does not have the section."""
    document, _, heading = guide.partition("#")
    return next(
        (found for found in index.passages if (found.document, found.heading, found.part) == (document, heading, 0)),
        None,
    )


def passages_of(index: Index, guides: Iterable[str]) -> list[Passage]:
    """Those of several sections, each once, in their order, without what the library does not have."""
    return [found for guide in dict.fromkeys(guides) if (found := passage_of(index, guide))]
