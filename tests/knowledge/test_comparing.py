"""What differs between two versions' documents, as a person reads it."""

import dataclasses
from pathlib import Path

from knowledge.comparing import compare
from tests.auxil.libraries import document

BEFORE = """\
---
title: Gạo
topic: buyers
---

## Giá bao nhiêu?

Gạo giá 500 USD một tấn. Giá theo FOB.

## Giao khi nào?

Giao trong 30 ngày.
"""


def test_added_removed_and_changed_documents_are_told(tmp_path: Path) -> None:
    rice, tea = document(tmp_path, BEFORE, "rice.md"), document(tmp_path, "Chè.\n", "tea.md")
    after = BEFORE.replace("500", "520").replace("Giao khi nào", "Giao lúc nào")
    changed = dataclasses.replace(document(tmp_path, after, "rice.md"), topic="goods")
    coffee = document(tmp_path, "Cà phê.\n", "coffee.md")
    found = compare([rice, tea], [changed, coffee])
    assert (found.added, found.removed) == ({"coffee.md": "coffee"}, {"tea.md": "tea"})
    [one] = found.changed
    assert (one.id, one.fields) == ("rice.md", {"topic": ("buyers", "goods")})
    assert one.diff == (
        " ## Giá bao nhiêu?",
        "@@ -1,2 +1,2 @@",
        "-Gạo giá 500 USD một tấn.",
        "+Gạo giá 520 USD một tấn.",
        " Giá theo FOB.",
        "-## Giao khi nào?",
        "@@ -1 +0,0 @@",
        "-Giao trong 30 ngày.",
        "+## Giao lúc nào?",
        "@@ -0,0 +1 @@",
        "+Giao trong 30 ngày.",
    )


def test_the_same_documents_do_not_differ(tmp_path: Path) -> None:
    rice = document(tmp_path, BEFORE, "rice.md")
    found = compare([rice], [dataclasses.replace(rice, hash="0")])
    assert (found.added, found.removed, found.changed) == ({}, {}, [])
