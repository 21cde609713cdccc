"""Templates to pages. Everything that is filled in is escaped; texts stand in `bot/texts.yaml`."""

import datetime
import hashlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from bot.conversations.exporting import VIETNAM
from bot.conversations.masking import masked
from bot.texts import Language, say

if TYPE_CHECKING:
    from bot.web.console.visiting import Visit

HERE = Path(__file__).parent
_PSEUDONYM = re.compile(r"[0-9a-f]{32}")


class Pages:
    """Renders templates for a visit."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["mark"] = _mark()
        filters: tuple[Callable[..., str], ...] = (masked, moment, day, thousands, who)
        self._environment.filters |= {one.__name__: one for one in filters}

    def show(self, visit: "Visit", template: str, status: int = 200, /, **values: object) -> HTMLResponse:
        """A page, or a part of one, in the visitor's language."""
        language = visit.language
        text = self._environment.get_template(f"{template}.html").render(
            t=partial(_say, language),
            language=language,
            visit=visit,
            session=visit.session,
            path=visit.path,
            csrf=partial(_csrf, visit),
            **values,
        )
        return HTMLResponse(text, status)

    def message(self, visit: "Visit", key: str, status: int, /, **values: object) -> HTMLResponse:
        """A page that says one thing."""
        return self.show(visit, "message", status, text=say(key, visit.language, **values))


def _csrf(visit: "Visit") -> Markup:
    """The field by which a form is known to be ours."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(visit.session.csrf if visit.session else "")


def _say(language: Language, key: str, /, **values: object) -> str:
    return say(key, language, **values)


def _mark() -> Callable[[str], str]:
    """The name of a static file with what it holds, so that a browser keeps it until it changes."""
    marks = {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:10] for file in (HERE / "static").iterdir()}
    return lambda name: f"{name}?{marks[name]}"


def moment(value: datetime.datetime | str | None) -> str:
    """Date and time as they are in Vietnam; — where there is none."""
    if not value:
        return "—"
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    return value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def day(value: datetime.date | str | None) -> str:
    if not value:
        return "—"
    if isinstance(value, str):
        value = datetime.date.fromisoformat(value[:10])
    return value.strftime("%d/%m/%Y")


def who(name: str) -> str:
    """A user's name as it is; of somebody who acted on Telegram the beginning of the pseudonym."""
    return f"Telegram {name[:6]}" if _PSEUDONYM.fullmatch(name) else name


def thousands(value: float) -> str:
    """As numbers are written in Vietnam: 12.345."""
    return f"{value:,.0f}".replace(",", ".")
