"""The other door to embeddings, with a real multilingual model made of the built-in one's weights."""

from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

import knowledge.index
from knowledge.documents import LibraryError
from knowledge.embedding import BUILT_IN, SentenceTransformerEmbeddings, TextEmbeddings, load_embeddings
from knowledge.index import outside_questions
from knowledge.ingestion import Options, ingest
from knowledge.library import Library
from tests.auxil.e5_folder import write_folder
from tests.auxil.libraries import Counting, find

# One worker loads torch and the 490 MB, not each of them.
pytestmark = pytest.mark.xdist_group("sentence_transformers")

TEXTS = [
    "Người mua Mỹ quan tâm điều gì nhất?",
    "L/C là cam kết của ngân hàng người mua sẽ trả tiền khi chứng từ hợp lệ.",
    "thu tuc hai quan",
    "What papers do I need to export coffee?",
    "44,65 tỷ USD, tăng 27,6%",
    "🙂",
]


@pytest.fixture(autouse=True)
def _few_outside_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exemplars of other subjects would take this model half a minute."""
    few = outside_questions()[:3]
    monkeypatch.setattr(knowledge.index, "outside_questions", lambda: few)


@pytest.fixture(scope="module")
def folder(vectors: Path) -> Path:
    """Written once for all workers, beside the vectors that they share."""
    folder = vectors.with_name("e5")
    with FileLock(vectors.with_name("e5.lock")):
        if not folder.exists():
            write_folder(folder)
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> TextEmbeddings:
    return load_embeddings(f"sentence-transformers/{folder}")


def test_its_name_tells_it_from_other_models(model: TextEmbeddings, folder: Path) -> None:
    assert model.name == f"sentence-transformers/{folder}"


def test_its_vectors_are_those_of_the_built_in_model(model: TextEmbeddings, embeddings: TextEmbeddings) -> None:
    for ours, theirs in (
        (model.queries(TEXTS), embeddings.queries(TEXTS)),
        (model.passages(TEXTS), embeddings.passages(TEXTS)),
    ):
        assert ours.shape == theirs.shape
        assert np.sum(ours * theirs, axis=1).min() >= 0.999


def test_questions_and_passages_get_the_prompts_of_the_model(model: TextEmbeddings, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(str(folder), device="cpu")
    prompted = bare.encode([f"query: {TEXTS[0]}", f"passage: {TEXTS[0]}"], prompt="", normalize_embeddings=True)
    assert np.allclose(model.queries(TEXTS[:1])[0], prompted[0], atol=1e-5)
    assert np.allclose(model.passages(TEXTS[:1])[0], prompted[1], atol=1e-5)
    assert not np.allclose(prompted[0], prompted[1], atol=1e-3)


def test_dangerous_texts_are_made_safe_here_too(model: TextEmbeddings) -> None:
    vectors = model.queries(["", "\ud800", "a\0b", "\ufdfa" * 50])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_a_library_of_this_model_answers(model: TextEmbeddings, guides: Path, tmp_path: Path) -> None:
    library = Library(tmp_path)
    ingest(library, guides, model.name, lambda: model, Options())
    with library.open() as index:
        assert (index.manifest.model, index.manifest.dense) == (model.name, True)
        best = find(index, model, "nguoi mua my quan tam dieu gi nhat")[0]
    assert best.passage.document == "buyers/bay-nhu-cau.md"
    assert best.cosine > 0.8


def test_a_change_of_model_embeds_everything_anew_and_the_version_says_so(
    model: TextEmbeddings, embeddings: TextEmbeddings, guides: Path, tmp_path: Path
) -> None:
    library = Library(tmp_path)
    built_in, other = Counting(embeddings), Counting(model)
    ingest(library, guides, BUILT_IN, lambda: built_in, Options())
    report = ingest(library, guides, other.name, lambda: other, Options())
    assert report.version is not None
    assert len(report.unchanged) == 4
    assert sorted(other.asked) == sorted(built_in.asked)
    assert [version.model for version in library.versions()][:2] == [other.name, BUILT_IN]
    back = Counting(embeddings)
    ingest(library, guides, BUILT_IN, lambda: back, Options())
    assert back.asked == []
    assert library.versions()[0].model == BUILT_IN


@pytest.mark.parametrize("name", ["/no/such/folder", "no-such-model-here", "a/b/c/d"])
def test_a_model_that_cannot_be_had_is_named(name: str) -> None:
    with pytest.raises(LibraryError) as error:
        SentenceTransformerEmbeddings(name)
    assert error.value.code == "no_model"
    assert error.value.values["model"] == name
    assert error.value.values["detail"]


def test_a_folder_that_holds_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as error:
        load_embeddings(f"sentence-transformers/{tmp_path}")
    assert error.value.code == "no_model"
