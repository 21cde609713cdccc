"""What models may cost in a day."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.assistant.budget import Budget


def test_without_a_limit_there_is_always_something_left(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "spent.json")
    budget.spend(1000.0, 10**9)
    assert budget.left()


def test_money_and_tokens_run_out_each_for_itself(tmp_path: Path) -> None:
    by_money, by_tokens = Budget(tmp_path / "a.json", usd=1.0), Budget(tmp_path / "b.json", tokens=100)
    for budget in (by_money, by_tokens):
        budget.spend(0.6, 60)
        assert budget.left()
        budget.spend(0.6, 60)
        assert not budget.left()


def test_a_price_that_is_not_known_costs_tokens_only(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "spent.json", usd=1.0, tokens=100)
    budget.spend(None, 99)
    assert budget.left()
    budget.spend(None, 1)
    assert not budget.left()


def test_all_processes_spend_from_one_purse(tmp_path: Path) -> None:
    purses = [Budget(tmp_path / "spent.json", tokens=100) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda purse: purse.spend(None, 25), purses))
    assert not Budget(tmp_path / "spent.json", tokens=100).left()


@pytest.mark.parametrize("written", ["", "[1]", '{"day": "2001-01-01", "usd": 9, "tokens": 9}', '{"day": 5}', "{}"])
def test_another_day_and_a_broken_file_begin_anew(written: str, tmp_path: Path) -> None:
    path = tmp_path / "spent.json"
    path.write_text(written)
    budget = Budget(path, usd=1.0)
    assert budget.left()
    budget.spend(2.0, 1)
    assert not budget.left()
    assert json.loads(path.read_text())["usd"] == 2.0
