"""The catalogue of all that is said to people, Vietnamese with English beside it: `bot/texts.yaml`."""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["vi", "en"]

_CATALOGUE = Path(__file__).with_name("texts.yaml")


@cache
def catalogue() -> dict[str, dict[Language, str]]:
    """Every text by its key and language."""
    texts: dict[str, dict[Language, str]] = yaml.safe_load(_CATALOGUE.read_text(encoding="utf-8"))
    return texts


def say(key: str, language: Language = "vi", /, **values: object) -> str:
    """The text of a key with its values filled in. Raises KeyError for a key the catalogue does not have."""
    return catalogue()[key][language].rstrip("\n").format(**values)


def shown_date(date: str) -> str:
    """YYYY[-MM[-DD]] as it is written in Vietnam: 01/11/2019, 11/2019 or 2019."""
    return "/".join(reversed(date.split("-")))
