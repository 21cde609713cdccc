"""Fit the shares by which search fuses its scores (knowledge/search.py) on the tuning half.

    python -m bench.fit_search

Prints the mean reciprocal rank and hit@1 of every mixture in steps of a twentieth, best first, and of several shares
for what was asked before and for the guide that answers it. The optimum is flat: neighbours differ by less than the
noise of so few questions.
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
from knowledge.search import CONTEXT_SHARE, GUIDE_SHARE, SHARES, guide_likelihood
from knowledge.vietnamese import folded_syllables, terms
from tests.eval.golden import load
from tests.eval.report import bundled

Scores = NDArray[np.float64]
_STEPS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A tuning question: a row a passage of says, asked, best and lexical z-scores, for it and for what it leans on.

    leans: it names no subject of its own.
    """

    scores: Scores
    context: Scores | None
    leans: bool
    right: list[int]


def z_scores(text: str, index: Index, embeddings: TextEmbeddings) -> Scores:
    dense = index.cosines(embeddings.queries([text])[0], list(range(len(index.passages))))
    lexical = index.lexical.scores(terms(folded_syllables(text)))
    lexical_z = (lexical - lexical.mean()) / (lexical.std() + 1e-6)
    return np.stack((dense.says_z, dense.asked_z, dense.best_z, lexical_z), axis=1)


def observe(index: Index, embeddings: TextEmbeddings) -> list[Asked]:
    """The tuning questions inside the field."""
    names = [f"{passage.document}#{passage.heading}" for passage in index.passages]
    observed = []
    for golden in load(half="tune"):
        right = [number for number, name in enumerate(names) if name in golden.sections]
        if right:
            query = understand(Question(golden.question, golden.history), index).query
            context = z_scores(query.context, index, embeddings) if query.context else None
            observed.append(Asked(z_scores(query.text, index, embeddings), context, query.leans, right))
    return observed


def quality(
    observed: list[Asked], guides: list[str], shares: tuple[float, ...], context: float, guide: float
) -> tuple[float, float]:
    """Mean reciprocal rank and hit@1."""
    ranks = []
    for asked in observed:
        fused = asked.scores @ np.array(shares)
        if asked.context is not None:
            before = asked.context @ np.array(shares)
            fused = fused + (1.0 if asked.leans else context) * before + guide * guide_likelihood(before, guides)
        ranks.append(1 + min(int((fused > fused[number]).sum()) for number in asked.right))
    return float(np.mean([1 / rank for rank in ranks])), float(np.mean([rank == 1 for rank in ranks]))


def main() -> None:
    live, embeddings = bundled(load_settings().data_dir / "eval")
    with live:
        observed = observe(live.index, embeddings)
        guides = [passage.document for passage in live.index.passages]
    counts = itertools.product(range(_STEPS + 1), repeat=3)
    mixtures = [
        tuple(count / _STEPS for count in (*three, _STEPS - sum(three))) for three in counts if sum(three) <= _STEPS
    ]
    found = sorted(
        ((*quality(observed, guides, shares, CONTEXT_SHARE, GUIDE_SHARE), shares) for shares in mixtures), reverse=True
    )
    print("mean reciprocal rank, hit@1, shares (says, asked, best, lexical)")
    for rank, first, shares in found[:15]:
        print(f"{rank:.4f} {first:.4f} {shares}")
    print("\nshares of the context and of its guide, with the mixture in use")
    for context, guide in itertools.product((0.1, 0.2, 0.3, 0.4, 0.5, 0.7), (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)):
        rank, first = quality(observed, guides, SHARES, context, guide)
        print(f"{rank:.4f} {first:.4f} {context} {guide}")


if __name__ == "__main__":
    main()
