"""One version of the library: its documents, and the dense and lexical indexes over their passages.

A version is a folder that is written once and never changed; whoever reads it shares nothing with a writer:

    documents.jsonl   the documents as read, one a line: the truth from which the rest can be built again
    lexical.npz       BM25 over the passages
    syllables.tsv     the counts that diacritics are restored from
    chroma/           every vector, to find the nearest ones
    vectors.npy       vectors by passage, for exact cosines: what it says, and the middle of how it is asked for
    ways.npy          vectors of each way in which it is asked for, those of passage n from starts[n] to starts[n + 1]
    outside.npy       vectors of questions that the library is not about
    moments.npz       what turns cosines into standard deviations, and `starts`
    manifest.json     number, model, counts
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Document, LibraryError
from knowledge.embedding import Vectors
from knowledge.lexical import Lexical
from knowledge.outside import Exemplars, outside_questions
from knowledge.passages import Passage, asked_texts, embedded_text, passages_of, plain
from knowledge.restoring import Restorer
from knowledge.vietnamese import folded_syllables, normalise, terms

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration

# A change of what is indexed or how makes versions of an older format be built again.
FORMAT = 5

# How often a term counts in the lexical index by where it stands.
FIELD_WEIGHTS = {"text": 1.0, "heading": 2.0, "question": 1.0, "keyword": 0.5}

# Questions and passages by which it is estimated how far a passage's best way stands above the middle of its ways.
_PROBES = 64
_PROBED = 2000

# Of the covariance of questions towards that of equal spread in all directions, for libraries of few questions.
_SHRINKAGE = 0.01

_COLLECTION = "passages"
_BATCH = 1000
# Chroma's defaults find three quarters of the true neighbours at 100,000 vectors; these find nearly all.
_CONFIGURATION: "CreateCollectionConfiguration" = {
    "hnsw": {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 200}
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """dense: whether the vectors are in; without them a version answers from the lexical index alone.

    outside: hash of the exemplars of what the library is not about.
    """

    number: int
    created: str
    model: str
    dense: bool
    documents: int
    passages: int
    outside: str
    format: int = FORMAT


def texts_to_embed(passages: Iterable[Passage]) -> list[str]:
    """The texts a version needs vectors of."""
    texts = [text for passage in passages for text in (embedded_text(passage), *asked_texts(passage))]
    return texts + outside_questions()


def bag(passage: Passage) -> Counter[str]:
    """How often each term stands in a passage, weighted by field."""
    fields = {
        "text": [plain(passage.text)],
        "heading": [passage.title, *passage.headings],
        "question": list(passage.questions),
        "keyword": list(passage.keywords),
    }
    counts: Counter[str] = Counter()
    for field, texts in fields.items():
        for text in texts:
            for term in terms(folded_syllables(normalise(text))):
                counts[term] += FIELD_WEIGHTS[field]  # type: ignore[assignment]
    return counts


def write_version(
    folder: Path,
    manifest: Manifest,
    documents: list[Document],
    vectors: Mapping[str, Vectors] | None,
) -> None:
    """Write a version into an empty folder.

    vectors: of all `texts_to_embed`; None writes a version that answers from the lexical index alone.
    """
    passages = [passage for document in documents for passage in passages_of(document)]
    lines = (json.dumps(document.to_json(), ensure_ascii=False) for document in documents)
    (folder / "documents.jsonl").write_text("\n".join(lines), encoding="utf-8")
    Lexical.build(bag(passage) for passage in passages).save(folder / "lexical.npz")
    Restorer.train(_written(documents)).save(folder / "syllables.tsv")
    if vectors is not None:
        _write_dense(folder, passages, vectors)
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest)), encoding="utf-8")


def _written(documents: list[Document]) -> Iterable[str]:
    for document in documents:
        yield normalise("\n".join((document.title, document.summary, *document.keywords)))
        for section in document.sections:
            yield normalise("\n".join((*section.headings, plain(section.text), *section.questions)))


def _write_dense(folder: Path, passages: list[Passage], vectors: Mapping[str, Vectors]) -> None:
    says = np.vstack([vectors[embedded_text(passage)] for passage in passages])
    ways = [asked_texts(passage) or [embedded_text(passage)] for passage in passages]
    starts = np.concatenate(([0], np.cumsum([len(texts) for texts in ways])))
    each = np.vstack([vectors[text] for texts in ways for text in texts])
    asked = np.add.reduceat(each, starts[:-1])
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    outside = np.vstack([vectors[question] for question in outside_questions()])
    np.save(folder / "vectors.npy", np.stack((says, asked)))
    np.save(folder / "ways.npy", each.astype(np.float16))
    np.save(folder / "outside.npy", outside)
    means, covariances = (
        np.array([kind.mean(axis=0) for kind in (says, asked)]),
        [np.cov(says.T, bias=True), np.cov(asked.T, bias=True)],
    )
    best = _best_way_moments(each, starts, means[1], covariances[1], outside)
    field = _field(each, outside)
    np.savez(folder / "moments.npz", means=means, covariances=covariances, best=best, field=field, starts=starts)
    ids = [str(number) for number in range(len(passages))]
    with_questions = [number for number, passage in enumerate(passages) if passage.questions]
    _fill_chroma(
        folder, [*ids, *(f"{number}.asked" for number in with_questions)], np.vstack((says, asked[with_questions]))
    )


def _best_way_moments(
    ways: Vectors, starts: NDArray[np.int64], mean: Vectors, covariance: Vectors, probes: Vectors
) -> tuple[float, float]:
    """Mean and deviation of the best way's cosine, in the deviations of the middle of the ways.

    A greatest value has no moments that follow from those of the vectors, so some questions are tried on some
    passages.
    """
    probes = probes[:: max(1, len(probes) // _PROBES)]
    few = slice(0, min(_PROBED, len(starts) - 1))
    best = np.maximum.reduceat(ways[: starts[few.stop]] @ probes.T, starts[few], axis=0).T
    deviations = np.sqrt(np.maximum(np.einsum("pi,ij,pj->p", probes, covariance, probes), 1e-12))
    above = (best - (probes @ mean)[:, None]) / deviations[:, None]
    return float(above.mean()), float(above.std(axis=1).mean()) + 1e-6


def _field(inside: Vectors, outside: Vectors) -> Vectors:
    """The direction that tells questions inside the field from the exemplars outside it, and an offset behind it.

    Fisher's linear discriminant, in the unit of the distance between the two means, 0 in the middle.
    """
    apart, middle = inside.mean(axis=0) - outside.mean(axis=0), (inside.mean(axis=0) + outside.mean(axis=0)) / 2
    spread = (np.cov(inside.T, bias=True) + np.cov(outside.T, bias=True)) / 2
    spread += _SHRINKAGE * np.trace(spread) / len(spread) * np.eye(len(spread))
    direction = np.linalg.solve(spread, apart)
    direction /= direction @ apart
    field: Vectors = np.append(direction, -middle @ direction).astype(np.float32)
    return field


def _fill_chroma(folder: Path, ids: list[str], rows: Vectors) -> None:
    client = _chroma(folder)
    collection = client.create_collection(_COLLECTION, embedding_function=None, configuration=_CONFIGURATION)
    for start in range(0, len(ids), _BATCH):
        collection.add(ids=ids[start : start + _BATCH], embeddings=rows[start : start + _BATCH])
    client.close()


def _chroma(folder: Path) -> "Client":
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder / "chroma"), settings=Settings(anonymized_telemetry=False))
    return cast("Client", client)


def read_documents(folder: Path) -> list[Document]:
    """The documents of a version, of whatever format it is."""
    lines = (folder / "documents.jsonl").read_text(encoding="utf-8").split("\n")
    return [Document.from_json(json.loads(line)) for line in lines if line]


@dataclass(frozen=True, slots=True)
class Cosines:
    """Of a question's vector with each passage asked about.

    says: by the passage's own words. asked: by the middle of the ways in which it is asked for. best: by the way most
    like the question. Arrays with an entry a passage. The z-scores are in standard deviations over all passages of
    the version.
    """

    says: Vectors
    asked: Vectors
    best: Vectors
    says_z: Vectors
    asked_z: Vectors
    best_z: Vectors


class Index:
    """A version opened for reading; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises LibraryError when the folder is not a whole version of this format."""
        self.folder = folder
        try:
            self.manifest = Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
            self.documents = read_documents(folder)
            self.lexical = Lexical.load(folder / "lexical.npz")
            self.restorer = Restorer.load(folder / "syllables.tsv")
            self.passages = [passage for document in self.documents for passage in passages_of(document)]
            outside: Vectors = np.zeros((len(outside_questions()), 0), dtype=np.float32)
            self._client = _chroma(folder) if self.manifest.dense else None
            if self._client:
                self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
                self._vectors = np.load(folder / "vectors.npy", mmap_mode="r")
                self._ways = np.load(folder / "ways.npy", mmap_mode="r")
                outside = np.load(folder / "outside.npy")
                with (folder / "moments.npz").open("rb") as file, np.load(file) as moments:
                    self._means, self._covariances = moments["means"], moments["covariances"]
                    self._best, self._starts = moments["best"], moments["starts"]
                    self._field = moments["field"]
            self.exemplars = Exemplars(outside, self.weight)
        except Exception as error:  # each reader raises errors of its own for a broken file
            raise LibraryError("broken_version", folder=folder.name, detail=str(error)) from error
        if self.manifest.format != FORMAT or len(self.passages) != self.lexical.size:
            raise LibraryError("broken_version", folder=folder.name, detail=f"format {self.manifest.format}")

    def nearest(self, vector: Vectors, count: int) -> list[int]:
        """The passages of the `count` nearest vectors, nearest first."""
        found = self._collection.query(query_embeddings=vector, n_results=count, include=[])
        return list(dict.fromkeys(int(id_.partition(".")[0]) for id_ in found["ids"][0]))

    def cosines(self, vector: Vectors, passages: list[int]) -> Cosines:
        """Exact cosines of a question's vector with some passages."""
        says, asked = self._vectors[:, passages] @ vector
        best = self._best_ways(vector, passages)
        means = self._means @ vector
        deviations = np.sqrt(np.maximum(self._covariances @ vector @ vector, 1e-12))
        says_z, asked_z = (says - means[0]) / deviations[0], (asked - means[1]) / deviations[1]
        best_z = ((best - means[1]) / deviations[1] - self._best[0]) / self._best[1]
        return Cosines(says, asked, best, says_z, asked_z, best_z)

    def _best_ways(self, vector: Vectors, passages: list[int]) -> Vectors:
        """For each passage the cosine of the question with the way most like it."""
        starts, ends = self._starts[passages], self._starts[np.add(passages, 1)]
        rows = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])
        cosines = self._ways[rows].astype(np.float32) @ vector
        best: Vectors = np.maximum.reduceat(cosines, np.concatenate(([0], np.cumsum(ends - starts)[:-1])))
        return best

    def alike(self, passages: list[int], count: int) -> Iterator[list[tuple[int, float]]]:
        """For each of some passages the nearest of all others by what they say, nearest first, with their cosines."""
        others = np.setdiff1d(np.arange(len(self.passages)), passages)
        says = np.asarray(self._vectors[0])[others]
        for number in passages:
            cosines = says @ self._vectors[0, number]
            nearest = np.argsort(-cosines, kind="stable")[:count]
            yield [(int(others[place]), float(cosines[place])) for place in nearest]

    def field(self, vector: Vectors) -> float:
        """How far a question lies on the side of those that the library answers, as against the exemplars outside:
        0.5 at the mean of the ones, -0.5 at the mean of the others.
        """
        return float(self._field[:-1] @ vector + self._field[-1])

    def apart(self, vectors: Vectors) -> Vectors:
        """Unit vectors of questions, seen from the middle of how passages are asked for: what all questions have in
        common says nothing of how alike two of them are. Of a version with vectors.
        """
        seen = vectors - self._means[1]
        apart: Vectors = seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-9)
        return apart

    def weight(self, word: str) -> float:
        """How much a folded word tells: its rarity, and most for one that the library never uses."""
        rarity = self.lexical.rarity(word)
        return math.log(2 * self.lexical.size + 2) if rarity is None else rarity

    def close(self) -> None:
        if self._client:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def check_version(folder: Path) -> None:
    """Open a version and find a sample of its own passages in it.

    Run in a child process before a version is published: a crash inside Chroma cannot be caught.
    Raises LibraryError when anything is missing.
    """
    with Index(folder) as index:
        step = max(1, len(index.passages) // 20)
        for number in range(0, len(index.passages), step):
            scores = index.lexical.scores(bag(index.passages[number]))
            if scores[number] <= 0:
                raise LibraryError("broken_version", folder=folder.name, detail=f"passage {number}")
        if index.manifest.dense:
            _check_dense(index, range(0, len(index.passages), step))


def _check_dense(index: Index, sample: Iterable[int]) -> None:
    expected = len(index.passages) + sum(bool(passage.questions) for passage in index.passages)
    if index._collection.count() != expected:
        raise LibraryError("broken_version", folder=index.folder.name, detail=f"{expected} vectors")
    for number in sample:
        vector = np.asarray(index._vectors[0, number])
        nearest = index.nearest(vector, 1)
        if not nearest or index.cosines(vector, nearest).says[0] < 0.999:
            raise LibraryError("broken_version", folder=index.folder.name, detail=f"vector {number}")


if __name__ == "__main__":
    import sys

    check_version(Path(sys.argv[1]))
