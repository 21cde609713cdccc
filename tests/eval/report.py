"""`make eval`: how well the assistant does on the golden questions, by style and subject.

    python -m tests.eval.report [--half tune|report] [--misses] [--model PROVIDER:NAME | --inventing]

With a model the same questions go through it, as the other CHAT_MODEL settings say, and what it did is added;
with --inventing through one that changes the numbers of what it copies.
Uses a library of its own below DATA_DIR, so that the live one is left alone.
"""

import argparse
import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from bot.app import chat_models
from bot.assistant.assistant import Assistant
from bot.assistant.budget import Budget
from bot.assistant.chat_model import ChatModel, ChatModels
from bot.assistant.dialogue import Question, Reply
from bot.settings import load_settings
from knowledge.embedding import TextEmbeddings, load_embeddings
from knowledge.ingestion import Options, ingest
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.eval.generated import generated_table
from tests.eval.golden import Golden, load
from tests.eval.inventing import Inventing

# Questions that a model is asked at the same time.
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """rank: of the first right section among the passages found, from 1; 0 where it is not among them."""

    golden: Golden
    reply: Reply
    rank: int

    @property
    def answered(self) -> bool:
        return self.reply.decision == "answer"

    @property
    def declined(self) -> bool:
        return self.reply.decision == "abstain"

    @property
    def held(self) -> bool:
        """A trap: nothing forbidden was said, and the decision is one of the right ones."""
        said = any(re.search(pattern, self.reply.text, re.IGNORECASE) for pattern in self.golden.must_not)
        return not said and (not self.golden.may or self.reply.decision in self.golden.may)


def outcome(golden: Golden, assistant: Assistant) -> Outcome:
    """Ask one golden question."""
    return judged(golden, assistant.answer(Question(golden.question, golden.history)))


async def written_outcomes(questions: list[Golden], assistant: Assistant) -> list[Outcome]:
    """The same through the language model, some at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def asked(golden: Golden) -> Outcome:
        async with slots:
            return judged(golden, await assistant.reply(Question(golden.question, golden.history)))

    return await asyncio.gather(*map(asked, questions))


def judged(golden: Golden, reply: Reply) -> Outcome:
    """What a reply to a golden question is worth."""
    found = list(
        dict.fromkeys(f"{passage['document']}#{passage['section']}" for passage in reply.trace.get("passages", ()))
    )
    ranks = [number for number, section in enumerate(found, start=1) if section in golden.sections]
    return Outcome(golden, reply, min(ranks, default=0))


def bundled(folder: Path) -> tuple[LiveLibrary, TextEmbeddings]:
    """The bundled guides, ingested below a folder where they are not yet."""
    settings = load_settings()
    library = Library(folder)
    model = settings.embedding_model
    ingest(library, settings.knowledge_dir, model, lambda: load_embeddings(model), Options(allow_shrink=True))
    return LiveLibrary(library), load_embeddings(model)


def share(values: Iterable[bool]) -> str:
    listed = list(values)
    return f"{sum(listed) / len(listed):.3f}" if listed else "-"


def table(outcomes: list[Outcome]) -> str:
    """A Markdown table of the questions inside the field, a line for each style and subject."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.golden.sections:
            groups["all"].append(one)
            groups[f"asked {'of their own accord' if one.golden.natural else 'for a section'}"].append(one)
            groups[f"style: {one.golden.style}"].append(one)
            groups[f"subject: {one.golden.subject}"].append(one)
    lines = ["| questions | n | hit@1 | hit@5 | holds the key fact | wrongly declined |", "|---|---|---|---|---|---|"]
    for name, group in sorted(groups.items()):
        cells = (
            share(one.rank == 1 for one in group),
            share(1 <= one.rank <= 5 for one in group),
            share(one.golden.shows_key(one.reply.text) for one in group),
            share(one.reply.decision in ("abstain", "smalltalk") for one in group),
        )
        lines.append(f"| {name} | {len(group)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def outside_table(outcomes: list[Outcome]) -> str:
    """A Markdown table of the questions outside the field and of the traps."""
    outside = [one for one in outcomes if one.golden.subject == "outside"]
    traps = [one for one in outcomes if one.golden.subject == "traps"]
    return "\n".join(
        (
            "| questions | n | right |",
            "|---|---|---|",
            f"| outside the field: not answered | {len(outside)} | {share(not one.answered for one in outside)} |",
            f"| outside the field: declined | {len(outside)} | {share(one.declined for one in outside)} |",
            f"| traps held | {len(traps)} | {share(one.held for one in traps)} |",
        )
    )


def misses(outcomes: list[Outcome]) -> str:
    """What went wrong, a line each, for whoever tunes."""
    lines = []
    for one in outcomes:
        golden, reply = one.golden, one.reply
        first = next(iter(reply.trace.get("passages", ())), {"document": "-", "section": "-"})
        said = f"{first['document']}#{first['section']}"
        wrong = golden.sections and (one.rank != 1 or not one.answered or not golden.shows_key(reply.text))
        if wrong or (golden.subject == "outside" and one.answered) or (golden.subject == "traps" and not one.held):
            wanted = golden.sections[0] if golden.sections else "-"
            search = reply.trace.get("query", "")
            lines.append(
                f"{golden.id} {golden.style} {reply.decision} {reply.confidence:.2f} rank {one.rank}\n"
                f"   asked  {' / '.join((*golden.history, golden.question))}\n   search {search}\n"
                f"   wanted {wanted}\n   found  {said}"
            )
    return "\n".join(lines)


def _models(options: argparse.Namespace) -> ChatModels | None:
    if options.inventing:
        budget = Budget(Path(mkdtemp()) / "spent.json", None, None)
        return ChatModels([ChatModel("inventing", Inventing())], budget, uses=frozenset({"answer"}))
    return chat_models(load_settings().model_copy(update={"chat_model": options.model}))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.report")
    parser.add_argument("--half", choices=("tune", "report", "fresh"), default="report")
    parser.add_argument("--misses", action="store_true", help="print what went wrong (never of the report half)")
    parser.add_argument("--model", help="PROVIDER:NAME of a language model to answer through")
    parser.add_argument("--inventing", action="store_true", help="answer through a model that changes numbers")
    parser.add_argument("--first", type=int, help="only so many questions of the half")
    options = parser.parse_args()
    if options.misses and options.half != "tune":
        parser.error("only the tuning half may be looked at: use --half tune with --misses")
    live, embeddings = bundled(load_settings().data_dir / "eval")
    with live:
        questions = load(half=options.half)[: options.first]
        written = options.model or options.inventing
        if written:
            assistant = Assistant(live, embeddings, models=_models(options))
            outcomes = asyncio.run(written_outcomes(questions, assistant))
        else:
            assistant = Assistant(live, embeddings)
            outcomes = [outcome(golden, assistant) for golden in questions]
        print(f"Half: {options.half}\n\n{table(outcomes)}\n\n{outside_table(outcomes)}")
        if written:
            print(f"\n{generated_table([one.reply for one in outcomes], live.index)}")
    if options.misses:
        print(f"\n{misses(outcomes)}")


if __name__ == "__main__":
    main()
