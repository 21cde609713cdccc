"""What `ingest.py` shows of the library: documents, versions, differences, and what was found before publishing."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict

from bot.curation.guarding import Findings
from bot.curation.publishing import Publisher
from bot.texts import Language, say
from knowledge.acts import Entry, StoredDocument, is_upload
from knowledge.comparing import compare
from knowledge.documents import Document, LibraryError, Problem
from knowledge.holdings import Holding, holdings
from knowledge.passages import plain

# Characters of an answer that is shown to compare it with another one.
_SHOWN = 300


def run(options: argparse.Namespace, publisher: Publisher, by: str, language: Language) -> bool:
    """Do what only looks, or deletes what nobody saw; False where none of that was asked for."""
    if options.list:
        _list(publisher, options, language)
    elif options.show:
        _show(publisher, options, language)
    elif options.versions:
        _versions(publisher, options)
    elif options.diff is not None:
        _diff(publisher, options, language)
    elif options.discard:
        publisher.store.discard(options.discard, by)
        print(say("ingest.discarded", language, id=options.discard))
    else:
        return False
    return True


def change(publisher: Publisher, document: str, settings: Iterable[str], by: str) -> None:
    """Set fields given as FIELD=VALUE. Raises LibraryError."""
    values = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals:
            raise LibraryError("no_such_field", field=setting)
        values[field.strip()] = value.strip()
    if not is_upload(document):
        raise LibraryError("is_guide", id=document)
    publisher.store.change(document, values, by)


def line_of(problem: Problem, language: Language) -> str:
    return f"{problem.document}:{problem.line}: {say(f'problem.{problem.code}', language, **problem.values)}"


def print_read(publisher: Publisher, document: StoredDocument, language: Language) -> None:
    """What was read of a document that was just added."""
    version = document.waiting or document.current
    selected = document.reading(version)
    words = sum(len(plain(section.text).split()) for section in selected.sections)
    values = {"id": document.id, "number": version.number, "sections": len(selected.sections), "words": words}
    print(say("ingest.read", language, title=selected.title, **values))
    _print_sections(selected)
    if document.waiting is None and document.status == "live":
        print(say("ingest.same_content", language))


def print_findings(findings: Findings, language: Language) -> None:
    """What was found before publishing, the worst first."""
    for one in findings.spoilt:
        print(say("guard.spoilt", language, question=one.check.ask, section=one.check.section))
        for key, said in (("guard.before", one.before), ("guard.after", one.after)):
            text = " ".join(said.text.split())
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            print(f"  {say(key, language)} [{said.decision}] {', '.join(said.sections)}\n    {shown}")
    for two in findings.contradictions:
        print(say("guard.contradiction", language, figure=two.figure, other=two.other_figure))
        print(f"  {two.document} › {two.section}\n    {two.sentence}")
        print(f"  {two.other_document} › {two.other_section}\n    {two.other_sentence}")
    for twin in findings.duplicates:
        values = {"section": twin.section, "other": twin.other_section, "document": twin.other_document}
        print(say("guard.duplicate", language, percent=f"{twin.shared:.0%}", **values))
    counts = {"checked": findings.checked, "spoilt": len(findings.spoilt)}
    print(say("guard.summary", language, **counts))


def _list(publisher: Publisher, options: argparse.Namespace, language: Language) -> None:
    listed = holdings(publisher.documents(), publisher.store)
    if options.json:
        print(json.dumps([one.to_json() for one in listed], ensure_ascii=False, indent=1))
        return
    for one in listed:
        print(_line(one, language))


def _line(one: Holding, language: Language) -> str:
    number = f"v{one.version}" if one.version else ""
    if one.waiting and one.waiting != one.version:
        number += f" (+v{one.waiting})"
    who = " ".join(filter(None, (one.by, one.at[:10])))
    review = f"{one.review_by or '-'}{' !' if one.overdue else ''}"
    status = say(f"status.{one.status}", language)
    return "  ".join((one.id, status, number or "-", one.topic or "-", who or "-", review, one.title))


def _show(publisher: Publisher, options: argparse.Namespace, language: Language) -> None:
    id_ = options.show
    published = publisher.documents()
    holding = next((one for one in holdings(published, publisher.store) if one.id == id_), None)
    if holding is None:
        raise LibraryError("no_such_document", id=id_)
    versions = publisher.store.versions(id_)
    document = next((one for one in published if one.id == id_), None)
    if document is None and is_upload(id_):
        document = publisher.store.document(id_).read()
    history = publisher.store.history(id_)
    if options.json:
        shown = holding.to_json() | {
            "sections": [" › ".join(section.headings) for section in document.sections] if document else [],
            "versions": [asdict(version) | {"path": str(version.path)} for version in versions],
            "history": [asdict(entry) for entry in history],
        }
        print(json.dumps(shown, ensure_ascii=False, indent=1, default=str))
        return
    print(_line(holding, language))
    if document:
        print(f"sha256 {document.hash}")
        _print_sections(document)
    for version in versions:
        mark = "*" if version.number == holding.version else " "
        print(f"{mark} v{version.number}  {version.at[:16]}  {version.by}  {version.name}  {version.path}")
    for version_ in publisher.library.versions():
        held = next((one for one in publisher.documents(version_.number) if one.id == id_), None)
        if held:
            print(say("ingest.held_by", language, number=version_.number, hash=held.hash[:12]))
    for entry in history:
        print(_entry(entry))


def _entry(entry: Entry) -> str:
    detail = json.dumps(entry.detail, ensure_ascii=False)
    return f"  {entry.at[:16]}  {entry.by}  {entry.what}  {detail}"


def _print_sections(document: Document) -> None:
    for section in document.sections:
        words = len(plain(section.text).split())
        print(
            f"  {'  ' * max(0, len(section.headings) - 1)}{section.headings[-1] if section.headings else '-'} ({words})"
        )


def _versions(publisher: Publisher, options: argparse.Namespace) -> None:
    versions = publisher.library.versions()
    if options.json:
        print(json.dumps([asdict(version) for version in versions], ensure_ascii=False, indent=1))
        return
    pinned = publisher.library.pinned()
    for version in versions:
        mark = ("!" if pinned else "*") if version.published else " "
        counts = f"{version.documents:>6} documents {version.passages:>7} passages"
        print(f"{mark} {version.number:>5}  {version.created}  {counts}  {version.model}")


def _diff(publisher: Publisher, options: argparse.Namespace, language: Language) -> None:
    difference = compare(publisher.documents(options.diff), publisher.documents())
    if options.json:
        print(json.dumps(asdict(difference), ensure_ascii=False, indent=1))
        return
    for id_, title in difference.added.items():
        print(say("diff.added", language, id=id_, title=title))
    for id_, title in difference.removed.items():
        print(say("diff.removed", language, id=id_, title=title))
    for one in difference.changed:
        print(say("diff.changed", language, id=one.id, title=one.title))
        for name, (before, after) in one.fields.items():
            print(f"-{name}: {before}\n+{name}: {after}")
        for line in one.diff:
            print(line)
    if not (difference.added or difference.removed or difference.changed):
        print(say("diff.none", language, number=options.diff))
