from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fixtures import THREE
from hypothesis import given, settings
from hypothesis import strategies as st
from noise import knowing_dataset, noise_dataset

from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.comparisons import compare
from sqid_core.evaluation.reports import Run, evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.judging.decisive import PRIOR_ERROR, decisive_pairs, error_rates
from sqid_core.judging.drawn import CHOSEN, slots
from sqid_core.judging.label_moves import pieces, stakes
from sqid_core.judging.overturning import overturning, overturning_pairs

ONE = LabelScale(("Yes", "No"), ("Y", "N"), ("#047857", "#6b7280"), (("own", (1.0, 0.0)),))
EQUAL = LabelScale(("A", "B", "C"), ("a", "b", "c"), ("#047857",) * 3, (("own", (2.0, 2.0, 0.5)),))


def runs_of(dataset: Dataset) -> tuple[Run, Run]:
    return run_of(dataset, "text"), run_of(dataset, "image")


def relabelled(dataset: Dataset, query: int, place: int, label: int) -> Dataset:
    labels = dataset.judgements.labels.copy()
    labels[query, place] = label
    return replace(dataset, judgements=replace(dataset.judgements, labels=labels))


def mean_difference(dataset: Dataset, runs: tuple[Run, Run], gains: str | None, k: int | None) -> float:
    name = "ndcg" if k is None else f"ndcg@{k}"
    return compare(*(evaluate(dataset, run, gains, [name]) for run in runs), name).difference


def all_moves(dataset: Dataset, runs, gains=None, k=None) -> np.ndarray:
    found = stakes(dataset, runs, gains, k)
    moves = np.full((*found.labels.shape, len(found.table)), np.nan)
    for queries, width in pieces(dataset.judgements.groups, len(found.table)):
        moves[queries, :width] = found.moved(queries, width)
    return moves


SCALES = [(ESCI, None, None), (ESCI, "esci-script", 3), (THREE, None, 1), (ONE, None, 3), (EQUAL, None, None)]


@pytest.mark.parametrize(("scale", "gains", "k"), SCALES)
def test_every_other_label_moves_the_difference_as_a_new_evaluation_says(scale, gains, k) -> None:
    dataset = noise_dataset(6, seed=2, longest=7, scale=scale)
    # One query without a gain, and one that has a single one.
    labels = dataset.judgements.labels.copy()
    last = len(scale.names) - 1
    labels[:2][labels[:2] >= 0] = last
    labels[1, 0] = 0
    dataset = replace(dataset, judgements=replace(dataset.judgements, labels=labels))
    runs = runs_of(dataset)
    moves, now = all_moves(dataset, runs, gains, k), mean_difference(dataset, runs, gains, k)
    for query, place in zip(*np.nonzero(dataset.judgements.mask), strict=True):
        for label in range(len(scale.names)):
            anew = mean_difference(relabelled(dataset, query, place, label), runs, gains, k)
            assert moves[query, place, label] == pytest.approx(anew - now, abs=1e-12)
    assert not np.nan_to_num(moves)[~dataset.judgements.mask].any()


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([None, 2, 5]))
def test_the_closed_form_by_property(seed: int, k: int | None) -> None:
    rng = np.random.default_rng(seed)
    table = tuple(np.round(rng.uniform(0, 1, 4) * rng.integers(0, 2, 4), 2))
    scale = replace(ESCI, gain_tables=(("own", tuple(np.append(table[:3], 1.0))),))
    dataset = noise_dataset(3, seed, 6, scale)
    runs = runs_of(dataset)
    moves, now = all_moves(dataset, runs, None, k), mean_difference(dataset, runs, None, k)
    query, place = next(zip(*np.nonzero(dataset.judgements.mask), strict=True))
    for label in range(4):
        anew = mean_difference(relabelled(dataset, query, place, label), runs, None, k)
        if not np.isnan(anew - now):
            assert moves[query, place, label] == pytest.approx(anew - now, abs=1e-12)


def test_means_by_traffic_move_by_traffic() -> None:
    dataset = noise_dataset(6, seed=5, longest=6)
    dataset = replace(dataset, queries=dataset.queries.assign(weight=[0.0, 1, 2, 3, 100, 0.5])).as_traffic()
    runs = runs_of(dataset)
    moves, now = all_moves(dataset, runs), mean_difference(dataset, runs, None, None)
    assert not moves[0].any()
    for query, label in ((1, 0), (4, 2), (5, 3)):
        anew = mean_difference(relabelled(dataset, query, 1, label), runs, None, None)
        assert moves[query, 1, label] == pytest.approx(anew - now, abs=1e-12)


def test_returned_products_alone_count() -> None:
    dataset = noise_dataset(5, seed=6, longest=6)
    a, b = runs_of(dataset)
    b = replace(b, returned=np.isfinite(dataset.signals["image"].slate_scores(dataset.judgements)))
    moves, now = all_moves(dataset, (a, b)), mean_difference(dataset, (a, b), None, None)
    for query in range(5):
        anew = mean_difference(relabelled(dataset, query, 2, 0), (a, b), None, None)
        assert moves[query, 2, 0] == pytest.approx(anew - now, abs=1e-12)


def test_error_rates_begin_with_the_prior_and_follow_the_judges() -> None:
    prior = error_rates(None, 4)
    assert prior.sum(axis=1) == pytest.approx(PRIOR_ERROR)
    assert prior[0, 1] == pytest.approx(2 * prior[0, 2])
    assert np.array_equal(prior, error_rates(np.zeros((4, 4)), 4))
    confusion = np.diag([90, 90, 90, 990]) + np.eye(4, k=1, dtype=int) * 10
    rates = error_rates(confusion, 4)
    # (10 of 100 + ten judgements of the prior) / 110.
    assert rates[0, 1] == pytest.approx((10 + 10 * prior[0, 1]) / 110)
    assert rates[3].sum() == pytest.approx(1 / 1000)
    assert not rates.diagonal().any()
    assert error_rates(None, 1).tolist() == [[0.0]]
    with_unrateable = pd.DataFrame(np.column_stack([confusion, [7, 7, 7, 7]]))
    assert np.array_equal(error_rates(with_unrateable, 4), rates)


def test_decisive_pairs_come_by_move_and_error_rate() -> None:
    dataset = noise_dataset(20, seed=8)
    runs = runs_of(dataset)
    confusion = np.full((4, 4), 5) + np.diag([20, 100, 60, 300])
    found = decisive_pairs(dataset, runs, confusion=confusion, most=30)
    assert found.source == f"{CHOSEN}: 30 decisive pairs between text and image, error rates by the judgements so far"
    assert not found.by_chance
    worth = np.abs(np.nan_to_num(all_moves(dataset, runs))) * error_rates(confusion, 4)[dataset.judgements.labels]
    best = np.where(dataset.judgements.mask, worth.max(axis=2), 0.0)
    query, place = slots(dataset, found.pairs)
    assert best[query, place] == pytest.approx(np.sort(best.ravel())[::-1][:30])
    names = dataset.scale.names
    assert found.pairs["why"].iloc[0].startswith(f"as {names[worth[query[0], place[0]].argmax()]} instead of ")
    assert "error rates by the prior alone" in decisive_pairs(dataset, runs).source
    run = runs[0]
    assert len(decisive_pairs(dataset, (run, run)).pairs) == 0


@pytest.mark.parametrize("k", [None, 5])
def test_few_labels_turn_a_difference_around(k: int | None) -> None:
    knows = np.full(60, 3.0)
    dataset = knowing_dataset(60, 1, knows, knows / 3)
    runs = runs_of(dataset)
    for pair in (runs, runs[::-1]):
        found = overturning(dataset, pair, None, k)
        assert found is not None
        before = mean_difference(dataset, pair, None, k)
        assert found.before == pytest.approx(before)
        labels = dataset.judgements.labels.copy()
        assert labels[found.query, found.place].tolist() == found.label.tolist()
        labels[found.query[:-1], found.place[:-1]] = found.to[:-1]
        one_less = replace(dataset, judgements=replace(dataset.judgements, labels=labels))
        assert mean_difference(one_less, pair, None, k) * before > 0
        labels[found.query, found.place] = found.to
        turned = mean_difference(replace(dataset, judgements=replace(dataset.judgements, labels=labels)), pair, None, k)
        assert turned * before < 0
        assert found.after == pytest.approx(turned)
        assert len(set(zip(found.query, found.place, strict=True))) == len(found.query)
        assert 0 < found.unsure < len(found.query)
        pairs = overturning_pairs(dataset, found).pairs
        assert len(pairs) == len(found.query)
        assert pairs["why"].iloc[1].startswith("2 labels to change")
        winner = pair[0] if before < 0 else pair[1]
        assert f"would be above that of {winner.name}; after {found.unsure}" in found.sentence


def test_greedy_is_no_worse_than_twice_the_best_on_small_sets() -> None:
    """Whatever one or two labels do, the search finds with as many or one more."""
    from itertools import combinations

    checked = 0
    for seed in range(12):
        dataset = noise_dataset(3, seed, longest=4)
        runs = runs_of(dataset)
        now = mean_difference(dataset, runs, None, None)
        found = overturning(dataset, runs)
        if found is None or np.isnan(now):
            continue
        pairs = list(zip(*np.nonzero(dataset.judgements.mask), strict=True))
        single = [(q, p, label) for q, p in pairs for label in range(4)]
        turns = any(mean_difference(relabelled(dataset, *one), runs, None, None) * now < 0 for one in single)
        if turns:
            assert len(found.query) == 1
            checked += 1
        elif any(
            mean_difference(relabelled(relabelled(dataset, *one), *two), runs, None, None) * now < 0
            for one, two in combinations(single, 2)
        ):
            assert len(found.query) <= 3
            checked += 1
    assert checked > 6


def test_nothing_to_overturn() -> None:
    dataset = noise_dataset(12, seed=3)
    run = run_of(dataset, "text")
    assert overturning(dataset, (run, run)) is None
    no_gain = np.where(dataset.judgements.mask, 3, -1).astype(np.int8)
    empty = replace(dataset, judgements=replace(dataset.judgements, labels=no_gain))
    assert overturning(empty, runs_of(dataset)) is None
    alone = LabelScale(("Yes",), ("Y",), ("#047857",), (("own", (1.0,)),))
    assert overturning(noise_dataset(5, 1, scale=alone), runs_of(dataset)) is None


def test_an_open_verdict_says_so() -> None:
    dataset = noise_dataset(40, seed=9)
    found = overturning(dataset, runs_of(dataset))
    assert found is not None
    assert found.unsure == 0
    assert found.sentence.startswith(f"At most {len(found.query)} changed label")
    assert found.sentence.endswith("The test does not tell the two apart as it is.")
    assert isinstance(overturning_pairs(dataset, found).pairs, pd.DataFrame)
