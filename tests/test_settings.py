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
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert name in str(error.value)
    assert value in str(error.value)
    assert re.search(r"http|vi|DEBUG|builtin", str(error.value))


def test_a_wrong_token_is_named_but_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "my-secret-without-colon")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "TELEGRAM_BOT_TOKEN" in str(error.value)
    assert "my-secret" not in str(error.value)


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
