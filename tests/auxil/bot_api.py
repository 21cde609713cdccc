"""A strict Bot API server of our own: what Telegram would refuse, it refuses, in Telegram's words.

In a test: `async with BotApi() as api`, then `api.say(chat, "…")` and `await api.messages(chat, count)`.
Alone: `python -m tests.auxil.bot_api PORT`; the same test calls are then `POST /test/<call>` with JSON arguments.
"""

import asyncio
import inspect
import json
import re
import sys
import time
from collections import defaultdict
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web

TOKEN = "123456789:AAE-local_test_token_0123456789abcde"
USERNAME = "hai_dang_test_bot"
LIMIT = 4096
ACTIONS = {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location", "record_voice"}
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
TAG = re.compile(r"([a-z][a-z-]*)((?:\s+[a-z-]+(?:=\"[^\"]*\")?)*)\s*", re.IGNORECASE)
CHARACTER = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot));", re.IGNORECASE)
INVISIBLE = re.compile(r"[\s\x00-\x1f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u3164\ufeff]*")


class ApiError(Exception):
    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.body = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


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


class BotApi:
    """One bot's server. calls: every request of the bot, getUpdates left out, as (method, parameters, seconds)."""

    def __init__(self, port: int = 0, token: str = TOKEN) -> None:
        self.token = token
        self.calls: list[tuple[str, dict[str, Any], float]] = []
        self.commands: list[dict[str, str]] = []
        self.me = {"id": int(token.split(":")[0]), "is_bot": True, "first_name": "Hải Đăng", "username": USERNAME}
        self._port = port
        self._pending: list[dict[str, Any]] = []
        self._next_update = 1000
        self._next_message: dict[int, int] = defaultdict(lambda: 1)
        self._chats: dict[int, dict[str, Any]] = {}
        self._seen: dict[tuple[int, int], dict[str, Any]] = {}
        self._sent: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self._queries: set[str] = set()
        self._faults: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._poll = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._request)
        app.router.add_post("/test/{call}", self._test)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # What tests call, here or by POST /test/<call>.

    def put(self, **update: Any) -> int:
        """Queue an update; its number."""
        self._next_update += 1
        self._pending.append({"update_id": self._next_update, **update})
        self._notify()
        return self._next_update

    def say(
        self, chat: int, text: str | None = None, *, sender: int | None = None, kind: str = "message", **more: Any
    ) -> int:
        """A person writes; a negative chat is a group. The number of their message. more: further fields of it."""
        person = {"id": sender or abs(chat), "is_bot": False, "first_name": "Lan"}
        info = {"id": chat, "type": "private" if chat > 0 else "supergroup", "title": "Nhóm", "first_name": "Lan"}
        self._chats[chat] = info
        number = more.pop("message_id", None) or self._next_message[chat]
        self._next_message[chat] = max(self._next_message[chat], number + 1)
        message = {"message_id": number, "date": int(time.time()), "chat": info, "from": person, **more}
        written = text if text is not None else more.get("caption")
        if text is not None:
            message["text"] = text
        if written:
            message["entities" if text is not None else "caption_entities"] = [
                {"type": kind_of, "offset": units(written[: found.start()]), "length": units(found[0])}
                for kind_of, pattern in (("bot_command", r"(?<!\S)/[\w@]+"), ("mention", r"(?<![\w/])@\w+"))
                for found in re.finditer(pattern, written)
            ]
        self._seen[chat, number] = message
        self.put(**{kind: message})
        return number

    def press(self, chat: int, data: str, message: int, *, inaccessible: bool = False) -> str:
        """A person presses a button below a message; the number of the query."""
        shown = self._seen[chat, message]
        if inaccessible:
            shown = {"chat": shown["chat"], "message_id": message, "date": 0}
        query = f"query-{len(self._queries)}"
        self._queries.add(query)
        person = {"id": abs(chat), "is_bot": False, "first_name": "Lan"}
        self.put(callback_query={"id": query, "from": person, "chat_instance": "1", "data": data, "message": shown})
        return query

    def fail(
        self,
        status: int = 200,
        *,
        method: str = "sendMessage",
        chat: int | None = None,
        times: int = 1,
        hang: float = 0,
        description: str = "",
        **parameters: int,
    ) -> None:
        """Answer the next requests of a method (for a chat) with an error, or after `hang` seconds."""
        texts = {429: "Too Many Requests", 502: "Bad Gateway", 403: "Forbidden: bot was blocked by the user"}
        description = description or texts.get(status, "Bad Request: failed")
        fault = {"status": status, "method": method, "chat": chat, "hang": hang, "description": description}
        self._faults += [{**fault, "parameters": parameters} for _ in range(times)]

    def sent(self, chat: int) -> list[dict[str, Any]]:
        """The bot's messages in a chat as they are now, with `html` as it was given and `at` in seconds."""
        return list(self._sent[chat])

    async def messages(self, chat: int, count: int = 1, timeout: float = 20) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """`sent` as soon as there are so many; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while len(self._sent[chat]) < count:
                await self._changed.wait()
        return self.sent(chat)

    async def called(self, method: str, count: int = 1, timeout: float = 20) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """The parameters of the calls of a method as soon as there are so many; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while len(calls := [given for name, given, _ in self.calls if name == method]) < count:
                await self._changed.wait()
        return calls

    def pending(self) -> list[int]:
        """Numbers of the updates that the bot has not confirmed."""
        return [update["update_id"] for update in self._pending]

    async def _test(self, request: web.Request) -> web.Response:
        call = request.match_info["call"]
        if call not in {"put", "say", "press", "fail", "sent", "messages", "called", "pending"}:
            raise web.HTTPNotFound
        result = getattr(self, call)(**await request.json())
        return web.json_response(await result if inspect.isawaitable(result) else result)

    # The Bot API.

    async def _request(self, request: web.Request) -> web.Response:
        try:
            return web.json_response({"ok": True, "result": await self._handle(request)})
        except ApiError as error:
            return web.json_response(error.body, status=error.body["error_code"])

    async def _handle(self, request: web.Request) -> object:
        if request.match_info["token"] != self.token:
            raise ApiError(401, "Unauthorized")
        method = request.match_info["method"]
        handler = getattr(self, f"_{re.sub('[A-Z]', lambda m: '_' + m[0].lower(), method)}", None)
        if handler is None or method.lower() == method:
            raise ApiError(404, "Not Found")
        given = await self._parameters(request)
        if method == "getUpdates":
            return await handler(given)
        self.calls.append((method, given, time.monotonic()))
        self._notify()
        fault = self._fault(method, given)
        if fault and fault["status"] != 200:
            raise ApiError(fault["status"], fault["description"], **fault["parameters"])
        result = handler(given)
        await asyncio.sleep(fault["hang"] if fault else 0)
        return result

    async def _parameters(self, request: web.Request) -> dict[str, Any]:
        if request.content_type == "application/json":
            return dict(await request.json())
        given = {**request.query, **(await request.post())}
        structured = ("reply_markup", "reply_parameters", "commands", "allowed_updates", "link_preview_options")
        try:
            return {name: json.loads(value) if name in structured else value for name, value in given.items()}
        except ValueError:
            raise bad("can't parse JSON object") from None

    def _fault(self, method: str, given: dict[str, Any]) -> dict[str, Any] | None:
        for fault in self._faults:
            if fault["method"] == method and fault["chat"] in (None, int(given.get("chat_id", 0))):
                self._faults.remove(fault)
                return fault
        return None

    async def _get_updates(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """Only the offset confirms: whatever is not confirmed comes again."""
        self._poll += 1
        poll, deadline = self._poll, time.monotonic() + float(given.get("timeout", 0))
        self._notify()
        offset = int(given.get("offset", 0))
        self._pending = [update for update in self._pending if update["update_id"] >= offset]
        allowed = given.get("allowed_updates")
        while True:
            if poll != self._poll:
                raise ApiError(409, "Conflict: terminated by other getUpdates request")
            found = [update for update in self._pending if not allowed or update.keys() & set(allowed)]
            wait = deadline - time.monotonic()
            if found or wait <= 0:
                return found[: int(given.get("limit", 100))]
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                continue

    def _get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        return self.me

    def _delete_webhook(self, given: dict[str, Any]) -> bool:
        if str(given.get("drop_pending_updates", False)).lower() == "true":
            self._pending.clear()
        return True

    def _set_my_commands(self, given: dict[str, Any]) -> bool:
        for command in given["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise bad("BOT_COMMAND_INVALID")
        self.commands = given["commands"]
        return True

    def _send_chat_action(self, given: dict[str, Any]) -> bool:
        self._chat(given)
        if given.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        return True

    def _answer_callback_query(self, given: dict[str, Any]) -> bool:
        if given.get("callback_query_id") not in self._queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        return True

    def _send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        message = {"chat": chat, "from": self.me, "date": int(time.time()), **self._content(given)}
        answered = given.get("reply_parameters")
        if answered:
            found = self._seen.get((chat["id"], answered["message_id"]))
            if not found and not answered.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            message |= {"reply_to_message": found} if found else {}
        if "message_thread_id" in given:
            message["message_thread_id"] = int(given["message_thread_id"])
        message["message_id"] = self._next_message[chat["id"]]
        self._next_message[chat["id"]] += 1
        self._seen[chat["id"], message["message_id"]] = message
        self._sent[chat["id"]].append({**message, "html": given["text"], "at": time.monotonic()})
        self._notify()
        return message

    def _edit_message_text(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        number = int(given.get("message_id", 0))
        sent = next((sent for sent in self._sent[chat["id"]] if sent["message_id"] == number), None)
        if sent is None:
            raise bad("message to edit not found")
        content = self._content(given)
        if all(sent.get(name) == content.get(name) for name in ("text", "entities", "reply_markup")):
            raise bad("message is not modified: specified new message content and reply markup are exactly the same")
        sent.pop("reply_markup", None)
        sent |= {**content, "html": given["text"], "edit_date": int(time.time())}
        message = {name: value for name, value in sent.items() if name not in ("html", "at")}
        self._seen[chat["id"], number] = message
        self._notify()
        return message

    def _chat(self, given: dict[str, Any]) -> dict[str, Any]:
        if (chat := self._chats.get(int(given.get("chat_id", 0)))) is None:
            raise bad("chat not found")
        return chat

    def _content(self, given: dict[str, Any]) -> dict[str, Any]:
        mode = given.get("parse_mode", "")
        if mode not in ("", "HTML"):
            raise bad("unsupported parse_mode")
        text, entities = parse_html(given.get("text", "")) if mode else (given.get("text", ""), [])
        if INVISIBLE.fullmatch(text):
            raise bad("message text is empty")
        if units(text.strip()) > LIMIT:
            raise bad("message is too long")
        markup = given.get("reply_markup") or {}
        check_keyboard(markup)
        return {"text": text, "entities": entities, **({"reply_markup": markup} if markup else {})}


async def main(port: int) -> None:
    async with BotApi(port) as api:
        sys.stdout.write(f"{api.url} {api.token}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
