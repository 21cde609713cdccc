"""What goes into the assistant and what comes out."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bot.texts import Language, say
from knowledge.documents import Place

Decision = Literal["answer", "clarify", "abstain", "smalltalk"]


@dataclass(frozen=True, slots=True)
class About:
    """What an asker told of themselves: names of `knowledge/entities.yaml`, empty where they told nothing."""

    goods: str = ""
    market: str = ""

    def __bool__(self) -> bool:
        return bool(self.goods or self.market)

    def words(self, language: Language) -> dict[str, str]:
        """What is known, by kind, as a question would say it."""
        return {kind: say(f"about.{kind}.{name}", language) for kind, name in asdict(self).items() if name}


NOTHING_TOLD = About()


@dataclass(frozen=True, slots=True)
class Question:
    """text: as typed. history: the same person's earlier questions, oldest first. about: what is known of the asker,
    for where a question leans on it.
    """

    text: str
    history: tuple[str, ...] = ()
    about: About = NOTHING_TOLD


@dataclass(frozen=True, slots=True)
class Citation:
    """A section that an answer was composed from, under the number by which the text names it.

    publisher, date and uri are those of the source that carries the section's answer; date as YYYY[-MM[-DD]].
    places: the pages, sheet or slide of the file on which it stands.
    """

    n: int
    title: str
    section: str
    publisher: str
    date: str | None
    uri: str | None
    passage: str
    places: tuple[Place, ...] = ()

    def where(self, language: Language) -> str:
        """ "tr. 12", "tr. 12–13", "trang tính Phí"; empty for a document without pages."""
        if not self.places:
            return ""
        names = dict.fromkeys((self.places[0].name, self.places[-1].name))
        return say(f"place.{self.places[0].kind}", language, name="–".join(names))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question the library can answer, and the passage that answers it."""

    text: str
    passage: str


@dataclass(frozen=True, slots=True)
class Usage:
    """One call of a language model. prompt: name and version. usd: None where the price is not known."""

    model: str
    prompt: str
    tokens_in: int
    tokens_out: int
    usd: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """text: light Markdown (bold, bullets, numbered steps) with [n] for each citation.

    confidence: calibrated probability that the library answers the question, 0 to 1. version: of the library.
    steps_ms: what each step took; empty for a reply that was known from before.
    talk: of which kind, where the message was talk and no question.
    made_by: "composed", "generated", "generated_partly" (some sentences did not hold), or "fell_back:REASON" where a
    language model was asked and the composed answer is given. usage: the calls of language models for this reply.
    about: what of the asker's profile it is for; the text says so.
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
    steps_ms: dict[str, float] = field(default_factory=dict, compare=False)
    talk: str | None = None
    made_by: str = "composed"
    about: About = NOTHING_TOLD
    usage: tuple[Usage, ...] = field(default=(), compare=False)
    trace: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def understood(self) -> str:
        """The question as it was searched for; empty where nothing was searched."""
        return str(self.trace["query"]["text"]) if self.trace else ""

    def writing(self) -> dict[str, Any]:
        """How the text was made, what of a profile it is for, and what each call of a language model for it took, as
        JSON for the record.
        """
        about = {"about": asdict(self.about)} if self.about else {}
        return {"made_by": self.made_by, "calls": [asdict(usage) for usage in self.usage], **about}

    def evidence(self) -> list[dict[str, Any]]:
        """The passages found, best first, with their scores; those cited with their number and source."""
        found = {passage["id"]: dict(passage) for passage in self.trace.get("passages", ())}
        for source in self.sources:
            cited = {name: value for name, value in asdict(source).items() if name != "passage"}
            found.setdefault(source.passage, {"id": source.passage}).update(cited)
        return list(found.values())

    def to_json(self) -> dict[str, Any]:
        """The fields of `bot ask --json`; a source has places only where its document has."""
        sources = [asdict(source) for source in self.sources]
        for source in sources:
            del source["passage"]
            if not source["places"]:
                del source["places"]
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
