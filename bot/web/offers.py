"""/agents/offers: what agents offer a visitor, filled in, changed, deleted, and set side by side."""

import logging
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.conversations.agents import MOST_OFFERS, Offered
from bot.conversations.database import DatabaseUnavailable
from bot.conversations.records import Records
from bot.onboarding.agents import agents
from bot.onboarding.comparison import compare
from bot.onboarding.offers import LONGEST_ANSWER, LONGEST_NAME, filled_in, missing, read, tidy, told
from bot.texts import Language, say
from bot.web.chat_session import page_for, person_known, visit_of
from bot.web.errors import WebError
from bot.web.guides import opened, opened_all
from bot.web.pages import FRAME, go, language_of, page_routes
from bot.web.reading import read_form, value_in
from knowledge.live import LiveLibrary

_log = logging.getLogger(__name__)

_OFFERS = "/agents/offers"
# Stands for the name in the place of a field's key.
_PARTY = "party"


class OfferPages:
    """The routes. Looking changes nothing; a form that comes twice leads to one offer."""

    def __init__(self, live: LiveLibrary, records: Records) -> None:
        self._live = live
        self._records = records

    def routes(self) -> list[BaseRoute]:
        return [
            *page_routes(_OFFERS, self.show),
            *page_routes(f"{_OFFERS}/new", self.new, self.keep),
            *page_routes(f"{_OFFERS}/{{key}}", self.change, self.keep),
            *(Route(f"{start}{_OFFERS}/{{key}}/delete", self.delete, methods=["POST"]) for start in ("", FRAME)),
        ]

    async def show(self, request: Request) -> Response:
        """All offers, each to be changed, and the comparison."""
        offers = await self._records.agents.offers(visit_of(request).sender)
        compared = compare({offer.party: offer.answers for offer in offers}, language_of(request))
        filled = [(offer, len(agents().fields) - len(missing(offer.answers))) for offer in offers]
        return page_for(
            request,
            "offers.html",
            offers=filled,
            of=len(agents().fields),
            compared=compared,
            guides=opened_all(self._live.index, compared.guides()),
            most=MOST_OFFERS,
        )

    async def new(self, request: Request) -> Response:
        """An empty form; who has enough offers is told so."""
        offers = await self._records.agents.offers(visit_of(request).sender)
        return go(request, _OFFERS) if len(offers) >= MOST_OFFERS else self._form(request, None, {})

    async def change(self, request: Request) -> Response:
        """An offer in a form, with how its sums and terms were understood. Raises WebError where it is not theirs."""
        key = request.path_params["key"]
        offers = await self._records.agents.offers(visit_of(request).sender)
        offer = next((offer for offer in offers if offer.key == key), None)
        if offer is None:
            raise WebError(404, "web.offer.none")
        return self._form(request, key, {_PARTY: offer.party, **offer.answers})

    async def keep(self, request: Request) -> Response:
        """Keep all of a form. Where that cannot be done the form comes again as it was typed and says why; a sum that
        cannot be read is kept as it is, and the form says so.
        """
        sent, language, visit = await read_form(request), language_of(request), visit_of(request)
        typed = {name: value_in(sent, name) for name in (_PARTY, *(field.key for field in agents().fields))}
        key = request.path_params.get("key")
        wrong = _wrong(typed, language)
        if wrong:
            return self._form(request, key, typed, 422, wrong)
        if visit.new:
            # With the form comes the cookie of a new visit.
            return self._form(request, None, typed, 401, {}, say("web.offer.session", language))
        party, answers = tidy(typed[_PARTY], LONGEST_NAME), filled_in(typed)
        try:
            await person_known(self._records, request)
            kept = await self._records.agents.keep_offer(visit.sender, key, party, answers)
        except DatabaseUnavailable as error:
            _log.warning("the records cannot be reached (%s)", error, extra={"event": "records_away"})
            return self._form(request, key, typed, 503, {}, say("web.offer.away", language))
        if isinstance(kept, Offered):
            unread = [field.key for field in agents().fields if field.key in answers and not read(field, answers)]
            return go(request, f"{_OFFERS}/{kept.key}#{unread[0]}" if unread else f"{_OFFERS}#compared")
        if kept == "gone":
            return self._form(request, None, typed, 404, {}, say("web.offer.gone", language))
        why = say("web.offer.taken" if kept == "taken" else "web.offer.too_many", language, most=MOST_OFFERS)
        return self._form(request, key, typed, 422, {_PARTY: why})

    async def delete(self, request: Request) -> Response:
        """Delete an offer; one that is not there is gone already."""
        await person_known(self._records, request)
        await self._records.agents.drop_offer(visit_of(request).sender, request.path_params["key"])
        return go(request, _OFFERS)

    def _form(
        self,
        request: Request,
        key: str | None,
        typed: Mapping[str, str],
        status: int = 200,
        wrong: Mapping[str, str] | None = None,
        note: str = "",
    ) -> Response:
        """key: of the offer; None for a new one. typed, wrong: by field. note: said above all."""
        language = language_of(request)
        return page_for(
            request,
            "offer.html",
            status=status,
            key=key,
            fields=[(field, opened(self._live.index, field.guide)) for field in agents().fields],
            typed=typed,
            wrong=wrong or {},
            note=note,
            understood=_understood(typed, language) if status == 200 else {},
        )


def _wrong(typed: Mapping[str, str], language: Language) -> dict[str, str]:
    """What is said beside the fields that cannot be kept as they are."""
    longest = {_PARTY: LONGEST_NAME} | {field.key: LONGEST_ANSWER for field in agents().fields}
    wrong = {
        name: say("web.offer.too_long", language, limit=limit)
        for name, limit in longest.items()
        if len(tidy(typed[name], limit + 1)) > limit
    }
    if not tidy(typed[_PARTY], LONGEST_NAME):
        wrong[_PARTY] = say("web.offer.no_party", language)
    return wrong


def _understood(answers: Mapping[str, str], language: Language) -> dict[str, tuple[bool, str]]:
    """How sums and terms were read, by field, and whether they could be; nothing where that says what was typed."""
    said = {}
    for field in agents().fields:
        answer = answers.get(field.key)
        if answer and not read(field, answers):
            said[field.key] = (False, say("agents.kept_as_typed", language, answer=answer))
        elif field.kind in ("money", "period") and (shown := told(field, answers, language)) not in ("", answer):
            said[field.key] = (True, say("web.offer.understood", language, answer=shown))
    return said
