"""The Telegram application, put together and run."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from telegram import BotCommand, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import Application, ContextTypes, Defaults

from bot.assistant.assistant import Assistant
from bot.conversations.records import Records
from bot.curation.found_gaps import FoundGaps
from bot.curation.publishing import Publisher
from bot.desk import desk_of
from bot.limits import Limits
from bot.onboarding.files import Files
from bot.patience import back_off, patiently
from bot.running import until_stopped
from bot.settings import Settings, SettingsError
from bot.telegram.about import AboutHandlers
from bot.telegram.addressing import CHANNEL
from bot.telegram.admin import Admin
from bot.telegram.agents import Agents
from bot.telegram.checklist import ChecklistHandlers
from bot.telegram.delivery import Delivery
from bot.telegram.feedback import Feedback
from bot.telegram.handlers import Handlers
from bot.telegram.intake import WANTED, Intake, Polling
from bot.telegram.offers import Comparing
from bot.telegram.onboarding import Onboarding
from bot.telegram.ops import Ops
from bot.telegram.person import Person
from bot.telegram.privacy import Privacy
from bot.telegram.processing import Processing
from bot.telegram.sending import Sending
from bot.telegram.wanted import Wanted
from bot.telegram.webhook import Webhook, secret_of
from bot.telegram.work import App, Context
from bot.texts import say
from knowledge.live import LiveLibrary

_log = logging.getLogger(__name__)

COMMANDS = (
    "start",
    "help",
    "chude",
    "danhgia",
    "hoso",
    "lotrinh",
    "dungnhac",
    "daily",
    "chuyenvien",
    "quyenriengtu",
    "dulieu",
    "xoadulieu",
)
# Seconds for connecting and for an answer of Telegram: through a proxy both are slow.
_CONNECT, _READ = 10.0, 20.0
# About as many as are used at once: what the pool does for each request grows with the square of its connections.
_CONNECTIONS = 64
# Seconds between attempts to reach Telegram, the first and the last.
_FIRST_RETRY, _LAST_RETRY = 1.0, 30.0
# Seconds after the signal to stop until the last moment for work, and for sending; the program is to end within ten.
_WORK_UNTIL, _SEND_UNTIL = 5.5, 8.0


# Without a representation: the token would be in it.
@dataclass(frozen=True, slots=True, repr=False)
class Telegram:
    """The parts of a bot, in the order in which an update passes through them."""

    application: App
    source: Polling | Webhook
    intake: Intake
    processing: Processing
    sending: Sending
    handlers: Handlers
    admin: Admin | None
    records: Records
    webhook_url: str | None
    token: str

    @property
    def link(self) -> str | None:
        """Where people find the bot; None until Telegram has told its name."""
        try:
            return self.application.bot.link
        except RuntimeError:
            return None


def build_telegram(
    settings: Settings,
    live: LiveLibrary,
    assistant: Assistant,
    records: Records,
    files: Files,
    publisher: Publisher | None = None,
    found_gaps: FoundGaps | None = None,
) -> Telegram:
    """The bot whose token is set; raises SettingsError without one, or when its webhook cannot listen.

    publisher, found_gaps: what admins look after the library with; without it there are none.
    """
    if settings.telegram_bot_token is None:
        raise SettingsError("TELEGRAM_BOT_TOKEN")
    token, url = settings.telegram_bot_token.get_secret_value(), settings.telegram_webhook_url
    limits = Limits(settings.limit_queue, settings.limit_open, settings.limit_per_minute, settings.limit_per_day)
    application = _application(settings, token)
    onboarding = Onboarding(records, files.questionnaire)
    checklist = ChecklistHandlers(live, records, files.steps)
    desk = desk_of(settings, records, files.questionnaire.profile)
    person = Person(desk)
    handlers = Handlers(live, assistant, limits, onboarding, person)
    privacy = Privacy(records, assistant, settings.retention_days)
    admins = settings.telegram_admins
    admin = None
    if publisher and found_gaps and admins:
        admin = Admin(admins, publisher, found_gaps, assistant, COMMANDS)
    if desk.place:
        # In front of all others: in the group of ops nothing else is reacted to.
        application.add_handlers(Ops(desk, desk.place, records).handlers())
    if admin:
        application.add_handlers(admin.handlers())
    application.add_handlers(
        [
            *Feedback(records).handlers(),
            *Wanted(records).handlers(),
            *privacy.handlers(),
            *Agents(records, live).handlers(),
            *Comparing(records, live).handlers(),
            *checklist.handlers(),
            *AboutHandlers(records).handlers(),
            *person.handlers(),
            *onboarding.handlers(),
            *handlers.handlers(),
        ]
    )
    sending = Sending(application.bot, records)
    ops = desk.place.chat if desk.place else None
    processing = Processing(application, records, live, settings.retention_days, sending.wake, ops)
    intake = Intake(application.bot, records, live, processing, limits, sending.wake)
    source: Polling | Webhook
    if url:
        source = Webhook(url, settings.telegram_webhook_listen, secret_of(token), intake.take)
    else:
        source = Polling(f"{settings.telegram_api_url}/bot{token}", settings.telegram_proxy, intake.take)
    return Telegram(application, source, intake, processing, sending, handlers, admin, records, url, token)


def _application(settings: Settings, token: str) -> App:
    builder = (
        Application.builder()
        .token(token)
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .defaults(Defaults(parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)))
        .rate_limiter(Delivery(settings.telegram_messages_per_second))
        .context_types(ContextTypes(context=Context))
        .connection_pool_size(_CONNECTIONS)
        .connect_timeout(_CONNECT)
        .pool_timeout(_CONNECT)
        .read_timeout(_READ)
        .updater(None)
        .job_queue(None)
    )
    if settings.telegram_proxy:
        builder = builder.proxy(settings.telegram_proxy)
    return builder.build()


async def run_telegram(telegram: Telegram, stop: asyncio.Event) -> None:
    """Answer until `stop` is set, then finish what was begun; raises SettingsError when Telegram refuses a setting."""
    try:
        await until_stopped(_run(telegram), stop)
    finally:
        await _let_go(telegram)


async def _run(telegram: Telegram) -> None:
    """Take up what an earlier run left, then take updates until cancelled; then stop in the order of the flow."""
    await _reach(telegram)
    resumed = await patiently(lambda: telegram.records.resume_sending(CHANNEL))
    if resumed:
        _log.warning("messages may arrive twice", extra={"event": "in_flight", "messages": resumed})
    sending = asyncio.create_task(telegram.sending.run())
    taking = asyncio.create_task(_take(telegram))
    try:
        # Neither ends by itself: if one does, its error is to end the program, which is started anew.
        done, _ = await asyncio.wait({sending, taking}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        began = asyncio.get_running_loop().time()
        taking.cancel()
        await asyncio.wait({taking})
        await telegram.processing.stop(_left(began, _WORK_UNTIL))
        await telegram.sending.stop(sending, _left(began, _SEND_UNTIL))
        telegram.intake.close()


async def _take(telegram: Telegram) -> None:
    await telegram.processing.resume(await patiently(lambda: telegram.records.open_updates(CHANNEL)))
    _log.info("listening on Telegram", extra={"event": "listening", "username": telegram.application.bot.username})
    await telegram.source.run()


def _left(began: float, until: float) -> float:
    return max(0.0, began + until - asyncio.get_running_loop().time())


async def _reach(telegram: Telegram) -> None:
    """Wait until Telegram answers, and tell it how updates are to come."""
    bot, tries = telegram.application.bot, 0
    while True:
        try:
            await telegram.application.initialize()
            if telegram.webhook_url:
                await bot.set_webhook(
                    telegram.webhook_url, allowed_updates=WANTED, secret_token=secret_of(telegram.token)
                )
            else:
                await bot.delete_webhook()
            break
        except InvalidToken:
            raise SettingsError(f"TELEGRAM_BOT_TOKEN: {say('telegram.bad_token')}") from None
        except BadRequest as error:
            raise SettingsError(f"TELEGRAM_WEBHOOK_URL={telegram.webhook_url!r}: {error.message}") from None
        except TelegramError as error:
            delay = back_off(tries, _FIRST_RETRY, _LAST_RETRY)
            _log.warning("Telegram cannot be reached (%s), next try in %.0f s", error.message, delay)
        tries += 1
        await asyncio.sleep(delay)
    try:
        await bot.set_my_commands([BotCommand(name, say(f"telegram.command.{name}")) for name in COMMANDS])
    except TelegramError as error:
        _log.warning("the menu of commands was not set (%s)", error.message)
    if telegram.admin:
        await telegram.admin.introduce(bot)


async def _let_go(telegram: Telegram) -> None:
    await telegram.application.shutdown()
    # An application that never reached Telegram counts as not initialised and would leave its connections open.
    with suppress(TelegramError):
        await telegram.application.bot.shutdown()
    await telegram.source.close()
    telegram.handlers.close()
