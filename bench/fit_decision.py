"""Fit the decision (bot/assistant/decision.json) on the tuning half; report its reliability on the other half.

    python -m bench.fit_decision [--write]

Logistic regression over the signals of bot/assistant/deciding.py: how likely is it that the question is one the
library answers? The threshold to answer lets through at most WRONGLY_ANSWERED of the questions outside the field,
unless that would lose more than NOT_ANSWERED of those inside; below the one to ask back a question is declined.
The same is fitted for versions without vectors. The picture of the calibration goes to bench/calibration.png.
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bot.assistant.deciding import MODEL, Signals, signals
from bot.assistant.dialogue import Question
from bot.assistant.understanding import understand
from bot.settings import load_settings
from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.search import search
from tests.eval.golden import Half, load
from tests.eval.report import bundled

# Share of the questions outside the field that may be answered; of those inside that may be asked back or declined for
# its sake, and that may be declined.
WRONGLY_ANSWERED = 0.02
NOT_ANSWERED = 0.06
WRONGLY_DECLINED = 0.03

Table = tuple[NDArray[np.float64], NDArray[np.bool_]]


def observations(half: Half, index: Index, embeddings: TextEmbeddings) -> Table:
    """A row of signals for each question that is searched for, and whether the library answers it."""
    rows, inside = [], []
    for golden in load(half=half):
        understanding = understand(Question(golden.question, golden.history), index)
        if golden.subject == "traps" or understanding.smalltalk or understanding.refusal:
            continue
        results = search(index, embeddings, understanding.query, limit=12)
        if results.hits:
            rows.append(list(asdict(signals(understanding, results, index)).values()))
            inside.append(bool(golden.sections))
    return np.array(rows), np.array(inside)


def fit(table: Table) -> dict[str, object]:
    """The numbers of bot/assistant/deciding.Model."""
    rows, inside = table
    scaler = StandardScaler().fit(rows)
    regression = LogisticRegression(C=1.0, max_iter=1000).fit(scaler.transform(rows), inside)
    weights = regression.coef_[0] / scaler.scale_
    intercept = regression.intercept_[0] - weights @ scaler.mean_
    confidence = confidences(rows, weights, intercept)
    within, outside = np.sort(confidence[inside]), np.sort(confidence[~inside])
    answer = min(outside[int((1 - WRONGLY_ANSWERED) * len(outside))], within[int(NOT_ANSWERED * len(within))])
    return {
        "intercept": round(float(intercept), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(Signals.__slots__, weights, strict=True)},
        "answer": round(float(answer), 3),
        "clarify": round(float(min(answer, within[int(WRONGLY_DECLINED * len(within))])), 3),
    }


def confidences(rows: NDArray[np.float64], weights: NDArray[np.float64], intercept: float) -> NDArray[np.float64]:
    result: NDArray[np.float64] = 1 / (1 + np.exp(-(rows @ weights + intercept)))
    return result


def reliability(model: dict[str, object], table: Table) -> tuple[str, list[tuple[float, float, int]]]:
    """A Markdown table of the thresholds' precision and recall, and the calibration: expected, observed, count."""
    rows, inside = table
    weights = np.array(list(dict(model["weights"]).values()))  # type: ignore[call-overload]
    confidence = confidences(rows, weights, float(model["intercept"]))  # type: ignore[arg-type]
    lines = ["| threshold | precision of answering | recall | outside declined |", "|---|---|---|---|"]
    for name in ("clarify", "answer"):
        kept = confidence >= float(model[name])  # type: ignore[arg-type]
        cells = (inside[kept].mean(), kept[inside].mean(), (~kept)[~inside].mean())
        lines.append(f"| {name} {model[name]} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    bins = np.clip((confidence * 10).astype(int), 0, 9)
    calibration = [
        (float(confidence[bins == b].mean()), float(inside[bins == b].mean()), int((bins == b).sum()))
        for b in range(10)
        if (bins == b).any()
    ]
    return "\n".join(lines), calibration


def draw(calibration: list[tuple[float, float, int]], path: Path) -> None:
    """Expected against observed share of questions that the library answers; the number beside a dot is its count."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    expected, observed, counts = zip(*calibration, strict=True)
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--")
    axes.scatter(expected, observed, s=[30 * count**0.5 for count in counts], color="#1f6f8b")
    axes.set(xlabel="confidence", ylabel="share the library answers", title="Report half", xlim=(0, 1), ylim=(0, 1.02))
    for x, y, count in calibration:
        axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(9, -9), fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fit_decision")
    parser.add_argument("--write", action="store_true", help="write decision.json and calibration.png")
    options = parser.parse_args()
    live, embeddings = bundled(load_settings().data_dir / "eval")
    models = {}
    with live:
        dense = live.index
        for kind in ("dense", "lexical"):
            if kind == "lexical":
                dense.manifest = replace(dense.manifest, dense=False)
            models[kind] = fit(observations("tune", dense, embeddings))
            table, calibration = reliability(models[kind], observations("report", dense, embeddings))
            print(f"{kind}, report half\n\n{table}\n")
            if kind == "dense":
                drawn = calibration
    print("confidence, share the library answers, count:", [(round(e, 2), round(o, 2), n) for e, o, n in drawn])
    if options.write:
        MODEL.write_text(json.dumps(models, indent=1) + "\n", encoding="utf-8")
        draw(drawn, Path(__file__).with_name("calibration.png"))


if __name__ == "__main__":
    main()
