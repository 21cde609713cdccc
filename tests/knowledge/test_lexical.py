"""BM25 against a slow formula written out."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lexical import K1, B, Lexical

WORDS = st.sampled_from(["hai", "quan", "hai quan", "thue", "c/o", "44,65", "gao", "x"])
BAGS = st.lists(st.dictionaries(WORDS, st.sampled_from([0.5, 1.0, 2.0, 3.5]), max_size=8), max_size=12)


def rarity(term: str, bags: list[dict[str, float]]) -> float:
    having = sum(term in bag for bag in bags)
    return math.log(1 + (len(bags) - having + 0.5) / (having + 0.5))


def bm25(question: list[str], bags: list[dict[str, float]]) -> list[float]:
    """Robertson's formula, passage by passage and term by term."""
    average = sum(sum(bag.values()) for bag in bags) / len(bags) if bags else 1.0
    return [
        sum(
            times
            * rarity(term, bags)
            * (bag[term] * (K1 + 1))
            / (bag[term] + K1 * (1 - B + B * sum(bag.values()) / average))
            for term, times in Counter(question).items()
            if term in bag
        )
        for bag in bags
    ]


@given(BAGS, st.lists(WORDS, max_size=6))
def test_scores_are_those_of_the_formula(bags: list[dict[str, float]], question: list[str]) -> None:
    assert Lexical.build(bags).scores(question) == pytest.approx(bm25(question, bags), rel=1e-5)


@given(BAGS, WORDS)
def test_rarity_is_that_of_the_formula(bags: list[dict[str, float]], word: str) -> None:
    found = Lexical.build(bags).rarity(word)
    if any(word in bag for bag in bags):
        assert found == pytest.approx(rarity(word, bags))
    else:
        assert found is None


def test_an_index_read_back_gives_the_same_scores(tmp_path: Path) -> None:
    built = Lexical.build([{"hai quan": 2.0, "hải": 1.0}, {"thue": 1.0}, {}])
    built.save(tmp_path / "lexical.npz")
    read = Lexical.load(tmp_path / "lexical.npz")
    assert read.size == 3
    assert np.array_equal(read.scores(["hải", "hai quan", "thue"]), built.scores(["hải", "hai quan", "thue"]))


def test_an_empty_index_can_be_kept_and_asked(tmp_path: Path) -> None:
    Lexical.build([]).save(tmp_path / "lexical.npz")
    read = Lexical.load(tmp_path / "lexical.npz")
    assert read.size == 0
    assert read.scores(["gao"]).shape == (0,)
    assert read.rarity("gao") is None
