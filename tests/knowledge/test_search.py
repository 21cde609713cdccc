"""A question to ranked passages, with vectors and without."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.retrievers import BaseRetriever

from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.search import LibraryRetriever, Query, guide_likelihood, search
from knowledge.vietnamese import fold
from tests.auxil.libraries import find, lexical_version

# Each with the section that answers it, in other words than its own.
QUESTIONS = {
    "Nhà nhập khẩu bên Mỹ xem trọng điều gì?": "Người mua Mỹ, người mua nước ngoài quan tâm điều gì nhất?",
    "Bán rẻ nhất có kéo được đơn hàng không?": "Vì sao giá rẻ nhất chưa chắc bán được cho khách nước ngoài?",
    "Đại lý của Alibaba hỗ trợ những khâu nào?": "Đại lý uỷ quyền của Alibaba.com làm những việc gì?",
    "Nộp bộ chứng từ L/C trễ nhất bao nhiêu ngày?": "Nộp chứng từ L/C trong bao nhiêu ngày, ngân hàng kiểm mấy ngày?",
    "Sàn khoá tài khoản thì khách mất hết à?": "Chỉ bán trên một sàn thì có rủi ro gì?",
}


@pytest.fixture(scope="module")
def words_only(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The same guides in a version without vectors."""
    own = Library(tmp_path_factory.mktemp("words"))
    with library.open() as index:
        lexical_version(own, index.documents)
    return own.open()


def first(index: Index, embeddings: TextEmbeddings, typed: str) -> str:
    return find(index, embeddings, typed)[0].passage.heading


@pytest.mark.parametrize(("question", "section"), QUESTIONS.items())
def test_a_question_finds_its_section(
    question: str, section: str, live: LiveLibrary, embeddings: TextEmbeddings
) -> None:
    assert first(live.index, embeddings, question) == section


@pytest.mark.parametrize(("question", "section"), QUESTIONS.items())
def test_a_bare_question_finds_the_same_section(
    question: str, section: str, live: LiveLibrary, embeddings: TextEmbeddings
) -> None:
    assert first(live.index, embeddings, fold(question)) == section


@pytest.mark.parametrize(("question", "section"), QUESTIONS.items())
def test_a_version_without_vectors_finds_it_by_its_words(
    question: str, section: str, words_only: Index, embeddings: TextEmbeddings
) -> None:
    assert not words_only.manifest.dense
    assert first(words_only, embeddings, question) == section
    assert first(words_only, embeddings, fold(question)) == section


def test_hits_are_ranked_by_score_and_limited(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    hits = find(live.index, embeddings, "đại lý uỷ quyền", 4)
    assert len(hits) == 4
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage.id for hit in hits}) == 4
    assert all(-1 <= hit.cosine <= 1.001 and hit.bm25 >= 0 for hit in hits)


def test_words_that_the_library_never_uses_find_nothing_by_words(words_only: Index, embeddings: TextEmbeddings) -> None:
    assert find(words_only, embeddings, "zzz qqq") == []


def test_what_was_asked_before_counts_too(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    before = "Đại lý uỷ quyền của Alibaba.com làm những việc gì?"
    alone = search(live.index, embeddings, Query("còn phí thì sao"), 12).hits
    leaning = search(live.index, embeddings, Query("còn phí thì sao", before), 12).hits
    scores = {hit.passage.id: hit.score for hit in alone}
    [asked_before] = [hit for hit in leaning if hit.passage.heading == before]
    gains = {hit.passage.id: hit.score - scores.get(hit.passage.id, 0.0) for hit in leaning}
    assert max(gains, key=gains.__getitem__) == asked_before.passage.id
    assert gains[asked_before.passage.id] > 0


def test_the_retriever_is_langchains(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    retriever = LibraryRetriever(index=live.index, embeddings=embeddings, limit=3)
    assert isinstance(retriever, BaseRetriever)
    found = retriever.invoke("dai ly uy quyen lam nhung viec gi")
    assert len(found) == 3
    best = find(live.index, embeddings, "dai ly uy quyen lam nhung viec gi", 3)[0]
    assert (found[0].id, found[0].page_content) == (best.passage.id, best.passage.text)
    assert found[0].metadata["document"] == "agents/dai-ly-uy-quyen.md"
    assert found[0].metadata["headings"] == list(best.passage.headings)
    assert found[0].metadata["score"] == pytest.approx(best.score)


async def test_the_retriever_can_be_called_asynchronously(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    retriever = LibraryRetriever(index=live.index, embeddings=embeddings)
    assert await retriever.ainvoke("L/C") == retriever.invoke("L/C")


@settings(max_examples=20)
@given(text=st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_any_text_can_be_searched_for(live: LiveLibrary, embeddings: TextEmbeddings, text: str) -> None:
    hits = find(live.index, embeddings, text)
    assert all(math.isfinite(hit.score) for hit in hits)


def test_the_guides_of_the_tests_are_real_ones_in_short(guides: Path, live: LiveLibrary) -> None:
    assert {document.topic for document in live.index.documents} == {"buyers", "agents", "logistics", "digital"}
    assert [len(document.sections) for document in live.index.documents] == [3, 3, 3, 3]
    assert len(list(guides.rglob("*.md"))) == 4


def test_the_guide_that_answers_what_was_asked_before_is_the_likeliest() -> None:
    likely = guide_likelihood(np.array([3.0, 1.0, 2.0, -4.0]), ["a", "a", "b", "c"])
    assert likely[0] == likely[1] > likely[2] > likely[3] > 0
    assert likely[[0, 2, 3]].sum() == pytest.approx(1.0)


def test_the_best_way_is_the_exact_one(live: LiveLibrary, embeddings: TextEmbeddings) -> None:
    passages = [n for n, passage in enumerate(live.index.passages) if passage.questions]
    way = live.index.passages[passages[1]].questions[2]
    found = live.index.cosines(embeddings.passages([way])[0], passages)
    assert found.best.argmax() == 1
    assert found.best[1] == pytest.approx(1.0, abs=1e-3)
    assert (found.best >= found.asked - 0.2).all()
