"""The golden questions: what people ask, the section that answers, the key fact a right answer shows."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).with_name("golden")

Half = Literal["tune", "report", "fresh"]


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with what is right: one of `sections` first, every pattern of `key` in the answer.

    For questions outside the field `sections` is empty; for traps `must_not` holds what no reply may say
    and `may` the decisions that are right.
    """

    id: str
    subject: str
    style: str
    question: str
    history: tuple[str, ...]
    sections: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def half(self) -> Half:
        """Only the tuning half is tuned on; the report half measures.

        The fresh questions came last, from a writer who saw neither the code nor the other questions, and nobody
        who builds looks at them.
        """
        if self.id.startswith("fresh"):
            return "fresh"
        return "tune" if hashlib.sha256(self.id.encode()).digest()[0] % 2 else "report"

    @property
    def natural(self) -> bool:
        """Written before the guides were read, then matched with what answers it; the others for one section each."""
        return self.id.startswith("natural")

    def shows_key(self, answer: str) -> bool:
        return all(re.search(pattern, answer, re.IGNORECASE) for pattern in self.key)


def load(*, half: Half | None = None) -> list[Golden]:
    """All golden questions, or those of one half; the subject is the topic, `outside` or `traps`."""
    questions = []
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            lists = {name: tuple(fields.get(name) or ()) for name in ("history", "sections", "key", "must_not", "may")}
            subject = fields.get("subject", path.stem.removeprefix("fresh_"))
            question = Golden(fields["id"], subject, fields["style"], fields["question"], **lists)
            if half in (None, question.half):
                questions.append(question)
    return questions
