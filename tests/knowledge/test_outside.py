"""Exemplars of what the library is not about."""

import numpy as np

from knowledge.embedding import TextEmbeddings
from knowledge.function_words import content_words
from knowledge.outside import Exemplars, Likeness, outside_questions


def test_the_exemplars_are_many_and_all_different() -> None:
    questions = outside_questions()
    assert len(questions) > 500
    assert len(set(questions)) == len(questions)


def test_a_question_like_an_exemplar_is_more_alike_than_one_on_export(embeddings: TextEmbeddings) -> None:
    exemplars = Exemplars(embeddings.passages(outside_questions()[:60]), lambda word: float(len(word)))
    like = {}
    for question in (outside_questions()[7], "Xin chứng nhận xuất xứ mẫu E ở đâu?"):
        like[question] = exemplars.likeness(embeddings.queries([question])[0], set(content_words(question)))
    outside, origin = like.values()
    assert outside.cosine > origin.cosine
    assert outside.covered > origin.covered


def test_without_vectors_the_words_still_tell() -> None:
    exemplars = Exemplars(np.zeros((len(outside_questions()), 0), dtype=np.float32), lambda word: 1.0)
    found = exemplars.likeness(None, set(content_words(outside_questions()[0])))
    assert (found.cosine, found.covered, found.overlap) == (0.0, 1.0, 1.0)


def test_words_that_no_exemplar_has_are_like_none() -> None:
    exemplars = Exemplars(np.zeros((len(outside_questions()), 0), dtype=np.float32), lambda word: 1.0)
    assert exemplars.likeness(None, {"qwxz"}) == exemplars.likeness(None, set()) == Likeness(0.0, 0.0, 0.0)
