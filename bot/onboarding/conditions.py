"""For whom a question or a step is meant."""

from collections.abc import Collection
from typing import Literal

from pydantic import ValidationInfo, field_validator

from bot.onboarding.loading import Strict, wrong
from bot.onboarding.profile import Profile
from knowledge.entities import names_of


class Condition(Strict):
    """Holds for a supplier with any of the goods and none of those of `unless_goods`, any of the markets, one of the
    kinds of experience, and any of the gaps (ids of questions); what is empty is not asked for.

    unlisted: for who wrote goods or a country that has no name here.
    """

    goods: tuple[str, ...] = ()
    unless_goods: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    experience: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    unlisted: tuple[Literal["goods", "markets"], ...] = ()

    @field_validator("goods", "unless_goods")
    @classmethod
    def _goods(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return known(names, "goods")

    @field_validator("markets")
    @classmethod
    def _markets(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return known(names, "market")

    @field_validator("experience", "gaps")
    @classmethod
    def _elsewhere(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Named in the readiness file, which is known when another file is read."""
        allowed = (info.context or {}).get(info.field_name, names)
        for name in names:
            if name not in allowed:
                raise wrong("no_such_name", name=name, allowed=", ".join(allowed))
        return names

    def holds(self, profile: Profile, gaps: Collection[str] = ()) -> bool:
        def any_of(wanted: tuple[str, ...], given: Collection[str]) -> bool:
            return not wanted or any(name in given for name in wanted)

        return (
            any_of(self.goods, profile.goods)
            and not any(name in profile.goods for name in self.unless_goods)
            and any_of(self.markets, profile.markets)
            and any_of(self.experience, (profile.experience,))
            and any_of(self.gaps, gaps)
            and any_of(self.unlisted, profile.unlisted())
        )


def known(names: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The names, all of which are entities of a kind. Raises what a validator may raise."""
    for name in names:
        if name not in names_of(kind):
            raise wrong("no_such_name", name=name, allowed=", ".join(sorted(names_of(kind))))
    return names
