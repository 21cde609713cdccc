"""What admins did to the library, as the audit log has it, whatever channel they did it in."""

from bot.conversations.exchange import Audited
from knowledge.acts import Entry


def audited(entry: Entry | None, by: str) -> tuple[Audited, ...]:
    """An act in the history; none where somebody else did it, as it is in the log already under their name."""
    if entry is None or entry.by != by:
        return ()
    detail = {"document": entry.document, "version": entry.detail.get("version"), "act": entry.number}
    return (Audited(f"document.{entry.what}", "library", detail),)


def went_back(to: int, live: int, asked: str | int | None) -> Audited:
    """A step back from one version of the library to another. asked: names the button that was pressed for it."""
    return Audited("library.go_back", "library", {"version": to, "before": live, "asked": asked})
