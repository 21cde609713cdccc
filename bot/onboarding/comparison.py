"""Offers side by side, as every channel shows them: a line a field, a month, what is missing, what to beware of."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.onboarding.agents import Field, Remark, agents
from bot.onboarding.offers import Answers, Offers, listed, missing, monthly, rounded, told, unlike, warnings
from bot.texts import Language, say

# What is said of the offers one by one: the party, the words.
Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """parties: whose offers they are. rows: what each says of a field, for each that any of them says something of.

    costs: of a month, where that can be worked out. missing: what is to be asked, where anything is. careful: warnings
    with the party. common: why prices do not compare. currencies: there are several.
    """

    parties: tuple[str, ...]
    rows: tuple[tuple[Field, Lines], ...]
    costs: Lines
    missing: Lines
    careful: tuple[tuple[str, Remark], ...]
    common: tuple[Remark, ...]
    currencies: bool

    def guides(self) -> tuple[str, ...]:
        """The sections that say why to beware of something."""
        return tuple(remark.guide for remark in (*(remark for _, remark in self.careful), *self.common))

    def text(self, language: Language) -> str:
        """All of it in light Markdown."""
        count = len(self.parties)
        paragraphs = [_bold(say("agents.comparison" if count > 1 else "agents.comparison_one", language, count=count))]
        paragraphs += [_listed(_bold(field.label[language]), lines) for field, lines in self.rows]
        careful = tuple((party, remark.words[language]) for party, remark in self.careful)
        for title, lines in (
            (say("agents.monthly", language), self.costs),
            (say("agents.missing", language), self.missing),
            (f"⚠️ {say('agents.warnings', language)}", careful),
        ):
            paragraphs += [_listed(_bold(title), lines)] if lines else []
        common = [f"• {remark.words[language]}" for remark in self.common]
        common += [f"• {say('agents.currencies', language)}"] if self.currencies else []
        paragraphs += ["\n".join((_bold(say("agents.unlike", language)), *common))] if common else []
        return "\n\n".join((*paragraphs, say("agents.closing", language)))


def compare(offers: Offers, language: Language) -> Comparison:
    """Offers by the name of the party, in their order. No winner is named."""
    lacking = ((party, listed(missing(answers), language)) for party, answers in offers.items())
    return Comparison(
        parties=tuple(offers),
        rows=tuple(_rows(offers, language)),
        costs=tuple((party, cost) for party, answers in offers.items() if (cost := _cost(answers, language))),
        missing=tuple((party, labels) for party, labels in lacking if labels),
        careful=tuple((party, remark) for party, answers in offers.items() for remark in warnings(answers)),
        common=tuple(unlike(offers)),
        currencies=len({currency for answers in offers.values() for currency in monthly(answers).sums}) > 1,
    )


def _rows(offers: Offers, language: Language) -> Iterator[tuple[Field, Lines]]:
    unknown = say("agents.unknown", language)
    for field in agents().fields:
        said = [(party, told(field, answers, language)) for party, answers in offers.items()]
        if any(words for _, words in said):
            yield field, tuple((party, words or unknown) for party, words in said)


def _cost(answers: Answers, language: Language) -> str:
    """What a month costs, in words; empty where it cannot be worked out."""
    cost = monthly(answers)
    sums = " + ".join(rounded(amount, currency, language) for currency, amount in cost.sums.items())
    if sums and cost.without:
        return say("agents.monthly_without", language, sum=sums, fields=listed(cost.without, language))
    return sums or ("" if cost.without else say("agents.free", language))


def _listed(title: str, lines: Lines) -> str:
    return "\n".join((title, *(f"• {party}: {words}" for party, words in lines)))


def _bold(title: str) -> str:
    return f"**{title}**"
