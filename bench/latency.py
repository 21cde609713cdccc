"""How long answers take and where the time goes; everything runs in this process, one question at a time."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from langchain_chroma import Chroma

from bench.measures import Clock, milliseconds, percentile, table
from bench.timed import TimedEmbeddings, TimedLibrary
from bot.assistant.assistant import Assistant
from bot.assistant.deciding import judge
from bot.assistant.dialogue import Question
from bot.assistant.replying import answer, without_answer
from bot.assistant.understanding import understand
from knowledge.embedding import TextEmbeddings
from knowledge.live import LiveLibrary
from knowledge.search import search

EMBEDDING = "embedding of the question alone"
OURS = "Hải Đăng, whole answer"
AGAIN = "Hải Đăng, the same questions again"
FOLLOW_UPS = "Hải Đăng, follow-ups (their context is embedded too)"
TUTORIAL = "tutorial, embed and find, top {}"

HOW = (
    "Each question is asked once of an assistant whose answer cache is empty, in turns with the other pipelines, in "
    "one process. The tutorial embeds and finds; the time of a language model that writes its answer is not in it."
)
PARTS_HOW = (
    "Shares of the whole answers to the same questions. Embedding, dense and lexical are measured inside the search; "
    "`rest of the search` is what is left of it: fusing, ranking, likeness to questions outside the field. `the rest` "
    "is the whole answer less the parts, measured one after the other: the cache, the trace, and noise (it may fall "
    "below zero)."
)

# Searched for, as by the assistant.
_HITS = 12
_WARM_UP = 10
_PARTS = ("understanding", "embedding", "dense", "lexical", "rest of the search", "decide", "compose", "the rest")


@dataclass(slots=True)
class Measured:
    """times: of each pipeline, a question each, in ms. parts: of all answers together, in ms; whole: these answers."""

    passages: int
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[str, float] = field(default_factory=dict)
    whole: float = 0.0


def measure(
    library: TimedLibrary,
    clock: Clock,
    embeddings: TextEmbeddings,
    store: Chroma,
    questions: list[Question],
    progress: Callable[[str], None],
) -> Measured:
    """Ask every question of a library and of a tutorial's store.

    Each pipeline is asked a question in turn, another one first each time; an assistant that has never been asked
    has nothing in its answer cache, and is asked everything once more after that.
    """
    single = [question for question in questions if not question.history]
    following = [question for question in questions if question.history]
    timed = TimedEmbeddings(embeddings, clock)
    with LiveLibrary(library) as live:
        measured = Measured(len(live.index.passages))
        progress(f"latency: {measured.passages} passages, {len(questions)} questions")
        for question in single[-_WARM_UP:]:
            Assistant(live, timed).answer(question)
            store.similarity_search(question.text, k=4)
        assistant = Assistant(live, timed)
        for number, question in enumerate(single):
            asked = understand(question, live.index).query.text
            for name, took in _in_turn(number, question, asked, assistant, embeddings, store).items():
                measured.times[name].append(took)
        measured.times[AGAIN] = [milliseconds(partial(assistant.answer, question)) for question in single]
        measured.times[FOLLOW_UPS] = [milliseconds(partial(assistant.answer, question)) for question in following]
        progress(f"parts: {measured.passages} passages")
        _measure_parts(measured, clock, live, timed, single)
    return measured


def _in_turn(
    first: int, question: Question, asked: str, assistant: Assistant, embeddings: TextEmbeddings, store: Chroma
) -> dict[str, float]:
    jobs: list[tuple[str, Callable[[], object]]] = [
        (EMBEDDING, lambda: embeddings.queries([asked])),
        (OURS, lambda: assistant.answer(question)),
        (TUTORIAL.format(1), lambda: store.similarity_search(question.text, k=1)),
        (TUTORIAL.format(4), lambda: store.similarity_search(question.text, k=4)),
    ]
    turn = first % len(jobs)
    return {name: milliseconds(job) for name, job in (*jobs[turn:], *jobs[:turn])}


def _measure_parts(
    measured: Measured, clock: Clock, live: LiveLibrary, timed: TextEmbeddings, questions: list[Question]
) -> None:
    """The steps of an answer one by one; the whole answer beside them, from an assistant that was never asked."""
    clock.spent.clear()
    inside: dict[str, float] = defaultdict(float)
    assistant = Assistant(live, timed)
    for question in questions:
        before = dict(clock.spent)
        with clock.part("understanding"):
            understanding = understand(question, live.index)
        if not understanding.smalltalk and not understanding.refusal:
            with clock.part("search"):
                results = search(live.index, timed, understanding.query, _HITS)
            with clock.part("decide"):
                decision = judge(understanding, results, live.index).decision
            with clock.part("compose"):
                if decision == "answer":
                    answer(question, understanding, results.hits, live.index)
                else:
                    without_answer(question, understanding, results.hits, decision, live.index)
        for name, spent in clock.spent.items():
            inside[name] += spent - before.get(name, 0.0)
        measured.whole += milliseconds(partial(assistant.answer, question))
    inside["rest of the search"] = inside.pop("search", 0.0) - sum(
        inside[part] for part in ("embedding", "dense", "lexical")
    )
    inside["the rest"] = measured.whole - sum(inside.values())
    measured.parts = dict(inside)


def latency_table(sizes: list[Measured]) -> str:
    rows = []
    for size in sizes:
        alone = percentile(size.times[EMBEDDING], 50)
        for name in (EMBEDDING, OURS, AGAIN, FOLLOW_UPS, TUTORIAL.format(1), TUTORIAL.format(4)):
            times = size.times[name]
            middle, slow = percentile(times, 50), percentile(times, 95)
            rows.append(
                [f"{size.passages:,}", name, str(len(times)), f"{middle:.1f}", f"{slow:.1f}", f"{middle / alone:.2f}"]
            )
    return table(("passages", "what", "n", "p50 ms", "p95 ms", "p50 / embedding's p50"), rows)


def parts_table(sizes: list[Measured]) -> str:
    header = ["part", *(f"{size.passages:,} passages" for size in sizes)]
    rows = [[part, *(f"{size.parts.get(part, 0.0) / size.whole:.1%}" for size in sizes)] for part in _PARTS]
    count = [len(size.times[OURS]) for size in sizes]
    rows.append(["whole answer, mean", *(f"{size.whole / n:.1f} ms" for size, n in zip(sizes, count, strict=True))])
    return table(header, rows)
