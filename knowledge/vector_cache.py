"""Vectors already computed, by model and text: only what is new is ever embedded."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from knowledge.embedding import TextEmbeddings, Vectors

# Small enough that a killed run loses a second or two of work.
_BATCH = 16
# One call keeps two cores about four fifths busy; two calls at once fill them.
_THREADS = 2


class VectorCache:
    """An SQLite file of vectors, keyed by the hash of model and text."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=10)) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )
            yield database

    def fill(
        self,
        texts: Sequence[str],
        embeddings: TextEmbeddings,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> dict[str, Vectors]:
        """The vector of every text as a passage, embedding and keeping those that are missing.

        progress: called with the number of missing ones done and their total.
        """
        keys = {text: _key(embeddings.name, text) for text in texts}
        with self._database() as database:
            cached = dict(database.execute("SELECT key, vector FROM vector"))
            found = {text: np.frombuffer(cached[key], dtype=np.float32) for text, key in keys.items() if key in cached}
            missing = [text for text in keys if text not in found]
            progress(0, len(missing))
            batches = [missing[start : start + _BATCH] for start in range(0, len(missing), _BATCH)]
            with ThreadPoolExecutor(_THREADS) as threads:
                for batch, vectors in zip(batches, threads.map(embeddings.passages, batches), strict=True):
                    rows = [(keys[text], vector.tobytes()) for text, vector in zip(batch, vectors, strict=True)]
                    database.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)
                    database.commit()
                    found |= zip(batch, vectors, strict=True)
                    progress(len(found) - len(keys) + len(missing), len(missing))
        return found


def _key(model: str, text: str) -> bytes:
    return hashlib.sha256(f"{model}\x1f{text}".encode()).digest()
