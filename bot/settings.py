"""The settings, read once from the environment and `.env`; `.env.example` explains each."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.assistant.chat_model import USES
from knowledge.embedding import BUILT_IN

_LAST_PORT = 65535
# Scheme, host and port: what a Content-Security-Policy takes for a source and nothing that could end it.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
# Characters of a key that nobody guesses.
_LEAST_KEY = 16
_SECRETS = {
    "CHAT_MODEL_KEY",
    "CHAT_MODEL_FALLBACK_KEY",
    "TELEGRAM_BOT_TOKEN",
    "DATABASE_URL",
    "PSEUDONYM_KEY",
    "METRICS_TOKEN",
}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(Path("data"), description="Folder of the library and all that the bot writes.")
    knowledge_dir: Path = Field(Path("knowledge/guides"), description="Folder of the documents to answer from.")
    embedding_model: str = Field(BUILT_IN, description="The built-in model, or sentence-transformers/NAME-OR-FOLDER.")
    reranker_model: str | None = Field(None, description="Cross-encoder of sentence-transformers for a second look.")
    chat_model: str | None = Field(None, description="PROVIDER:NAME of a language model; without it none is used.")
    chat_model_url: str | None = Field(None, description="Root of the model's interface, where it is not the usual.")
    chat_model_key: SecretStr | None = Field(None, description="Key of the model's provider.")
    chat_model_fallback: str | None = Field(None, description="PROVIDER:NAME of a second choice.")
    chat_model_fallback_url: str | None = Field(None, description="CHAT_MODEL_URL of the second choice.")
    chat_model_fallback_key: SecretStr | None = Field(None, description="CHAT_MODEL_KEY of the second choice.")
    chat_model_uses: str = Field(",".join(USES), description="What models are asked to do.")
    chat_model_temperature: float | None = Field(None, ge=0, le=2, description="How freely they write.")
    chat_model_timeout: int = Field(20, ge=1, le=600, description="Seconds for all that one reply asks of them.")
    chat_model_retries: int = Field(1, ge=0, le=10, description="Further tries with one model.")
    chat_model_price_in: float | None = Field(None, ge=0, description="USD for a million tokens read.")
    chat_model_price_out: float | None = Field(None, ge=0, description="USD for a million tokens written.")
    chat_model_budget_per_day: float | None = Field(None, gt=0, description="USD that may be spent in a day.")
    chat_model_tokens_per_day: int | None = Field(None, gt=0, description="Tokens that may be used in a day.")
    language: Literal["vi", "en"] = Field("vi", description="Language of the command line and of ingest reports.")
    telegram_bot_token: SecretStr | None = Field(None, description="Token from @BotFather; without it no Telegram.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Root of the Bot API server.")
    telegram_proxy: str | None = Field(None, description="Proxy to reach Telegram by: http://, https:// or socks5://.")
    telegram_messages_per_second: int = Field(30, ge=1, le=1000, description="Messages that Telegram takes, all chats.")
    telegram_webhook_url: str | None = Field(None, description="Where Telegram brings updates; else polling.")
    telegram_webhook_listen: str = Field("127.0.0.1:8081", description="HOST:PORT to listen on for the webhook.")
    admin_telegram_ids: str = Field("", description="Telegram ids of those who look after the library.")
    database_url: SecretStr | None = Field(None, description="Of PostgreSQL; without it a file in DATA_DIR.")
    pseudonym_key: SecretStr | None = Field(None, description="Key of the pseudonyms; without it a file in DATA_DIR.")
    retention_days: int = Field(365, ge=1, description="Days after which questions and answers are erased.")
    limit_queue: int = Field(20, ge=1, description="Messages of one chat that wait; more are not taken.")
    limit_open: int = Field(4096, ge=1, description="Messages of all chats that wait; more stay with Telegram.")
    limit_per_minute: int = Field(20, ge=1, description="Questions of one person answered in a minute.")
    limit_per_day: int = Field(300, ge=1, description="Questions of one person answered in a day.")
    host: str = Field("127.0.0.1", description="Address of this machine that the web page listens on.")
    port: int = Field(8080, ge=0, le=_LAST_PORT, description="Port of the web page; 0 takes any that is free.")
    web_origins: str = Field("", description="Sites that may show the chat inside their pages, by commas.")
    metrics_token: SecretStr | None = Field(None, description="What /metrics asks for; else this machine only.")
    onboarding_file: Path | None = Field(None, description="Questions of the readiness check, in place of ours.")
    checklist_file: Path | None = Field(None, description="Steps of the checklist, in place of ours.")
    ops_telegram_chat: int | None = Field(None, description="Telegram group where ops answer who wants a human.")
    support_hours: str = Field("", max_length=200, description="When ops answer, as people are told it.")
    console_hold_minutes: int = Field(30, ge=1, le=720, description="Minutes that the bot waits for silent ops.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    @field_validator("embedding_model")
    @classmethod
    def _model(cls, value: str) -> str:
        if value != BUILT_IN and not value.startswith("sentence-transformers/"):
            raise ValueError(f"{BUILT_IN} | sentence-transformers/NAME-OR-FOLDER")
        return value

    @field_validator("chat_model", "chat_model_fallback")
    @classmethod
    def _chat_model(cls, value: str | None) -> str | None:
        if value and not all(part.strip() for part in value.partition(":")):
            raise ValueError("openai:NAME | anthropic:NAME | google_genai:NAME | ollama:NAME")
        return value

    @field_validator("chat_model_uses")
    @classmethod
    def _uses(cls, value: str) -> str:
        uses = [use.strip() for use in value.split(",")]
        if not set(uses) <= set(USES):
            raise ValueError(f"any of {','.join(USES)}")
        return ",".join(uses)

    @field_validator("chat_model_budget_per_day")
    @classmethod
    def _priced(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value and None in (info.data.get("chat_model_price_in"), info.data.get("chat_model_price_out")):
            raise ValueError("needs CHAT_MODEL_PRICE_IN and CHAT_MODEL_PRICE_OUT; else CHAT_MODEL_TOKENS_PER_DAY")
        return value

    @field_validator("chat_model_url", "chat_model_fallback_url")
    @classmethod
    def _model_url(cls, value: str | None) -> str | None:
        return cls._url(value) if value else None

    @field_validator("telegram_api_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("http://HOST:PORT | https://HOST")
        return value.rstrip("/")

    @field_validator("telegram_proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://", "socks5://")):
            raise ValueError("http://HOST:PORT | https://HOST:PORT | socks5://HOST:PORT")
        return value

    @field_validator("telegram_bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        number, colon, secret = value.get_secret_value().partition(":") if value else ("1", ":", "x")
        if not (number.isdigit() and colon and secret):
            raise ValueError("123456789:ABC… (@BotFather)")
        return value

    @field_validator("telegram_webhook_url")
    @classmethod
    def _webhook(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("https://HOST/PATH")
        return value

    @field_validator("telegram_webhook_listen")
    @classmethod
    def _listen(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > _LAST_PORT:
            raise ValueError("HOST:PORT")
        return value

    @field_validator("admin_telegram_ids")
    @classmethod
    def _admin_ids(cls, value: str) -> str:
        ids = [one.strip() for one in value.split(",") if one.strip()]
        if not all(re.fullmatch(r"[1-9][0-9]{0,15}", one) for one in ids):
            raise ValueError("123456789,987654321 (@userinfobot)")
        return ",".join(ids)

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("sqlite:///", "postgresql://")):
            raise ValueError("postgresql://USER:PASSWORD@HOST:PORT/NAME | sqlite:///FILE")
        return value

    @field_validator("pseudonym_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < _LEAST_KEY:
            raise ValueError(f">= {_LEAST_KEY} characters (openssl rand -hex 32)")
        return value

    @field_validator("web_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        origins = [origin.strip().rstrip("/") for origin in value.split(",") if origin.strip()]
        if not all(_ORIGIN.fullmatch(origin) for origin in origins):
            raise ValueError("https://HOST, separated by commas")
        return ",".join(origins)

    @property
    def framed_by(self) -> tuple[str, ...]:
        """The origins of `web_origins`."""
        return tuple(filter(None, self.web_origins.split(",")))

    @property
    def telegram_admins(self) -> frozenset[int]:
        """Ids of those who look after the library by Telegram."""
        return frozenset(int(one) for one in self.admin_telegram_ids.split(",") if one)

    @property
    def database(self) -> str:
        """The address of the database."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'hai-dang.sqlite3'}"

    @property
    def library_dir(self) -> Path:
        return self.data_dir / "library"

    @property
    def documents_dir(self) -> Path:
        return self.data_dir / "documents"


class SettingsError(Exception):
    """A setting has a wrong value. Seen by whoever starts the program; the text names it and what is allowed."""


def load_settings() -> Settings:
    """Raises SettingsError, a line for each wrong setting, never with the value of a secret."""
    try:
        return Settings()  # type: ignore[call-arg]  # the fields have defaults, given by position
    except ValidationError as error:
        raise SettingsError("\n".join(_line(dict(problem)) for problem in error.errors())) from None


def _line(problem: dict[str, object]) -> str:
    names = problem["loc"]
    name = str(names[0] if isinstance(names, tuple) and names else "?").upper()
    value = "…" if name in _SECRETS else repr(problem.get("input"))
    return f"{name}={value}: {problem['msg']}"
