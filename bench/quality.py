"""Whether the right section is found: ours and the tutorial's, on the golden questions and on strange documents."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from langchain_chroma import Chroma

from bench import tutorial
from bench.measures import Ranking, distinct, hit, ndcg, table
from bot.assistant.dialogue import Question
from bot.assistant.understanding import understand
from knowledge.embedding import TextEmbeddings
from knowledge.index import Index
from knowledge.search import search
from knowledge.vietnamese import fold
from tests.eval.golden import Golden

OURS = "Hải Đăng"
TUTORIAL = "tutorial"
TUTORIAL_FILES = "tutorial, files as they are"
HOW = (
    "Which section is found first (hit@1), among the first four or five, and nDCG@10 with every section that answers "
    "counted as right. `tutorial`: RecursiveCharacterTextSplitter 1000/200 over the guides as readers see them, "
    "Chroma's defaults, the same embeddings, similarity search (top 1 is hit@1, top 4 is hit@4); `files as they are`: "
    "the same over the raw files, so that it sees the front matter and the other ways to ask as well. A chunk counts "
    "as right when it overlaps the right section by one character; chunks that add no new section take up no rank. "
    "The tutorial has no language model to rewrite follow-ups with, so it gets them as they were typed."
)
STYLES = ("written", "bare", "chat", "mixed", "followup")

# Passages looked at for a ranking of ten sections.
_FOUND = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """right: the sections of which any is a right answer, as `document#heading`."""

    style: str
    question: Question
    right: frozenset[str]


Find = Callable[[Question], Ranking]


def ours(index: Index, embeddings: TextEmbeddings) -> Find:
    def find(question: Question) -> Ranking:
        understanding = understand(question, index)
        if understanding.smalltalk or understanding.refusal:
            return []
        hits = search(index, embeddings, understanding.query, _FOUND).hits
        return distinct(frozenset([f"{hit.passage.document}#{hit.passage.heading}"]) for hit in hits)

    return find


def theirs(store: Chroma) -> Find:
    return lambda question: tutorial.ranking(store, question.text)


def golden(questions: Iterable[Golden]) -> list[Asked]:
    """The golden questions that a section answers."""
    return [
        Asked(one.style, Question(one.question, one.history), frozenset(one.sections))
        for one in questions
        if one.sections and one.style in STYLES
    ]


def quality(asked: list[Asked], finders: dict[str, Find], progress: Callable[[str], None]) -> str:
    """A Markdown table with a line for each style of question and pipeline."""
    ranked: dict[str, list[Ranking]] = {}
    for name, find in finders.items():
        progress(f"quality: {len(asked)} questions, {name}")
        ranked[name] = [find(one.question) for one in asked]
    styles = list(dict.fromkeys(one.style for one in asked))
    groups = {style: [n for n, one in enumerate(asked) if one.style == style] for style in styles}
    if len(styles) > 1:
        groups["all"] = list(range(len(asked)))
    rows = [
        [style, str(len(group)), name, *_figures([(rankings[n], asked[n].right) for n in group])]
        for style, group in groups.items()
        for name, rankings in ranked.items()
    ]
    return table(("questions", "n", "pipeline", "hit@1", "hit@4", "hit@5", "nDCG@10"), rows)


def _figures(found: list[tuple[Ranking, frozenset[str]]]) -> list[str]:
    shares = [sum(hit(ranking, right, count) for ranking, right in found) / len(found) for count in (1, 4, 5)]
    gain = sum(ndcg(ranking, right) for ranking, right in found) / len(found)
    return [f"{value:.3f}" for value in (*shares, gain)]


def unpack_squad(path: Path, folder: Path, articles: int | None = None) -> list[tuple[str, str]]:
    """Write a SQuAD file as a document an article, a section a paragraph; the questions with the right section.

    articles: how many of them; None for all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    questions = []
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"][:articles], start=1):
        name = f"{number:02}.md"
        lines = [f"# {article['title'].replace('_', ' ')}"]
        for place, paragraph in enumerate(article["paragraphs"], start=1):
            lines += [f"## Đoạn {place}", paragraph["context"].strip()]
            questions += [(question["question"], f"{name}#Đoạn {place}") for question in paragraph["qas"]]
        (folder / name).write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return questions


def squad(questions: Iterable[tuple[str, str]]) -> list[Asked]:
    """Questions as written and without diacritics."""
    pairs = list(questions)
    written = [Asked("as written", Question(text), frozenset([right])) for text, right in pairs]
    bare = [Asked("without diacritics", Question(fold(text)), frozenset([right])) for text, right in pairs]
    return written + bare
