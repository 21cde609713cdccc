"""The Telegram application, put together and run."""

import asyncio
import logging
from contextlib import suppress
from typing import cast

from telegram import BotCommand, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application, Defaults, Updater

from bot.assistant.assistant import Assistant
from bot.settings import Settings, SettingsError
from bot.telegram.delivery import Delivery
from bot.telegram.handlers import App, Handlers
from bot.telegram.updates import ChatOrder
from bot.texts import say
from knowledge.live import LiveLibrary

_log = logging.getLogger(__name__)

COMMANDS = ("start", "help", "chude")
# Seconds for connecting and for an answer of Telegram: through a proxy both are slow.
_CONNECT, _READ = 10.0, 20.0
# Seconds between attempts to reach Telegram: the first, doubled up to the last.
_FIRST_RETRY, _LAST_RETRY = 1.0, 30.0
# Seconds that questions at work have to be answered in when the bot stops.
_STOPPING = 20.0


def build_application(settings: Settings, live: LiveLibrary, assistant: Assistant) -> App:
    """The application for the bot whose token is set; raises SettingsError without one."""
    if settings.telegram_bot_token is None:
        raise SettingsError("TELEGRAM_BOT_TOKEN")
    handlers = Handlers(live, assistant)

    async def close(_: App) -> None:
        handlers.close()

    builder = (
        Application.builder()
        .token(settings.telegram_bot_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .defaults(Defaults(parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)))
        .rate_limiter(Delivery())
        .concurrent_updates(ChatOrder(handlers.refuse))
        .connect_timeout(_CONNECT)
        .pool_timeout(_CONNECT)
        .read_timeout(_READ)
        # One connection may still be letting go of a cancelled poll when the last updates are confirmed at the end.
        .get_updates_connection_pool_size(2)
        .get_updates_connect_timeout(_CONNECT)
        .get_updates_read_timeout(_READ)
        .job_queue(None)
        .post_shutdown(close)
    )
    if settings.telegram_proxy:
        builder = builder.proxy(settings.telegram_proxy).get_updates_proxy(settings.telegram_proxy)
    application = builder.build()
    handlers.register(application)
    return application


async def run_polling(application: App, stop: asyncio.Event) -> None:
    """Answer until `stop` is set, then finish what was begun; raises SettingsError when the token is refused."""
    stopping = asyncio.create_task(stop.wait())
    starting = asyncio.create_task(_start(application))
    try:
        await asyncio.wait({stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            await stopping
    except InvalidToken:
        raise SettingsError(f"TELEGRAM_BOT_TOKEN: {say('telegram.bad_token')}") from None
    finally:
        for task in (stopping, starting):
            task.cancel()
        await asyncio.wait({stopping, starting})
        await _shut_down(application)


async def _start(application: App) -> None:
    delay = _FIRST_RETRY
    while True:
        try:
            await application.initialize()
            break
        except InvalidToken:
            raise
        except TelegramError as error:
            _log.warning("Telegram cannot be reached (%s), next try in %.0f s", error.message, delay)
        await asyncio.sleep(delay)
        delay = min(2 * delay, _LAST_RETRY)
    try:
        await application.bot.set_my_commands([BotCommand(name, say(f"telegram.command.{name}")) for name in COMMANDS])
    except TelegramError as error:
        _log.warning("the menu of commands was not set (%s)", error.message)
    await application.start()
    await cast("Updater", application.updater).start_polling(
        bootstrap_retries=-1,
        drop_pending_updates=False,
        allowed_updates=[Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY],
        error_callback=_log_polling_trouble,
    )
    _log.info("listening on Telegram", extra={"event": "listening", "username": application.bot.username})


def _log_polling_trouble(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        _log.error("another program receives the updates of this bot; stop one of the two")
    else:
        _log.warning("no updates from Telegram (%s), trying again", error.message)


async def _shut_down(application: App) -> None:
    """In the order of the data's flow: no new updates, then the open ones, then the connections."""
    updater = application.updater
    if updater and updater.running:
        await updater.stop()
    if application.running:
        try:
            await asyncio.wait_for(application.stop(), _STOPPING)
        except TimeoutError:
            _log.warning("stopped before all questions were answered", extra={"event": "unfinished"})
    await application.shutdown()
    # An application that never reached Telegram counts as not initialised and would leave its connections open.
    with suppress(TelegramError):
        await application.bot.shutdown()
    if application.post_shutdown:
        await application.post_shutdown(application)
