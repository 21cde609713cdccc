"""A strict Bot API server of our own: what Telegram would refuse, it refuses, in Telegram's words.

In a test: `async with BotApi() as api`, then `api.say(chat, "…")` and `await api.messages(chat, count)`.
Alone: `python -m tests.auxil.bot_api PORT`; the same test calls are then `POST /test/<call>` with JSON arguments.
"""

import asyncio
import inspect
import re
import sys
import time
from collections import defaultdict
from typing import Any, Self

from aiohttp import web

from tests.auxil.bot_api_rules import (
    ACTIONS,
    CALLS,
    DOWNLOAD_LIMIT,
    ApiError,
    Fault,
    bad,
    captioned,
    check_commands,
    check_keyboard,
    check_photo,
    check_webhook,
    content_of,
    parsed,
    typed_entities,
)
from tests.auxil.bot_api_webhook import Bringer

TOKEN = "123456789:AAE-local_test_token_0123456789abcde"
USERNAME = "hai_dang_test_bot"


class BotApi:
    """One bot's server.

    calls: every request of the bot, getUpdates left out, as (method, parameters, seconds). files: content by file_id.
    bringer: brings updates to the webhook, where one is set.
    """

    def __init__(self, port: int = 0, token: str = TOKEN) -> None:
        self.token = token
        self.calls: list[tuple[str, dict[str, Any], float]] = []
        self.commands: list[dict[str, str]] = []
        self.commands_in: dict[int, list[dict[str, str]]] = {}
        self.me = {"id": int(token.split(":")[0]), "is_bot": True, "first_name": "Hải Đăng", "username": USERNAME}
        self._port = port
        self._pending: list[dict[str, Any]] = []
        self._updates: list[dict[str, Any]] = []
        self._next_update = 1000
        self._next_message: dict[int, int] = defaultdict(lambda: 1)
        self._chats: dict[int, dict[str, Any]] = {}
        self._seen: dict[tuple[int, int], dict[str, Any]] = {}
        self._sent: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self._queries: set[str] = set()
        self._faults: list[Fault] = []
        self.files: dict[str, bytes] = {}
        self.bringer = Bringer(self._pending)
        self._changed = asyncio.Event()
        self._poll = 0

    async def __aenter__(self) -> Self:
        await self.come_back()
        self._bringing = asyncio.create_task(self.bringer.run())
        return self

    async def come_back(self) -> None:
        """Listen, on the same port as before if there was one, with everything as it was."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._request)
        app.router.add_get("/file/bot{token}/{file}", self._file)
        app.router.add_post("/test/{call}", self._test)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def go_away(self) -> None:
        """Be unreachable until `come_back`."""
        await self._runner.cleanup()

    async def __aexit__(self, *_: object) -> None:
        self._bringing.cancel()
        await asyncio.wait({self._bringing})
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        self.bringer.changed.set()

    # What tests call, here or by POST /test/<call>.

    def put(self, **update: Any) -> int:
        """Queue an update; its number."""
        self._next_update += 1
        self._updates.append({"update_id": self._next_update, **update})
        self._pending.append(self._updates[-1])
        self._notify()
        return self._next_update

    def redeliver(self) -> None:
        """Bring every update once more, as Telegram does when it was not told that they arrived."""
        self._pending[:] = self._updates
        self._notify()

    def say(
        self,
        chat: int,
        text: str | None = None,
        *,
        sender: int | None = None,
        kind: str = "message",
        answers: int | None = None,
        **more: Any,
    ) -> int:
        """A person writes; a negative chat is a group. The number of their message.

        answers: the number of the message that they reply to. more: further fields of the message.
        """
        if answers is not None:
            more["reply_to_message"] = {k: v for k, v in self._seen[chat, answers].items() if k != "reply_to_message"}
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
            message["entities" if text is not None else "caption_entities"] = typed_entities(written)
        self._seen[chat, number] = message
        self.put(**{kind: message})
        return number

    def send_file(self, chat: int, name: str | None, content: bytes, size: int | None = None, **more: Any) -> int:
        """A person sends a file; the number of their message. size: what Telegram says of it, where that is not so."""
        file = f"upload-{len(self.files)}"
        self.files[file] = content
        document = {"file_id": file, "file_unique_id": file, "file_size": size or len(content), "file_name": name}
        return self.say(chat, document=document, **more)

    def press(
        self, chat: int, data: str, message: int, *, inaccessible: bool = False, sender: int | None = None
    ) -> str:
        """A person presses a button below a message; the number of the query."""
        shown = self._seen[chat, message]
        if inaccessible:
            shown = {"chat": shown["chat"], "message_id": message, "date": 0}
        query = f"query-{len(self._queries)}"
        self._queries.add(query)
        person = {"id": sender or abs(chat), "is_bot": False, "first_name": "Lan"}
        self.put(callback_query={"id": query, "from": person, "chat_instance": "1", "data": data, "message": shown})
        return query

    def fail(self, status: int = 200, *, times: int = 1, **more: Any) -> None:
        """Answer the next requests of a method (of a chat) with an error, or late; more: the fields of a `Fault`."""
        self._faults += [Fault(status, **more) for _ in range(times)]

    def clear_faults(self) -> None:
        """Answer as is right from now on."""
        self._faults.clear()

    def sent(self, chat: int) -> list[dict[str, Any]]:
        """The bot's messages in a chat as they are now, with `html` as it was given and `at` in seconds."""
        return list(self._sent[chat])

    async def messages(self, chat: int, count: int = 1, timeout: float = 60) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """`sent` as soon as there are so many; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while len(self._sent[chat]) < count:
                await self._changed.wait()
        return self.sent(chat)

    async def called(self, method: str, count: int = 1, timeout: float = 60) -> list[dict[str, Any]]:  # noqa: ASYNC109
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
        if call not in CALLS:
            raise web.HTTPNotFound
        result = getattr(self, call)(**await request.json())
        return web.json_response(await result if inspect.isawaitable(result) else result)

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
        if fault and fault.status != 200:
            raise fault.error()
        result = handler(given)
        await asyncio.sleep(fault.hang if fault else 0)
        return result

    async def _parameters(self, request: web.Request) -> dict[str, Any]:
        if request.content_type == "application/json":
            return dict(await request.json())
        given: dict[str, Any] = {**request.query, **(await request.post())}
        for name, value in given.items():
            if isinstance(value, web.FileField):
                given[name] = f"file-{len(self.files)}-{value.filename}"
                self.files[given[name]] = value.file.read()
        return parsed(given)

    def _fault(self, method: str, given: dict[str, Any]) -> Fault | None:
        found = next((fault for fault in self._faults if fault.meets(method, given)), None)
        if found:
            self._faults.remove(found)
        return found

    async def _get_updates(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """Only the offset confirms: whatever is not confirmed comes again."""
        if self.bringer.webhook:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poll += 1
        poll, deadline = self._poll, time.monotonic() + float(given.get("timeout", 0))
        self._notify()
        offset = int(given.get("offset", 0))
        self._pending[:] = [update for update in self._pending if update["update_id"] >= offset]
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

    def _set_webhook(self, given: dict[str, Any]) -> bool:
        check_webhook(given)
        self.bringer.webhook = given
        return True

    def _delete_webhook(self, given: dict[str, Any]) -> bool:
        self.bringer.webhook = None
        if str(given.get("drop_pending_updates", False)).lower() == "true":
            self._pending.clear()
        return True

    def _set_my_commands(self, given: dict[str, Any]) -> bool:
        check_commands(given)
        if given.get("scope", {}).get("type") == "chat":
            self.commands_in[self._chat(given["scope"])["id"]] = given["commands"]
        else:
            self.commands = given["commands"]
        return True

    def _send_chat_action(self, given: dict[str, Any]) -> bool:
        self._chat(given)
        if given.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        return True

    def _send_message_draft(self, given: dict[str, Any]) -> bool:
        if self._chat(given)["type"] != "private" or int(given.get("draft_id", 0)) == 0:
            raise bad("DRAFT_INVALID")
        content_of(given)
        return True

    def _answer_callback_query(self, given: dict[str, Any]) -> bool:
        if given.get("callback_query_id") not in self._queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(given.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        return True

    def _send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._sent_message(given, content_of(given), given["text"])

    def _send_document(self, given: dict[str, Any]) -> dict[str, Any]:
        file = self._sent_file(given, "document")
        document = {**self._get_file({"file_id": file}), "file_name": file.split("-", 2)[2]}
        return self._sent_message(given, {"document": document, **captioned(given)}, given.get("caption", ""))

    def _send_photo(self, given: dict[str, Any]) -> dict[str, Any]:
        file = self._sent_file(given, "photo")
        photo = {**self._get_file({"file_id": file}), **check_photo(self.files[file])}
        return self._sent_message(given, {"photo": [photo], **captioned(given)}, given.get("caption", ""))

    def _sent_file(self, given: dict[str, Any], kind: str) -> str:
        file: str = given.get(kind, "")
        if not self.files.get(file):
            raise bad("file must be non-empty" if file in self.files else "wrong file identifier/HTTP URL specified")
        return file

    def _get_file(self, given: dict[str, Any]) -> dict[str, Any]:
        file = given.get("file_id", "")
        if file not in self.files:
            raise bad("invalid file_id")
        if len(self.files[file]) > DOWNLOAD_LIMIT:
            raise bad("file is too big")
        return {"file_id": file, "file_unique_id": file, "file_size": len(self.files[file]), "file_path": file}

    async def _file(self, request: web.Request) -> web.Response:
        file = request.match_info["file"]
        if request.match_info["token"] != self.token or file not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[file])

    def _sent_message(self, given: dict[str, Any], content: dict[str, Any], html: str) -> dict[str, Any]:
        chat = self._chat(given)
        message = {"chat": chat, "from": self.me, "date": int(time.time()), **content}
        answered = given.get("reply_parameters")
        if answered:
            found = self._seen.get((chat["id"], answered["message_id"]))
            if not found and not answered.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            message |= {"reply_to_message": found} if found else {}
        if thread := given.get("message_thread_id"):
            message["message_thread_id"] = int(thread)
        message["message_id"] = self._next_message[chat["id"]]
        self._next_message[chat["id"]] += 1
        self._sent[chat["id"]].append({**message, "html": html, "at": time.monotonic()})
        if "force_reply" in message.get("reply_markup", ()):
            # Only keyboards inside a message come back with it.
            del message["reply_markup"]
        self._seen[chat["id"], message["message_id"]] = message
        self._notify()
        return message

    def _edit_message_text(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._edited(given, {**content_of(given), "html": given["text"]})

    def _edit_message_reply_markup(self, given: dict[str, Any]) -> dict[str, Any]:
        markup = given.get("reply_markup") or {}
        check_keyboard(markup)
        return self._edited(given, {"reply_markup": markup} if markup else {})

    def _edited(self, given: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        chat, number = self._chat(given), int(given.get("message_id", 0))
        sent = next((sent for sent in self._sent[chat["id"]] if sent["message_id"] == number), None)
        if sent is None:
            raise bad("message to edit not found")
        before, _ = dict(sent), sent.pop("reply_markup", None)
        sent |= content
        if all(sent.get(name) == before.get(name) for name in ("text", "entities", "reply_markup")):
            sent |= before
            raise bad("message is not modified: specified new message content and reply markup are exactly the same")
        sent["edit_date"] = int(time.time())
        message = {name: value for name, value in sent.items() if name not in ("html", "at")}
        self._seen[chat["id"], number] = message
        self._notify()
        return message

    def _chat(self, given: dict[str, Any]) -> dict[str, Any]:
        if (chat := self._chats.get(int(given.get("chat_id", 0)))) is None:
            raise bad("chat not found")
        return chat


async def main(port: int) -> None:
    async with BotApi(port) as api:
        print(api.url, api.token, flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
