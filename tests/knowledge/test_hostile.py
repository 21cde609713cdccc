"""Three hundred broken and hostile files: each is read or refused in plain words, and nothing else happens."""

import resource
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.texts import say
from knowledge.confined import Confined
from knowledge.documents import DocumentError, Problem
from knowledge.reading import read_document
from tests.auxil import hostile

# Short, so that the few files that would go on for minutes do not hold up the tests.
SECONDS, MEGABYTES = 4.0, 900


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return hostile.good(tmp_path_factory.mktemp("good"))


def outcomes(folder: Path, files: Iterable[hostile.File]) -> dict[str, Problem | None]:
    """What became of each file: the problem, or None for one that was read."""
    found: dict[str, Problem | None] = {}
    with Confined(SECONDS, MEGABYTES) as confined:
        for name, content in files:
            path = folder / name
            path.write_bytes(content)
            found[name] = _outcome(path, folder, confined)
            path.unlink()
    for problem in filter(None, found.values()):
        assert {say(f"problem.{problem.code}", language, **problem.values) for language in ("vi", "en")}
    return found


def _outcome(path: Path, folder: Path, confined: Confined) -> Problem | None:
    try:
        document = read_document(path, folder, confined)
    except DocumentError as error:
        return error.problem
    assert document.sections
    assert "root:x:0:0" not in str(document.to_json())
    return None


def codes(found: dict[str, Problem | None]) -> dict[str, str]:
    return {name: problem.code if problem else "read" for name, problem in found.items()}


def test_cut_off_and_flipped(files: dict[str, bytes], tmp_path: Path) -> None:
    found = codes(outcomes(tmp_path, hostile.truncated_and_flipped(files)))
    assert len(found) == 240
    counts = Counter(found.values())
    assert counts["read"] > 40
    assert counts["damaged"] > 60
    assert counts["too_slow"] + counts["too_heavy"] <= 2
    assert {code for name, code in found.items() if name.startswith("cut") and name.endswith("x")} <= {
        "damaged",
        "other_kind",
    }


def test_broken_inside_of_a_sound_archive(files: dict[str, bytes], tmp_path: Path) -> None:
    found = codes(outcomes(tmp_path, hostile.flipped_within(files)))
    assert len(found) == 42
    assert set(found.values()) <= {"read", "damaged", "empty"}


def test_archives_that_unpack_expand_or_nest_without_end(files: dict[str, bytes], tmp_path: Path) -> None:
    found = codes(outcomes(tmp_path, hostile.archives(files)))
    for suffix in (".docx", ".xlsx", ".pptx"):
        assert found[f"bomb{suffix}"] == "unpacks_large"
        assert found[f"crowd{suffix}"] == "unpacks_large"
        assert found[f"laughs{suffix}"] == "damaged"
        assert found[f"stolen{suffix}"] == "damaged"
        assert found[f"hidden-laughs{suffix}"] in ("damaged", "too_heavy", "empty")
        assert found[f"macro{suffix}"] == "read"
    assert found["svg.docx"] == "read"
    assert found["rows.xlsx"] == "read"
    assert found["merged.xlsx"] in ("too_many_cells", "too_heavy", "too_slow")
    assert found["cells.xlsx"] in ("too_many_cells", "too_slow")
    assert found["long.docx"] in ("too_long", "damaged")
    assert found["other.docx"] == "other_kind"
    assert found["lying.docx"] == "damaged"


def test_pdfs_that_refer_to_themselves_or_claim_without_end(tmp_path: Path) -> None:
    found = codes(outcomes(tmp_path, hostile.pdfs()))
    for name in ("flate", "flate-twice", "words"):
        assert found[f"{name}.pdf"] in ("too_heavy", "too_slow", "too_long", "empty"), name
    assert found["kids.pdf"] == found["only-head.pdf"] == "damaged"
    assert found["image.pdf"] == "scan"
    assert found["image-and-text.pdf"] == "read"
    assert found["outlines.pdf"] == "read"
    assert found["javascript.pdf"] == "read"


def test_pages_tables_passwords_and_wrong_names(tmp_path: Path) -> None:
    found = codes(outcomes(tmp_path, hostile.others(tmp_path)))
    assert found["password.pdf"] == found["password.xlsx"] == "password"
    assert found["old.xls"] == found["old.docx"] == found["rich.rtf"] == "old_office"
    assert found["png.docx"] == found["program.pdf"] == found["gzip.csv"] == "other_kind"
    assert {found[f"empty{suffix}"] for suffix in (".docx", ".pdf", ".html", ".csv", ".txt", ".md")} == {"empty"}
    assert found["span.html"] == "read"
    assert found["columns.csv"] == "too_many_cells"


def test_a_file_is_read_for_what_it_is(files: dict[str, bytes], tmp_path: Path) -> None:
    swapped = [
        ("a.docx", files[".pdf"]),
        ("b.pdf", files[".docx"]),
        ("c.txt", files[".xlsx"]),
        ("d.doc", files[".html"]),
    ]
    assert set(codes(outcomes(tmp_path, swapped)).values()) == {"read"}


def test_the_parent_does_not_grow_and_no_child_is_left(files: dict[str, bytes], tmp_path: Path) -> None:
    """A file that takes all the memory a child may have, and one that takes all the time, again and again."""
    greedy = [file for file in hostile.pdfs() if file[0] in ("flate.pdf", "operators.pdf")]
    sound = ("sound.docx", files[".docx"])
    seen = set()
    with Confined(3.0, 300) as confined:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for name, content in [*greedy, sound] * 3:
            (tmp_path / name).write_bytes(content)
            if name == "sound.docx":
                assert read_document(tmp_path / name, tmp_path, confined).sections
                continue
            with pytest.raises(DocumentError) as error:
                read_document(tmp_path / name, tmp_path, confined)
            seen.add(error.value.problem.code)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        child = confined._child
        assert child is not None
        assert child.poll() is None
    assert seen == {"too_slow", "too_heavy"}
    assert grown < 20_000  # KiB
    assert child.returncode is not None
