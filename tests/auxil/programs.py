"""The project's own programs, run as people run them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
INGEST = (sys.executable, str(ROOT / "ingest.py"))
BOT = (sys.executable, "-m", "bot")

# How long a program may take on a busy machine, in seconds.
PATIENCE = 120.0

_SETTINGS = (
    "HOST",
    "PORT",
    "WEB_ORIGINS",
    "METRICS_TOKEN",
    "DATA_DIR",
    "KNOWLEDGE_DIR",
    "EMBEDDING_MODEL",
    "LANGUAGE",
    "LOG_LEVEL",
    "DATABASE_URL",
    "PSEUDONYM_KEY",
)


def environment(data: Path, guides: Path, **more: str) -> dict[str, str]:
    """The environment of a program with folders of its own, in English, and without the developer's settings."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in _SETTINGS and not name.startswith(("TELEGRAM_", "CHAT_MODEL", "COLUMNS"))
    }
    folders = {"DATA_DIR": str(data), "KNOWLEDGE_DIR": str(guides)}
    return {**inherited, **folders, "LANGUAGE": "en", "PORT": "0", "PYTHONPATH": str(ROOT), **more}


def run(
    command: Sequence[str], env: dict[str, str], cwd: Path, stdin: str | bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; cwd: a folder without an `.env`."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(command, env=env, cwd=cwd, input=given, capture_output=True, timeout=PATIENCE, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def start(command: Sequence[str], env: dict[str, str], cwd: Path) -> subprocess.Popen[str]:
    """Start a program with pipes for all three streams."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
