"""What is shown of a document before it is published, and that what is wished for then is done once."""

from pathlib import Path

import pytest

from bot.curation import curating
from bot.curation.previewing import preview
from bot.curation.publishing import Publisher
from knowledge.acts import Act
from knowledge.documents import DocumentError, LibraryError
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from tests.auxil.libraries import publisher_of, write
from tests.auxil.phone import SEDGE

PRICES = "uploads/gia.md"
GUIDE = "buyers/bay-nhu-cau.md"


@pytest.fixture
def publisher(guides: Path, library: Library, tmp_path: Path, embeddings: TextEmbeddings) -> Publisher:
    return publisher_of(library, guides, tmp_path, embeddings)


def bring(publisher: Publisher, text: str = SEDGE) -> str:
    """The hash of a new version."""
    stored = publisher.store.add(text.encode(), "Lan", name="Giá.md")
    return (stored.waiting or stored.current).hash


def held(publisher: Publisher) -> list[str]:
    return [one.id for one in publisher.documents()]


def test_a_preview_tells_what_was_read_and_what_it_answers(publisher: Publisher, tmp_path: Path) -> None:
    bring(publisher, SEDGE.replace("review_by: 2099-01-01", "topic: buyers"))
    write(tmp_path / "guides", {"new.md": "## Mới?\n\nMới.\n"})
    found = preview(publisher, PRICES, "Lan")
    assert (found.title, found.sections, found.passages, found.live, found.others) == (
        "Bảng giá giỏ cỏ bàng", 2, 2, False, 1,
    )  # fmt: skip
    assert {problem.code for problem in found.warnings} == {"no_review_by", "no_source"}
    assert found.findings
    assert (found.findings.checked, found.findings.spoilt) == (1, [])
    assert [sample.question for sample in found.samples] == [
        "Giỏ cỏ bàng Phú Mỹ giá bao nhiêu?", "Đặt ít nhất bao nhiêu giỏ cỏ bàng?",
    ]  # fmt: skip
    assert "4,2 USD" in found.samples[0].reply.text
    assert PRICES not in held(publisher)


def test_a_preview_of_what_the_library_says_already(publisher: Publisher) -> None:
    assert curating.publish(publisher, PRICES, bring(publisher), "Lan").result == "done"
    found = preview(publisher, PRICES, "Lan")
    assert (found.live, found.passages, len(found.samples)) == (True, 2, 2)
    # Mended and mended back, without the one in between being published.
    bring(publisher, "Giá mới.\n")
    digest = bring(publisher)
    found = preview(publisher, PRICES, "Lan")
    assert (found.live, found.version.number, found.passages, found.findings) == (False, 3, 2, None)
    done = curating.publish(publisher, PRICES, digest, "Lan")
    assert done.entry
    assert (done.result, done.entry.detail["version"]) == ("done", 3)


def test_a_preview_of_a_file_that_was_changed_says_so(publisher: Publisher) -> None:
    bring(publisher)
    publisher.store.document(PRICES).current.path.write_text("Khác.\n", encoding="utf-8")
    with pytest.raises(DocumentError) as error:
        preview(publisher, PRICES, "Lan")
    assert error.value.problem.code == "changed_on_disk"
    with pytest.raises(LibraryError):
        preview(publisher, "", "Lan")


def test_only_what_was_looked_at_is_published(publisher: Publisher) -> None:
    first, second = bring(publisher), bring(publisher, "Giá khác.\n")
    assert curating.publish(publisher, PRICES, first, "Lan").result == "gone"
    assert curating.publish(publisher, PRICES, second[:16], "Lan").result == "done"
    assert curating.publish(publisher, "uploads/none.md", second, "Lan").result == "gone"
    assert curating.discard(publisher, PRICES, second, "Lan").result == "gone"


def test_an_act_that_was_begun_is_finished_when_it_comes_again(publisher: Publisher) -> None:
    """Its process was killed after the act was done in the store and before its version was published."""
    digest = bring(publisher)
    publisher.store.apply(Act("publish", PRICES, "Lan"))
    for _ in range(2):
        done = curating.publish(publisher, PRICES, digest, "Lan")
        assert done.entry
        assert (done.result, done.entry.number, PRICES in held(publisher)) == ("done", 2, True)
    for document in (PRICES, GUIDE):
        title = next(one.title for one in publisher.documents() if one.id == document)
        publisher.store.apply(Act("retire", document, "Lan", title=title))
        first = curating.change(publisher, "retire", document, "Lan")
        assert document not in held(publisher)
        assert curating.change(publisher, "retire", document, "Lan") == first
        assert (first.result, first.title, first.entry and first.entry.what) == ("done", title, "retire")
    curating.change(publisher, "restore", GUIDE, "Lan")
    assert GUIDE in held(publisher)
    assert curating.change(publisher, "retire", "no/such.md", "Lan").result == "gone"


def test_a_step_back_is_the_one_that_was_shown(publisher: Publisher) -> None:
    # Before the first whole version there is one without vectors, which nobody wants back.
    assert curating.step_back(publisher) is None
    curating.publish(publisher, PRICES, bring(publisher), "Lan")
    step = curating.step_back(publisher)
    assert step
    assert (step.difference.removed, step.difference.added) == ({PRICES: "Bảng giá giỏ cỏ bàng"}, {})
    assert curating.go_back(publisher, step.to, step.live + 7, "Lan").result == "gone"
    for _ in range(2):
        assert curating.go_back(publisher, step.to, step.live, "Lan").result == "done"
        assert (publisher.library.published(), publisher.library.pinned()) == (step.to, True)
    assert publisher.store.document(PRICES).status == "retired"


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("Bảng giá.docx", "Bảng giá.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Lan\\a.md", "a.md"),
        ("gia\u202efdp.md", "giafdp.md"),
        ("a\n\x00b\t.md", "a b.md"),
        ("\u200f\u202e.pdf", "tep.pdf"),
        ("", "tep"),
        ("x" * 5000 + ".md", "x" * 100 + ".md"),
        ("a." + "x" * 5000, "a." + "x" * 10),
        ("gia\u0301.md", "giá.md"),
        ("\ud800.md", "tep.md"),
    ],
)
def test_names_of_files_are_made_tidy(name: str, tidy: str) -> None:
    assert curating.tidy_name(name) == tidy
