"""Where one weight is right for every query, an oracle gains no more than it would anyway; where it is not, it does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from noise import knowing_dataset, noise_dataset

from sqid_core.analysis.query_weights import headroom
from sqid_core.analysis.shared_weight import Excess, excess, exchanged, shared_headrooms
from sqid_core.analysis.slate_model import SlateModel, slate_model
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.reports import dataset_curves
from sqid_core.evaluation.slate_scores import slate_scores
from sqid_core.ranking.fusion import Fusion

QUERIES = 150


def found(dataset: Dataset, fusion: Fusion, draws: int = 8) -> Excess:
    scores = slate_scores(dataset.judgements, *dataset.both_signals, own=fusion.needs_own)
    gains = np.stack([each.gain for each in shared_headrooms(dataset, fusion, None, scores, draws)])
    return excess(headroom(dataset_curves(dataset, fusion)).gain, gains)


def difficulty(seed: int) -> np.ndarray:
    return np.exp(0.6 * np.random.default_rng((seed, 7)).normal(size=QUERIES))


@pytest.mark.parametrize("fusion", [Fusion(), Fusion(norm="z-score"), Fusion("weighted ranks")], ids=str)
def test_one_weight_for_queries_of_any_difficulty_is_not_called_too_few(fusion: Fusion) -> None:
    each = [
        found(knowing_dataset(QUERIES, seed, 1.5 * difficulty(seed), 1.0 * difficulty(seed)), fusion)
        for seed in range(4)
    ]
    assert min(one.p for one in each) > 0.01
    assert abs(np.mean([one.more for one in each])) < 0.006


@pytest.mark.parametrize("fusion", [Fusion(), Fusion(norm="z-score"), Fusion("weighted ranks")], ids=str)
def test_queries_that_need_other_weights_are_seen(fusion: Fusion) -> None:
    half = np.arange(QUERIES) % 2 == 0
    for seed in range(2):
        one = found(knowing_dataset(QUERIES, seed, np.where(half, 2.5, 0.1), np.where(half, 0.1, 2.5)), fusion)
        assert one.more > 0.01
        assert one.p < 0.05


def test_absence_goes_along_and_seeds_are_fixed() -> None:
    dataset = noise_dataset(40)
    labels, mask = dataset.judgements.labels, dataset.judgements.mask
    text, image = slate_scores(dataset.judgements, *dataset.both_signals).both
    model = slate_model((text, image), labels, mask)
    drawn, again, other = (exchanged(model, labels, mask, seed).both for seed in (0, 0, 1))
    np.testing.assert_array_equal(np.isnan(drawn[0]), np.isnan(text))
    for label in range(4):
        there = labels == label
        assert np.isnan(drawn[1][there]).mean() == pytest.approx(np.isnan(image[there]).mean(), abs=0.1)
    np.testing.assert_array_equal(again[0], drawn[0])
    assert not np.array_equal(other[0], drawn[0], equal_nan=True)


def test_pairs_stay_pairs() -> None:
    """Text and image, which agree beside the label, agree as much when they are drawn."""
    dataset = knowing_dataset(QUERIES, 0, np.full(QUERIES, 1.5), np.full(QUERIES, 1.0))
    labels, mask = dataset.judgements.labels, dataset.judgements.mask
    model = slate_model(slate_scores(dataset.judgements, *dataset.both_signals).both, labels, mask)
    again = slate_model(exchanged(model, labels, mask, 0).both, labels, mask)

    def agreement(found: SlateModel) -> float:
        text, image = (part.residual.ravel() for part in found.parts)
        known = ~np.isnan(text) & ~np.isnan(image)
        return float(np.corrcoef(text[known], image[known])[0, 1])

    assert agreement(model) == pytest.approx(0.3, abs=0.06)
    assert agreement(again) == pytest.approx(agreement(model), abs=0.06)


def test_levels_effects_and_strengths_are_found() -> None:
    rng = np.random.default_rng(0)
    labels, mask = rng.integers(0, 4, (300, 20)), np.ones((300, 20), bool)
    strength, level = np.exp(0.4 * rng.normal(size=(300, 1))), rng.normal(size=(300, 1))
    effects = np.array([2.0, 1.0, 0.5, 0.0])
    signals = tuple(level + knows * strength * effects[labels] + rng.normal(size=labels.shape) for knows in (1.0, 0.7))
    model = slate_model(signals, labels, mask)
    for part, knows in zip(model.parts, (1.0, 0.7), strict=True):
        np.testing.assert_allclose(np.diff(part.effects), knows * strength.mean() * np.diff(effects), atol=0.15)
        assert np.nanstd(part.residual) == pytest.approx(1, abs=0.1)
    assert np.corrcoef(model.strength.ravel(), strength.ravel())[0, 1] > 0.8
    assert model.strength.std() == pytest.approx(strength.std() / strength.mean(), rel=0.2)


def test_the_embedding_average_has_its_draws_too(tiny_bundle: Path) -> None:
    one = found(load_bundle(tiny_bundle), Fusion("embedding average"), draws=3)
    assert 0 <= one.p <= 1


def test_draws_that_are_all_alike_tell_nothing() -> None:
    assert np.isnan(excess(np.array([0.1, 0.2]), np.zeros((5, 2))).p)


def test_how_likely_a_gain_is_by_students_law() -> None:
    stats = pytest.importorskip("scipy.stats")
    draws = np.random.default_rng(0).normal(0.1, 0.02, (6, 40))
    means, weights = draws.mean(axis=1), np.arange(1.0, 41.0)
    for gain in (0.13, 0.1, 0.05):
        one = excess(np.full(40, gain), draws)
        t = (gain - means.mean()) / (means.std(ddof=1) * np.sqrt(1 + 1 / 6))
        assert (one.gain, one.shared) == pytest.approx((gain, means.mean()))
        assert one.p == pytest.approx(stats.t.sf(t, 5), abs=1e-9)
        assert one.more == pytest.approx(gain - means.mean())
    asked = excess(np.arange(40.0), draws, weights)
    assert asked.gain == pytest.approx(np.average(np.arange(40.0), weights=weights))
    assert asked.shared == pytest.approx(np.average(draws.mean(axis=0), weights=weights))
    flat = excess(np.ones(4), np.full((3, 4), 0.5))
    assert (flat.gain, flat.shared) == (1, 0.5)
    assert np.isnan(flat.p)


def test_where_no_other_has_the_label_a_product_keeps_its_residual() -> None:
    rng = np.random.default_rng(1)
    mask = np.array([[True] * 3, [True, True, False]])
    labels = np.array([[0, 1, 2], [3, 4, -1]])
    text, image, own = (np.where(mask, rng.random((2, 3)), np.nan) for _ in range(3))
    model = slate_model((text, image), labels, mask)
    drawn = exchanged(model, labels, mask, 0, own)
    for scores, part in zip((drawn.text, drawn.image), model.parts, strict=True):
        expected = part.level + model.strength * part.effects[np.maximum(labels, 0)] + part.residual * model.spread
        np.testing.assert_allclose(scores, np.where(mask, expected, np.nan))
    np.testing.assert_array_equal(drawn.own, own)
    # Of several the drawn one's, in the spread of the slate that it comes to.
    some = np.array([[0, 1, 1], [1, 0, -1]])
    mixed = slate_model((text, image), some, mask)
    source, rng = np.arange(6).reshape(2, 3), np.random.default_rng(2)
    for label in range(2):
        places = np.flatnonzero(some == label)
        source.ravel()[places] = rng.choice(places, len(places))
    for scores, part in zip(exchanged(mixed, some, mask, 2).both, mixed.parts, strict=True):
        expected = mixed.expected(part, some) + part.residual.ravel()[source] * mixed.spread
        np.testing.assert_allclose(scores, np.where(mask, expected, np.nan))
        assert np.abs(part.residual[mask]).max() > 0.01
    # Of equal labels each product gets one of them, text, picture and its own together.
    alike = exchanged(model, np.where(mask, 0, -1), mask, 3, own)
    assert set(alike.own[mask]) <= set(own[mask])
    assert len(set(alike.own[mask])) < 5
