"""/profile: what a person told of themselves, to see, change and forget; its forms are the check's as well."""

from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.conversations.records import Records
from bot.onboarding.profile import FIELDS, LONGEST, SEVERAL, WRITTEN, Field, Profile
from bot.readiness import AskField, Readiness, use_for_answers
from bot.texts import say
from bot.web.chat_session import page_for, person_at, person_known
from bot.web.check import place_of
from bot.web.errors import WebError
from bot.web.pages import go, language_of, page_routes
from bot.web.reading import Form, read_form, read_json, value_in


class ProfilePages:
    """The routes. Looking changes nothing; what a form sends may come twice."""

    def __init__(self, records: Records, readiness: Readiness) -> None:
        self._records = records
        self._readiness = readiness

    def routes(self) -> list[BaseRoute]:
        return [
            *page_routes("/profile", self.show, self.decide),
            *page_routes("/profile/{field}", self.field, self.tell),
            *page_routes("/check/profile/{field}", self.field, self.tell),
            Route("/api/profile", self.use, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """All that is kept, and whether answers go by it."""
        profile, language = await self._readiness.profile(person_at(self._records, request)), language_of(request)
        choices = self._readiness.choices
        given = {field: choices.given(profile, field, language) for field in FIELDS}
        return page_for(request, "profile.html", given=given, used=profile.for_answers)

    async def decide(self, request: Request) -> Response:
        """Go by the profile in answers or not, or forget it."""
        act = value_in(await read_form(request), "act")
        if act not in ("use", "leave", "forget"):
            raise WebError(422, "web.error_request")
        talk = await person_known(self._records, request)
        if act == "forget":
            await self._readiness.forget_profile(talk.person)
        else:
            await use_for_answers(self._records.onboarding, talk, wanted=act == "use")
        return go(request, "/profile")

    async def use(self, request: Request) -> Response:
        """The same from a button below an answer; what it is from now on, and in words."""
        wanted = (await read_json(request)).get("used")
        if not isinstance(wanted, bool):
            raise WebError(422, "web.error_request")
        talk = await person_known(self._records, request)
        if not await use_for_answers(self._records.onboarding, talk, wanted=wanted):
            raise WebError(404, "web.error_no_profile")
        language = language_of(request)
        said = say("about.will_use" if wanted else "about.will_not_use", language)
        label = say("about.stop" if wanted else "about.use", language)
        return JSONResponse({"used": wanted, "text": said, "label": label})

    async def field(self, request: Request) -> Response:
        """What to ask for a field, with what was chosen so far."""
        field = _field_of(request)
        profile = await self._readiness.profile(person_at(self._records, request))
        return self._show_field(request, profile, field)

    async def tell(self, request: Request) -> Response:
        """Keep what a form says of a field: back to the profile, or on in the check, whichever it was opened from."""
        field = _field_of(request)
        form, talk = await read_form(request), await person_known(self._records, request)
        profile = Profile.from_json(talk.profile)
        try:
            profile = _told(profile, field, form, self._readiness.choices.labels(field, language_of(request)))
        except ValueError:
            return self._show_field(request, profile, field, wrong=value_in(form, "own"))
        if not _in_check(request):
            await self._readiness.keep(talk.person, profile)
            return go(request, "/profile")
        return go(request, place_of(await self._readiness.keep_field(talk.person, profile)))

    def _show_field(self, request: Request, profile: Profile, field: Field, wrong: str | None = None) -> Response:
        """wrong: what was written and cannot be."""
        labels = self._readiness.choices.labels(field, language_of(request))
        number = FIELDS.index(field)
        chosen, own = _split(profile, field, labels)
        within = _in_check(request)
        return page_for(
            request,
            "profile_field.html",
            status=200 if wrong is None else 422,
            field=field,
            number=number + 1,
            of=len(FIELDS),
            labels=labels,
            chosen=chosen,
            own=own if wrong is None else wrong,
            wrong=wrong is not None,
            several=field in SEVERAL,
            written=field in WRITTEN,
            longest=LONGEST,
            action=f"/check/profile/{field}" if within else f"/profile/{field}",
            before=(place_of(AskField(profile, FIELDS[number - 1])) if number else None) if within else "/profile",
            within=within,
        )


def _in_check(request: Request) -> bool:
    return "/check/" in request.url.path


def _field_of(request: Request) -> Field:
    name = request.path_params["field"]
    if name not in FIELDS:
        raise HTTPException(404)
    return cast("Field", name)


def _split(profile: Profile, field: Field, labels: dict[str, str]) -> tuple[tuple[str, ...], str]:
    """What was chosen of a field, and what they wrote themselves."""
    if field in SEVERAL:
        return getattr(profile, field), getattr(profile, f"other_{field}")
    value: str = getattr(profile, field)
    return ((value,), "") if value in labels else ((), value)


def _told(profile: Profile, field: Field, form: Form, labels: dict[str, str]) -> Profile:
    """The profile with what a form says of a field. Raises ValueError for what cannot be."""
    if value_in(form, "act") == "clear":
        return profile.cleared(field)
    names, own = [name for name in form.get("chosen", []) if name in labels], value_in(form, "own")
    if field in SEVERAL:
        return profile.listed(field, names, own, list(labels)).passed(field)
    # Where both stand, what was written wins if it is new.
    before = _split(profile, field, labels)[1]
    told = own if field in WRITTEN and own.strip() and (own.strip() != before or not names) else "".join(names[:1])
    return profile.told(field, told) if told else profile.cleared(field)
