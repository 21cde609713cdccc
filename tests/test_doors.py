"""The doors between the rooms: who may import whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHANNELS_WEB_SQL = (
    "telegram",
    "fastapi",
    "starlette",
    "sqlalchemy",
    "sqlite3",
    "bot.telegram",
    "bot.web",
    "bot.conversations",
)

# Each room, and what its modules never import.
CLOSED = {
    "knowledge": ("bot",),
    "bot/assistant": (*CHANNELS_WEB_SQL, "bot.app", "bot.cli", "bot.settings"),
    "bot/onboarding": (*CHANNELS_WEB_SQL, "bot.app", "bot.cli", "bot.settings"),
    "bot/conversations": (
        "telegram",
        "fastapi",
        "starlette",
        "bot.telegram",
        "bot.web",
        "bot.app",
        "bot.cli",
        "bot.settings",
    ),
    "bot/curation": ("telegram", "starlette", "bot.telegram", "bot.web", "bot.app", "bot.cli", "bot.commands"),
    "bot/curation/previewing.py": (*CHANNELS_WEB_SQL, "bot.app", "bot.cli"),
    "bot/curation/curating.py": (*CHANNELS_WEB_SQL, "bot.app", "bot.cli"),
    "bot/desk.py": ("telegram", "starlette", "sqlalchemy", "bot.telegram", "bot.web", "bot.app", "bot.cli"),
    "bot/readiness.py": ("telegram", "starlette", "sqlalchemy", "bot.telegram", "bot.web", "bot.app", "bot.cli"),
    "bot/telegram": ("bot.web", "bot.app", "bot.cli"),
    "bot/web": ("bot.telegram", "telegram", "bot.app", "bot.cli"),
}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def opens(name: str, closed: str) -> bool:
    return name == closed or name.startswith(f"{closed}.")


@pytest.mark.parametrize("room", CLOSED)
def test_a_room_imports_nothing_behind_a_closed_door(room: str) -> None:
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ([ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py"))
        for name in imported(path)
        if any(opens(name, closed) for closed in CLOSED[room])
    ]
    assert not broken


def test_the_door_test_sees_imports(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("from bot import settings\nimport bot.texts as texts\n")
    assert [name for name in imported(module) if opens(name, "bot")] == ["bot", "bot.settings", "bot.texts"]


def test_modules_are_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("bot", "knowledge", "tests", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert not long
