"""No engine runs here: the Dockerfile's steps are taken in a fresh folder with what it copies and nothing else."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from knowledge.library import Library
from tests.auxil.libraries import with_vectors_of

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def copied() -> list[str]:
    """What the build stage copies from the repository."""
    build = DOCKERFILE.split("\nFROM")[1]
    return [name for line in re.findall(r"^COPY (.+) \S+$", build, re.MULTILINE) for name in line.split()]


def test_the_image_publishes_its_library_and_reports_its_health(tmp_path: Path, guides: Path, library: Library) -> None:
    app, data = tmp_path / "app", tmp_path / "data"
    app.mkdir()
    for name in copied():
        source = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__", "guides")
        shutil.copytree(source, app / name, ignore=ignored) if source.is_dir() else shutil.copy(source, app / name)
    shutil.copytree(guides, app / "knowledge/guides")
    with_vectors_of(library, data / "library")
    environment = {"DATA_DIR": str(data), "KNOWLEDGE_DIR": "knowledge/guides", "PATH": "/usr/bin:/bin"}
    for step in (["ingest.py"], ["-m", "bot", "doctor"]):
        done = subprocess.run([sys.executable, *step], cwd=app, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr + done.stdout
    assert "HEALTHCHECK" in DOCKERFILE
    assert '["python", "-m", "bot", "doctor"]' in DOCKERFILE
    assert '["python", "-m", "bot", "run"]' in DOCKERFILE


def test_the_image_runs_as_a_user_of_its_own() -> None:
    last = DOCKERFILE.rpartition("\nFROM")[2]
    assert re.search(r"^USER (?!root)\w+", last, re.MULTILINE)
