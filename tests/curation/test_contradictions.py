"""Two figures for the same thing, told from two figures for two things: pairs of sentences made by hand."""

from pathlib import Path

import pytest
import yaml

from bot.curation.contradictions import Claim, claims, contradict
from knowledge.index import Index
from knowledge.library import Library
from knowledge.passages import Passage

PAIRS = yaml.safe_load((Path(__file__).parents[1] / "data/contradictions.yaml").read_text(encoding="utf-8"))

# Of the pairs that contradict each other, in this small library; and of those that do not.
LEAST_FOUND = 15


def claims_of(heading: str, text: str) -> tuple[Claim, ...]:
    return claims(Passage("x", "new.md", "", "", (heading,), text, 0, (), (), (), ()))


def found(pair: list[str], index: Index) -> bool:
    heading, text, other_heading, other_text = pair
    return any(
        contradict(one, other, index) or contradict(other, one, index)
        for one in claims_of(heading, text)
        for other in claims_of(other_heading, other_text)
    )


def test_there_are_enough_pairs() -> None:
    assert min(len(PAIRS["contradict"]), len(PAIRS["agree"])) >= 15


@pytest.mark.parametrize("pair", PAIRS["agree"], ids=lambda pair: pair[1])
def test_what_speaks_of_two_things_is_no_contradiction(pair: list[str], library: Library) -> None:
    with library.open() as index:
        assert not found(pair, index)


def test_most_contradictions_are_found(library: Library) -> None:
    with library.open() as index:
        missed = [pair[1] for pair in PAIRS["contradict"] if not found(pair, index)]
    assert len(PAIRS["contradict"]) - len(missed) >= LEAST_FOUND, missed


def test_a_sentence_does_not_contradict_itself(library: Library) -> None:
    with library.open() as index:
        for pair in PAIRS["contradict"] + PAIRS["agree"]:
            assert not found([pair[0], pair[1], pair[0], pair[1]], index)


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Mất 3 đến 5 ngày làm việc.", [("working day", 3, 5)]),
        ("Phí 1,5 triệu đồng một mẫu.", [("vnd", 1_500_000, 1_500_000)]),
        ("Nộp 3 bộ hồ sơ gồm 2 bản sao.", [("bo ho", 3, 3), ("ban sao", 2, 2)]),
        ("Theo Nghị định 80/2021 từ năm 2026.", []),
        ("Ví dụ phí là 5 USD.", []),
    ],
)
def test_figures_are_read_with_what_they_count(text: str, figures: list[tuple[str, float, float]]) -> None:
    read = [figure for claim in claims_of("Hỏi?", text) for figure in claim.figures]
    assert [(figure.unit, figure.low, figure.high) for figure in read] == figures
