"""Exemplars of what the library is not about."""

from knowledge.embedding import TextEmbeddings
from knowledge.function_words import content_words
from knowledge.outside import likeness, outside_questions


def test_the_exemplars_are_many_and_all_different() -> None:
    questions = outside_questions()
    assert len(questions) > 500
    assert len(set(questions)) == len(questions)


def test_a_question_like_an_exemplar_is_more_alike_than_one_on_export(embeddings: TextEmbeddings) -> None:
    vectors = embeddings.passages(outside_questions()[:60])
    like = {}
    for question in (outside_questions()[7], "Xin chứng nhận xuất xứ mẫu E ở đâu?"):
        words = set(content_words(question))
        like[question] = likeness(embeddings.queries([question])[0], vectors, words, lambda word: float(len(word)))
    outside, origin = like.values()
    assert outside.cosine > origin.cosine
    assert outside.covered > origin.covered


def test_without_vectors_the_words_still_tell() -> None:
    vectors = [[]] * len(outside_questions())
    words = set(content_words(outside_questions()[0]))
    found = likeness(None, vectors, words, lambda word: 1.0)  # type: ignore[arg-type]
    assert (found.cosine, found.covered) == (0.0, 1.0)
