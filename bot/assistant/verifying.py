"""The check of what a language model wrote, sentence by sentence, before anybody sees it.

A sentence is sent only if it names passages that exist, and they bear it: its facts and names stand in them, its words
too, nothing is negated that they affirm. It must not follow orders, promise, give addresses of its own or repeat the
prompt.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.assistant.composing import blocks_of
from bot.assistant.facts import Facts, facts, missing
from bot.assistant.grounding import bare, ungrounded, wording
from bot.assistant.orders import gives_orders
from bot.texts import Language
from knowledge.function_words import function_words
from knowledge.lint import forbidden_claims
from knowledge.passages import Passage, plain
from knowledge.vietnamese import fold_syllable, folded_syllables, marks, normalise, syllables, terms

Problem = Literal[
    "citation",
    "length",
    "language",
    "order",
    "prompt",
    "promise",
    "contact",
    "fact",
    "question",
    "place",
    "negation",
    "changed",
    "support",
]

# Which of some texts says the same as a sentence in another language, if one does.
Resembles = Callable[[str, list[str]], str | None]

# Characters; a longer sentence is a wall of words or a loop.
LONGEST = 500
# The share of a sentence's words, weighted by rarity, and of its pairs of words, that must stand in what it cites.
# Summaries that people wrote of the guides reach 0.59 and 0.19 in 95 of 100; of sentences taken from another section of
# the same guide 95 of 100 stay below 0.59 and 0.26.
SUPPORT = 0.6
PAIRS = 0.12
# The share of the words around a number that must stand in the sentence or list item that has the number.
NEAR = 0.34
# The same as a share of what the best sentence of the passage has of them.
NEARER = 0.75
# A sentence with this share of its words in another, and of the other's in it, is that sentence once more.
ALIKE = 0.75
# From this share of its pairs on a sentence is a quotation, which may be in another language (a letter in English).
QUOTED = 0.8
# The share of a sentence, weighted by rarity, that an answer must tell to have told it.
TOLD = 0.4
# As many syllables in a row of the prompt are no accident.
LEAK = 7

_CITED = re.compile(r"\[(\d+)\]")
_ADDRESS = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w@])@[a-z]\w{3,}"
    r"|(?<![\w.@-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|vn|net|org|gov|info|io|me|cc|xyz|top|shop|cn|eu|int)\b(?:/\S*)?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w/.])(?:\+\d|0\d|1[89]00)(?:[ .()-]?\d){5,12}(?!\d)")
_CLAUSE = re.compile(r"[,;:()]\s+|\s+(?:và|còn|nhưng|and|but|while)\s+")
_LETTER = re.compile(r"[^\W\d_]")
_NEGATION = re.compile(
    r"(?<!\w)(?:không|chưa|chẳng|đừng|cấm)(?! chỉ| những| gì| ai)"
    r"(?:\s+(?:được|phải|nên|cần|còn|có|thể|bị|hề|bao giờ|phép|cho phép))*\s+([^\W\d_]+)(?:\s+([^\W\d_]+))?",
    re.IGNORECASE,
)
# Words that turn what a sentence says: one that the passages do not have is not made up for by the others.
_TURNING = """
    miễn cấm huỷ bãi ngừng dừng tăng giảm cao thấp thiếu sai trái buộc mua bán nhập xuất lãi lỗ rẻ đắt trước sau dài
    ngắn nhanh chậm luôn tuyệt hoàn phạt
"""
_DENIED_IN_ENGLISH = re.compile(r"\b(?:not(?! only)|cannot|never|no|none|nor|without)\b|n[’']t\b", re.IGNORECASE)


@dataclass(frozen=True)
class Evidence:
    """What a generated answer may lean on: passages numbered from 1, as they were given to the model.

    weight: how much a folded word tells. prompt: what the model was told, never to be repeated. resembles: how an
    answer in English is held against Vietnamese passages.
    """

    passages: Sequence[Passage]
    language: Language
    weight: Callable[[str], float]
    prompt: str = ""
    resembles: Resembles | None = None

    @cached_property
    def _leaks(self) -> frozenset[tuple[str, ...]]:
        return frozenset(_windows(self.prompt, LEAK))

    def problem(self, sentence: str) -> Problem | None:
        """What is wrong with a sentence as the model wrote it, [n] and all; None for one that may be sent."""
        numbers = {int(number) for number in _CITED.findall(sentence)}
        if not numbers or not numbers <= set(range(1, len(self.passages) + 1)):
            return "citation"
        cited = [self.passages[number - 1] for number in sorted(numbers)]
        said, held = bare(sentence), "\n".join(map(wording, cited))
        checks: list[tuple[Problem, Callable[[], bool]]] = [
            ("length", lambda: len(said) > LONGEST or not _LETTER.search(said)),
            ("order", lambda: gives_orders(sentence)),
            ("prompt", lambda: any(window in self._leaks for window in _windows(said, LEAK))),
            ("language", lambda: not _in_language(said, held, self.language)),
            ("question", lambda: said.rstrip('"” ').endswith("?") and _share_of_pairs(said, held) < QUOTED),
            ("promise", lambda: bool(forbidden_claims(said))),
            ("contact", lambda: not _addresses(said) <= _addresses(held)),
            ("fact", lambda: bool(ungrounded(sentence, cited, english=self.language == "en"))),
        ]
        if self.language == "en":
            checks.append(("support", lambda: not self._translated(said, cited)))
        else:
            checks += [
                ("place", lambda: _misplaced(said, cited)),
                ("negation", lambda: _negated(said, held)),
                ("changed", lambda: _changed(said, cited)),
                ("support", lambda: not self._supported(said, held)),
            ]
        return next((name for name, wrong in checks if wrong()), None)

    def to_the_point(self, answer: str, asked: str) -> bool:
        """Whether it tells the sentence with which a passage begins, or the one that shares most with the question.

        Every other sentence may be true and still answer something else.
        """
        told, terms_asked = set(_content(bare(answer))), set(terms(folded_syllables(normalise(asked))))
        if self.language == "en":
            return True
        for passage in self.passages:
            sentences = [normalise(plain(block.text)) for block in blocks_of(passage.text)]
            shared = [
                sum(self.weight(term) for term in terms_asked & set(terms(folded_syllables(sentence))))
                for sentence in sentences
            ]
            best = sentences[shared.index(max(shared))]
            for words in (set(_content(sentences[0])), set(_content(best))):
                weights = {word: self.weight(fold_syllable(word)) for word in words}
                if sum(weights[word] for word in words & told) >= TOLD * sum(weights.values()):
                    return True
        return False

    def _translated(self, said: str, cited: list[Passage]) -> bool:
        """Whether one sentence of the passages says the same in Vietnamese, with the same facts, denied or not."""
        pieces = [piece for passage in cited for piece in _pieces(passage, headed=False) if piece.strip()]
        original = self.resembles(said, pieces) if self.resembles else None
        if original is None or list(missing(facts(said), facts(original))):
            return False
        return bool(_DENIED_IN_ENGLISH.search(said)) == bool(_denials(original))

    def _supported(self, said: str, held: str) -> bool:
        words, stands = _content(said), set(_content(held))
        if not set(_TURNING.split()) & set(syllables(said)) <= set(syllables(held)):
            return False
        weights = {word: self.weight(fold_syllable(word)) for word in words}
        total = sum(weights.values())
        covered = sum(weight for word, weight in weights.items() if word in stands)
        return covered >= SUPPORT * total and _share_of_pairs(said, held) >= PAIRS


def _share_of_pairs(said: str, held: str) -> float:
    """The share of a sentence's pairs of neighbouring words that stand in the passages, 0 to 1."""
    pairs, stands = list(itertools.pairwise(syllables(said))), set(itertools.pairwise(syllables(held)))
    return sum(pair in stands for pair in pairs) / len(pairs) if pairs else 1.0


def _content(text: str) -> list[str]:
    functions = function_words("vietnamese")
    return [word for word in syllables(text) if word not in functions]


def _windows(text: str, size: int) -> list[tuple[str, ...]]:
    words = syllables(normalise(text))
    return [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]


def _in_language(said: str, held: str, language: Language) -> bool:
    """Vietnamese has marks, English has its little words; other writing only where the passage has it."""
    strange = {c for c in said if c.isalpha() and not _latin(c)}
    words = [word for word in syllables(said) if word.isalpha()]
    if strange - set(held):
        return False
    if _share_of_pairs(said, held) >= QUOTED:
        return True
    if language == "vi":
        return len(words) < 4 or marks(said) >= 0.25
    english = sum(word in function_words("english") for word in words)
    return marks(said) < 0.3 and (len(words) < 4 or english >= 1)


def _latin(character: str) -> bool:
    return character < "\u0250" or "\u1e00" <= character < "\u1f00"


def _addresses(text: str) -> set[str]:
    """Web and e-mail addresses, accounts and telephone numbers, written in one way."""
    found = {
        re.sub(r"^https?://(?:www\.)?|^www\.", "", match[0].lower()).rstrip("./,;:)")
        for match in _ADDRESS.finditer(text)
    }
    return found | {re.sub(r"\D", "", match[0]).removeprefix("84").removeprefix("0") for match in _PHONE.finditer(text)}


def _misplaced(said: str, cited: list[Passage]) -> bool:
    """Whether a number stands in the passage only beside something else than what the sentence says of it."""
    pieces = [piece for passage in cited for piece in _pieces(passage)]
    clauses = [f"{passage.heading} {clause}" for passage in cited for clause in _clauses(passage)]
    for clause in _CLAUSE.split(said):
        short = len(_content(clause)) < 3
        words = {word for word in _content(said if short else clause) if word.isalpha()}
        for written in _facts_of(clause) if words else ():
            claim = facts(written)
            if _share(words, pieces, claim) < max(NEAR, NEARER * _share(words, pieces)):
                return True
            if not short and _share(words, clauses, claim) < NEARER * _share(words, clauses):
                return True
    return False


def _share(words: set[str], texts: list[str], claim: Facts | None = None) -> float:
    """The greatest share of some words that one of the texts (that holds a claim) has, 0 to 1."""
    holding = (text for text in texts if claim is None or not list(missing(claim, facts(text))))
    return max((len(words & set(_content(text))) / len(words) for text in holding), default=0.0)


def _clauses(passage: Passage) -> list[str]:
    return [clause for piece in _pieces(passage, headed=False) for clause in _CLAUSE.split(piece)]


def _changed(said: str, cited: list[Passage]) -> bool:
    """Whether the sentence repeats one of the passage but for a denial or the order of its numbers."""
    words = set(_content(said))
    for piece in (piece for passage in cited for piece in _pieces(passage, headed=False)):
        stands = set(_content(piece))
        common = len(words & stands)
        if common >= ALIKE * len(words) and common >= ALIKE * len(stands):
            order = iter(number.value for number in facts(piece).numbers)
            swapped = not all(number.value in order for number in facts(said).numbers)
            if swapped or len(_denials(piece)) != len(_denials(said)):
                return True
    return False


def _facts_of(clause: str) -> list[str]:
    found = facts(clause)
    return [number.written for number in found.numbers if not number.in_words] + [written for _, written in found.dates]


def _pieces(passage: Passage, *, headed: bool = True) -> list[str]:
    """The sentences and list items of a passage; headed: under its heading and the line that leads into it."""
    pieces = []
    for block in blocks_of(passage.text):
        first, *items = normalise(plain(block.text)).split("\n")
        if headed:
            pieces += [f"{passage.heading} {first} {item}" for item in items] or [f"{passage.heading} {first}"]
        else:
            pieces += [first, *items]
    return pieces


def _negated(said: str, held: str) -> bool:
    """Whether the sentence denies what the passages never deny, or affirms what they only deny."""
    denied, denied_held = _denials(said), _denials(held)
    if any(not any(set(denial) & set(other) for other in denied_held) for denial in denied):
        return True
    affirmed = set(itertools.pairwise(syllables(said))) - set(denied)
    pairs = list(itertools.pairwise(syllables(held)))
    return any(pairs.count(pair) == denied_held.count(pair) for pair in affirmed.intersection(denied_held))


def _denials(text: str) -> list[tuple[str, ...]]:
    """The first one or two words of whatever is said not to be."""
    return [tuple(word.lower() for word in match.groups() if word) for match in _NEGATION.finditer(text)]
