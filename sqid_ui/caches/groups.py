"""The judged queries as a table and in groups, and what the Dataset page checks."""

from __future__ import annotations

import pandas as pd

from sqid_core.analysis import groupings
from sqid_core.analysis.breakdown import breakdown
from sqid_core.analysis.checks import Check, quick_checks
from sqid_core.analysis.query_features import QueryFeatures, query_features
from sqid_core.analysis.query_table import query_table, with_gain
from sqid_core.analysis.vector_health import label_scores
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.claims import without_claims
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.ranking.fusion import Fusion
from sqid_ui.caches.comparing import run_ndcg
from sqid_ui.caches.keys import Keyed, cached
from sqid_ui.caches.measuring import curves, ndcgs, single_methods
from sqid_ui.caches.slates import first_scores, signal_scores


@cached(max_entries=4, any_order=True)
def offered_groupings(shown: Dataset) -> tuple[str, ...]:
    """The groupings that the bundle has the columns for."""
    return groupings.offered(shown)


@cached(max_entries=64)
def groups_of(shown: Dataset, grouping: str) -> groupings.Groups:
    """The groups of a grouping."""
    return groupings.groups_of(shown, grouping)


@cached(max_entries=4)
def known_features(shown: Dataset) -> QueryFeatures:
    """What is read of each query without its labels."""
    return query_features(shown, first_scores(shown))


@cached(max_entries=64, spinner="Measuring each group")
def group_table(
    shown: Dataset, groups: Keyed[groupings.Groups], fusion: Fusion | None, gains: str, compare: tuple[str, str] | None
) -> pd.DataFrame:
    """NDCG by group, beside that of a random order. groups: known by their grouping and the set that they are of.
    compare: (baseline, other) of the lift."""
    random = single_methods(shown, gains, 10)[0].values("ndcg")
    table = breakdown(groups.value, ndcgs(shown, fusion, gains), compare, random, shown.traffic)
    return without_claims(table, shown.labels_chosen)


@cached(max_entries=16, spinner="Measuring each group")
def pair_table(shown: Dataset, groups: Keyed[groupings.Groups], a: RunSpec, b: RunSpec, gains: str) -> pd.DataFrame:
    """NDCG of two runs by group, as `before` and `after`, and their difference. groups: known by their grouping."""
    runs = {"before": run_ndcg(shown, a, gains), "after": run_ndcg(shown, b, gains)}
    table = breakdown(groups.value, runs, ("before", "after"), traffic=shown.traffic)
    return without_claims(table, shown.labels_chosen)


@cached(max_entries=16, spinner="Putting the queries together")
def signals_table(shown: Dataset, fusion: Fusion | None, gains: str, with_curves: bool) -> pd.DataFrame:
    """A row a query, scored by text, image and fused. with_curves: with its best weights, worked out already."""
    found = curves(shown, fusion, gains).result() if with_curves and fusion is not None else None
    return with_gain(query_table(shown, ndcgs(shown, fusion, gains), found))


def runs_table(shown: Dataset, a: RunSpec, b: RunSpec, gains: str) -> pd.DataFrame:
    """A row a query, scored by two runs."""
    return _runs_table(shown, a.unnamed, b.unnamed, gains)


@cached(max_entries=16, spinner="Putting the queries together")
def _runs_table(shown: Dataset, a: RunSpec, b: RunSpec, gains: str) -> pd.DataFrame:
    return with_gain(query_table(shown, {"a": run_ndcg(shown, a, gains), "b": run_ndcg(shown, b, gains)}))


@cached(max_entries=4, spinner="Checking the bundle", any_order=True)
def checks(shown: Dataset) -> list[Check]:
    """What can be told in moments of whether to trust the bundle."""
    return quick_checks(shown)


@cached(max_entries=16, any_order=True)
def scores_by_label(shown: Dataset, name: str) -> pd.DataFrame:
    """How a signal scores the pairs of each label."""
    return label_scores(shown, name, scores=signal_scores(shown, name))
