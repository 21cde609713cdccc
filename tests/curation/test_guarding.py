"""Before a version is published: what it answers worse is told, and what it does not is left in peace."""

import re
from collections import Counter
from pathlib import Path

import pytest

from bot.curation.guarding import Check, Findings, examine, load_checks
from knowledge.documents import LibraryError
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.index import Index
from knowledge.library import Library
from knowledge.passages import plain
from knowledge.reading import document_files, read_document
from knowledge.vector_cache import VectorCache
from tests.auxil.libraries import Counting, document, with_vectors_of, write
from tests.eval import golden

GUIDES = Path(__file__).parents[2] / "knowledge/guides"
SMALL = Path(__file__).parents[1] / "data/guides"
SHIPPED = load_checks(GUIDES)

L_C = "logistics/tin-dung-thu.md#Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?"
CHECKS = [
    Check("Nộp bộ chứng từ L/C trong mấy ngày?", "written", L_C, "21 ngày"),
    Check("Bao nhiêu con bò trong chuồng?", "written", L_C, "21 ngày"),
    Check("Người mua Mỹ quan tâm gì?", "written", "no/such.md#Guide", "."),
]

SPOILS = """\
## Nộp bộ chứng từ L/C trong mấy ngày?
<!--
questions:
- nộp bộ chứng từ L/C mất mấy ngày
-->
Nộp bộ chứng từ L/C lúc nào cũng được, ngân hàng không kiểm.
"""
SAYS_THE_SAME = """\
## Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?

Chứng từ L/C phải nộp trong vòng 21 ngày sau ngày giao hàng.
"""
HARMLESS = """\
## Xưởng Lục Bình Xanh có bao nhiêu thợ?

Xưởng Lục Bình Xanh ở Đồng Tháp có 85 thợ đan giỏ lục bình.
"""


def examined(
    text: str, library: Library, embeddings: TextEmbeddings, folder: Path, checks: list[Check] | None = None
) -> Findings:
    """What is found before a document is published beside the small guides."""
    own = with_vectors_of(library, folder / "library")
    new = document(folder / "new", text, "uploads/new.md")
    with library.open() as before:
        with own.writing(10):
            number = own.build([*before.documents, new], embeddings, BUILT_IN)
        with own.open(number) as after:
            cache = VectorCache(folder / "checks.sqlite3")
            return examine(before, after, {new.id}, CHECKS if checks is None else checks, embeddings, cache)


def test_what_is_answered_worse_is_told_with_before_and_after(
    library: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    """Of three checks one was right before; what was wrong before, or is about another library, is left out."""
    found = examined(SPOILS, library, embeddings, tmp_path)
    assert found.checked == 1
    [spoilt] = found.spoilt
    assert spoilt.check == CHECKS[0]
    assert spoilt.before.sections[0] == L_C
    assert "21 ngày" in spoilt.before.text
    assert spoilt.after.sections[0].startswith("uploads/new.md#")
    assert "21 ngày" not in spoilt.after.text


@pytest.mark.parametrize("text", [HARMLESS, SAYS_THE_SAME])
def test_a_document_that_spoils_nothing_is_left_in_peace(
    text: str, library: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    found = examined(text, library, embeddings, tmp_path)
    assert (found.checked, found.spoilt, found.contradictions) == (1, [], [])


def test_contradictions_and_duplicates_are_found_against_the_library(
    library: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    guide = read_document(SMALL / "logistics/tin-dung-thu.md", SMALL)
    copied = next(section for section in guide.sections if "bảo đảm" in section.headings[-1])
    text = (
        "## Hạn nộp chứng từ L/C\n\nTheo UCP 600, chứng từ L/C phải được xuất trình trong vòng 30 ngày sau ngày giao "
        f"hàng.\n\n## L/C chép lại\n\n{copied.text}\n"
    )
    found = examined(text, library, embeddings, tmp_path, [])
    [contradiction] = found.contradictions
    assert (contradiction.figure, contradiction.other_figure) == ("30 ngày", "21 ngày")
    assert contradiction.other_document == "logistics/tin-dung-thu.md"
    [twin] = found.duplicates
    assert (twin.section, twin.other_section) == ("L/C chép lại", copied.headings[-1])
    assert twin.shared > 0.95


def test_questions_are_embedded_once_and_kept(library: Library, embeddings: TextEmbeddings, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "checks.sqlite3")
    with library.open() as index:
        first = Counting(embeddings)
        examine(index, index, set(), CHECKS, first, cache)
        again = Counting(embeddings)
        examine(index, index, set(), CHECKS, again, cache)
    assert len(first.asked) == 2
    assert again.asked == []


def test_a_folder_may_have_check_questions_of_its_own(tmp_path: Path) -> None:
    assert load_checks(tmp_path) == SHIPPED
    write(tmp_path, {"check_questions.yaml": "- {ask: Hỏi, style: short, section: a.md#b, shows: c}\n"})
    assert load_checks(tmp_path) == [Check("Hỏi", "short", "a.md#b", "c")]


@pytest.mark.parametrize("text", ["- {ask: Hỏi}\n", "- [\n", "- {ask: a, style: b, section: c, shows: '('}\n", "x\n"])
def test_check_questions_that_cannot_be_used_are_named(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"check_questions.yaml": text})
    with pytest.raises(LibraryError) as error:
        load_checks(tmp_path)
    assert error.value.code == "bad_checks"
    assert str(tmp_path) in error.value.values["file"]


def test_the_shipped_questions_name_sections_that_hold_their_key_fact() -> None:
    sections = {
        f"{one.id}#{section.headings[-1]}": section.text
        for one in (read_document(path, GUIDES) for path in document_files(GUIDES))
        for section in one.sections
        if section.headings
    }
    broken = [
        check.ask
        for check in SHIPPED
        if not re.search(check.shows, plain(sections.get(check.section, "")), re.IGNORECASE)
    ]
    assert broken == []


def test_the_shipped_questions_are_many_and_asked_in_several_ways() -> None:
    assert len({check.ask for check in SHIPPED}) == len(SHIPPED) >= 110
    assert len({check.section.partition("#")[0] for check in SHIPPED}) >= 110
    styles = Counter(check.style for check in SHIPPED)
    assert set(styles) == {"written", "short", "bare", "chat", "mixed"}
    assert min(styles.values()) >= 12


def test_the_shipped_questions_are_no_ways_to_ask_of_the_guides_and_no_golden_questions() -> None:
    def plainly(text: str) -> str:
        return text.lower().rstrip("?. ")

    sections = [section for path in document_files(GUIDES) for section in read_document(path, GUIDES).sections]
    known = {plainly(way) for section in sections for way in (*section.headings, *section.questions)}
    known |= {plainly(one.question) for one in golden.load()}
    assert sum(plainly(check.ask) in known for check in SHIPPED) == 0


def test_a_version_without_vectors_is_no_hindrance(
    library: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    own = Library(tmp_path / "library")
    with library.open() as index, own.writing(10):
        number = own.build(index.documents, None, BUILT_IN)
    with Index(own.folder_of(number)) as lexical:
        found = examine(lexical, lexical, {"logistics/tin-dung-thu.md"}, CHECKS, embeddings,
                        VectorCache(tmp_path / "checks.sqlite3"))  # fmt: skip
    assert (found.contradictions, found.duplicates) == ([], [])
