"""The highest scores and the ranks of some, against a plain stable sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.indexes.top_rows import ranks_of, top_rows

# Few levels tie; -inf is what lacks the signal.
_SCORES = st.lists(st.sampled_from([-np.inf, -1.0, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=400)


@given(_SCORES, st.integers(1, 500))
def test_the_first_are_a_stable_sorts(levels: list[float], k: int) -> None:
    scores = np.array(levels)
    np.testing.assert_array_equal(top_rows(scores, k), np.argsort(-scores, kind="stable")[:k])


def test_the_first_of_many() -> None:
    """More than a sample is taken of."""
    scores = np.random.default_rng(0).standard_normal(20_000).astype(np.float32).round(2)
    for k in (1, 20, 300, 19_999):
        np.testing.assert_array_equal(top_rows(scores, k), np.argsort(-scores, kind="stable")[:k])


@given(_SCORES, st.data())
def test_ranks_are_a_stable_sorts(levels: list[float], data: st.DataObject) -> None:
    scores = np.array(levels)
    only = np.array(data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))))
    there = np.flatnonzero(only)
    order = there[np.argsort(-scores[there], kind="stable")]
    ranks = np.zeros(len(scores), np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    some = there[:: data.draw(st.integers(1, 5))]
    np.testing.assert_array_equal(ranks_of(scores, some, only), ranks[some])
    if only.all():
        np.testing.assert_array_equal(ranks_of(scores, some), ranks[some])


def _odd_scores(kind: str, many: int) -> np.ndarray:
    drawn = np.random.default_rng(2).standard_normal(many)
    match kind:
        case "float32":
            return drawn.astype(np.float32)
        case "ties":
            return drawn.round(2)
        case "one value":
            return np.full(many, 0.25)
        case "one outlier":
            return np.append(drawn[1:] * 1e-9, 1e12)
        case "some absent":
            return np.where(drawn < -1, -np.inf, drawn)
        case "one is there":
            return np.append(np.full(many - 1, -np.inf), 0.5)
        case "all absent":
            return np.full(many, -np.inf)
        case "infinite":
            return np.where(drawn > 2, np.inf, drawn)
        case "too wide":
            return drawn.round(1) * 1e307
        case "too narrow":
            return drawn.round(1) * 5e-324
    raise ValueError(kind)


@pytest.mark.parametrize(
    "kind",
    "float32,ties,one value,one outlier,some absent,one is there,all absent,infinite,too wide,too narrow".split(","),
)
def test_ranks_among_so_many_that_they_are_counted_by_intervals(kind: str) -> None:
    many = 100_000
    scores = _odd_scores(kind, many)
    order = np.argsort(-scores, kind="stable")
    ranks = np.empty(many, np.int64)
    ranks[order] = np.arange(1, many + 1)
    some = np.concatenate([order[:300], order[5_000::997], order[-20:]])
    np.testing.assert_array_equal(ranks_of(scores, some), ranks[some])
