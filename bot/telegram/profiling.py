"""Questions about the supplier, as messages with buttons; what is written comes as the reply to a prompt."""

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.ext import filters

from bot.onboarding.profile import FIELDS, SEVERAL, WRITTEN, Field, Profile
from bot.onboarding.questionnaire import Choices
from bot.telegram.checking import label
from bot.telegram.rendering import Rendered, fits_callback, render_text
from bot.texts import Language, catalogue, say

PROFILE = "pf:"
OK, SKIP, WRITE, BACK = "ok", "skip", "write", "back"
# In front of a name: the one that is chosen; where several may be, one more and one less. What an update that is
# handled a second time says stays the same.
CHOSEN, MORE, LESS = "=", "+", "-"
_COLUMNS = {"province": 3, "goods": 2, "markets": 3}


def field_question(profile: Profile, field: Field, choices: Choices, language: Language) -> Rendered:
    """What to ask for a field, with what was chosen so far."""
    head = say("onboarding.field", language, number=FIELDS.index(field) + 1, of=len(FIELDS))
    own = getattr(profile, f"other_{field}", "") or (getattr(profile, field) if field not in SEVERAL else "")
    text = f"{head}\n{say(f'onboarding.field.{field}', language)}"
    buttons = []
    for name, words in choices.labels(field, language).items():
        if not fits_callback(f"{PROFILE}{field}:{CHOSEN}{name}"):
            continue
        chosen = name in getattr(profile, field) if field in SEVERAL else name == getattr(profile, field)
        sign = (LESS if chosen else MORE) if field in SEVERAL else CHOSEN
        own = "" if name == own else own
        buttons.append(_button(f"✓ {words}" if chosen else words, field, f"{sign}{name}"))
    if own:
        text += f"\n✍️ {own}"
    columns = _COLUMNS.get(field, 1)
    rows = [buttons[start : start + columns] for start in range(0, len(buttons), columns)]
    if field in WRITTEN:
        key = f"own_{field}" if field in SEVERAL else "own"
        rows.append([_button(label(key, language), field, WRITE)])
    last = [_button(say("onboarding.back", language), field, BACK)] if FIELDS.index(field) else []
    given = bool(getattr(profile, field) or own)
    last.append(_button(say("onboarding.ok" if given else "onboarding.skip", language), field, OK if given else SKIP))
    return render_text(text, InlineKeyboardMarkup([*rows, last]))


def _button(words: str, field: Field, action: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(words, callback_data=f"{PROFILE}{field}:{action}")


def prompt(field: Field, language: Language, *, wrong: bool = False) -> Rendered:
    """Asks for a line about a field; whatever is not a reply to it is a question as any other."""
    key = "onboarding.bad_tax_code" if wrong else f"onboarding.write.{field}"
    return Rendered(render_text(say(key, language)).parts, ForceReply(selective=True))


def prompted(message: Message) -> Field | None:
    """The field that a message answers the prompt of."""
    asked = message.reply_to_message
    if not (asked and asked.from_user and asked.from_user.is_bot and asked.text):
        return None
    return _prompts().get(asked.text)


def _prompts() -> dict[str, Field]:
    keys: dict[str, Field] = {f"onboarding.write.{field}": field for field in WRITTEN}
    keys["onboarding.bad_tax_code"] = "tax_code"
    return {text.strip(): field for key, field in keys.items() for text in catalogue()[key].values()}


class ToPrompt(filters.MessageFilter):
    """Answers to a prompt of ours for a field."""

    def filter(self, message: Message) -> bool:
        return prompted(message) is not None
