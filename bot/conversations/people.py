"""People by pseudonym: a keyed hash of their id on the channel, so that the records name nobody without the key."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

# Hex digits of a pseudonym: 128 bits, so that two people never share one.
_LENGTH = 32


class Pseudonyms:
    """Turns ids of a channel into pseudonyms. key: at least 16 bytes; who has it can tell whether an id is kept."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, channel: str, external: str) -> str:
        """The pseudonym of a person: always the same for the same key."""
        return hmac.new(self._key, f"{channel}:{external}".encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def key_beside(folder: Path) -> bytes:
    """The key in `pseudonym.key` of a folder, made when there is none; readable by its owner only."""
    path = folder / "pseudonym.key"
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / f".pseudonym.{secrets.token_hex(4)}"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    # Written whole under another name first: of two processes at once, both take the key that was linked.
    descriptor = os.open(whole, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(whole, path)
    except FileExistsError:
        pass
    finally:
        whole.unlink()
    return path.read_bytes()
