"""/agents: check an agent, what to ask, go through a contract, which agents have a source; `offers.py` compares."""

from dataclasses import asdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.conversations.models import now
from bot.conversations.records import Records
from bot.onboarding.agents import NAMING, VERIFYING, agents, described
from bot.texts import say
from bot.web.chat_session import page_for, person_known, visit_of
from bot.web.errors import WebError
from bot.web.guides import opened, opened_all
from bot.web.pages import go, language_of, page_routes
from bot.web.reading import read_form, value_in
from bot.web.rendering import answer_html
from knowledge.live import LiveLibrary


class AgentPages:
    """The routes. Looking changes nothing."""

    def __init__(self, live: LiveLibrary, records: Records) -> None:
        self._live = live
        self._records = records

    def routes(self) -> list[BaseRoute]:
        return [
            *page_routes("/agents", self.show),
            *page_routes("/agents/questions", self.questions),
            *page_routes("/agents/authorised", self.authorised),
            *page_routes("/agents/lists/{list}", self.show_list, self.tick),
        ]

    async def show(self, request: Request) -> Response:
        """What can be done here, and how far the visitor is."""
        sender = visit_of(request).sender
        ticks, offers = await self._records.agents.ticks(sender), await self._records.agents.offers(sender)
        done = {key: sum(f"{key}:{item.key}" in ticks for item in items) for key, items in agents().lists.items()}
        return page_for(request, "agents.html", lists=agents().lists, done=done, offers=len(offers))

    async def show_list(self, request: Request) -> Response:
        """A list to tick off: each point with its reason and the section that says how."""
        key = _list_of(request)
        ticks = await self._records.agents.ticks(visit_of(request).sender)
        items = [
            (item, f"{key}:{item.key}" in ticks, opened(self._live.index, item.guide)) for item in agents().lists[key]
        ]
        return page_for(request, "agents_list.html", key=key, items=items, done=sum(done for _, done, _ in items))

    async def tick(self, request: Request) -> Response:
        """Tick a point, take the tick away, or take all away."""
        key, form = _list_of(request), await read_form(request)
        item, act = value_in(form, "item"), value_in(form, "act")
        sender = visit_of(request).sender
        await person_known(self._records, request)
        if act == "anew":
            await self._records.agents.untick(sender, key)
            return go(request, f"/agents/lists/{key}")
        if act not in ("done", "undone") or not agents().item(key, item):
            raise WebError(422, "web.error_request")
        await self._records.agents.tick(sender, f"{key}:{item}", done=act == "done")
        return go(request, f"/agents/lists/{key}#{item}")

    async def questions(self, request: Request) -> Response:
        """What to ask whom, to be read out or copied."""
        index = self._live.index
        groups = [(group, opened_all(index, (line.guide for line in group.lines))) for group in agents().questions]
        return page_for(request, "agents_questions.html", groups=groups)

    async def authorised(self, request: Request) -> Response:
        """The agents that admins have entered, each with source and date; or that there is none, and how to verify."""
        known, language, today = await self._records.agents.authorised(), language_of(request), now().date()
        entries = [described(**asdict(agent), today=today, language=language) for agent in known]
        return page_for(
            request,
            "agents_authorised.html",
            nobody=answer_html(say("agents.none_authorised", language), {}),
            entries=[answer_html(entry, {}) for entry in entries],
            guides=opened_all(self._live.index, [VERIFYING] if known else [VERIFYING, NAMING]),
        )


def _list_of(request: Request) -> str:
    key: str = request.path_params["list"]
    if key not in agents().lists:
        raise HTTPException(404)
    return key
