"""The decision: its numbers are whole, and it separates what it was fitted to separate."""

import json
from dataclasses import replace

from bot.assistant.deciding import MODEL, Model, Signals

CLEAR = Signals(
    inside=0.93,
    outside=0.85,
    field=0.5,
    resembles=0.1,
    covered_outside=0.3,
    above=6.5,
    coverage=0.9,
    unknown=0.0,
    margin=2.0,
    english=0.0,
    words=1.6,
    follows=0.0,
)


def models() -> dict[str, Model]:
    return {kind: Model(**numbers) for kind, numbers in json.loads(MODEL.read_text(encoding="utf-8")).items()}


def test_there_is_a_model_for_versions_with_and_without_vectors() -> None:
    assert set(models()) == {"dense", "lexical"}
    for model in models().values():
        assert set(model.weights) == set(Signals.__slots__)
        assert 0 < model.clarify <= model.answer < 1


def test_a_clear_question_is_answered_and_one_like_the_exemplars_outside_is_not() -> None:
    model = models()["dense"]
    assert model.confidence(CLEAR) > model.answer
    weather = replace(CLEAR, inside=0.85, outside=0.95, resembles=0.9, covered_outside=1.0, above=3.5, coverage=0.1)
    assert model.confidence(weather) < model.clarify


def test_confidence_is_a_probability_for_any_signals() -> None:
    for model in models().values():
        for value in (-1e6, 0.0, 1e6):
            assert 0 <= model.confidence(Signals(*[value] * len(Signals.__slots__))) <= 1
