"""Vietnamese text: one spelling for one word, and the pieces that search counts.

A *syllable* is what white space and punctuation leave of a text, in lower case ("hải quan" is two);
numbers ("44,65") and slashed trade terms ("c/o") stay whole. *Folded* means without diacritics.
"""

import itertools
import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SYLLABLE = re.compile(r"\d+(?:[.,]\d+)+|[A-Za-z]/[A-Za-z](?![\w/])|[^\W_]+")

_TONES = "\u0300\u0301\u0309\u0303\u0323"


def clean(text: str) -> str:
    """The text in composed Unicode (NFC), without invisible and control characters or lone surrogates."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _CONTROL.sub(" ", text)))


def normalise(text: str) -> str:
    """The text as search compares it: clean, compatibility forms made plain, tones in the modern place."""
    return _modern_tones(clean(unicodedata.normalize("NFKC", _CONTROL.sub(" ", text))))


def _modern_tones(text: str) -> str:
    """ "hòa", "hóe", "thủy" (tone on the first vowel of an open oa, oe, uy) respelled "hoà", "hoé", "thuỷ"."""
    return _OLD_TONE.sub(lambda match: _MODERN[match[0]], text)


def _modern_spellings() -> dict[str, str]:
    pairs: dict[str, str] = {}
    for first, second in ("oa", "oe", "uy"):
        for tone in _TONES:
            old = unicodedata.normalize("NFC", first + tone + second)
            new = unicodedata.normalize("NFC", first + second + tone)
            pairs |= {old: new, old.capitalize(): new.capitalize(), old.upper(): new.upper()}
    return pairs


_MODERN = _modern_spellings()
_OLD_TONE = re.compile("(?:" + "|".join(_MODERN) + r")(?![^\W\d_])")


def fold(text: str) -> str:
    """Lower case, without diacritics: "Đại lý uỷ quyền" becomes "dai ly uy quyen"."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def syllables(text: str) -> list[str]:
    """The syllables of a normalised text, in lower case, with their marks."""
    return [syllable.lower() for syllable in SYLLABLE.findall(text)]


@lru_cache(maxsize=65_536)
def fold_syllable(syllable: str) -> str:
    return fold(syllable)


def folded_syllables(text: str) -> list[str]:
    return [fold_syllable(s) for s in syllables(text)]


def terms(folded: list[str]) -> list[str]:
    """What the lexical index counts: folded syllables, then each pair of neighbours ("hai quan")."""
    return folded + [f"{a} {b}" for a, b in itertools.pairwise(folded)]


def marks(text: str) -> float:
    """Share of the syllables that carry a diacritic, 0 to 1; ordinary Vietnamese has about 0.75."""
    words = [s for s in syllables(text) if s[0].isalpha()]
    return sum(fold_syllable(w) != w for w in words) / len(words) if words else 0.0
