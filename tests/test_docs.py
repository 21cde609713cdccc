"""The documents say what there is: commands, options, targets, files."""

import re
from pathlib import Path

import bot.cli
import ingest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_readme_begins_with_the_two_commands() -> None:
    first_screen = README[:1500]
    assert "make run" in first_screen
    assert "make test" in first_screen


def test_readme_names_every_command_of_the_bot() -> None:
    commands = re.findall(r"\{([\w,]+)\}", bot.cli._parser().format_usage())[0].split(",")
    assert commands == ["ask", "chat", "run", "doctor", "migrate", "export", "backup", "agent", "gaps", "user"]
    for command in commands:
        assert f"bot {command}" in README or f"make {command}" in README


def test_readme_or_help_names_every_option_of_ingest() -> None:
    text = ingest._parser().format_help()
    for option in (
        "--check",
        "--watch",
        "--add",
        "--list",
        "--show",
        "--set",
        "--retire",
        "--restore",
        "--discard",
        "--versions",
        "--diff",
        "--rollback",
        "--unpin",
        "--guard",
        "--yes",
        "--rebuild",
        "--strict",
        "--allow-empty",
        "--allow-shrink",
        "--json",
    ):
        assert option in text
    for option in ("--check", "--add", "--list", "--retire", "--versions", "--diff", "--rollback", "--watch"):
        assert option in README


def test_make_targets_named_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert named <= targets


def test_architecture_names_every_module_of_the_rooms() -> None:
    rooms = ("knowledge", "bot/assistant", "bot/onboarding", "bot/conversations", "bot/web", "bot")
    modules = [path for room in rooms for path in (ROOT / room).glob("*.py")]
    missing = {path.name for path in modules if not path.name.startswith("__")} - set(
        re.findall(r"\w+\.py", ARCHITECTURE)
    )
    assert not missing


def test_nothing_names_a_registry_or_a_path_of_one_machine() -> None:
    for name in ("constraints.txt", "pyproject.toml", "Makefile", "Dockerfile", "README.md", "ARCHITECTURE.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|file:///|/root/|/home/\w+/", text), name
