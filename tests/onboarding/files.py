"""The bundled files with something put in place of something else, and what the guides say."""

from functools import cache
from pathlib import Path

from bot.onboarding.questionnaire import BUNDLED, Questionnaire, load_questionnaire
from knowledge.reading import document_files, read_document

GUIDES = Path(__file__).parent.parent.parent / "knowledge/guides"


@cache
def sections() -> dict[str, str]:
    """The text of every "document#section" of the guides."""
    documents = [read_document(path, GUIDES) for path in document_files(GUIDES)]
    return {
        f"{document.id}#{section.headings[-1]}": section.text
        for document in documents
        for section in document.sections
        if section.headings
    }


def changed(folder: Path, old: str, new: str, bundled: Path = BUNDLED) -> tuple[Path, int]:
    """A copy with the first `old` replaced, and the line on which that stands."""
    text = bundled.read_text(encoding="utf-8")
    assert old in text
    path = folder / bundled.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


def questionnaire() -> Questionnaire:
    return load_questionnaire()
