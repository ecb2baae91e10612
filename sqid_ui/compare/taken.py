"""Both runs over all queries, and the swaps of one, as tables that are taken along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.compared_slates import ComparedSlate
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.evaluation.reports import Run
from sqid_core.exports.tables import Shown, Table
from sqid_core.exports.trec_runs import run_lines
from sqid_core.wording import counted
from sqid_ui.parts.board.data import rank_of_order
from sqid_ui.parts.markup import plain
from sqid_ui.parts.taking import Taken, menu

_RUNS = {"mean A": Shown("Mean NDCG of A"), "mean B": Shown("Mean NDCG of B"), "low": Shown("95 % from")}
_CHANGES = {"difference": Shown("B − A", "%+.4f"), "high": Shown("to")}
_OF_SIDE = {"product_id": "", "title": ": title", "label": ": label", "rank_a": ": rank in A", "rank_b": ": rank in B"}
_SWAPS = {"share": Shown("Share of B − A", "%+.4f"), "cause": Shown("Cause")} | {
    f"{side}_{name}": Shown(f"{heading}{more}")
    for side, heading in (("up", "Went up"), ("down", "Went down"))
    for name, more in _OF_SIDE.items()
}
_QUERIES = {"query_id": Shown("Id"), "query": Shown("Query"), "a": Shown("A"), "b": Shown("B")}


def take_comparison(dataset: Dataset, comparison: RunComparison, runs: Mapping[str, Callable[[], Run]]) -> None:
    """The menu for the numbers of the headline, and for both runs query by query. runs: A and B, made when asked."""
    n = counted(comparison.outcomes.n, "query", "queries")

    def each() -> Table:
        return Table(_by_query(dataset, comparison), _QUERIES | _CHANGES)

    lines = {name: partial(_lines, dataset, run) for name, run in runs.items()}
    menu(
        Taken("A and B over all queries", "comparison", Table(_in_one_row(comparison), _RUNS | _CHANGES), n),
        Taken("A and B query by query", "queries", each, n, runs=lines),
        key="comparison",
    )


def _lines(dataset: Dataset, run: Callable[[], Run]) -> Iterator[str]:
    yield from run_lines(dataset, run())


def take_swaps(dataset: Dataset, slate: ComparedSlate, sentences: Sequence[str], query: str, note: str) -> None:
    """The menu for the swaps of one query. sentences: of each kind of cause. query: its words."""
    n = f"1 query, {counted(len(slate.swaps), 'swap', 'swaps')}"
    made = Taken(
        f"{plain(query)}: swaps", "swaps", lambda: Table(swaps_frame(dataset, slate, sentences), _SWAPS), n, note
    )
    menu(made, key="swaps")


def swaps_frame(dataset: Dataset, slate: ComparedSlate, sentences: Sequence[str]) -> pd.DataFrame:
    """A row a swap, the largest first: its share of NDCG(B) − NDCG(A), the two products, and its cause."""
    found, products = slate.swaps, dataset.products.iloc[slate.rows]
    ranks = {name: rank_of_order(order) for name, order in slate.orders.items()}
    names = np.array(dataset.scale.names, dtype=object)
    columns: dict[str, object] = {"share": found.contribution}
    for side, positions in (("up", found.up), ("down", found.down)):
        columns |= {
            f"{side}_product_id": products["product_id"].to_numpy()[positions],
            f"{side}_title": products["title"].to_numpy()[positions],
            f"{side}_label": names[slate.labels[positions]],
            f"{side}_rank_a": ranks["a"][positions],
            f"{side}_rank_b": ranks["b"][positions],
        }
    return pd.DataFrame(columns | {"cause": np.array(sentences, dtype=object)[slate.kind]})


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
