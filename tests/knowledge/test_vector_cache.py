"""Only what is new is embedded."""

import threading
from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import TextEmbeddings, Vectors
from knowledge.vector_cache import VectorCache
from tests.auxil.libraries import Counting


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "vectors.sqlite3")


@pytest.fixture
def counting(embeddings: TextEmbeddings) -> Counting:
    return Counting(embeddings)


def test_vectors_are_those_of_the_model(cache: VectorCache, embeddings: TextEmbeddings) -> None:
    found = cache.fill(["gạo", "chè"], embeddings)
    assert np.allclose(found["chè"], embeddings.passages(["chè"])[0], atol=1e-3)
    assert np.array_equal(found["gạo"], cache.fill(["gạo"], embeddings)["gạo"])


def test_only_what_is_new_is_embedded(cache: VectorCache, counting: Counting, tmp_path: Path) -> None:
    first = cache.fill(["gạo", "cà phê"], counting)
    counting.asked.clear()
    reopened = VectorCache(tmp_path / "vectors.sqlite3")
    second = reopened.fill(["gạo", "chè", "cà phê"], counting)
    assert counting.asked == ["chè"]
    assert np.array_equal(first["gạo"], second["gạo"])
    assert len(second) == 3


def test_a_text_that_stands_twice_is_embedded_once(cache: VectorCache, counting: Counting) -> None:
    assert len(cache.fill(["gạo", "gạo"], counting)) == 1
    assert counting.asked == ["gạo"]


def test_models_never_share_vectors(cache: VectorCache, counting: Counting, embeddings: TextEmbeddings) -> None:
    other = Counting(embeddings, name="another model")
    cache.fill(["gạo"], counting)
    cache.fill(["gạo"], other)
    assert other.asked == ["gạo"]


def test_progress_counts_the_new_ones_up_to_their_total(cache: VectorCache, counting: Counting) -> None:
    cache.fill(["đã có"], counting)
    steps: list[tuple[int, int]] = []
    texts = ["đã có", *(f"câu {number}" for number in range(40))]
    cache.fill(texts, counting, lambda *step: steps.append(step))
    assert steps[0] == (0, 40)
    assert steps[-1] == (40, 40)
    assert steps == sorted(steps)
    assert len(steps) > 2


def test_what_was_embedded_before_a_failure_is_kept(cache: VectorCache, embeddings: TextEmbeddings) -> None:
    class Failing(Counting):
        def passages(self, texts: list[str]) -> Vectors:
            if "câu 90" in texts:
                raise RuntimeError("out of memory")
            return super().passages(texts)

    texts = [f"câu {number}" for number in range(96)]
    with pytest.raises(RuntimeError, match="out of memory"):
        cache.fill(texts, Failing(embeddings))
    again = Counting(embeddings)
    cache.fill(texts, again)
    assert "câu 90" in again.asked
    assert "câu 0" not in again.asked


def test_a_batch_calls_the_model_from_a_thread_of_the_cache(cache: VectorCache, embeddings: TextEmbeddings) -> None:
    threads = set()

    class Watching(Counting):
        def passages(self, texts: list[str]) -> Vectors:
            threads.add(threading.current_thread().name)
            return super().passages(texts)

    cache.fill(["gạo"], Watching(embeddings))
    assert threading.main_thread().name not in threads
    assert threads
