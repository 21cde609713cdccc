"""The one place where everything is put together."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.assistant.assistant import Assistant
from bot.assistant.budget import Budget
from bot.assistant.chat_model import ChatModel, ChatModels, load_chat_model
from bot.conversations.counting import keep_counts
from bot.conversations.database import open_database
from bot.conversations.people import Pseudonyms, key_beside
from bot.conversations.privacy import expire_daily
from bot.conversations.records import Records
from bot.curation.publishing import Publisher
from bot.curation.telling import tell_when_answered
from bot.onboarding.files import Files, load_files
from bot.onboarding.loading import OnboardingError
from bot.reminders import remind_always
from bot.settings import Settings, SettingsError
from knowledge.embedding import TextEmbeddings, load_embeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary, open_when_published
from knowledge.reranking import CrossEncoderReranker

_ROOT = Path(__file__).parent.parent

# The first version answers from the lexical index alone and is there within seconds.
FIRST_VERSION_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class App:
    live: LiveLibrary
    assistant: Assistant
    embeddings: TextEmbeddings


@dataclass(frozen=True, slots=True)
class Ingest:
    """An ingest at work. report: the file that it writes what it says to."""

    report: Path
    process: subprocess.Popen[bytes]

    def running(self) -> bool:
        return self.process.poll() is None


@contextlib.contextmanager
def open_app(settings: Settings, *, wait: float = 0.0, hope: Callable[[], bool] = lambda: True) -> Iterator[App]:
    """The assistant over the live library, waiting up to `wait` seconds, as long as there is hope, for a version.

    Raises LibraryError when there is no library or its model cannot be loaded, ModelError when a language model cannot
    be set up.
    """
    with open_when_published(Library(settings.library_dir), wait, hope) as live:
        reranker = CrossEncoderReranker(settings.reranker_model) if settings.reranker_model else None
        embeddings = load_embeddings(settings.embedding_model)
        yield App(live, Assistant(live, embeddings, reranker, chat_models(settings)), embeddings)


def open_publisher(app: App, settings: Settings) -> Publisher:
    """What admins look after the library with. Raises LibraryError."""
    return Publisher(settings, app.embeddings)


def chat_models(settings: Settings) -> ChatModels | None:
    """The language models, where there is one. Raises ModelError when one cannot be set up."""
    if settings.chat_model is None:
        return None
    chosen = [(settings.chat_model, settings.chat_model_url, settings.chat_model_key)]
    if fallback := settings.chat_model_fallback:
        alike = fallback.partition(":")[0] == settings.chat_model.partition(":")[0]
        url = settings.chat_model_fallback_url or (settings.chat_model_url if alike else None)
        chosen.append((fallback, url, settings.chat_model_fallback_key or (settings.chat_model_key if alike else None)))
    read, written = settings.chat_model_price_in, settings.chat_model_price_out
    prices = None if read is None or written is None else (read, written)
    models = []
    for name, url, secret in chosen:
        key = secret.get_secret_value() if secret else None
        models.append(ChatModel(name, load_chat_model(name, url, key, settings.chat_model_temperature), prices))
    spent = settings.data_dir / "chat_model_spent.json"
    return ChatModels(
        models,
        Budget(spent, settings.chat_model_budget_per_day, settings.chat_model_tokens_per_day),
        timeout=settings.chat_model_timeout,
        retries=settings.chat_model_retries,
        uses=frozenset(settings.chat_model_uses.split(",")),
    )


def pseudonyms_of(settings: Settings) -> Pseudonyms:
    """By the key that is set, or the one in DATA_DIR."""
    key = settings.pseudonym_key
    return Pseudonyms(key.get_secret_value().encode() if key else key_beside(settings.data_dir))


@contextlib.asynccontextmanager
async def open_records(settings: Settings) -> AsyncIterator[Records]:
    """The records in a database that is up to date; what is older than it may be kept is erased once a day."""
    database = open_database(settings.database)
    rounds = {
        asyncio.create_task(expire_daily(database, settings.retention_days)),
        asyncio.create_task(keep_counts(database)),
    }
    try:
        yield Records(database, pseudonyms_of(settings))
    finally:
        for task in rounds:
            task.cancel()
        await asyncio.wait(rounds)
        await database.close()


def onboarding_files(settings: Settings) -> Files:
    """The questions and steps of the onboarding. Raises SettingsError with file, line and mistake."""
    try:
        return load_files(settings.onboarding_file, settings.checklist_file)
    except OnboardingError as error:
        raise SettingsError(f"ONBOARDING_FILE, CHECKLIST_FILE: {error.text(settings.language)}") from None


@contextlib.asynccontextmanager
async def reminding(records: Records, files: Files) -> AsyncIterator[None]:
    """Remind those who agreed of their next step for as long as the block lasts."""
    task = asyncio.create_task(remind_always(records, files.steps))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


@contextlib.asynccontextmanager
async def telling_beside(app: App, records: Records, settings: Settings) -> AsyncIterator[None]:
    """Tell those who wait for an answer, in the background, whenever a new version of the library has one."""
    known = settings.data_dir / "told.json"
    telling = asyncio.create_task(tell_when_answered(app.live, app.assistant, records, known))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait({telling})


@contextlib.contextmanager
def ingest_beside(settings: Settings) -> Iterator[Ingest]:
    """Bring the library up to date in a process of its own while the bot answers.

    The process is ended with the bot: what it had embedded is kept and the next one goes on from there.
    """
    report = settings.data_dir / "ingest.log"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with report.open("w", encoding="utf-8") as output:
        child = subprocess.Popen([sys.executable, str(_ROOT / "ingest.py")], stdout=output, stderr=output)  # noqa: S603
        try:
            yield Ingest(report, child)
        finally:
            child.terminate()
            child.wait()
