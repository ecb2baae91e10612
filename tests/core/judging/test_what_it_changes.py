"""What a set of labels changes: means with their paired intervals, the order of methods, and which queries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from act_frames import acts_of, labelled
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.comparisons import compare
from sqid_core.evaluation.intervals import difference_interval
from sqid_core.evaluation.run_specs import runs_of
from sqid_core.judging.label_sets import LabelSet
from sqid_core.judging.relabelled import relabelled
from sqid_core.judging.what_it_changes import (
    both_reports,
    changed_pairs,
    method_changes,
    order_agreement,
    query_changes,
)

SET = LabelSet("majority", version=100)


def judged(dataset, *rows, alone=False):
    return relabelled(dataset, acts_of(rows), LabelSet("majority", version=100, alone=alone)).dataset


def pair(dataset, query, place):
    row = dataset.judgements.rows[query, place]
    return f"{dataset.judgements.query_ids[query]} {dataset.products['product_id'].iloc[row]}"


def other(dataset, query, place):
    return dataset.scale.names[(dataset.judgements.labels[query, place] + 1) % 4]


@pytest.fixture
def both(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    places = [(1, 0), (1, 3), (4, 2)]
    rows = [labelled("ann", pair(dataset, *each), other(dataset, *each)) for each in places]
    new = next(row for row in range(60) if row not in dataset.judgements.rows[6])
    rows.append(labelled("ann", f"06 {dataset.products['product_id'].iloc[new]}", "Exact"))
    return dataset, judged(dataset, *rows)


def test_means_and_paired_intervals_are_those_of_a_comparison(both):
    reports = both_reports(*both, runs_of(both[0]))
    found = method_changes(reports)
    assert found["method"].tolist() == [spec.title for spec in runs_of(both[0])]
    for row in found.itertuples():
        before, after = reports[row.method]
        expected = compare(before, after)
        assert (row.before, row.after) == (before.means["ndcg"], after.means["ndcg"])
        assert row.change == pytest.approx(expected.difference, abs=1e-12)
        np.testing.assert_array_equal((row.low, row.high), expected.interval)
        assert (row.n, row.lost, row.won) == (8, 0, 0)
        # A new pair may change other queries' last bit, and that is no change.
        assert row.changed <= 3


def test_queries_that_change_most_come_first(both):
    reports = both_reports(*both, runs_of(both[0]))
    found = query_changes(*both, reports)
    assert sorted(zip(found["query_id"], found["labels"], strict=True)) == [("01", 2), ("04", 1), ("06", 1)]
    assert found["most"].is_monotonic_decreasing
    for row in found.to_dict("records"):
        place = both[0].judgements.query_ids.tolist().index(row["query_id"])
        changes = {name: new.values("ndcg")[place] - old.values("ndcg")[place] for name, (old, new) in reports.items()}
        assert {name: row[f"change of {name}"] for name in reports} == changes
        assert row["most"] == max(map(abs, changes.values()))
        assert row["query"] == both[0].queries["query"].iloc[place]


def test_nothing_changed(both):
    dataset = both[0]
    found = method_changes(both_reports(dataset, judged(dataset), runs_of(dataset)))
    assert (found["before"] == found["after"]).all()
    assert not found[["change", "changed", "lost", "won"]].any(axis=None)
    assert found[["low", "high"]].isna().all(axis=None)
    assert order_agreement(found) == 1
    assert query_changes(dataset, dataset, both_reports(dataset, dataset, runs_of(dataset))).empty
    assert query_changes(dataset, both[1], {})["most"].isna().all()


def test_a_query_that_loses_its_gains_is_lost_and_told(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    length = dataset.judgements.lengths[2]
    rows = [labelled("ann", pair(dataset, 2, place), "Irrelevant") for place in range(length)]
    after = judged(dataset, *rows)
    reports = both_reports(dataset, after, runs_of(dataset))
    found = method_changes(reports)
    assert (found["lost"] == 1).all()
    assert (found["n"] == 7).all()
    assert not found["change"].any()
    assert (found["before"] != found["after"]).all()
    queries = query_changes(dataset, after, reports)
    assert queries["query_id"].tolist() == ["02"]
    assert queries["most"].isna().all()
    back = method_changes({name: (new, old) for name, (old, new) in reports.items()})
    assert (back["won"] == 1).all()


def test_pairs_that_are_no_longer_judged_count(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    after = judged(dataset, labelled("ann", pair(dataset, 0, 0), other(dataset, 0, 0)), alone=True)
    assert changed_pairs(dataset.judgements, after.judgements).tolist() == dataset.judgements.lengths.tolist()
    assert changed_pairs(after.judgements, dataset.judgements).tolist() == dataset.judgements.lengths.tolist()
    assert not changed_pairs(after.judgements, after.judgements).any()


def test_by_traffic_each_query_counts_by_its_weight(both):
    before, after = both
    weights = np.array([5.0, 1.0, 0.0, 2.0, 1.0, 9.0, 1.0, 1.0])
    before, after = (relabel(each, each.queries.assign(weight=weights)) for each in (before, after))
    reports = both_reports(before, after, runs_of(before))
    for row in method_changes(reports).itertuples():
        difference = reports[row.method][1].values("ndcg") - reports[row.method][0].values("ndcg")
        assert row.change == pytest.approx(np.average(difference, weights=weights), abs=1e-12)
        np.testing.assert_array_equal((row.low, row.high), difference_interval(difference, weights))


def relabel(dataset, queries):
    return replace(dataset, queries=queries).as_traffic()


MEANS = st.sampled_from([0.1, 0.2, 0.3, 0.30000000001, float("nan")])


@settings(max_examples=60)
@given(st.lists(st.tuples(MEANS, MEANS), max_size=6))
def test_the_order_agrees_as_scipy_says(means):
    frame = pd.DataFrame(means, columns=["before", "after"])
    known = frame.dropna().round(9)
    expected = kendalltau(known["before"], known["after"]).statistic if len(known) > 1 else float("nan")
    np.testing.assert_allclose(order_agreement(frame), expected, atol=1e-12)
