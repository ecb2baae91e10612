"""Adapters learn what there is to learn, never what they must not see, and never worse than nothing on inner folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_lessons import QUICK, drawn_lessons, nothing, out_of_fold_gain, permuted

from sqid_core.bundle.adapted_signal import NO_FOLD, Adapter
from sqid_core.learning import listwise
from sqid_core.learning.adapters import Lessons, best_round, curve, fit, fitted, ndcgs


@pytest.fixture(scope="module")
def taught() -> Lessons:
    return drawn_lessons(1)


@pytest.fixture(scope="module")
def found(taught):
    return fit(taught, QUICK, 0)


def test_it_learns_a_turn_of_the_queries(taught, found):
    assert out_of_fold_gain(taught, 1) > 0.03
    assert all(rounds > 0 for rounds in found.rounds)
    assert len(found.folds) == taught.fold_count == 4


def test_equal_inputs_give_equal_bytes(taught, found):
    again = fit(taught, QUICK, 0)
    for one, other in zip([*found.folds, found.whole], [*again.folds, again.whole], strict=True):
        assert one.down.tobytes() == other.down.tobytes()
        assert one.up.tobytes() == other.up.tobytes()
    assert fit(taught, QUICK, 1).whole.up.tobytes() != found.whole.up.tobytes()


def test_no_label_of_a_fold_reaches_its_adapter(taught, found):
    """Not even through how long it learned: other labels there leave it as it is, to the last bit."""
    own = taught.folds == 2
    gains = np.where(own[:, None], permuted(taught, 3).gains[:, ::-1], taught.gains)
    other = fit(replace(taught, gains=gains), QUICK, 0)
    assert other.folds[2].up.tobytes() == found.folds[2].up.tobytes()
    assert other.rounds[2] == found.rounds[2]
    assert other.whole.up.tobytes() != found.whole.up.tobytes()


def test_a_broken_fold_is_seen():
    nonsense = permuted(drawn_lessons(1), 1)
    assert out_of_fold_gain(nonsense, 1, leaking=True) > 0.05


def test_permuted_labels_teach_nothing():
    gains = [out_of_fold_gain(permuted(drawn_lessons(seed), seed), seed) for seed in (1, 2)]
    # Of a mean over 80 slates whose NDCG has a standard deviation of about .2 beside another random order's.
    assert abs(np.mean(gains)) < 3 * 0.2 * np.sqrt(2 / (2 * 80))


def test_the_rounds_are_the_best_on_inner_folds_and_0_where_none_is_better():
    curves = {(0, 1): np.array([[1.0, 5.0], [2.0, 4.0]]), (0, 2): np.array([[3.0, 1.0], [3.0, 2.0]])}
    curves[1, 2] = np.array([[2.0, 2.0], [2.5, 1.0]])
    # Held out 0: fold 1 without 0 and 1 (5, 4), fold 2 without 0 and 2 (1, 2): equal, so the least.
    assert best_round(curves, 0) == 0
    # Held out 2: fold 0 (3, 3), fold 1 (2, 2.5).
    assert best_round(curves, 2) == 1
    # Held out 1: fold 0 (1, 2), fold 2 (2, 1).
    assert best_round(curves, 1) == 0
    assert best_round(curves, None) == 1


def test_round_0_is_the_encoder_itself(taught):
    sums = curve(taught, (0, 3), QUICK, 0)
    assert sums.shape == (QUICK.rounds + 1, 2)
    values = [np.nansum(ndcgs(taught, nothing(taught), np.flatnonzero(taught.folds == fold))) for fold in (0, 3)]
    assert sums[0].tolist() == values


def test_queries_without_a_fold_are_not_learned_from_and_get_the_adapter_of_all(taught):
    folds = taught.folds.copy()
    folds[::3] = NO_FOLD
    some = replace(taught, folds=folds)
    assert not set(some.without(1)) & set(np.flatnonzero(folds == NO_FOLD))
    made = fit(some, QUICK, 0)
    vectors = made.vectors(taught.queries, folds)
    assert np.array_equal(vectors[::3], made.whole(taught.queries[::3]))
    assert np.array_equal(vectors[1], made.folds[folds[1]](taught.queries[1:2])[0])
    alone = fit(some, QUICK, 0, by_fold=False)
    assert (alone.folds, alone.rounds) == ([], made.rounds[-1:])
    assert np.array_equal(alone.whole.up, made.whole.up)


def test_products_without_a_vector_and_slates_of_one_worth_teach_nothing(taught):
    known = taught.known.copy()
    known[:, 1:] = False
    assert not replace(taught, known=known).teaches.any()
    assert not replace(taught, gains=np.ones_like(taught.gains)).shares.any()
    known = taught.known.copy()
    known[0, 0] = False
    assert replace(taught, known=known).shares[0, 0] == 0
    assert taught.shares.sum(axis=1) == pytest.approx(1)


def test_the_shares_are_those_of_the_other_learners(taught):
    """ListNet's targets, in the padded form."""
    assert listwise.loss.__module__ == "sqid_core.learning.listwise"
    gains = np.array([[1.0, 0.1, 0.0]])
    few = replace(taught, mask=np.ones((1, 3), bool), known=np.ones((1, 3), bool), gains=gains)
    assert few.shares.tolist() == [[1 / 1.1, 0.1 / 1.1, 0.0]]


def test_an_adapter_gives_unit_rows_and_the_zero_one_gives_them_back(taught):
    adapter = next(iter(fitted(taught, taught.without(0), QUICK, (0,))))
    turned = adapter(taught.queries)
    assert np.vecdot(turned, turned) == pytest.approx(1, abs=1e-5)
    assert nothing(taught)(taught.queries).tobytes() == taught.queries.tobytes()
    assert adapter(taught.queries[5:6])[0].tobytes() == turned[5].tobytes()
    # One that takes a query to nothing leaves it.
    query = np.eye(1, 4, dtype=np.float32)
    assert np.array_equal(Adapter(query, -query.T)(query), query)
    assert adapter(taught.queries[:0]).shape == (0, 16)
