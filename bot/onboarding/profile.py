"""Who the supplier is: goods, province, markets, experience, staff, name and tax code; everything may be left out."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from knowledge.entities import find_entities
from knowledge.vietnamese import clean, normalise

# In the order in which they are asked for.
Field = Literal["goods", "province", "markets", "experience", "staff", "company", "tax_code"]
FIELDS: tuple[Field, ...] = ("goods", "province", "markets", "experience", "staff", "company", "tax_code")
# Of these several may be chosen.
SEVERAL: tuple[Field, ...] = ("goods", "markets")
# These may be answered in words of one's own.
WRITTEN: tuple[Field, ...] = ("goods", "province", "markets", "company", "tax_code")
# Characters of what people write about themselves.
LONGEST = 120

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_TAX_CODE = re.compile(r"([0-9]{10})(?:-?(?!000)([0-9]{3}))?")


@dataclass(frozen=True, slots=True)
class Profile:
    """goods, markets: names of `knowledge/entities.yaml`. other_goods, other_markets: what they wrote of their own.

    experience, staff: names of the readiness file. seen: what was asked for, answered or not. for_answers: questions
    that lean on goods and markets are answered for these.
    """

    goods: tuple[str, ...] = ()
    other_goods: str = ""
    province: str = ""
    markets: tuple[str, ...] = ()
    other_markets: str = ""
    experience: str = ""
    staff: str = ""
    company: str = ""
    tax_code: str = ""
    seen: tuple[str, ...] = ()
    for_answers: bool = True

    def next_field(self) -> Field | None:
        """What to ask for next; None when everything was asked for."""
        return next((field for field in FIELDS if field not in self.seen), None)

    def passed(self, field: Field) -> Self:
        """Asked for, whatever was said."""
        return replace(self, seen=tuple(dict.fromkeys((*self.seen, field))))

    def asked_again(self, field: Field) -> Self:
        return replace(self, seen=tuple(name for name in self.seen if name != field))

    def chosen(self, field: Field, name: str, *, wanted: bool) -> Self:
        """With a name chosen, or not chosen any more."""
        others = tuple(other for other in getattr(self, field) if other != name)
        return self._with({field: (*others, name) if wanted else others})

    def listed(self, field: Field, names: Collection[str], text: str, offered: Collection[str]) -> Self:
        """With exactly these of the names that were offered, and with words of their own beside them.

        Names stay in the order in which they were chosen; words are read for names only when they are new.
        """
        before: tuple[str, ...] = getattr(self, field)
        kept = [name for name in before if name in names or name not in offered]
        added = [name for name in offered if name in names and name not in before]
        chosen = self._with({field: (*kept, *added)})
        words = _words(text)
        if not words or words == getattr(self, f"other_{field}"):
            return chosen._with({f"other_{field}": words})
        return chosen.told(field, words)

    def told(self, field: Field, text: str) -> Self:
        """With what somebody wrote. Raises ValueError for a tax code that is none."""
        words = _words(text)
        if field in SEVERAL:
            chosen = tuple(dict.fromkeys((*getattr(self, field), *_named(field, words))))
            return self._with({field: chosen, f"other_{field}": words})
        if field == "tax_code":
            words = tax_code(words)
        return self._with({field: words}).passed(field)

    def cleared(self, field: Field) -> Self:
        """Asked for and left out."""
        empty: dict[str, Any] = {field: () if field in SEVERAL else ""}
        if field in SEVERAL:
            empty[f"other_{field}"] = ""
        return self._with(empty).passed(field)

    def unlisted(self) -> tuple[Field, ...]:
        """Of goods and markets those that were written in words which name none that is known."""
        written = {field: getattr(self, f"other_{field}") for field in SEVERAL}
        return tuple(field for field, words in written.items() if words and not _named(field, words))

    def used_for_answers(self, *, wanted: bool) -> Self:
        return replace(self, for_answers=wanted)

    def _with(self, fields: dict[str, Any]) -> Self:
        return replace(self, **fields)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Fields that this version does not know are left out."""
        known: dict[str, Any] = {name: fields[name] for name in cls.__slots__ if name in fields}
        known |= {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        return cls(**known)


def _words(text: str) -> str:
    """As it is spelled, on one line: "Hòa" may be somebody's name."""
    return " ".join(clean(text).split())[:LONGEST].strip()


def _named(field: Field, words: str) -> tuple[str, ...]:
    """The goods or markets that somebody's words name."""
    kind = "market" if field == "markets" else "goods"
    return tuple(found.name for found in find_entities(normalise(words)) if found.kind == kind)


def tax_code(text: str) -> str:
    """A tax code as it is written: ten digits, and "-001" behind for a branch. Raises ValueError for anything else.

    The tenth digit checks the nine before it: 10 less the remainder of their weighted sum by 11.
    """
    found = _TAX_CODE.fullmatch(re.sub(r"[\s.]", "", text))
    if found is None:
        raise ValueError("form")
    digits = [int(digit) for digit in found[1]]
    total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits[:9], strict=True))
    if 10 - total % 11 != digits[9]:
        raise ValueError("check")
    return f"{found[1]}-{found[2]}" if found[2] else found[1]
