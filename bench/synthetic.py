"""Libraries of any size made out of the real one, to see what size costs: not for judging quality.

python -m bench.synthetic LIBRARY SIZE FOLDER    in a process of its own, for what building needs of memory
"""

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.tutorial import Chunk, Known, cached, chunks_of, fill, open_store, text_of
from knowledge.documents import Document, Section
from knowledge.embedding import Vectors, load_embeddings
from knowledge.index import texts_to_embed, write_version
from knowledge.library import Library
from knowledge.passages import MAX_CHARACTERS, asked_texts, embedded_text, passages_of

HOW = (
    "Sizes beyond the bundled library are synthetic: they say what size costs, nothing of quality. Texts are sentences "
    "of the guides drawn at random, about as long as real passages, under titles, headings and keywords of real "
    "sections, with at most five of the other ways to ask for one: each word stands in more passages, but the "
    "vocabulary stays that of the guides. Vectors are copies of real ones with noise (cosine with the original about "
    "0.96), renormalised. The tutorial gets as many chunks of about 900 characters, made the same way. Questions "
    "and everything that is timed are real."
)

# The one version of a synthetic library.
NUMBER = 1

# Length of the noise added to a vector of unit length: the copy's cosine with it is 1 / sqrt(1 + _NOISE ** 2).
_NOISE = 0.3
_SECTIONS_A_DOCUMENT = 8
_WAYS = 5
_CHUNK = 900
_LONGEST_SENTENCE = 400
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_SEED = 4


class Recombined:
    """Texts and vectors out of real ones; the same seed draws the same."""

    def __init__(self, documents: list[Document]) -> None:
        self._random = random.Random(_SEED)  # noqa: S311 (nothing secret)
        self._noise = np.random.default_rng(_SEED)
        self._sections = [(document, section) for document in documents for section in document.sections]
        self._asked = [section.questions for _, section in self._sections if section.questions]
        texts = (section.text for _, section in self._sections)
        sentences = (sentence.strip() for text in texts for sentence in _SENTENCE_END.split(text))
        self._sentences = [sentence for sentence in sentences if 0 < len(sentence) <= _LONGEST_SENTENCE]

    def text(self, length: int) -> str:
        """Sentences of about so many characters in all, never so many that a section needs two passages."""
        drawn: list[str] = []
        while sum(len(sentence) + 1 for sentence in drawn) < min(length, MAX_CHARACTERS - _LONGEST_SENTENCE - 1):
            drawn.append(self._random.choice(self._sentences))
        return " ".join(drawn)

    def vector(self, real: Vectors) -> Vectors:
        """One of the real vectors, a little off."""
        return self.off(real[self._noise.integers(len(real))])

    def off(self, real: Vectors) -> Vectors:
        """A vector a little off a real one."""
        noise = self._noise.standard_normal(len(real))
        off = real + _NOISE * noise / np.linalg.norm(noise)
        vector: Vectors = (off / np.linalg.norm(off)).astype(np.float32)
        return vector

    def documents(self, size: int) -> Iterator[Document]:
        """Documents of `size` sections in all, each of which is one passage."""
        for first in range(0, size, _SECTIONS_A_DOCUMENT):
            drawn = self._random.sample(self._sections, min(_SECTIONS_A_DOCUMENT, size - first))
            sections = tuple(self._section(section, first + n) for n, (_, section) in enumerate(drawn))
            yield replace(drawn[0][0], id=f"synthetic/{first:06}.md", hash=str(first), sections=sections)

    def _section(self, real: Section, number: int) -> Section:
        """The number makes a way to ask another text than the real one that it is."""
        asked = self._random.choice(self._asked)
        questions = tuple(f"{way} {number}" for way in self._random.sample(asked, min(_WAYS, len(asked))))
        return replace(real, text=self.text(len(real.text)), questions=questions)


def build(library: Library, size: int, folder: Path) -> None:
    """Write a library (`library/`) and a tutorial's store (`tutorial/`) of `size` passages each below a folder.

    library: the real one, published with vectors.
    """
    with library.open() as index:
        documents, passages, manifest = index.documents, index.passages, index.manifest
    embeddings = load_embeddings(manifest.model)
    drawing = Recombined(documents)

    known = library.vectors.fill(texts_to_embed(passages), embeddings)
    says = np.vstack([known[embedded_text(passage)] for passage in passages])
    made = list(drawing.documents(size))
    vectors = dict(known)
    count = 0
    for passage in (passage for document in made for passage in passages_of(document)):
        count += 1
        vectors[embedded_text(passage)] = drawing.vector(says)
        for way in asked_texts(passage)[1:]:
            vectors[way] = drawing.off(known[way.rpartition(" ")[0]])
    target = Library(folder / "library").folder_of(NUMBER)
    target.mkdir(parents=True)
    write_version(target, replace(manifest, number=NUMBER, documents=len(made), passages=count), made, vectors)

    real_chunks = [chunk for document in documents for chunk in chunks_of(*text_of(document))]
    real = np.vstack(list(cached(library, real_chunks, embeddings).values()))
    chunks = [Chunk(drawing.text(_CHUNK), frozenset()) for _ in range(size)]
    off = {chunk.text: drawing.vector(real) for chunk in chunks}
    with open_store(folder / "tutorial", Known(off, embeddings)) as store:
        fill(store, chunks)


if __name__ == "__main__":
    build(Library(Path(sys.argv[1])), int(sys.argv[2]), Path(sys.argv[3]))
