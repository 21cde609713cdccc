"""What whoever looks after the library is shown: short enough for a phone, and nothing of a document taken for ours."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.assistant.browsing import topic_label
from bot.assistant.dialogue import Reply
from bot.curation.curating import Step
from bot.curation.guarding import Findings
from bot.curation.previewing import Preview
from bot.texts import Language, catalogue, say, shown_date
from knowledge.acts import Entry, StoredVersion
from knowledge.documents import DocumentError, LibraryError, Problem
from knowledge.holdings import Holding

T = TypeVar("T")

# The numbers of sources in an answer.
_CITED = re.compile(r"\s*\[\d+\]")
# How many of a kind are shown, and characters of a title, of a sentence, and of an answer.
_SHOWN = 4
_TITLE, _SENTENCE, _ANSWER = 100, 180, 300
# Of what was done with a document.
_ENTRIES = 8
# Hexadecimal digits of a pseudonym, and those that are enough to tell a few people apart.
_PSEUDONYM, _CODE = 32, 6


def plainly(text: str, longest: int = _SENTENCE) -> str:
    """Words of a document on one line, cut, and without what would be taken for our own marks or links."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).replace("**", "").split())
    words = words.replace("](", "] (")
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def why_not(error: DocumentError | LibraryError, language: Language) -> str:
    """What went wrong and what to do about it."""
    if isinstance(error, DocumentError):
        return _about(error.problem, language)
    for key in (f"admin.library.{error.code}", f"library.{error.code}"):
        if key in catalogue():
            return say(key, language, **error.values)
    raise error


def _about(problem: Problem, language: Language) -> str:
    values = {name: plainly(value) for name, value in problem.values.items()}
    return say(f"problem.{problem.code}", language, **values)


def preview_text(found: Preview, language: Language) -> str:
    """What was read, what is to be thought of, and what could be answered then."""
    values = {"number": found.version.number, "sections": found.sections, "passages": found.passages}
    title, name = plainly(found.title, _TITLE), plainly(found.version.name, _TITLE)
    blocks = [f"{say('admin.read', language, title=title, name=name, **values)}\n{_standing(found, language)}"]
    if found.others:
        blocks.append(say("admin.others", language, count=found.others))
    warnings = [f"• {_about(problem, language)}" for problem in found.warnings]
    blocks += _block("admin.warnings", list(dict.fromkeys(warnings)), str, language)
    if found.findings:
        blocks += _findings(found.findings, language)
    if found.samples:
        lines = [
            f"{number}. {plainly(sample.question)}\n{plainly(_CITED.sub('', sample.reply.text), _ANSWER)}"
            for number, sample in enumerate(found.samples, start=1)
        ]
        blocks.append("\n\n".join([say("admin.samples", language), *lines]))
    else:
        blocks.append(say("admin.no_samples", language))
    return "\n\n".join(blocks)


def _standing(found: Preview, language: Language) -> str:
    if found.live:
        return say("admin.read_live", language)
    if found.document.status == "live":
        return say("admin.read_update", language, number=found.document.current.number)
    return say("admin.read_retired" if found.document.status == "retired" else "admin.read_new", language)


def _findings(findings: Findings, language: Language) -> list[str]:
    blocks = spoilt_blocks(findings, language)
    contradictions = [
        say(
            "admin.contradiction",
            language,
            figure=plainly(one.figure),
            section=plainly(one.section, _TITLE),
            sentence=plainly(one.sentence),
            document=plainly(one.other_document, _TITLE),
            other=plainly(one.other_figure),
            other_section=plainly(one.other_section, _TITLE),
            other_sentence=plainly(one.other_sentence),
        )
        for one in findings.contradictions
    ]
    blocks += _block("admin.contradictions", contradictions, str, language)
    blocks += _block(
        "admin.duplicates",
        findings.duplicates,
        lambda one: say(
            "admin.duplicate",
            language,
            section=plainly(one.section, _TITLE),
            other=plainly(one.other_section, _TITLE),
            document=plainly(one.other_document, _TITLE),
            percent=f"{one.shared:.0%}",
        ),
        language,
    )
    if findings.checked and not findings.spoilt:
        blocks.append(say("admin.checked", language, checked=findings.checked))
    return blocks


def spoilt_blocks(findings: Findings, language: Language) -> list[str]:
    """The answers that get worse, each before and after; nothing where none does."""
    if not findings.spoilt:
        return []
    shown = [
        "\n".join(
            (
                f"“{plainly(one.check.ask)}”",
                say("admin.before", language, text=plainly(one.before.text)),
                say("admin.after", language, text=plainly(one.after.text)),
            )
        )
        for one in findings.spoilt[:_SHOWN]
    ]
    more = len(findings.spoilt) - len(shown)
    shown += [say("admin.more", language, count=more)] if more else []
    return ["\n\n".join([say("admin.spoilt", language, count=len(findings.spoilt)), *shown])]


def _block(heading: str, found: Sequence[T], line: Callable[[T], str], language: Language) -> list[str]:
    """The first few lines under a heading, and how many more there are; no block where there are none."""
    if not found:
        return []
    more = len(found) - _SHOWN
    lines = [say(heading, language), *map(line, found[:_SHOWN])]
    return ["\n".join([*lines, *([say("admin.more", language, count=more)] if more > 0 else [])])]


def mark(one: Holding) -> str:
    """What stands before a title in a list."""
    state = {"draft": "📝", "live": "📄", "retired": "🗄"}[one.status]
    waiting = "📝" if one.waiting and one.status != "draft" else ""
    return f"{state}{waiting}{'⏰' if one.overdue else ''}"


def document_text(
    one: Holding, versions: Sequence[StoredVersion], history: Sequence[Entry], reader: str, language: Language
) -> str:
    """All that is known of a document. reader: who it is shown to."""
    review = say("admin.no_date", language)
    if one.review_by:
        date = shown_date(one.review_by.isoformat())
        review = say("admin.overdue", language, date=date) if one.overdue else date
    status = say(f"status.{one.status}", language)
    values = {"status": status, "topic": plainly(topic_label(one.topic, language), _TITLE), "review": review}
    blocks = [say("admin.document", language, title=plainly(one.title, _TITLE), id=plainly(one.id), **values)]
    if not one.version:
        blocks.append(say("admin.is_guide", language))
    blocks += _block(
        "admin.versions",
        versions,
        lambda version: say(
            "admin.version",
            language,
            number=version.number,
            name=plainly(version.name, _TITLE),
            date=_day(version.at),
            by=_who(version.by, reader, language),
            mark=_version_mark(one, version, language),
        ),
        language,
    )
    entries = [
        say(
            "admin.entry",
            language,
            date=_day(entry.at),
            by=_who(entry.by, reader, language),
            what=say(f"admin.act.{entry.what}", language),
        )
        for entry in history[:_ENTRIES]
    ]
    if entries:
        blocks.append("\n".join([say("admin.history", language), *entries]))
    return "\n\n".join(blocks)


def _version_mark(one: Holding, version: StoredVersion, language: Language) -> str:
    if version.number == one.waiting:
        return say("admin.version_waiting", language)
    return say("admin.version_live", language) if (version.number, one.status) == (one.version, "live") else ""


def _day(at: str) -> str:
    return shown_date(at[:10])


def _who(by: str, reader: str, language: Language) -> str:
    if by == reader:
        return say("admin.you", language)
    coded = len(by) == _PSEUDONYM and set(by) <= set("0123456789abcdef")
    return say("admin.another", language, code=by[:_CODE]) if coded else plainly(by, _TITLE)


def step_text(step: Step, language: Language) -> str:
    """What would be different after a step back."""
    difference = step.difference
    lines = [say("admin.step_added", language, title=plainly(one, _TITLE)) for one in difference.added.values()]
    lines += [say("admin.step_removed", language, title=plainly(one, _TITLE)) for one in difference.removed.values()]
    for changed in difference.changed:
        lines.append(say("admin.step_changed", language, title=plainly(changed.title, _TITLE)))
        lines += [f"   {plainly(line)}" for line in changed.diff if line[:1] in "+-" and line[1:3] != "##"][:_SHOWN]
    shown = lines[: 5 * _SHOWN]
    shown += [say("admin.more", language, count=len(lines) - len(shown))] if len(lines) > len(shown) else []
    shown = shown or [say("admin.step_same", language)]
    head = say("admin.step_back", language, to=step.to, live=step.live)
    return "\n\n".join(["\n".join([head, *shown]), say("admin.step_sure", language, to=step.to)])


def tried_text(reply: Reply, language: Language) -> str:
    """How a question was decided, and what was found for it."""
    decision = say(f"admin.decision.{reply.decision}", language)
    if not reply.trace:
        return say("admin.tried_spoken", language, decision=decision)
    confidence = _decimal(100 * reply.confidence, 1, language) + "%"
    head = say("admin.tried", language, decision=decision, confidence=confidence, understood=plainly(reply.understood))
    found = [
        f"{number}. {plainly(passage['section'], _TITLE)}\n"
        f"   {_decimal(passage['score'], 2, language)} · {_decimal(passage['cosine'], 3, language)}"
        f" · {_decimal(passage['bm25'], 1, language)} · {plainly(passage['document'])}"
        for number, passage in enumerate(reply.trace["passages"], start=1)
    ]
    return "\n\n".join([head, "\n".join([say("admin.tried_found", language), *found])]) if found else head


def _decimal(value: float, digits: int, language: Language) -> str:
    written = f"{value:.{digits}f}"
    return written.replace(".", ",") if language == "vi" else written
