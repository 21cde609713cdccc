"""What a scorecard shows, small enough to wait in the outbox; it is drawn when it is sent."""

import datetime
from dataclasses import dataclass
from typing import Any, Self

from bot.onboarding.result import Result
from bot.texts import Language


@dataclass(frozen=True, slots=True)
class Card:
    """What is drawn: a result, the one before it, who it is of. facts: lines about the supplier, for the page only."""

    result: Result
    date: datetime.date
    previous: Result | None = None
    previous_date: datetime.date | None = None
    company: str = ""
    facts: tuple[str, ...] = ()
    language: Language = "vi"

    def to_json(self) -> dict[str, Any]:
        return {
            "result": self.result.model_dump(mode="json"),
            "date": self.date.isoformat(),
            "previous": self.previous and self.previous.model_dump(mode="json"),
            "previous_date": self.previous_date and self.previous_date.isoformat(),
            "company": self.company,
            "facts": list(self.facts),
            "language": self.language,
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        before = fields["previous"]
        return cls(
            Result.model_validate(fields["result"]),
            datetime.date.fromisoformat(fields["date"]),
            Result.model_validate(before) if before else None,
            datetime.date.fromisoformat(fields["previous_date"]) if fields["previous_date"] else None,
            fields["company"],
            tuple(fields["facts"]),
            fields["language"],
        )
