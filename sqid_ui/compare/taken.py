"""Both runs over all queries, as tables that are taken along."""

from __future__ import annotations

import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.exports.tables import Shown, Table
from sqid_core.wording import counted
from sqid_ui.parts.taking import Taken, menu

_RUNS = {"mean A": Shown("Mean NDCG of A"), "mean B": Shown("Mean NDCG of B"), "low": Shown("95 % from")}
_CHANGES = {"difference": Shown("B − A", "%+.4f"), "high": Shown("to")}
_QUERIES = {"query_id": Shown("Id"), "query": Shown("Query"), "a": Shown("A"), "b": Shown("B")}


def take_comparison(dataset: Dataset, comparison: RunComparison) -> None:
    """The menu for the numbers of the headline, and for both runs query by query."""
    n = counted(comparison.outcomes.n, "query", "queries")

    def each() -> Table:
        return Table(_by_query(dataset, comparison), _QUERIES | _CHANGES)

    menu(
        Taken("A and B over all queries", "comparison", Table(_in_one_row(comparison), _RUNS | _CHANGES), n),
        Taken("A and B query by query", "queries", each, n),
        key="comparison",
    )


def _in_one_row(comparison: RunComparison) -> pd.DataFrame:
    low, high = comparison.interval
    found = comparison.outcomes
    row = {
        "mean A": comparison.mean_a,
        "mean B": comparison.mean_b,
        "difference": comparison.difference,
        "low": low,
        "high": high,
        "B wins": found.wins,
        "ties": found.ties,
        "B loses": found.losses,
        "effect size d": comparison.effect,
    }
    return pd.DataFrame([row])


def _by_query(dataset: Dataset, comparison: RunComparison) -> pd.DataFrame:
    ids = dataset.judgements.query_ids
    columns = {"query_id": ids, "query": dataset.queries["query"].to_numpy(), "a": comparison.a, "b": comparison.b}
    return pd.DataFrame(columns).assign(difference=comparison.b - comparison.a)
