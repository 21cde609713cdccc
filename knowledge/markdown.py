"""Markdown with front matter to documents."""

import datetime
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from knowledge.documents import Document, DocumentError, Problem, Section, Source
from knowledge.vietnamese import clean

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
# What is still to be written in a draft: nobody is to be answered with it.
_TO_FILL = re.compile(r"⟦(.*?)⟧", re.DOTALL)
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_MARKDOWN = MarkdownIt("commonmark")


def read_markdown(text: str, name: str, digest: str, topic: str) -> Document:
    """topic: where the front matter names none. Raises DocumentError for front matter or comments that are wrong, and
    where something stands in ⟦…⟧, which is still to be written.
    """
    if empty := _TO_FILL.search(text):
        line = text.count("\n", 0, empty.start()) + 1
        raise DocumentError(Problem("to_fill", name, line, {"what": " ".join(empty[1].split())}))
    front, body_line = _front_matter(text, name)
    body = text.split("\n", body_line - 1)[-1] if body_line > 1 else text
    sources = _sources(front, name)
    heading, sections = _sections(body, body_line, name, sources)
    title = _text_of(front, "title", name) or heading or Path(name).stem.replace("-", " ")
    if not sections:
        raise DocumentError(Problem("empty", name, body_line))
    return Document(
        id=name,
        hash=digest,
        title=title,
        sections=tuple(sections),
        summary=_text_of(front, "summary", name),
        topic=_text_of(front, "topic", name) or topic,
        audience=_texts_of(front, "audience", name),
        markets=_texts_of(front, "markets", name),
        keywords=_texts_of(front, "keywords", name),
        sources=tuple(sources.values()),
        updated=_date_of(front, "updated", name),
        review_by=_date_of(front, "review_by", name),
    )


def _front_matter(text: str, name: str) -> tuple[dict[str, Any], int]:
    """The front matter and the line on which the body begins."""
    match = _FRONT_MATTER.match(text)
    if not match:
        if re.match(r"---[ \t]*\n", text):
            raise DocumentError(Problem("front_matter_open", name))
        return {}, 1
    return _yaml(match[1], name, 2), match[0].count("\n") + 1


class _CleanLoader(yaml.SafeLoader):
    """Cleans texts: an escape can bring in what the file itself could not hold."""

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        return clean(super().construct_scalar(node))


def _yaml(text: str, name: str, line: int) -> dict[str, Any]:
    try:
        value = yaml.load(text, _CleanLoader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = line + mark.line if mark else line
        values = {"detail": getattr(error, "problem", None) or str(error)}
        raise DocumentError(Problem("bad_yaml", name, at, values)) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise DocumentError(Problem("bad_yaml", name, line, {"detail": "key: value"}))
    return value


def _wrong(field: str, name: str, wanted: str) -> DocumentError:
    return DocumentError(Problem("bad_field", name, 1, {"field": field, "wanted": wanted}))


def _text_of(front: dict[str, Any], field: str, name: str) -> str:
    value = front.get(field)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise _wrong(field, name, "text")
    return str(value).strip()


def _texts_of(front: dict[str, Any], field: str, name: str) -> tuple[str, ...]:
    value = front.get(field) or []
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(item, str | int | float) for item in value):
        raise _wrong(field, name, "[a, b]")
    return tuple(str(item) for item in value if str(item))


def _date_of(front: dict[str, Any], field: str, name: str) -> datetime.date | None:
    value = front.get(field)
    if value is None or (isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)):
        return value
    raise _wrong(field, name, "2026-11-22")


def _sources(front: dict[str, Any], name: str) -> dict[str, Source]:
    """The sources by the id that sections name them with."""
    listed = front.get("sources") or []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise _wrong("sources", name, "- id, publisher, title, url, date")
    sources = {}
    for number, item in enumerate(listed, start=1):
        if not item.get("publisher") or not item.get("title"):
            raise _wrong("sources", name, "publisher, title")
        date = None if item.get("date") is None else str(item["date"])
        if date and not _DATE.fullmatch(date):
            raise _wrong("sources.date", name, "2026, 2026-11, 2026-11-22")
        url = item.get("url") and str(item["url"])
        sources[str(item.get("id", number))] = Source(str(item["publisher"]), str(item["title"]), url, date)
    return sources


def _sections(body: str, first_line: int, name: str, sources: dict[str, Source]) -> tuple[str, list[Section]]:
    """The title heading (a single first-level one) and the sections with their heading paths."""
    lines = body.split("\n")
    headings = list(_headings(body))
    top = [text for level, text, _, _ in headings if level == 1]
    title = top[0] if len(top) == 1 else ""
    marks = [(0, "", 0, 0), *headings, (0, "", len(lines), len(lines))]
    path: list[tuple[int, str]] = []
    sections = []
    for (level, text, start, content), (_, _, end, _) in itertools.pairwise(marks):
        if level:
            path = [(above, heading) for above, heading in path if above < level]
            if not (level == 1 and title):
                path.append((level, text))
        block = "\n".join(lines[content:end])
        at = (first_line + start, first_line + content)
        section = _section(tuple(heading for _, heading in path), block, at, name, sources)
        if section.text:
            sections.append(section)
    return title, sections


def _headings(body: str) -> Iterator[tuple[int, str, int, int]]:
    """Level, text, first line and line after, from 0, of each heading that stands at the top level."""
    tokens = _MARKDOWN.parse(body)
    for token, inline in itertools.pairwise(tokens):
        text = " ".join(inline.content.split())
        if token.type == "heading_open" and token.level == 0 and token.map and text:
            yield int(token.tag[1]), text, token.map[0], token.map[1]


def _section(
    headings: tuple[str, ...], block: str, lines: tuple[int, int], name: str, sources: dict[str, Source]
) -> Section:
    """A section from the text below its heading; a YAML comment in front of the text holds what readers do not see.

    lines: on which the heading and the text begin.
    """
    line, text_line = lines
    about: dict[str, Any] = {}
    begins = block.lstrip("\n")
    comment = _COMMENT.match(begins)
    if comment and re.search(r"^\s*(questions|sources):", comment[1], re.MULTILINE):
        about = _yaml(comment[1], name, text_line + len(block) - len(begins))
    ids = _texts_of(about, "sources", name)
    unknown = [id_ for id_ in ids if id_ not in sources]
    if unknown:
        raise DocumentError(Problem("unknown_source", name, line, {"id": ", ".join(unknown)}))
    return Section(
        headings=headings,
        text=_COMMENT.sub("", block).strip(),
        questions=_texts_of(about, "questions", name),
        sources=tuple(sources[id_] for id_ in ids) or tuple(sources.values()),
        line=line,
    )
