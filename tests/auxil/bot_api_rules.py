"""What Telegram takes and what it refuses, and in which words: HTML, keyboards, addresses of webhooks."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LIMIT = 4096
CAPTION_LIMIT = 1024
DOWNLOAD_LIMIT = 20_000_000
ACTIONS = {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location", "record_voice"}
# What tests may call by HTTP.
CALLS = {"put", "say", "press", "fail", "clear_faults", "redeliver", "sent", "messages", "called", "pending"}
ENTITIES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
FAULTS = {429: "Too Many Requests", 502: "Bad Gateway", 403: "Forbidden: bot was blocked by the user"}
TAG = re.compile(r"([a-z][a-z-]*)((?:\s+[a-z-]+(?:=\"[^\"]*\")?)*)\s*", re.IGNORECASE)
CHARACTER = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot));", re.IGNORECASE)
INVISIBLE = re.compile(r"[\s\x00-\x1f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u3164\ufeff]*")


class ApiError(Exception):
    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


@dataclass(eq=False)
class Fault:
    """How a request goes wrong: with an error, or with an answer that takes `hang` seconds. chat: None for any."""

    status: int = 200
    method: str = "sendMessage"
    chat: int | None = None
    hang: float = 0
    description: str = ""
    retry_after: int | None = None
    migrate_to_chat_id: int | None = None

    def meets(self, method: str, given: dict[str, Any]) -> bool:
        return method == self.method and self.chat in (None, int(given.get("chat_id", 0)))

    def error(self) -> ApiError:
        parameters = {"retry_after": self.retry_after, "migrate_to_chat_id": self.migrate_to_chat_id}
        said = self.description or FAULTS.get(self.status, "Bad Request: failed")
        return ApiError(self.status, said, **{name: value for name, value in parameters.items() if value is not None})


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def typed_entities(text: str) -> list[dict[str, Any]]:
    """The commands and names that Telegram sees in what a person writes."""
    return [
        {"type": kind, "offset": units(text[: found.start()]), "length": units(found[0])}
        for kind, pattern in (("bot_command", r"(?<!\S)/[\w@]+"), ("mention", r"(?<![\w/])@\w+"))
        for found in re.finditer(pattern, text)
    ]


def parse_html(html: str) -> tuple[str, list[dict[str, Any]]]:
    """The visible text and its entities, offsets and lengths in UTF-16 units; raises ApiError as Telegram would."""
    text, entities, position = "", [], 0
    open_tags: list[tuple[str, dict[str, Any]]] = []
    while position < len(html):
        where = f"at byte offset {len(html[:position].encode())}"
        character = CHARACTER.match(html, position)
        if html[position] == "<":
            end = html.find(">", position)
            tag = html[position + 1 : end].strip() if end > 0 else ""
            name = tag.strip("/").split(maxsplit=1)[0].lower() if tag.strip("/") else ""
            if end < 0 or not name:
                raise bad(f"can't parse entities: Unclosed start tag {where}")
            if not tag.startswith("/"):
                if name not in ENTITIES or not (match := TAG.fullmatch(tag)):
                    raise bad(f'can\'t parse entities: Unsupported start tag "{name}" {where}')
                href = re.search(r'href="([^"]*)"', match[2])
                link = {"url": parse_html(href[1])[0]} if href else {}
                open_tags.append((name, {"type": ENTITIES[name], "offset": units(text), **link}))
            elif not open_tags:
                raise bad(f"can't parse entities: Unexpected end tag {where}")
            else:
                opened, entity = open_tags.pop()
                if opened != name:
                    wanted = f'expected "</{opened}>", found "</{name}>"'
                    raise bad(f"can't parse entities: Unmatched end tag {where}, {wanted}")
                entity["length"] = units(text) - entity["offset"]
                entities += [entity] if entity["length"] else []
            position = end + 1
        elif character:
            decimal, hexadecimal, named = character.groups()
            code = int(decimal or 0) or int(hexadecimal or "0", 16)
            text += {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[named.lower()] if named else chr(code)
            position = character.end()
        else:
            text += html[position]
            position += 1
    if open_tags:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\"")
    return text, entities


def check_keyboard(markup: dict[str, Any]) -> None:
    if "force_reply" in markup:
        check_force_reply(markup)
        return
    for row in markup.get("inline_keyboard", []):
        if len(row) > 8:
            raise bad("too many buttons in a row")
        for button in row:
            actions = button.keys() & {"callback_data", "url", "web_app", "switch_inline_query", "copy_text"}
            if not button.get("text", "").strip() or len(actions) != 1:
                raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
            if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
            if "url" in button:
                address = urlsplit(button["url"])
                if address.scheme not in ("http", "https", "tg") or "." not in (address.hostname or ""):
                    raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def check_force_reply(markup: dict[str, Any]) -> None:
    if markup["force_reply"] is not True or markup.keys() - {"force_reply", "selective", "input_field_placeholder"}:
        raise bad("object expected as reply markup")
    if not 0 <= len(markup.get("input_field_placeholder", "")) <= 64:
        raise bad("input field placeholder is too long")


def check_commands(given: dict[str, Any]) -> None:
    for command in given["commands"]:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_INVALID")


def check_webhook(given: dict[str, Any]) -> None:
    """Only HTTPS is called, but for a machine of one's own, which a local Bot API server calls by HTTP as well."""
    address = urlsplit(given.get("url", ""))
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname == "127.0.0.1"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if "secret_token" in given and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", given["secret_token"]):
        raise bad("bad webhook: secret token contains unallowed characters")
    if not 1 <= int(given.get("max_connections", 40)) <= 100:
        raise bad("bad webhook: max_connections must be between 1 and 100")


def marked(given: dict[str, Any], name: str) -> tuple[str, list[dict[str, Any]]]:
    """The text of a parameter and its entities."""
    mode = given.get("parse_mode", "")
    if mode not in ("", "HTML"):
        raise bad("unsupported parse_mode")
    return parse_html(given.get(name, "")) if mode else (given.get(name, ""), [])


def content_of(given: dict[str, Any]) -> dict[str, Any]:
    """What the parameters of a message with text make of it."""
    text, entities = marked(given, "text")
    if INVISIBLE.fullmatch(text):
        raise bad("message text is empty")
    if units(text.strip()) > LIMIT:
        raise bad("message is too long")
    markup = given.get("reply_markup") or {}
    check_keyboard(markup)
    return {"text": text, "entities": entities, **({"reply_markup": markup} if markup else {})}


def captioned(given: dict[str, Any]) -> dict[str, Any]:
    """The caption of a file."""
    caption, entities = marked(given, "caption")
    if units(caption) > CAPTION_LIMIT:
        raise bad("message caption is too long")
    return {"caption": caption, "caption_entities": entities}


def check_photo(content: bytes) -> dict[str, int]:
    """Width and height of a picture, which must be one that Telegram shows."""
    if not content.startswith(b"\x89PNG") or len(content) > 10_000_000:
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return {"width": width, "height": height}


def parsed(given: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a form, with those that are JSON read."""
    structured = ("reply_markup", "reply_parameters", "commands", "scope", "allowed_updates", "link_preview_options")
    try:
        return {name: json.loads(value) if name in structured else value for name, value in given.items()}
    except ValueError:
        raise bad("can't parse JSON object") from None
