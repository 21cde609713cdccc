"""What the language model may cost in a day."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock


@dataclass(frozen=True, slots=True)
class Budget:
    """path: a file of what was spent today, shared by all processes. usd, tokens: the most for a day; None: no limit.

    A day is one of UTC. Calls that run at the same time may together go over it by what they cost.
    """

    path: Path
    usd: float | None = None
    tokens: int | None = None

    def left(self) -> bool:
        """Whether another call may be made."""
        spent = self._read()
        return (self.usd is None or spent["usd"] < self.usd) and (self.tokens is None or spent["tokens"] < self.tokens)

    def spend(self, usd: float | None, tokens: int) -> None:
        with FileLock(self.path.with_suffix(".lock")):
            spent = self._read()
            spent["usd"] += usd or 0.0
            spent["tokens"] += tokens
            temporary = self.path.with_suffix(".new")
            temporary.write_text(json.dumps({"day": _today(), **spent}), encoding="utf-8")
            temporary.replace(self.path)

    def _read(self) -> dict[str, float]:
        """What was spent today; nothing where the file is missing, broken or of another day."""
        try:
            written = json.loads(self.path.read_text(encoding="utf-8"))
            if written["day"] == _today():
                return {"usd": float(written["usd"]), "tokens": float(written["tokens"])}
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return {"usd": 0.0, "tokens": 0.0}


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
