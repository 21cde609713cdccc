"""Texts to vectors: what would crash the built-in model is made harmless, and both doors are LangChain's."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.embeddings import Embeddings

from knowledge.documents import LibraryError
from knowledge.embedding import BUILT_IN, MAX_CHARACTERS, TextEmbeddings, load_embeddings, safe

ROOT = Path(__file__).parents[2]

# Each as Python source, so that a child process can make it too.
DANGEROUS = {
    "ligatures that grow eighteenfold": "'\\ufdfa' * 50",
    "ligatures to the limit": "'\\ufdfa' * 5000",
    "265 kB": "'xuất khẩu gạo ' * 20_000",
    "one word of 265 kB": "'a' * 265_000",
    "NUL": "'trước\\0sau'",
    "lone surrogates": "'\\ud800 a \\udfff'",
    "nothing": "''",
    "spaces": "' \\n\\t '",
    "invisible": "'\\u200b\\ufeff'",
    "emoji": "'👩‍👩‍👧‍👦🏳️‍🌈' * 30",
    "marks on marks": "'a' + '\\u0301' * 500",
    "private use and unassigned": "'\\ue000\\uffff\\U000e0fff\\U0010ffff'",
    "Hangul, Arabic, Thai": "'한국어 العربية ภาษาไทย' * 50",
}


@pytest.mark.parametrize("source", DANGEROUS.values(), ids=DANGEROUS)
def test_a_message_that_could_break_the_model_gets_a_vector(source: str, embeddings: TextEmbeddings) -> None:
    text = eval(source)  # noqa: S307 (our own literal)
    vectors = embeddings.queries([text])
    assert vectors.shape == (1, 384)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-3)


def test_none_of_them_takes_the_process_with_it() -> None:
    """In a child, so that an abort in C would be seen as an exit code and not as a lost test run."""
    program = (
        "from knowledge.embedding import BuiltInEmbeddings\n"
        f"texts = [{', '.join(DANGEROUS.values())}]\n"
        "model = BuiltInEmbeddings()\n"
        "print(len(model.passages(texts)))\n"
    )
    child = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert (child.returncode, child.stdout, child.stderr) == (0, f"{len(DANGEROUS)}\n", "")


@pytest.mark.parametrize("program", ["bot.cli", "ingest"])
def test_small_products_are_not_shared_among_threads(program: str) -> None:
    """In a child, because numpy asks once, when it is loaded."""
    asked = f"import {program}, threadpoolctl; print([pool['num_threads'] for pool in threadpoolctl.threadpool_info()])"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    child = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert child.stdout == "[1]\n"


def test_a_nul_does_not_cut_the_text(embeddings: TextEmbeddings) -> None:
    cut, whole, spaced = embeddings.queries(["phí vận", "phí vận\0 chuyển đi Mỹ", "phí vận chuyển đi Mỹ"])
    assert whole @ spaced > 0.999
    assert whole @ cut < 0.99


def test_decomposed_text_has_the_vector_of_the_composed(embeddings: TextEmbeddings) -> None:
    text = "Đại lý uỷ quyền của Alibaba.com làm những việc gì?"
    composed, decomposed = embeddings.queries([text, unicodedata.normalize("NFD", text)])
    assert np.array_equal(composed, decomposed)


def test_a_question_and_a_passage_of_the_same_words_have_vectors_of_their_own(embeddings: TextEmbeddings) -> None:
    [question], [passage] = embeddings.queries(["xuất khẩu gạo"]), embeddings.passages(["xuất khẩu gạo"])
    assert 0.8 < question @ passage < 0.999


def test_meaning_is_near_across_words(embeddings: TextEmbeddings) -> None:
    question = embeddings.queries(["Làm sao để bán hàng sang Hoa Kỳ?"])[0]
    near, far = embeddings.passages(["Cách xuất khẩu hàng hoá đi Mỹ", "Công thức nấu phở bò Hà Nội"])
    assert question @ near > question @ far


def test_a_batch_gives_what_each_text_gives_alone(embeddings: TextEmbeddings) -> None:
    texts = ["gạo", "cà phê Đắk Lắk", "hợp đồng mua bán hàng hoá quốc tế"]
    together = embeddings.passages(texts)
    for text, vector in zip(texts, together, strict=True):
        assert vector @ embeddings.passages([text])[0] > 0.999


def test_the_built_in_model_is_langchains_embeddings(embeddings: TextEmbeddings) -> None:
    assert isinstance(embeddings, Embeddings)
    query = embeddings.embed_query("gạo")
    documents = embeddings.embed_documents(["gạo", "cà phê"])
    assert np.allclose(query, embeddings.queries(["gạo"])[0])
    assert np.allclose(documents, embeddings.passages(["gạo", "cà phê"]))
    assert all(type(number) is float for number in [*query, *documents[0]])


async def test_langchains_asynchronous_calls_work_too(embeddings: TextEmbeddings) -> None:
    assert await embeddings.aembed_query("gạo") == embeddings.embed_query("gạo")


def test_the_built_in_model_is_loaded_by_its_name() -> None:
    assert load_embeddings(BUILT_IN).name == BUILT_IN


@pytest.mark.parametrize(
    "model", ["", "word2vec", "builtin:other", "sentence-transformers", "sentence-transformers/", "openai/x"]
)
def test_a_name_that_no_door_knows_is_refused_with_what_is_allowed(model: str) -> None:
    with pytest.raises(LibraryError) as error:
        load_embeddings(model)
    assert error.value.code == "bad_model"
    assert error.value.values == {"model": model, "builtin": BUILT_IN}


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=3 * MAX_CHARACTERS))
def test_a_safe_text_is_never_empty_bounded_and_in_one_form(text: str) -> None:
    made = safe(text)
    assert 0 < len(made) <= MAX_CHARACTERS
    assert "\0" not in made
    assert len(unicodedata.normalize("NFKC", made)) <= len(made)
    assert made.encode()


@settings(max_examples=25)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_any_text_gets_a_vector(embeddings: TextEmbeddings, text: str) -> None:
    assert np.isfinite(embeddings.queries([text])).all()
