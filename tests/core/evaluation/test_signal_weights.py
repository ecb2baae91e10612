"""Weights of several signals: the exact line search, the ascent, and no query scored on what chose for it."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from sqid_core.bundle.load import load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import dataset_curves, evaluate, query_folds
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.evaluation.signal_weights import (
    SignalColumns,
    best_weights,
    coarse,
    cross_validated_weights,
    ndcgs,
    signal_columns,
    simplex,
)
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Floats

# By night: two hundred problems against ten thousand weights.
WHOLE = os.environ.get("SQID_WHOLE") == "1"
GAINS = np.array([1.0, 0.1, 0.01, 0.0])


def problem(seed: int, signals: int = 3, queries: int = 12, whole: bool = False) -> SignalColumns:
    """Slates of 2 to 9 products; whole: small whole numbers, so that many products tie."""
    random = np.random.default_rng(seed)
    mask = np.arange(9) < random.integers(2, 10, queries)[:, None]
    gains = np.where(mask, random.choice(GAINS, mask.shape), 0.0)
    shape = signals, *mask.shape
    drawn = random.integers(-2, 3, shape).astype(float) if whole else random.normal(size=shape) + gains
    return SignalColumns(tuple(f"s{i}" for i in range(signals)), np.where(mask, drawn, 0.0), mask, gains)


def slow_mean(signals: SignalColumns, weights: Floats) -> float:
    """Mean NDCG, a product at a time: equal scores by position."""
    values = []
    for query, mask in enumerate(signals.mask):
        columns, gains = signals.columns[:, query, mask], signals.gains[query, mask]
        if gains.any():
            scores = [
                float(sum(w * column[i] for w, column in zip(weights, columns, strict=True))) for i in range(len(gains))
            ]
            ranked = sorted(range(len(gains)), key=lambda i: (-scores[i], i))
            discounts = [1 / np.log2(rank + 2) for rank in range(len(gains))]
            ideal = sum(d * g for d, g in zip(discounts, sorted(gains, reverse=True), strict=True))
            values.append(sum(d * gains[i] for d, i in zip(discounts, ranked, strict=True)) / ideal)
    return float(np.mean(values))


def every_interval(signals: SignalColumns, start: Floats, end: Floats) -> float:
    """The highest mean inside any interval between two neighbouring crossings of any two products of any query."""
    a, b = signals.fused(start), signals.fused(end)
    found = {0.0, 1.0}
    for query, mask in enumerate(signals.mask):
        for i, j in combinations(np.flatnonzero(mask), 2):
            at_start, at_end = a[query, i] - a[query, j], b[query, i] - b[query, j]
            if at_start != at_end and 0 < (crossing := at_start / (at_start - at_end)) < 1:
                found.add(float(crossing))
    edges = np.array(sorted(found))
    middles = (edges[1:] + edges[:-1])[np.diff(edges) > 1e-9] / 2
    return max(signals.mean((1 - t) * start + t * end) for t in middles)


@pytest.mark.parametrize("seed", range(200 if WHOLE else 20))
def test_the_line_search_is_exact(seed: int) -> None:
    signals = problem(seed, queries=5, whole=seed % 4 == 0)
    start, end = np.random.default_rng(seed + 1000).dirichlet(np.ones(3), 2)
    best = signals.line(start, end).mean().best
    assert best.low < best.weight < best.high
    inside = signals.mean((1 - best.weight) * start + best.weight * end)
    assert inside == pytest.approx(best.value, abs=1e-12), "the value is reached inside its interval"
    assert best.value == pytest.approx(every_interval(signals, start, end), abs=1e-12)
    grid = np.linspace(0, 1, 10_001 if WHOLE else 501)
    highest = max(signals.mean((1 - t) * start + t * end) for t in grid[1:-1])
    # At a crossing ties may rank better than either side, which no weight beside it does.
    assert seed % 4 == 0 or best.value >= highest - 1e-9


def test_means_are_those_of_a_slow_loop() -> None:
    for seed, whole in ((0, False), (1, True)):
        signals = problem(seed, whole=whole)
        for weights in np.random.default_rng(seed).dirichlet(np.ones(3), 5):
            assert signals.mean(weights) == pytest.approx(slow_mean(signals, weights), abs=1e-12)


@pytest.mark.parametrize("signals", [2, 3, 4])
def test_the_ascent_never_ends_below_its_best_line(signals: int) -> None:
    for seed in range(3):
        given = problem(seed, signals, whole=seed == 0)
        found = best_weights(given)
        alone = np.eye(signals)
        lines = [given.line(alone[i], alone[j]).mean().best.value for i, j in combinations(range(signals), 2)]
        assert found.best_line == max(lines)
        assert found.value >= found.best_line
        assert found.value == pytest.approx(given.mean(found.weights), abs=1e-12)
        assert found.weights.sum() == pytest.approx(1)
        assert (found.weights >= 0).all()
        if signals > 2:
            # Not above .999 of what a fine grid finds, but no whole line leads higher.
            for alone_weights in alone:
                others = np.where(alone_weights > 0, 0, found.weights)
                line = given.line(others / others.sum(), alone_weights) if others.any() else None
                assert line is None or line.mean().best.value <= found.value + 1e-6


def test_a_triangle_has_231_points() -> None:
    grid = simplex(3)
    assert grid.shape == (231, 3)
    np.testing.assert_allclose(grid.sum(axis=1), 1)
    assert len({*map(tuple, grid)}) == 231
    assert all(len(coarse(n)) <= 231 for n in range(2, 9))
    signals = problem(3)
    np.testing.assert_array_equal(ndcgs(signals, grid)[17], signals.ndcg(grid[17]))


def test_two_signals_have_the_fusions_curve(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    for missing in ("zero", "worst", "text"):
        fusion = Fusion(norm="z-score", missing_image=missing)
        signals = signal_columns(dataset, ["words_text", "words_image"], missing=missing)
        assert signals.reference == ("words_text" if missing == "text" else "")
        best = dataset_curves(dataset, fusion).mean().best
        found = best_weights(signals)
        assert (found.weights[1], found.value) == pytest.approx((best.weight, best.value))
        run = run_of(dataset, RunSpec(fusion=Fusion(norm="z-score", image_weight=0.3, missing_image=missing)))
        np.testing.assert_allclose(signals.ndcg(np.array([0.7, 0.3])), evaluate(dataset, run).per_query["ndcg"])


def test_no_query_is_scored_at_weights_that_it_chose() -> None:
    signals, folds = problem(5, queries=20), np.arange(20) % 3
    values, weights = cross_validated_weights(signals, folds)
    for fold in range(3):
        held_out = folds == fold
        changed = problem(5, queries=20)
        others = np.where(changed.gains == 1.0, 0.01, np.where(changed.gains == 0.01, 1.0, changed.gains))
        changed.gains[held_out] = others[held_out]
        again = cross_validated_weights(changed, folds)[1]
        np.testing.assert_array_equal(again[fold], weights[fold], "labels of a fold choose nothing for it")
        np.testing.assert_array_equal(values[held_out], signals.take(np.flatnonzero(held_out)).ndcg(weights[fold]))


def test_weights_of_too_few_signals_are_refused(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    for names in ([], ["words_text"], ["words_text", "words_text"]):
        with pytest.raises(InputError, match="two signals at least"):
            signal_columns(dataset, names)
    with pytest.raises(InputError, match="no signal 'other'"):
        signal_columns(dataset, ["words_text", "other"])
    assert len(query_folds(dataset)) == len(dataset.queries)
