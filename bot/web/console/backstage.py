"""What stands behind the pages of the console."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.conversations.database import Database
from bot.curation.found_gaps import FoundGaps
from bot.texts import Language

if TYPE_CHECKING:
    from bot.web.console.jobs import Jobs
    from bot.web.console.pages import Pages
    from bot.web.console.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Backstage:
    """forget: has the assistant forget the replies to questions that were erased. hold: how long the bot keeps quiet
    in a conversation after ops last wrote in it. language: until somebody switches. provinces: that a profile can name.
    """

    database: Database
    shelf: "Shelf"
    pages: "Pages"
    jobs: "Jobs"
    gaps: FoundGaps
    forget: Callable[[Iterable[str]], None]
    hold: timedelta
    language: Language = "vi"
    provinces: Collection[str] = ()
