"""Turns by the words of their questions, with diacritics or without: a table beside `turn`, of the folded words only.

SQLite keeps it with FTS5, PostgreSQL as a tsvector with a GIN index. What is answered is not indexed: the library's own
words are found by topic and source, and every word more costs every question something.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from knowledge.vietnamese import fold

# Outside of the models: neither database has a type of SQLAlchemy's for it.
TABLE = "turn_text"

_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r'"([^"]*)"')

_KEEP = {
    "sqlite": text("INSERT INTO turn_text (rowid, words) VALUES (:this, :words)"),
    "postgresql": text("INSERT INTO turn_text (rowid, words) VALUES (:this, to_tsvector('simple', :words))"),
}
_DELETE = text("DELETE FROM turn_text WHERE rowid IN :these").bindparams(bindparam("these", expanding=True))
# What one statement takes.
_AT_ONCE = 500


def words_of(question: str) -> str:
    """The words of a text as they are indexed: folded, with a blank between them."""
    return " ".join(_WORD.findall(fold(question)))


def keep_words(connection: Connection, turn: int, question: str) -> None:
    """Make a turn findable."""
    words = words_of(question)
    if words:
        connection.execute(_KEEP[connection.dialect.name], {"this": turn, "words": words})


def delete_words(connection: Connection, turns: Sequence[int]) -> None:
    for start in range(0, len(turns), _AT_ONCE):
        connection.execute(_DELETE, {"these": list(turns[start : start + _AT_ONCE])})


class _AskedWith(ColumnElement[bool]):
    """Whether the words of a turn hold all of some pieces, of which each stands together."""

    inherit_cache = False

    def __init__(self, turn: ColumnElement[int], pieces: list[str]) -> None:
        self.turn = turn
        self.sqlite: BindParameter[str] = bindparam(None, " AND ".join(f'"{piece}"' for piece in pieces))
        self.postgresql: BindParameter[str] = bindparam(None, " ".join(f'"{piece}"' for piece in pieces))


@compiles(_AskedWith, "sqlite")
def _fts(element: _AskedWith, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    turn, words = compiler.process(element.turn, **options), compiler.process(element.sqlite, **options)
    return f"{turn} IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH {words})"  # noqa: S608  # a fixed name


@compiles(_AskedWith, "postgresql")
def _tsquery(element: _AskedWith, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    turn, words = compiler.process(element.turn, **options), compiler.process(element.postgresql, **options)
    # An array: with a plain IN the planner, who takes a rare word for one in two thousand, reads all turns, newest
    # first, until it has a page of them.
    found = f"SELECT rowid FROM {TABLE} WHERE words @@ websearch_to_tsquery('simple', {words})"  # noqa: S608  # fixed
    return f"{turn} = ANY (ARRAY({found}))"


def asked_with(turn: ColumnElement[int], typed: str) -> ColumnElement[bool] | None:
    """Whether a turn's question holds what was typed: all words, those in quotation marks together; None for nothing.

    turn: the column of turns' numbers.
    """
    rest = _QUOTED.sub(" ", typed)
    pieces = [words_of(quoted) for quoted in _QUOTED.findall(typed)] + words_of(rest).split()
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return None
    return _AskedWith(turn, pieces)
