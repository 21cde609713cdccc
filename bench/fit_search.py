"""Fit the shares by which search fuses its scores (knowledge/search.py) on the tuning half.

    python -m bench.fit_search

Prints the mean reciprocal rank and hit@1 of every mixture in steps of a twentieth, best first, and of several shares
for what was asked before. The optimum is flat: neighbours differ by less than the noise of so few questions.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.assistant.dialogue import Question
from bot.assistant.understanding import understand
from bot.settings import load_settings
from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.search import CONTEXT_SHARE
from knowledge.vietnamese import folded_syllables, terms
from tests.eval.golden import load
from tests.eval.report import bundled

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A tuning question: a row a passage of says, asked and lexical z-scores, for it and for what it leans on."""

    scores: Scores
    context: Scores
    right: list[int]


def z_scores(text: str, index: Index, embeddings: TextEmbeddings) -> Scores:
    passages = list(range(len(index.passages)))
    if not text:
        return np.zeros((len(passages), 3))
    dense = index.cosines(embeddings.queries([text])[0], passages)
    lexical = index.lexical.scores(terms(folded_syllables(text)))
    return np.stack((dense.says_z, dense.asked_z, (lexical - lexical.mean()) / (lexical.std() + 1e-6)), axis=1)


def observe(index: Index, embeddings: TextEmbeddings) -> list[Asked]:
    """The tuning questions inside the field."""
    names = [f"{passage.document}#{passage.heading}" for passage in index.passages]
    observed = []
    for golden in load(half="tune"):
        right = [number for number, name in enumerate(names) if name in golden.sections]
        if right:
            query = understand(Question(golden.question, golden.history), index).query
            scores, context = (z_scores(text, index, embeddings) for text in (query.text, query.context))
            observed.append(Asked(scores, context, right))
    return observed


def quality(observed: list[Asked], shares: tuple[float, ...], context: float) -> tuple[float, float]:
    """Mean reciprocal rank and hit@1."""
    ranks = []
    for asked in observed:
        fused = (asked.scores + context * asked.context) @ np.array(shares)
        ranks.append(1 + min(int((fused > fused[number]).sum()) for number in asked.right))
    return float(np.mean([1 / rank for rank in ranks])), float(np.mean([rank == 1 for rank in ranks]))


def main() -> None:
    live, embeddings = bundled(load_settings().data_dir / "eval")
    with live:
        observed = observe(live.index, embeddings)
    steps = range(21)
    mixtures = [(a / 20, b / 20, (20 - a - b) / 20) for a, b in itertools.product(steps, steps) if a + b <= 20]
    found = sorted(((*quality(observed, shares, CONTEXT_SHARE), shares) for shares in mixtures), reverse=True)
    print("mean reciprocal rank, hit@1, shares (says, asked, lexical)")
    for rank, first, shares in found[:15]:
        print(f"{rank:.4f} {first:.4f} {shares}")
    print("\nshare of the context, with the best mixture")
    for context in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0):
        rank, first = quality(observed, found[0][2], context)
        print(f"{rank:.4f} {first:.4f} {context}")


if __name__ == "__main__":
    main()
