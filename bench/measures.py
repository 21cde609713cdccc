"""What the benchmark counts and how it shows it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import log2

import numpy as np

# What each item of a ranking stands for: the sections it touches. A passage of ours touches one.
Ranking = list[frozenset[str]]


def distinct(found: Iterable[frozenset[str]]) -> Ranking:
    """A ranking without the items that touch no section that an earlier one did not."""
    seen: set[str] = set()
    kept: Ranking = []
    for sections in found:
        if not sections or sections - seen:
            kept.append(sections)
            seen |= sections
    return kept


def hit(ranking: Ranking, right: frozenset[str], count: int) -> bool:
    """Whether one of the first `count` items touches a right section."""
    return any(sections & right for sections in ranking[:count])


def ndcg(ranking: Ranking, right: frozenset[str], count: int = 10) -> float:
    """Normalised discounted cumulative gain: a right section gains 1 / log2(1 + its first rank); at most 1 in all."""
    gained = 0.0
    seen: set[str] = set()
    for rank, sections in enumerate(ranking[:count], start=1):
        gained += len((sections & right) - seen) / log2(1 + rank)
        seen |= sections
    ideal = sum(1 / log2(1 + rank) for rank in range(1, min(len(right), count) + 1))
    return min(1.0, gained / ideal) if ideal else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(np.asarray(values), share)) if values else float("nan")


def milliseconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


class Clock:
    """Adds up the time spent in named parts, in milliseconds."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.spent[name] += (time.perf_counter() - started) * 1000


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
