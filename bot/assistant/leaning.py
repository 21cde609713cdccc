"""Questions that lean on the asker's own goods and market ("tôi cần giấy tờ gì?"), made to name them."""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from bot.assistant.dialogue import NOTHING_TOLD, About
from bot.assistant.followup import bared, turns_away
from bot.texts import Language, say
from knowledge.entities import Entity, find_entities
from knowledge.function_words import function_words, is_english
from knowledge.vietnamese import normalise, syllables

_DATA = Path(__file__).with_name("leaning.yaml")

_ME_VI = r"(?:tôi|mình|em|tớ|chúng tôi|chúng em|chúng mình|bọn em|bọn mình)"
_OURS = rf"(?:{_ME_VI}|nhà|(?:nhà|bên|công ty|xưởng|cơ sở|hợp tác xã)(?: {_ME_VI})?)"
# Somebody asks for themselves.
_ME = re.compile(rf"\b(?:{_ME_VI}|bên {_ME_VI}|nhà {_ME_VI}|i|we|my|our)\b", re.IGNORECASE)
# Somebody points to goods or a market of theirs without a name; "hạng" is what "hang" is often restored to.
_MINE = re.compile(
    rf"(?<!đơn )(?<!khách )(?<!gian )(?<!cửa )(?<!giao )(?<!lô )\b"
    rf"(?:mặt hàng|hàng hoá|h[àạ]ng|sản phẩm|ngành|ngành hàng|thị trường)(?: chính)? (?:của )?{_OURS}\b"
    r"|\b(?:my|our) (?:\w+ )?(?:goods|products?|market|items?)\b",
    re.IGNORECASE,
)
# What is asked for without a word for it.
_NEEDS = re.compile(r"\bcần (?:có |làm |chuẩn bị )?(?:những |các )?(?:gì|thứ gì)\b|\bneed\b", re.IGNORECASE)
# Goods or a market are what is asked for.
_WHICH = re.compile(
    r"\b(?:hàng|sản phẩm|thị trường|nước) nào\b|\bwhich (?:goods|products?|markets?|countr)", re.IGNORECASE
)
# What a word means is the same for everybody.
_DEFINES = re.compile(
    r"\blà (?:gì|sao|ai)\b|\bnghĩa\b|viết tắt|what (?:is|are) (?:an? )?\S+\s*$|\bmeans?\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Leaning:
    """The conversation as it is to be understood. about: what of the profile was put into it, or nothing."""

    question: str
    history: list[str]
    about: About


def on_profile(question: str, history: list[str], about: About) -> Leaning:
    """A question that leans on the asker's profile, with its goods and market where nobody has named any.

    question, history: as search wants them, the history oldest first. A question that is whole, or that leans on the
    conversation, comes back as it is. What the question or the conversation names wins over the profile.
    """
    if not about or not _may_lean(question):
        return Leaning(question, history, NOTHING_TOLD)
    named: dict[str, str] = {}
    told: list[str] = []
    used, alone, own = NOTHING_TOLD, True, False
    for text in [*history, question]:
        own = bool(_MINE.search(text))
        if turns_away(text):
            named, used, alone = {}, NOTHING_TOLD, True
        here = _named(text)
        used = replace(used, **dict.fromkeys(here, ""))
        if _leans(text, here, alone=alone):
            missing = {kind for kind in ("goods", "market") if kind not in here and kind not in named}
            put = replace(about, **{kind: "" for kind in ("goods", "market") if kind not in missing})
            if put:
                language: Language = "en" if is_english(text) else "vi"
                filled = {kind: words for kind, words in named.items() if kind not in here} | put.words(language)
                text = " ".join((_deed(filled, language), *_MINE.sub(" ", bared(text)).split()))
                used = replace(used, **{kind: getattr(put, kind) for kind in missing})
        else:
            alone = False
        named |= here
        told.append(text)
    *earlier, last = told
    if not used:
        return Leaning(question, history, NOTHING_TOLD)
    # A question of one's own goods is whole now: what else was asked before says nothing of it.
    return Leaning(last, [] if own else earlier, used)


def _deed(words: dict[str, str], language: Language) -> str:
    """ "xuất khẩu cà phê sang EU", or as much of it as is known."""
    key = "about.deed" if len(words) > 1 else f"about.deed_{next(iter(words))}"
    return say(key, language, **words)


def _named(text: str) -> dict[str, str]:
    """The last goods and market of a text, by kind, as they stand in it."""
    return {
        entity.kind: text[entity.start : entity.end] for entity in _entities(text) if entity.kind in ("goods", "market")
    }


def _entities(text: str) -> list[Entity]:
    """In English "my" is not the market "Mỹ", typed without its mark."""
    found = find_entities(text)
    return [entity for entity in found if text[entity.start : entity.end] != "my"] if is_english(text) else found


def _may_lean(question: str) -> bool:
    """Whether a question leans on anything: on the profile, or on a conversation that may."""
    here = _named(question)
    return _leans(question, here, alone=True) or not _left(question)


def _leans(text: str, here: dict[str, str], *, alone: bool) -> bool:
    """Whether a text leans on the profile. alone: nothing else was asked before it that it could lean on."""
    others = {entity.kind for entity in _entities(text)} - {"goods", "market"}
    if _DEFINES.search(text) or _WHICH.search(text) or "platform" in others or len(here) > 1:
        return False
    left = _left(text)
    if _MINE.search(text):
        return left <= _asks() | _words("trade") | _words("mine") and bool(left - _words("trade"))
    if others or (not left & _asks() and not _NEEDS.search(text)):
        return False
    if here or (alone and _ME.search(text)):
        return left <= _asks() | _words("trade")
    return alone and left <= _asks()


def asked_for(text: str) -> set[str]:
    """The words for what a Vietnamese question asks for."""
    return set() if is_english(text) else _left(text) - _words("trade") - _words("beside")


def subject(text: str) -> set[str]:
    """Of these the words that an answer has to speak of: an overview answers what anybody may need."""
    return asked_for(text) - _words("papers")


def is_general(heading: str, question: str) -> bool:
    """Whether a heading is about nothing narrower than what is asked for, beside goods and markets."""
    return _left(heading) <= _words("papers") | _words("trade") | _words("beside") | _left(question)


def _left(text: str) -> set[str]:
    """The words that say what is asked, without names, pointers and words that say nothing."""
    bare = bared(text)
    for entity in reversed(_entities(bare)):
        bare = f"{bare[: entity.start]} {bare[entity.end :]}"
    bare = re.sub(rf"\b{_OURS}\b", " ", _MINE.sub(" hàng ", bare), flags=re.IGNORECASE)
    return set(syllables(bare)) - function_words("english" if is_english(text) else "vietnamese")


def _asks() -> frozenset[str]:
    return _words("papers") | _words("points")


@cache
def _words(kind: str) -> frozenset[str]:
    words = yaml.safe_load(_DATA.read_text(encoding="utf-8"))[kind].split()
    return frozenset(normalise(word) for word in words)
