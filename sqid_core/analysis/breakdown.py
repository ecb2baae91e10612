"""Means by group of queries: what each run scores there, how sure that is, and which weight is best."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..bundle.traffic import counted_by, worth
from ..evaluation.chance import equal_gains, group_adjusted
from ..evaluation.intervals import difference_intervals, expanded_levels, mean_intervals
from ..evaluation.metrics import defined_mean
from ..evaluation.significance import holm, outcomes, randomisation_ps
from ..types import Floats, Positions
from .groupings import SMALL, Groups
from .query_weights import best_weight, resampled_best_weights

# Groups are many: fewer resamples than for the table of methods.
RESAMPLES, SIGNS = 1_000, 2_000


def breakdown(
    groups: Groups,
    runs: Mapping[str, Floats],
    compare: tuple[str, str] | None = None,
    random: Floats | None = None,
    traffic: Floats | None = None,
) -> pd.DataFrame:
    """One row a group: group, n (queries with an NDCG that are asked), small (worth fewer than ten), and for each run
    its mean with `low` and `high` (95 %). traffic: (Q,) adds effective (the effective number of queries).

    compare: (baseline, other): adds lift (mean of other - baseline) with its interval, p (paired randomisation), p Holm
    over the groups, and differ (queries on which the two differ). random: (Q,) expected NDCG of a random order: adds
    random (its mean), equal gains (queries on which every order scores 1) and for each run `above chance`: its share
    of what a random order leaves, without those queries (`group_adjusted`).
    """
    frame = pd.DataFrame([_line(groups.rows(name), runs, compare, random, traffic) for name in groups.names])
    frame.insert(0, "group", list(groups.names))
    if compare is not None and len(frame):
        frame["p Holm"] = holm(frame["p"].to_numpy(dtype=np.float64))
    return frame


def group_weights(groups: Groups, grid: Floats, traffic: Floats | None = None) -> pd.DataFrame:
    """One row a group: weight (best for the group's own queries, in-sample), weight low and weight high (its 95 %
    interval: the bootstrap's percentiles at `expanded_levels`). grid: (Q, 101) NDCG of each query at each weight."""
    return pd.DataFrame([_weight(grid[rows], _of(traffic, rows)) for rows in map(groups.rows, groups.names)])


def _of(traffic: Floats | None, queries: Positions) -> Floats | None:
    return None if traffic is None else traffic[queries]


def _line(
    queries: Positions,
    runs: Mapping[str, Floats],
    compare: tuple[str, str] | None,
    random: Floats | None,
    of_all: Floats | None,
) -> dict[str, float | int | bool]:
    values, traffic = {name: of_run[queries] for name, of_run in runs.items()}, _of(of_all, queries)
    stacked = np.stack(list(values.values()))
    counted, _ = counted_by(stacked.sum(axis=0), traffic)
    n, effective = int((~np.isnan(counted)).sum()), worth(counted, traffic)
    line: dict[str, float | int | bool] = {"n": n, "small": effective < SMALL}
    line |= {} if traffic is None else {"effective": effective}
    intervals = mean_intervals(stacked, resamples=RESAMPLES, within=(0.0, 1.0), traffic=traffic)
    for (name, each), (low, high) in zip(values.items(), intervals, strict=True):
        line |= {name: defined_mean(each, traffic), f"{name} low": low, f"{name} high": high}
    if random is not None:
        at_random = random[queries]
        asked, _ = counted_by(at_random, traffic)
        line |= {"random": defined_mean(at_random, traffic), "equal gains": int(equal_gains(asked).sum())}
        line |= {f"{name} above chance": group_adjusted(each, at_random, traffic) for name, each in values.items()}
    if compare is not None:
        lift = values[compare[1]] - values[compare[0]]
        found = outcomes(lift, traffic=traffic)
        low, high = difference_intervals(lift[None], resamples=RESAMPLES, traffic=traffic)[0]
        line |= {"lift": defined_mean(lift, traffic), "lift low": low, "lift high": high}
        p = float(randomisation_ps(lift[None], SIGNS, traffic=traffic)[0])
        line |= {"p": p, "differ": found.wins + found.losses}
    return line


def _weight(grid: Floats, traffic: Floats | None) -> dict[str, float]:
    asked, uneven = counted_by(grid[:, 0], traffic)
    defined = ~np.isnan(asked)
    known, weights = grid[defined], None if uneven is None else uneven[defined]
    if len(known) < 2:
        weight = best_weight(known[0]) if len(known) else float("nan")
        return {"weight": weight, "weight low": float("nan"), "weight high": float("nan")}
    mean = known.mean(axis=0) if weights is None else np.average(known, axis=0, weights=weights)
    levels = expanded_levels(worth(asked, uneven))
    low, high = np.quantile(resampled_best_weights(known, weights), levels)
    return {"weight": best_weight(mean), "weight low": float(low), "weight high": float(high)}


def crossed(first: Groups, second: Groups, values: Floats, traffic: Floats | None = None) -> pd.DataFrame:
    """One row a pair of groups that have queries in common: first, second, n and mean of values (Q,), nan left out."""
    values, uneven = counted_by(values, traffic)
    known = ~np.isnan(values) & (first.of_query >= 0) & (second.of_query >= 0)
    frame = pd.DataFrame({"first": first.of_query[known], "second": second.of_query[known], "value": values[known]})
    if uneven is None:
        cells = frame.groupby(["first", "second"])["value"].agg(["size", "mean"]).reset_index()
    else:
        weighted = frame.assign(weight=uneven[known], value=frame["value"] * uneven[known])
        sums = weighted.groupby(["first", "second"]).agg(size=("value", "size"), value=("value", "sum"),
            weight=("weight", "sum"))  # fmt: skip
        cells = sums.assign(mean=sums["value"] / sums["weight"]).reset_index()
    return pd.DataFrame(
        {
            "first": [first.names[i] for i in cells["first"]],
            "second": [second.names[i] for i in cells["second"]],
            "n": cells["size"].to_numpy(),
            "mean": cells["mean"].to_numpy(),
        }
    )
