"""Sentences of a new document that give another figure than the library for what reads like the same thing.

Made to be believed rather than to find all: of two sentences that look alike, most speak of two things. What tells them
apart is looked at first: other markets, goods or papers, other years, bounds, codes of laws, other words beside the
figure.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.assistant.facts import Facts, facts
from bot.assistant.numbers import BARE, LOOSE, OTHER
from knowledge.entities import find_entities
from knowledge.function_words import function_words
from knowledge.index import Index
from knowledge.passages import Passage, plain
from knowledge.vietnamese import fold_syllable, normalise, syllables

# Passages of other documents that each new passage is compared with.
_NEAREST = 12

# The share of the weight of their words, with those of their headings, that two sentences must have in common, and that
# of the words beside the figures. Fitted on tests/data/contradictions.yaml.
SHARED = 0.5
SHARED_BESIDE = 0.6

# Fewer words beside a figure do not say what it is of.
_FEWEST_BESIDE = 3

# Syllables on each side of a figure that say what it is of.
_BEFORE = 12
_AFTER = 3

_SENTENCE = re.compile(r"\S.*?(?:[.!?…](?=\s|$)|$)", re.MULTILINE)
_MOST = re.compile(
    r"(?:tối đa|không quá|nhiều nhất|dưới|chậm nhất|trong vòng|at most|up to|within|under)\W*$|^\W*trở xuống",
    re.IGNORECASE,
)
_LEAST = re.compile(r"(?:tối thiểu|ít nhất|trên|hơn|(?<!kể )từ|at least|over|more than)\W*$|^\W*trở lên", re.IGNORECASE)
# Words that say nothing about what a figure is of, besides function words; "không" does, as in "đường không".
_NEUTRAL_WORDS = """
tối đa thiểu nhiều nhất ít dưới trên chậm trong vòng trở xuống lên quá hơn từ kể khoảng chừng gần theo thường hay gặp
mức lệ cấp hạn thời gian hiệu lực mỗi một hiện nay nên phải cần yêu cầu mất áp chịu ngày năm tháng
"""
_NEUTRAL = frozenset(_NEUTRAL_WORDS.split())
_EXAMPLE = re.compile(r"\b(?:ví dụ|giả sử|chẳng hạn|thử tính|example|e\.g\.)", re.IGNORECASE)
# What stands behind it is said of something else.
_CLAUSE_END = re.compile(r"[,;:()]|\s[-–—]\s")
_TO = re.compile(r"\s?(?:-|–|—|đến|tới|to)\s?")
_YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sentences, the first of a new document, with the figures in which they differ."""

    document: str
    section: str
    sentence: str
    figure: str
    other_document: str
    other_section: str
    other_sentence: str
    other_figure: str


@dataclass(frozen=True, slots=True)
class Figure:
    """low and high are equal where it is no range. beside: the telling words around it. bound: most, least or none."""

    unit: str
    low: float
    high: float
    written: str
    beside: frozenset[str]
    bound: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with figures. frame: the words of it and its heading that are no figures.

    told_apart: entities by kind, of the sentence or else of what stands above it.
    """

    passage: Passage
    sentence: str
    figures: tuple[Figure, ...]
    frame: frozenset[str]
    years: frozenset[int]
    codes: frozenset[str]
    told_apart: tuple[tuple[str, frozenset[str]], ...]


def contradictions(index: Index, documents: Collection[str]) -> list[Contradiction]:
    """What some documents of a version say otherwise than the others. Nothing in a version without vectors."""
    if not index.manifest.dense:
        return []
    new = [number for number, passage in enumerate(index.passages) if passage.document in documents]
    found: list[Contradiction] = []
    for number, near in zip(new, index.alike(new, _NEAREST), strict=True):
        for claim in claims(index.passages[number]):
            for other, _ in near:
                for known in claims(index.passages[other]):
                    found += _between(claim, known, index)
    return _each_once(found)


def contradict(first: Claim, second: Claim, index: Index) -> tuple[str, str] | None:
    """The figures in which two sentences contradict each other, as they are written."""
    if not _may_be_the_same(first, second) or _shared(first.frame, second.frame, index) < SHARED:
        return None
    for figure in first.figures:
        rivals = [other for other in second.figures if other.unit == figure.unit]
        same_unit = [one for one in first.figures if one.unit == figure.unit]
        if any(_overlap(one, other) for one in same_unit for other in rivals):
            continue
        for other in rivals:
            if figure.bound == other.bound and _of_the_same(figure.beside, other.beside, index):
                return figure.written, other.written
    return None


def _between(claim: Claim, known: Claim, index: Index) -> Iterator[Contradiction]:
    figures = contradict(claim, known, index)
    if figures:
        yield Contradiction(
            claim.passage.document,
            claim.passage.heading,
            claim.sentence,
            figures[0],
            known.passage.document,
            known.passage.heading,
            known.sentence,
            figures[1],
        )


def _each_once(found: list[Contradiction]) -> list[Contradiction]:
    """One for each figure of a new sentence: the library often says a thing in several places."""
    first: dict[tuple[str, str], Contradiction] = {}
    for one in found:
        first.setdefault((one.sentence, one.figure), one)
    return list(first.values())


def _overlap(one: Figure, other: Figure) -> bool:
    return one.low <= other.high and other.low <= one.high


def _may_be_the_same(first: Claim, second: Claim) -> bool:
    if first.years and second.years and not first.years & second.years:
        return False
    if first.codes and second.codes and not first.codes & second.codes:
        return False
    kinds = dict(second.told_apart)
    return all(kind not in kinds or names & kinds[kind] for kind, names in first.told_apart)


def _of_the_same(first: frozenset[str], second: frozenset[str], index: Index) -> bool:
    """Whether the words beside one figure say no more than those beside the other.

    Where each has a word that the other lacks, it is most often what tells the two apart ("chì", "cadmi").
    """
    enough = min(len(first), len(second)) >= _FEWEST_BESIDE
    return enough and not (first - second and second - first) and _shared(first, second, index) >= SHARED_BESIDE


def _shared(first: frozenset[str], second: frozenset[str], index: Index) -> float:
    """The share of the lighter one's words that the other one has too, each by how much it tells."""
    weights = {word: index.weight(fold_syllable(word)) for word in first | second}
    least = min(sum(weights[word] for word in words) for words in (first, second))
    return sum(weights[word] for word in first & second) / least if least else 0.0


@lru_cache(maxsize=4096)
def claims(passage: Passage) -> tuple[Claim, ...]:
    """The sentences of a passage that give figures; examples are none."""
    return tuple(_claims(passage))


def _claims(passage: Passage) -> Iterator[Claim]:
    above = normalise(f"{passage.title} {' '.join(passage.headings)}")
    for written in _SENTENCE.findall(plain(passage.text)):
        sentence = normalise(" ".join(written.split()))
        if _EXAMPLE.search(sentence):
            continue
        said = facts(sentence)
        figures = tuple(_figures(sentence, said))
        if figures:
            yield Claim(
                passage,
                sentence,
                figures,
                _words(normalise(f"{passage.heading}. {sentence}")),
                _years(facts(f"{above}. {sentence}")),
                frozenset(code for code, _ in said.codes),
                _told_apart(sentence, above, passage.markets),
            )


def _words(text: str) -> frozenset[str]:
    functions = function_words("vietnamese") | function_words("english")
    return frozenset(
        word for word in syllables(text) if not word[0].isdigit() and (word not in functions or word == "không")
    )


def _years(said: Facts) -> frozenset[int]:
    return frozenset(int(year) for year in said.years() if year in _YEARS)


def _told_apart(sentence: str, above: str, markets: tuple[str, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    kinds: dict[str, set[str]] = {"market": set(markets)} if markets else {}
    for text in (above, sentence):
        named: dict[str, set[str]] = {}
        for entity in find_entities(text):
            named.setdefault(entity.kind, set()).add(entity.name)
        kinds |= named
    return tuple((kind, frozenset(names)) for kind, names in sorted(kinds.items()))


def _figures(sentence: str, said: Facts) -> Iterator[Figure]:
    """In the order in which they stand; the two ends of a range are one."""
    placed: list[tuple[int, int, str, float]] = []
    end = 0
    for number in said.numbers:
        match = re.compile(rf"(?<![\w.,/]){re.escape(number.written)}(?![\w/])").search(sentence, end)
        if match is None or number.in_words or number.unit in (BARE, LOOSE):
            continue
        end = match.end()
        unit = number.unit if number.unit != OTHER else _thing(sentence[end:])
        if unit and not (unit == "year" and number.value in _YEARS):
            placed.append((match.start(), end, unit, number.value))
    while placed:
        start, end, unit, value = placed.pop(0)
        low = high = value
        if placed and placed[0][2] == unit and _TO.fullmatch(sentence[end : placed[0][0]]):
            _, end, _, high = placed.pop(0)
        before, after = sentence[:start], sentence[end:]
        yield Figure(unit, low, high, sentence[start:end], _beside(before, after), _bound(before, after))


def _thing(after: str) -> str:
    """What is counted where it is no unit: the next word, such as "hồ sơ" of "3 hồ sơ"."""
    words = syllables(after)[:2]
    return " ".join(map(fold_syllable, words))


def _beside(before: str, after: str) -> frozenset[str]:
    bound = _bound(before, after)
    near = " ".join([*syllables(before)[-_BEFORE:], *syllables(_CLAUSE_END.split(after)[0])[:_AFTER]])
    words = _words(near) - _NEUTRAL
    return words - {"không"} if bound and "đường không" not in near else words


def _bound(before: str, after: str) -> str:
    return "most" if _bounds(_MOST, before, after) else "least" if _bounds(_LEAST, before, after) else ""


def _bounds(pattern: re.Pattern[str], before: str, after: str) -> bool:
    return bool(pattern.search(before[-12:]) or pattern.match(after[:12]))
