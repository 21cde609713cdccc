"""The settings, read once from the environment and `.env`; `.env.example` explains each."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.embedding import BUILT_IN


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(Path("data"), description="Folder of the library and all that the bot writes.")
    knowledge_dir: Path = Field(Path("knowledge/guides"), description="Folder of the documents to answer from.")
    embedding_model: str = Field(BUILT_IN, description="The built-in model, or sentence-transformers/NAME-OR-FOLDER.")
    reranker_model: str | None = Field(None, description="Cross-encoder of sentence-transformers for a second look.")
    language: Literal["vi", "en"] = Field("vi", description="Language of the command line and of ingest reports.")
    telegram_bot_token: SecretStr | None = Field(None, description="Token from @BotFather; without it no Telegram.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Root of the Bot API server.")
    telegram_proxy: str | None = Field(None, description="Proxy to reach Telegram by: http://, https:// or socks5://.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    @field_validator("embedding_model")
    @classmethod
    def _model(cls, value: str) -> str:
        if value != BUILT_IN and not value.startswith("sentence-transformers/"):
            raise ValueError(f"{BUILT_IN} | sentence-transformers/NAME-OR-FOLDER")
        return value

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

    @property
    def library_dir(self) -> Path:
        return self.data_dir / "library"


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
    secret = "TOKEN" in name
    value = "…" if secret else repr(problem.get("input"))
    return f"{name}={value}: {problem['msg']}"
