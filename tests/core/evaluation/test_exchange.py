"""Whether two groups of queries have one mean: against all ways to exchange them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from sqid_core.evaluation import exchange
from sqid_core.evaluation.exchange import exchange_p

FIRST, SECOND = np.array([0.1, 0.5, np.nan, 0.9]), np.array([0.2, 0.0, 0.3, 0.1, 0.15])


def of_all_exchanges(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> float:
    """The share of all ways to fill the first group whose means are as far apart."""
    values, apart = np.concatenate([first, second]), []
    for chosen in combinations(range(len(values)), len(first)):
        inside = np.isin(np.arange(len(values)), chosen)
        means = [np.average(values[part], weights=weights[part]) for part in (inside, ~inside)]
        apart.append(abs(means[0] - means[1]))
    return float(np.mean(np.array(apart) >= apart[0] - 1e-12))


def test_it_comes_close_to_all_exchanges() -> None:
    wanted = of_all_exchanges(FIRST[[0, 1, 3]], SECOND, np.ones(8))
    assert exchange_p(FIRST, SECOND, 20_000) == pytest.approx(wanted, abs=0.015)
    assert exchange_p(SECOND, FIRST, 20_000) == pytest.approx(wanted, abs=0.015)


def test_weights_go_along() -> None:
    weights = np.array([1.0, 1.0, 1.0, 6.0, 5.0, 6.0, 5.0, 6.0])
    values = np.concatenate([FIRST[[0, 1, 3]], SECOND])
    one, two = (np.where(np.isin(np.arange(8), own), values, np.nan) for own in (range(3), range(3, 8)))
    wanted = of_all_exchanges(values[:3], values[3:], weights)
    assert exchange_p(one, two, 20_000, traffic=weights) == pytest.approx(wanted, abs=0.015)


@pytest.mark.parametrize("traffic", [None, np.arange(1.0, 41.0)])
def test_blocks_change_nothing_and_no_p_is_0(traffic: np.ndarray | None, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    values, first = rng.random(40), np.arange(40) < 20
    one, two = np.where(first, values, np.nan), np.where(first, np.nan, values)
    whole = exchange_p(one, two, 500, traffic=traffic)
    assert exchange_p(one + 5, two, 99, traffic=traffic) == 1 / 100
    assert exchange_p(one * 0, two * 0, 99, traffic=traffic) == 1
    monkeypatch.setattr(exchange, "_BLOCK", 40 * 70)
    assert exchange_p(one, two, 500, traffic=traffic) == whole


def test_two_of_each_are_needed_and_enough() -> None:
    assert 0 < exchange_p(np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])) < 1
    assert np.isnan(exchange_p(np.array([1.0, np.nan]), np.array([3.0, 4.0])))
    assert np.isnan(exchange_p(np.array([1.0, 2.0]), np.array([3.0])))
    weights, nan = np.array([1.0, 2.0, 3.0, 4.0]), np.nan
    assert exchange_p(np.array([1.0, 2.0, nan, nan]), np.array([nan, nan, 1.0, 5.0]), 99, traffic=weights) <= 1
    assert np.isnan(exchange_p(np.array([1.0, nan, nan, nan]), np.array([nan, 1.0, 2.0, 3.0]), traffic=weights))
