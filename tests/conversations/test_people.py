"""Pseudonyms: the same for the same key, and a key that is made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.conversations.people import Pseudonyms, key_beside


def test_a_pseudonym_depends_on_person_channel_and_key() -> None:
    ours = Pseudonyms(b"a" * 16)
    assert ours.of("telegram", "5") == Pseudonyms(b"a" * 16).of("telegram", "5")
    different = {
        ours.of("telegram", "5"),
        ours.of("telegram", "6"),
        ours.of("web", "5"),
        Pseudonyms(b"b" * 16).of("telegram", "5"),
    }
    assert len(different) == 4
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in different)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: key_beside(folder), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    [path] = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
