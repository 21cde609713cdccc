"""/checklist: the steps that follow from a visitor's check and profile, with marks, and to be printed."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.conversations.models import now
from bot.conversations.onboarding import Standing
from bot.conversations.records import Records
from bot.onboarding.checklist import Checklist, Mark, Steps
from bot.onboarding.reminding import VIETNAM
from bot.onboarding.standing import checklist_of
from bot.web.chat_session import page_for, person_at, person_known
from bot.web.errors import WebError
from bot.web.guides import opened
from bot.web.pages import go, page_routes
from bot.web.reading import read_form, value_in
from knowledge.live import LiveLibrary

# What a form may say of a step.
_MARKS: dict[str, Mark | None] = {"done": "done", "not_for_me": "not_for_me", "todo": None}

# The address of the bot on Telegram; None while Telegram has not told it.
BotLink = Callable[[], str | None]


class ChecklistPages:
    """The routes. Looking changes nothing. bot: None where there is no bot on Telegram, and so no reminders."""

    def __init__(self, live: LiveLibrary, records: Records, steps: Steps, bot: BotLink | None) -> None:
        self._live = live
        self._records = records
        self._steps = steps
        self._bot = bot

    def routes(self) -> list[BaseRoute]:
        return page_routes("/checklist", self.show, self.mark)

    async def show(self, request: Request) -> Response:
        """The steps; for who has neither profile nor check those that are everybody's."""
        standing = await self._records.onboarding.standing(person_at(self._records, request))
        return self._page(request, standing)

    async def mark(self, request: Request) -> Response:
        """Keep what the visitor says of a step, unless it is not among theirs any more."""
        form = await read_form(request)
        step, mark = value_in(form, "step"), value_in(form, "mark")
        if mark not in _MARKS:
            raise WebError(422, "web.error_request")
        person = (await person_known(self._records, request)).person
        standing = await self._records.onboarding.standing(person)
        if self._checklist(standing).item(step) is None:
            return self._page(request, standing, stale=True)
        await self._records.onboarding.mark(person, step, _MARKS[mark])
        return go(request, f"/checklist#{step}")

    def _checklist(self, standing: Standing) -> Checklist:
        return checklist_of(self._steps, standing.profile, standing.result, standing.states)

    def _page(self, request: Request, standing: Standing, *, stale: bool = False) -> Response:
        """stale: the step that was marked is not among the present ones."""
        found, index = self._checklist(standing), self._live.index
        return page_for(
            request,
            "checklist.html",
            status=409 if stale else 200,
            found=found,
            following=found.next_step(),
            how={item.step.key: opened(index, item.step.guide) for item in found.items},
            known=bool(standing.profile),
            checked=standing.result is not None,
            stale=stale,
            bot=self._bot is not None,
            bot_link=self._bot() if self._bot else None,
            today=f"{now().astimezone(VIETNAM):%d/%m/%Y}",
        )
