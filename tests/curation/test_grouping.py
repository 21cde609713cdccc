"""Questions grouped by meaning, on paraphrases of questions that the library lacks."""

from pathlib import Path

import numpy as np
import yaml

from bot.curation.grouping import grouped, middle_first
from knowledge.embedding import TextEmbeddings
from knowledge.live import LiveLibrary
from knowledge.query import expand
from knowledge.vietnamese import normalise

PARAPHRASES = Path(__file__).parents[1] / "data/gaps.yaml"


def shares(groups: list[list[int]], meant: list[int]) -> tuple[float, float]:
    """Of each question on the mean: the share of its group that asks the same, and of those that do its group holds."""
    pure = whole = 0.0
    for group in groups:
        for number in group:
            same = sum(meant[other] == meant[number] for other in group)
            pure += same / len(group)
            whole += same / meant.count(meant[number])
    return pure / len(meant), whole / len(meant)


def test_the_same_question_in_other_words_is_one_gap(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    """On the half of the file that the threshold was not fitted on."""
    asked = [group for number, group in enumerate(yaml.safe_load(PARAPHRASES.read_text("utf-8"))) if number // 2 % 2]
    texts = [(expand(normalise(text), live.index), number) for number, group in enumerate(asked) for text in group]
    # Nobody asks the same four times in a row.
    texts = [texts[number] for number in np.random.RandomState(3).permutation(len(texts))]
    vectors = live.index.apart(embeddings.queries([text for text, _ in texts]))
    pure, whole = shares(grouped(vectors), [number for _, number in texts])
    assert pure > 0.9
    assert whole > 0.75


def test_a_group_keeps_its_first_question_and_joins_the_nearest() -> None:
    east, north = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    between = np.array([0.8, 0.6])
    rows = np.array([north, east, between, between], dtype=np.float32)
    assert grouped(rows) == [[0], [1, 2, 3]]
    assert grouped(rows, alike=0.9) == [[0], [1], [2, 3]]
    assert middle_first(rows, [1, 2, 3]) == [2, 3, 1]
    assert grouped(rows[:0]) == []
