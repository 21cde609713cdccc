"""/check: the readiness check as plain pages and forms, and what it led to as a page, a picture and a PDF."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.conversations.records import Records
from bot.onboarding.check import UNKNOWN
from bot.onboarding.profile import FIELDS
from bot.onboarding.questionnaire import NEEDS
from bot.onboarding.result import headline
from bot.readiness import AskField, AskQuestion, Finished, Next, Readiness, Review, Stale, card_of, following
from bot.web.chat_session import page_for, person_at, person_known
from bot.web.guides import opened
from bot.web.pages import FRAME, go, language_of, page, page_routes
from bot.web.reading import read_form, value_in
from bot.web.scorecards import Scorecards
from knowledge.live import LiveLibrary

_KINDS = {"card.png": "image/png", "card.pdf": "application/pdf"}
_FILE = "hai-dang-muc-san-sang"


class CheckPages:
    """The routes. days: how long things are kept. Looking changes nothing; what a form sends may come twice."""

    def __init__(self, live: LiveLibrary, records: Records, readiness: Readiness, days: int) -> None:
        self._live = live
        self._records = records
        self._readiness = readiness
        self._days = days
        self._scorecards = Scorecards()

    def routes(self) -> list[BaseRoute]:
        return [
            *page_routes("/check", self.where, self.decide),
            *page_routes("/check/questions/{question}", self.question, self.answer),
            *page_routes("/check/review", self.review, self.reckon),
            *page_routes("/check/results/{key}", self.result),
            *(Route(f"{start}/check/results/{{key}}/{{name}}", self.drawn) for start in ("", FRAME)),
        ]

    async def where(self, request: Request) -> Response:
        """Where the person stands: nothing begun, in the middle, or the last result."""
        found = await self._readiness.where(person_at(self._records, request))
        if isinstance(found, Finished):
            return self._show_result(request, found)
        number = FIELDS.index(found.field) + 1 if isinstance(found, AskField) else 0
        return page_for(request, "check.html", found=found, number=number, of=len(FIELDS), days=self._days)

    async def decide(self, request: Request) -> Response:
        """Begin or go on, begin anew, or change the answers of the last check."""
        form = await read_form(request)
        person = (await person_known(self._records, request)).person
        try:
            match value_in(form, "act"):
                case "anew":
                    found = await self._readiness.begin_anew(person)
                case "revise":
                    found = await self._readiness.revise(person)
                case _:
                    found = await self._readiness.onward(person)
        except Stale:
            return stale(request)
        return go(request, place_of(found))

    async def question(self, request: Request) -> Response:
        """One question with its answers; what was chosen before is marked."""
        open_ = await self._readiness.underway(person_at(self._records, request))
        asked = open_.check.question(request.path_params["question"]) if open_ else None
        if open_ is None or asked is None:
            return go(request, "/check")
        before = open_.check.before(asked.id)
        return page_for(
            request,
            "check_question.html",
            key=open_.key,
            asked=asked,
            done=open_.check.done(),
            unknown=UNKNOWN,
            before=place_of(AskQuestion(open_.check, open_.key, before)) if before else None,
            onward=place_of(following(open_.check, open_.key, asked.id)) if asked.answer else None,
        )

    async def answer(self, request: Request) -> Response:
        form = await read_form(request)
        person = (await person_known(self._records, request)).person
        question = request.path_params["question"]
        try:
            found = await self._readiness.answer(person, value_in(form, "check"), question, value_in(form, "answer"))
        except Stale:
            return stale(request)
        return go(request, place_of(found))

    async def review(self, request: Request) -> Response:
        """All questions with their answers, to change them or to reckon."""
        open_ = await self._readiness.underway(person_at(self._records, request))
        if open_ is None:
            return go(request, "/check")
        asked = open_.check.questions()
        needs = [(need, [found for found in asked if found.need == need]) for need in NEEDS]
        return page_for(
            request,
            "check_review.html",
            key=open_.key,
            needs=needs,
            done=open_.check.done(),
            of=len(asked),
            unknown=UNKNOWN,
        )

    async def reckon(self, request: Request) -> Response:
        form = await read_form(request)
        person = (await person_known(self._records, request)).person
        try:
            found, _ = await self._readiness.finish(person, value_in(form, "check"))
        except Stale:
            return stale(request)
        return go(request, place_of(found))

    async def result(self, request: Request) -> Response:
        """What one of the last checks led to."""
        try:
            found = await self._readiness.finished(person_at(self._records, request), request.path_params["key"])
        except Stale:
            return stale(request, 404)
        return self._show_result(request, found)

    def _show_result(self, request: Request, found: Finished) -> Response:
        language = language_of(request)
        result, previous = found.results
        index = self._live.index
        return page_for(
            request,
            "check_result.html",
            key=found.kept.key,
            date=found.day,
            date_before=found.day_before,
            result=result,
            previous=previous,
            words=headline(result, previous, language).replace("**", ""),
            gaps=[(gap, opened(index, gap.guide)) for gap in result.gaps],
        )

    async def drawn(self, request: Request) -> Response:
        """The scorecard of one of the last checks: a picture, or a page to hand over."""
        key, name = request.path_params["key"], request.path_params["name"]
        if name not in _KINDS:
            raise HTTPException(404)
        try:
            found = await self._readiness.finished(person_at(self._records, request), key)
        except Stale:
            raise HTTPException(404) from None
        is_page = name.endswith("pdf")
        card = card_of(found, self._readiness.choices, language_of(request))
        content = await self._scorecards.drawn(card, page=is_page)
        headers = {"Content-Disposition": f'attachment; filename="{_FILE}.pdf"'} if is_page else {}
        return Response(content, media_type=_KINDS[name], headers=headers)


def stale(request: Request, status: int = 409) -> Response:
    """What was asked for belongs to a check that is over, or to somebody else."""
    return page("check_stale.html", request, status=status)


def place_of(found: Next) -> str:
    """The page that shows what comes next."""
    match found:
        case AskField():
            return f"/check/profile/{found.field}"
        case AskQuestion():
            return f"/check/questions/{found.asked.id}"
        case Review():
            return "/check/review"
        case Finished():
            return f"/check/results/{found.kept.key}"
        case _:
            return "/check"
