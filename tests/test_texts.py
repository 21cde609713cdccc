"""The catalogue: whole in both languages, in composed Unicode, with every key that the code names."""

import ast
import re
import string
import unicodedata
from pathlib import Path

import pytest

from bot.texts import catalogue, say

ROOT = Path(__file__).parent.parent
FIELD = string.Formatter()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in FIELD.parse(text) if name}


@pytest.mark.parametrize("key", catalogue())
def test_a_text_stands_in_both_languages_with_the_same_values(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == {"vi", "en"}
    assert fields(texts["vi"]) == fields(texts["en"])
    assert all(text.strip() and unicodedata.normalize("NFC", text) == text for text in texts.values())


def test_no_text_is_written_twice() -> None:
    """YAML takes the later one without a word."""
    keys = re.findall(r"^([\w.]+):", (ROOT / "bot/texts.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))


def test_vietnamese_texts_use_modern_tone_marks() -> None:
    old = re.compile(r"(?:[òóỏõọ][ae]|[ùúủũụ]y)(?!\w)")
    assert [key for key, texts in catalogue().items() if old.search(texts["vi"])] == []


def keys_named_in(path: Path) -> set[str]:
    """First arguments of say(...) that are plain strings."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "say"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_key_that_the_code_names_stands_in_the_catalogue() -> None:
    named = {key for path in [*(ROOT / "bot").rglob("*.py"), ROOT / "ingest.py"] for key in keys_named_in(path)}
    assert len(named) > 20
    assert named <= set(catalogue())


def test_every_problem_and_library_error_of_knowledge_has_a_text() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "knowledge").rglob("*.py"))
    problems = set(re.findall(r'(?:Problem|UnreadableError|Budget)\((?:\w+, )?"(\w+)"', source))
    errors = set(re.findall(r'LibraryError\(\s*"(\w+)"', source))
    assert len(problems) > 8
    assert len(errors) > 5
    assert {f"problem.{code}" for code in problems} | {f"library.{code}" for code in errors} <= set(catalogue())


def test_say_fills_in_values() -> None:
    assert say("library.no_such_version", "vi", number=7, known="5, 6") == "Không có bản 7. Các bản hiện có: 5, 6."
    with pytest.raises(KeyError):
        say("no.such.key")
