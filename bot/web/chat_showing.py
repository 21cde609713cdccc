"""What the page shows of a conversation: pieces of HTML with an id each, oldest first."""

from dataclasses import dataclass
from typing import Any

from bot.asking import REASONS, is_too_long
from bot.assistant.dialogue import Citation
from bot.assistant.smalltalk import smalltalk_kind
from bot.assistant.understanding import LONGEST
from bot.conversations.exchange import Shown, ShownNote, ShownTurn
from bot.conversations.onboarding import Beside
from bot.texts import Language, shown_date
from bot.web.pages import fragment
from bot.web.rendering import answer_html, section_html
from knowledge.documents import Place
from knowledge.index import Index
from knowledge.vietnamese import normalise

# Characters of a section that are shown whole; of a longer one the part that was cited.
_WHOLE = 6000
_CITED = ("n", "title", "section", "publisher", "date", "uri")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a conversation. framed: inside another site's page. beside: what goes with their answers."""

    language: Language
    framed: bool
    beside: Beside


def items(shown: Shown, index: Index, reader: Reader) -> list[dict[str, str]]:
    """Turns and notes in the order they came in, then what waits for an answer."""
    dated = [(turn.asked_at, turn_item(turn, index, reader)) for turn in shown.turns]
    dated += [(note.created_at, _note_item(note, reader)) for note in shown.notes]
    found = [item for _, item in sorted(dated, key=lambda entry: entry[0])]
    return found + [waiting_item(payload, reader.language) for payload in shown.open if payload.get("kind") == "ask"]


def turn_item(turn: ShownTurn, index: Index, reader: Reader) -> dict[str, str]:
    """A question with its answer, its sources, what to ask next, and what the person thinks of it."""
    language = reader.language
    sources = [_source(source, turn.key, index, language) for source in turn.sources if "n" in source]
    ids = {source["n"]: source["id"] for source in sources}
    html = fragment(
        "turn.html",
        language,
        turn=turn,
        answer=answer_html(turn.reply, ids),
        sources=sorted(sources, key=lambda source: source["n"]),
        too_long=LONGEST if is_too_long(turn.question) else 0,
        reasons=REASONS,
        framed=reader.framed,
        beside=reader.beside,
        for_profile=bool((turn.writing or {}).get("about")),
        wants_person=turn.decision == "smalltalk" and smalltalk_kind(normalise(turn.question)) == "person",
    )
    return {"id": f"turn-{turn.key}", "html": html}


def waiting_item(payload: dict[str, Any], language: Language) -> dict[str, str]:
    """A question that is written down and not answered yet."""
    html = fragment("waiting.html", language, key=payload["key"], question=payload["text"])
    return {"id": f"turn-{payload['key']}", "html": html}


def _note_item(note: ShownNote, reader: Reader) -> dict[str, str]:
    text = answer_html(note.text, {})
    html = fragment("note.html", reader.language, framed=reader.framed, id=note.id, text=text, invites=note.invites)
    return {"id": f"note-{note.id}", "html": html}


def _source(source: dict[str, Any], key: str, index: Index, language: Language) -> dict[str, Any]:
    places = tuple(Place(**place) for place in source.get("places") or ())
    cited = Citation(**{name: source[name] for name in _CITED}, passage=source["id"], places=places)
    return {
        "n": cited.n,
        "id": f"source-{key}-{cited.n}",
        "title": cited.title,
        "section": cited.section if cited.section != cited.title else "",
        "details": [
            part
            for part in (cited.where(language), cited.publisher, shown_date(cited.date) if cited.date else "")
            if part
        ],
        "dated": bool(cited.date),
        "url": cited.uri if (cited.uri or "").startswith(("http://", "https://")) else None,
        "text": section_html(text) if (text := section_text(index, cited.passage)) else None,
    }


def section_text(index: Index, passage_id: str) -> str | None:
    """The Markdown of the section that a passage stands in; None where this version of the library lacks it."""
    passage = next((found for found in index.passages if found.id == passage_id), None)
    if passage is None:
        return None
    document = next(found for found in index.documents if found.id == passage.document)
    section = next((found for found in document.sections if found.headings == passage.headings), None)
    return section.text if section and len(section.text) <= _WHOLE else passage.text
