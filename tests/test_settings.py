"""Settings: typed, explained, and never printing a secret."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMBEDDING_MODEL", "word2vec"),
        ("LANGUAGE", "fr"),
        ("TELEGRAM_API_URL", "127.0.0.1:8081"),
        ("TELEGRAM_PROXY", "proxy:8080"),
        ("LOG_LEVEL", "LOUD"),
        ("CHAT_MODEL", "gpt"),
        ("CHAT_MODEL_FALLBACK", "openai:"),
        ("CHAT_MODEL_URL", "127.0.0.1:8000"),
        ("CHAT_MODEL_USES", "answer,poems"),
        ("CHAT_MODEL_TIMEOUT", "0"),
        ("CHAT_MODEL_BUDGET_PER_DAY", "5"),
        ("TELEGRAM_WEBHOOK_URL", "bot.example.vn"),
        ("TELEGRAM_WEBHOOK_LISTEN", "8081"),
        ("TELEGRAM_WEBHOOK_LISTEN", "127.0.0.1:99999"),
        ("ADMIN_TELEGRAM_IDS", "123456789,@lan"),
        ("ADMIN_TELEGRAM_IDS", "-100123"),
        ("LIMIT_QUEUE", "0"),
        ("LIMIT_PER_DAY", "many"),
        ("RETENTION_DAYS", "0"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert name in str(error.value)
    assert value in str(error.value)
    assert re.search(
        r"http|vi|DEBUG|builtin|openai:NAME|standalone|PRICE|PORT|987654321|greater|integer", str(error.value)
    )


def test_a_wrong_token_is_named_but_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "my-secret-without-colon")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "TELEGRAM_BOT_TOKEN" in str(error.value)
    assert "my-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("DATABASE_URL", "mysql://bot:bi-mat@db/bot", "postgresql://"),
        ("PSEUDONYM_KEY", "bi-mat", "16 characters"),
    ],
)
def test_a_wrong_secret_is_named_with_what_is_allowed_but_never_shown(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert name in str(error.value)
    assert allowed in str(error.value)
    assert "bi-mat" not in str(error.value)


def test_admins_are_numbers_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().telegram_admins == frozenset()
    monkeypatch.setenv("ADMIN_TELEGRAM_IDS", " 123456789 , 987654321,")
    assert load_settings().telegram_admins == {123456789, 987654321}


def test_the_key_of_a_model_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_MODEL_KEY", "bi-mat")
    monkeypatch.setenv("CHAT_MODEL", "x")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "bi-mat" not in str(error.value)
    monkeypatch.delenv("CHAT_MODEL")
    assert "bi-mat" not in repr(load_settings())


def test_conversations_are_kept_beside_the_library_or_where_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "du-lieu")
    assert load_settings().database == "sqlite:///du-lieu/hai-dang.sqlite3"
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot:x@db/bot")
    assert load_settings().database == "postgresql://bot:x@db/bot"


def test_settings_come_from_the_env_file_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("DATA_DIR=from-file\nLANGUAGE=en\nTELEGRAM_BOT_TOKEN=\n")
    monkeypatch.setenv("DATA_DIR", "from-environment")
    settings = load_settings()
    assert (settings.data_dir, settings.language) == (Path("from-environment"), "en")
    assert settings.telegram_bot_token is None


def test_every_setting_is_explained_in_env_example_with_its_default() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    written = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    defaults = {name.upper(): str(field.default or "") for name, field in Settings.model_fields.items()}
    assert written == defaults
    assert all(field.description for field in Settings.model_fields.values())
