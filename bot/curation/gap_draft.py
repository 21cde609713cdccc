"""The draft of a document that closes a gap: everything but the answer and its source, which stand in ⟦…⟧.

The reader refuses the file until these are written (`knowledge/markdown.py`).
"""

import datetime
import json
import re

from bot.curation.gaps import Gap
from bot.texts import Language, say
from knowledge.vietnamese import fold

# Days until what is written now is looked at again.
_REVIEW = datetime.timedelta(days=180)
# Characters of a file's name before its suffix.
_NAME = 60
# What would end the comment that the ways to ask stand in, or be taken for something to fill in.
_MARKS = re.compile(r"--+!?>|[⟦⟧]")

_DRAFT = """\
---
title: {title}
topic: {topic}
sources:
- publisher: "⟦{publisher}⟧"
  title: "⟦{source}⟧"
  url: null
  date: null
updated: {updated}
review_by: {review_by}
---

# {heading}

## {heading}
<!--
questions:
{questions}
-->
⟦{answer}⟧
"""


def draft_of(gap: Gap, today: datetime.date, language: Language = "vi") -> str:
    """Markdown as the library reads it, once it is filled in. today: that of `updated`."""
    heading = _heading(gap.question)
    ways = [_plain(example) for example in gap.examples if _same(example) != _same(heading)]
    return _DRAFT.format(
        title=_quoted(heading),
        topic=_quoted(gap.topic or "other"),
        publisher=say("gaps.draft.publisher", language),
        source=say("gaps.draft.source", language),
        updated=today,
        review_by=today + _REVIEW,
        heading=heading,
        questions="\n".join(f"- {_quoted(way)}" for way in ways or [heading]),
        answer=say("gaps.draft.answer", language),
    )


def file_name_of(gap: Gap) -> str:
    """What the file of a draft is called."""
    words = "-".join(re.findall(r"[a-z0-9]+", fold(gap.question)))
    return f"{words[:_NAME].rstrip('-') or 'ban-nhap'}.md"


def _heading(question: str) -> str:
    plain = _plain(question).lstrip("#").strip().rstrip(" ?!.") or "?"
    return f"{plain[0].upper()}{plain[1:]}?"


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())


def _quoted(text: str) -> str:
    """As YAML takes it; JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)


def _same(text: str) -> str:
    return fold(_plain(text)).rstrip(" ?!.")
