"""Questions grouped by meaning."""

from collections.abc import Sequence

import numpy as np

from knowledge.embedding import Vectors

# The least mean cosine with the questions of a group, seen from the library's middle (`Index.apart`). Fitted on half of
# tests/data/gaps.yaml among 200 other questions; on the other half, with the bundled guides, 95 % of a question's group
# ask the same, and 87 % of those that ask the same are in its group.
ALIKE = 0.575


def grouped(vectors: Vectors, alike: float = ALIKE) -> list[list[int]]:
    """The numbers of the rows by group. Each joins the group whose members are most like it, or begins one.

    vectors: of unit length. In their order, so that a group keeps its first question when others come.
    """
    groups: list[list[int]] = []
    sums = np.zeros_like(vectors)
    for number, vector in enumerate(vectors):
        counts = np.array([len(group) for group in groups])
        means = sums[: len(groups)] @ vector / counts if groups else np.zeros(0)
        if groups and means.max() >= alike:
            nearest = int(means.argmax())
            groups[nearest].append(number)
        else:
            nearest = len(groups)
            groups.append([number])
        sums[nearest] += vector
    return groups


def middle_first(vectors: Vectors, group: Sequence[int]) -> list[int]:
    """The rows of a group, the one first that is most like all of them."""
    middle = vectors[list(group)].sum(axis=0)
    return sorted(group, key=lambda number: -float(vectors[number] @ middle))
