"""What an editor should mend in a document that can be read: warnings, each with its line."""

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from knowledge.documents import Document, Problem, Section
from knowledge.passages import plain
from knowledge.reading import READERS
from knowledge.vietnamese import fold

LONGEST_SECTION = 180  # words; more does not fit one answer
FORBIDDEN_CLAIMS = Path(__file__).with_name("forbidden_claims.yaml")

_LINK = re.compile(r"\]\(([^()\s]+)\)")
# A full stop inside a word or number ("Alibaba.com", "1.000") ends no sentence.
_SENTENCE = re.compile(r"\S.*?(?:[.!?…](?=\s|$)|$)", re.MULTILINE)
# A statistic ("44,65 tỷ USD", "tăng 27,6%"), as against a rule ("giá trị gia tăng 0%", "từ 1 triệu USD", "Ví dụ ...").
_STATISTIC = re.compile(
    r"\d[\d.,]*\s*(?:nghìn\s+)?(?:tỷ|triệu)\s+(?:USD|đô|tấn|doanh nghiệp|sản phẩm|người)"
    r"|(?<!gia )(?:tăng|giảm|chiếm)\s+(?:khoảng\s+|gần\s+|hơn\s+|trên\s+)?\d[\d.,]*\s*%"
)
_RULE = re.compile(r"^\W*(?:ví dụ|giả sử)|(?:dưới|từ|tối đa|ít nhất|tối thiểu|vượt)\s+\d", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def lint(document: Document, path: Path) -> list[Problem]:
    """The warnings for a document and the file it was read from, in the order of their lines.

    What others wrote, in a format that has no front matter, is only searched for claims.
    """
    if path.suffix.lower() not in READERS:
        return [problem for section in document.sections for problem in _about_claims(document, section)]
    found = [
        *_about_document(document),
        *_about_spelling(document, path),
        *(problem for section in document.sections for problem in _about_section(document, section, path.parent)),
        *_about_headings(document),
    ]
    return sorted(found, key=lambda problem: problem.line)


def _about_document(document: Document) -> Iterator[Problem]:
    if document.review_by is None:
        yield Problem("no_review_by", document.id)
    elif document.review_by < datetime.datetime.now().astimezone().date():
        yield Problem("review_overdue", document.id, values={"date": document.review_by.isoformat()})
    if not document.sources:
        yield Problem("no_source", document.id)


def _about_spelling(document: Document, path: Path) -> Iterator[Problem]:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, line in enumerate(text.split("\n"), start=1):
        if unicodedata.normalize("NFC", line) != line:
            yield Problem("mixed_unicode", document.id, number)


def _about_section(document: Document, section: Section, folder: Path) -> Iterator[Problem]:
    name = {"section": section.headings[-1] if section.headings else document.title}
    words = len(plain(section.text).split())
    if words > LONGEST_SECTION:
        yield Problem("section_long", document.id, section.line, name | {"words": str(words)})
    for target in _LINK.findall(section.text):
        if "://" not in target and not target.startswith("#") and not _is_there(folder, target.partition("#")[0]):
            yield Problem("dead_link", document.id, section.line, name | {"target": target})
    for sentence in _SENTENCE.findall(plain(section.text)):
        if _STATISTIC.search(sentence) and not _RULE.search(sentence) and not _YEAR.search(sentence):
            yield Problem("figure_undated", document.id, section.line, name | {"sentence": sentence.strip()})
    yield from _about_claims(document, section)


def _is_there(folder: Path, target: str) -> bool:
    try:
        return (folder / target).is_file()
    except OSError:  # no name that a file can have
        return False


def _about_claims(document: Document, section: Section) -> Iterator[Problem]:
    name = {"section": section.headings[-1] if section.headings else document.title}
    for sentence in _SENTENCE.findall(plain(section.text)):
        for why in forbidden_claims(sentence):
            values = name | {"sentence": sentence.strip(), "why": why}
            yield Problem("forbidden_claim", document.id, section.line, values)


def _about_headings(document: Document) -> Iterator[Problem]:
    counts = Counter(tuple(fold(heading) for heading in section.headings) for section in document.sections)
    for section in document.sections:
        path = tuple(fold(heading) for heading in section.headings)
        if path and counts[path] > 1:
            counts[path] = 0
            yield Problem("heading_twice", document.id, section.line, {"section": section.headings[-1]})


def forbidden_claims(sentence: str) -> list[str]:
    """Why a sentence asserts what cannot be known; nothing for one that does not."""
    return [why for pattern, why in _forbidden_claims() if pattern.search(sentence)]


@cache
def _forbidden_claims() -> list[tuple[re.Pattern[str], str]]:
    claims = yaml.safe_load(FORBIDDEN_CLAIMS.read_text(encoding="utf-8"))
    return [(re.compile(claim["pattern"], re.IGNORECASE), claim["why"]) for claim in claims]
