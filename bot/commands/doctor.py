"""`python -m bot doctor`: each part is OK, or what to do about it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

import httpx

from bot.app import chat_models, onboarding_files
from bot.assistant.chat_model import ChatModels, ModelError, ModelGaveUpError
from bot.assistant.prompting import Prompt
from bot.conversations.database import DatabaseUnavailable, is_sqlite
from bot.conversations.migrating import state
from bot.settings import Settings, SettingsError
from bot.texts import Language, say
from knowledge.documents import LibraryError
from knowledge.embedding import load_embeddings
from knowledge.library import Library

_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """part: key of its name in the catalogue. ok: None where the part is not set up and need not be."""

    part: str
    ok: bool | None
    text: str


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings, one after the other as they are made."""
    language = settings.language
    yield Finding("settings", True, say("doctor.settings_ok", language, data_dir=settings.data_dir.resolve()))
    yield _finding("library", lambda: _library(settings), language)
    yield _finding("embeddings", lambda: _embeddings(settings), language)
    yield _records(settings)
    yield _onboarding(settings)
    yield from _chat_models(settings)
    yield _telegram(settings)


def _finding(part: str, look: Callable[[], str], language: Language) -> Finding:
    try:
        return Finding(part, True, look())
    except LibraryError as error:
        return Finding(part, False, say(f"library.{error.code}", language, **error.values))


def _library(settings: Settings) -> str:
    with Library(settings.library_dir).open() as index:
        manifest = index.manifest
    key = "doctor.library_ok" if manifest.dense else "doctor.library_lexical"
    values = {"number": manifest.number, "documents": manifest.documents, "passages": manifest.passages}
    return say(key, settings.language, **values)


def _embeddings(settings: Settings) -> str:
    embeddings = load_embeddings(settings.embedding_model)
    embeddings.queries(["xuất khẩu"])
    started = time.perf_counter()
    embeddings.queries(["Người mua nước ngoài quan tâm điều gì nhất?"])
    milliseconds = (time.perf_counter() - started) * 1000
    return say("doctor.embeddings_ok", settings.language, model=embeddings.name, milliseconds=f"{milliseconds:.0f}")


def _onboarding(settings: Settings) -> Finding:
    try:
        files = onboarding_files(settings)
    except SettingsError as error:
        return Finding("onboarding", False, str(error))
    values = {"questions": len(files.questionnaire.questions), "steps": len(files.steps.steps)}
    version = files.questionnaire.version
    return Finding("onboarding", True, say("doctor.onboarding_ok", settings.language, version=version, **values))


def _records(settings: Settings) -> Finding:
    language = settings.language
    try:
        found = state(settings.database)
    except DatabaseUnavailable as error:
        return Finding("records", False, say("records.unavailable", language, reason=error))
    # A file of SQLite that is older is brought up to date when the bot starts.
    if found == "newer" or (found == "older" and not is_sqlite(settings.database)):
        key = "records.newer" if found == "newer" else "doctor.records_older"
        return Finding("records", False, say(key, language))
    key = "doctor.records_empty" if found == "empty" else "doctor.records_current"
    return Finding("records", True, say(key, language))


def _chat_models(settings: Settings) -> Iterator[Finding]:
    language = settings.language
    try:
        models = chat_models(settings)
    except ModelError as error:
        yield Finding("chat_model", False, say("chat_model.unusable", language, detail=error))
        return
    if models is None:
        yield Finding("chat_model", None, say("doctor.chat_model_unset", language))
        return
    # One event loop for all: LangChain keeps a client for each address, which belongs to the loop it was first used in.
    with asyncio.Runner() as runner:
        for model in models.models:
            started = time.perf_counter()
            try:
                runner.run(_first_words(replace(models, models=[model], retries=0)))
            except ModelGaveUpError as error:
                values = {"model": model.name, "detail": error}
                yield Finding("chat_model", False, say("doctor.chat_model_silent", language, **values))
                continue
            milliseconds = f"{(time.perf_counter() - started) * 1000:.0f}"
            values = {"model": model.name, "milliseconds": milliseconds}
            yield Finding("chat_model", True, say("doctor.chat_model_ok", language, **values))


async def _first_words(models: ChatModels) -> None:
    """Raises ModelGaveUpError."""
    greeting = Prompt("doctor/1", "Trả lời bằng một từ.", "Xin chào!")
    until = asyncio.get_running_loop().time() + _TIMEOUT
    async with aclosing(models.stream(greeting, greeting.messages("vi"), until, [])) as pieces:
        await anext(pieces, None)


def _telegram(settings: Settings) -> Finding:
    """Asked with httpx alone: a doctor must be able to say why the library that the bot uses would fail."""
    language = settings.language
    if settings.telegram_bot_token is None:
        return Finding("telegram", None, say("doctor.telegram_unset", language))
    url = f"{settings.telegram_api_url}/bot{settings.telegram_bot_token.get_secret_value()}/getMe"
    try:
        answer = httpx.get(url, proxy=settings.telegram_proxy, timeout=_TIMEOUT)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        values = {"url": settings.telegram_api_url, "detail": type(error).__name__}
        return Finding("telegram", False, say("doctor.telegram_unreachable", language, **values))
    if not body.get("ok"):
        return Finding("telegram", False, say("doctor.telegram_refused", language, detail=body.get("description", "?")))
    return Finding("telegram", True, say("doctor.telegram_ok", language, name=body["result"]["username"]))
