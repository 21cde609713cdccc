"""An optional second look at the best hits by a cross-encoder of sentence-transformers (RERANKER_MODEL)."""

from typing import Protocol

from knowledge.documents import LibraryError
from knowledge.embedding import safe
from knowledge.passages import embedded_text
from knowledge.search import Hit


class Reranker(Protocol):
    """Puts hits into a better order."""

    def rerank(self, question: str, hits: list[Hit]) -> list[Hit]:
        """The same hits, best first; their scores stay those of the search."""


class CrossEncoderReranker:
    """Any cross-encoder of sentence-transformers, by name or folder. Costs a model run for each hit."""

    def __init__(self, model: str) -> None:
        """Raises LibraryError when the model cannot be had here."""
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise LibraryError("no_sentence_transformers") from error
        try:
            self._model = CrossEncoder(model, device="cpu")
        except (OSError, ValueError) as error:
            raise LibraryError("no_reranker", model=model, detail=str(error).split("\n")[0]) from error

    def rerank(self, question: str, hits: list[Hit]) -> list[Hit]:
        if not hits:
            return hits
        pairs = [(safe(question), safe(embedded_text(hit.passage))) for hit in hits]
        scores = self._model.predict(pairs, show_progress_bar=False)
        order = sorted(range(len(hits)), key=lambda place: -float(scores[place]))
        return [hits[place] for place in order]
