"""What goes into the assistant and what comes out."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bot.texts import Language

Decision = Literal["answer", "clarify", "abstain", "smalltalk"]


@dataclass(frozen=True, slots=True)
class Question:
    """text: as typed. history: the same person's earlier questions, oldest first."""

    text: str
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A section that an answer was composed from, under the number by which the text names it.

    publisher, date and uri are those of the source that carries the section's answer; date as YYYY[-MM[-DD]].
    """

    n: int
    title: str
    section: str
    publisher: str
    date: str | None
    uri: str | None
    passage: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question the library can answer, and the passage that answers it."""

    text: str
    passage: str


@dataclass(frozen=True, slots=True)
class Reply:
    """text: light Markdown (bold, bullets, numbered steps) with [n] for each citation.

    confidence: calibrated probability that the library answers the question, 0 to 1. version: of the library.
    """

    question: str
    decision: Decision
    text: str
    language: Language = "vi"
    sources: tuple[Citation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    confidence: float = 0.0
    version: int = 0
    latency_ms: float = 0.0
    trace: dict[str, Any] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The fields of `bot ask --json`."""
        sources = [asdict(source) for source in self.sources]
        for source in sources:
            del source["passage"]
        return {
            "question": self.question,
            "decision": self.decision,
            "answer": self.text,
            "sources": sources,
            "suggestions": [suggestion.text for suggestion in self.suggestions],
            "confidence": round(self.confidence, 3),
            "latency_ms": round(self.latency_ms, 1),
            "version": self.version,
        }
