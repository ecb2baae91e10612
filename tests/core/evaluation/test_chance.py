"""A random order is 0 and the best order 1, whatever the labels."""

from __future__ import annotations

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.analysis.query_groups import random_ndcg, single_ndcgs
from sqid_core.evaluation.chance import adjusted, equal_gains, group_adjusted
from sqid_core.evaluation.reports import random_ndcgs


def test_random_orders_are_0_in_the_mean_and_the_best_is_1() -> None:
    dataset = noise_dataset(60)
    random = random_ndcg(dataset)
    drawn = random_ndcgs(dataset, 400)
    known = ~np.isnan(random) & ~equal_gains(random)
    found = np.array([group_adjusted(each, random) for each in drawn])
    assert found.mean() == pytest.approx(0, abs=4 * found.std() / np.sqrt(len(found)))
    assert group_adjusted(np.where(np.isnan(random), np.nan, 1.0), random) == pytest.approx(1)
    np.testing.assert_allclose(adjusted(np.ones(60), random)[known], 1)
    assert np.isnan(adjusted(np.ones(60), random)[~known]).all()


def test_it_does_not_follow_the_labels() -> None:
    """The NDCG of noise follows that of a random order, query by query; above chance it does not."""
    stats = pytest.importorskip("scipy.stats")
    dataset = noise_dataset(300)
    random, text = random_ndcg(dataset), single_ndcgs(dataset)["text"]
    known = ~np.isnan(adjusted(text, random))
    plain = stats.spearmanr(text[known], random[known]).statistic
    above = stats.spearmanr(adjusted(text, random)[known], random[known]).statistic
    assert plain > 0.5
    assert abs(above) < 0.2


def test_nothing_to_gain_is_undefined() -> None:
    nothing = np.array([1.0, 1.0, np.nan])
    assert np.isnan(group_adjusted(nothing, nothing))
    assert equal_gains(nothing).tolist() == [True, True, False]
