from __future__ import annotations

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.bundle.judgements import Judgements
from sqid_core.evaluation import rank_agreement
from sqid_core.evaluation.exchange import exchange_p
from sqid_core.evaluation.rank_agreement import agreement, kendall_taus, overlaps, rank_biased_overlaps
from sqid_core.evaluation.reports import Run, signal_run
from sqid_core.evaluation.significance import effect_size


def test_tau_is_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    dataset = noise_dataset(60)
    judgements = dataset.judgements
    text, image = (signal_run(dataset, name) for name in ("text", "image"))
    found = kendall_taus(text, image, judgements)
    for query, length in enumerate(judgements.lengths):
        ranks = [np.argsort(run.order[query][:length]) for run in (text, image)]
        assert found[query] == pytest.approx(stats.kendalltau(*ranks).statistic)
    np.testing.assert_allclose(kendall_taus(text, text, judgements), 1)


# What the package rbo 0.1.3 says (rbo_ext) of 0, 1, 2, ... and another order of them.
RBO = [
    ([0, 2, 1], 0.9, 0.955),
    ([0, 2, 1], 0.5, 0.875),
    ([3, 1, 0, 2, 7, 6, 5, 4], 0.9, 0.7876029857142858),
    ([3, 1, 0, 2, 7, 6, 5, 4], 0.5, 0.32075892857142857),
    (list(range(11, -1, -1)), 0.9, 0.4442989627905196),
    (list(range(11, -1, -1)), 0.5, 0.007200774485930735),
]


@pytest.mark.parametrize(("order", "persistence", "theirs"), RBO)
def test_rbo_is_that_of_the_package(order: list[int], persistence: float, theirs: float) -> None:
    """Beside a longer slate and an empty one, in both directions."""
    count, width = len(order), 20
    held = np.arange(width)
    rows = np.where(held < np.array([count, width, 0])[:, None], held, -1)
    judgements = Judgements(np.array(["a", "b", "c"], dtype=object), rows, np.where(rows < 0, -1, 0))
    plain = Run("plain", np.tile(held, (3, 1)))
    other = Run("other", np.stack([[*order, *range(count, width)], held, held]))
    for a, b in ((plain, other), (other, plain)):
        found = rank_biased_overlaps(a, b, judgements, persistence)
        np.testing.assert_allclose(found, [theirs, 1, np.nan], atol=1e-12)
        for k in (1, 3, 10, 50):
            depth = min(k, count)
            share = len({*order[:depth]} & {*range(depth)}) / depth
            np.testing.assert_allclose(overlaps(a, b, judgements, k), [share, 1, np.nan])
            alone = agreement(a.order[0, :count], b.order[0, :count], k, persistence)
            assert alone == pytest.approx((theirs, share), abs=1e-12)
    assert np.isnan(agreement(held[:0], held[:0], 10)).all()


def test_agreement_over_a_catalogue_is_that_of_the_whole_orders() -> None:
    """Over products with any numbers, as a filter leaves them, and deeper than any rank that weighs."""
    rng = np.random.default_rng(0)
    ids = rng.choice(10_000, 3_000, replace=False)
    a = rng.permutation(ids)
    b = np.concatenate([rng.permutation(a[:15]), rng.permutation(a[15:])])
    rows = np.arange(len(ids))[None]
    judgements = Judgements(np.array(["q"], dtype=object), rows, np.zeros_like(rows))
    place = {each: at for at, each in enumerate(ids)}
    runs = [Run("", np.array([[place[each] for each in order]])) for order in (a, b)]
    for k in (1, 10, 20, 2_000):
        expected = rank_biased_overlaps(*runs, judgements)[0], overlaps(*runs, judgements, k)[0]
        assert agreement(a, b, k) == pytest.approx(expected, abs=1e-12)


def test_blocks_change_no_tau_and_one_product_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = noise_dataset(30)
    old = dataset.judgements
    kept = np.arange(old.rows.shape[1]) < np.where(np.arange(30) < 3, np.arange(30), old.lengths)[:, None]
    cut = Judgements(old.query_ids, np.where(kept, old.rows, -1), np.where(kept, old.labels, -1))
    places = np.arange(old.rows.shape[1])
    forward = Run("as it is", np.tile(places, (30, 1)))
    lengths = cut.lengths[:, None]
    swapped = Run("first two", np.where(places < 2, np.where(lengths > 1, 1 - places, places), places))
    whole = kendall_taus(forward, swapped, cut)
    # One pair of all stands in the other order.
    pairs = np.where(cut.lengths > 1, cut.lengths * (cut.lengths - 1) / 2, np.nan)
    np.testing.assert_allclose(whole, 1 - 2 / pairs)
    for block in (1, 3 * 16**2):
        monkeypatch.setattr(rank_agreement, "_BLOCK", block)
        np.testing.assert_array_equal(kendall_taus(forward, swapped, cut), whole)


def test_a_run_turned_round_is_minus_1() -> None:
    dataset = noise_dataset(20)
    run, lengths = signal_run(dataset, "text"), dataset.judgements.lengths
    order = run.order.copy()
    for query, length in enumerate(lengths):
        order[query, :length] = order[query, :length][::-1]
    np.testing.assert_allclose(kendall_taus(run, Run("turned", order), dataset.judgements), -1)


def test_two_groups_are_compared_as_scipy_does() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.3, 1, 30), np.append(rng.normal(0, 1, 45), np.nan)
    theirs = stats.permutation_test(
        (first, second[:-1]), lambda a, b, axis: a.mean(axis) - b.mean(axis), vectorized=True, n_resamples=9999, rng=1
    )
    assert exchange_p(first, second) == pytest.approx(theirs.pvalue, abs=0.04)
    assert exchange_p(second, first) == pytest.approx(theirs.pvalue, abs=0.04)
    assert np.isnan(exchange_p(first, second[-2:]))


def test_an_effect_size_is_the_mean_over_the_spread() -> None:
    assert effect_size(np.array([0.1, 0.3, np.nan])) == pytest.approx(0.2 / np.std([0.1, 0.3], ddof=1))
    assert np.isnan([effect_size(np.array(values)) for values in ([], [0.1], [0.1, 0.1])]).all()
