"""Every judged query as a row: what each run scores on it, its best weights, what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..evaluation.curves import WeightCurves
from ..evaluation.significance import TIE
from ..types import Bools, Floats, Positions
from .groupings import categories
from .query_columns import as_texts, more_columns

_EQUAL = 1e-12
# What columns of the table are called, and what is made of them.
_TAKEN = frozenset(
    "query_id query text image fused a b gain gap best_low best_high best best_weights judged labels category source "
    "traffic".split()
)
# How far apart two signals must be for one of them to rescue a query.
RESCUE = 0.1


@dataclass(frozen=True, eq=False)
class BestIntervals:
    """Of every query, each (Q,): the best open interval of weights and its value, nan where undefined."""

    low: Floats
    high: Floats
    value: Floats


def best_intervals(curves: WeightCurves) -> BestIntervals:
    """`WeightCurve.best` of all queries at once."""
    count = len(curves)
    query = np.repeat(np.arange(count), np.diff(curves.offsets))
    new = np.ones(len(query), dtype=bool)
    new[1:] = (np.diff(query) > 0) | (np.abs(np.diff(curves.values)) > _EQUAL)
    query, low, values = query[new], curves.starts[new], curves.values[new]
    high = np.append(low[1:], 1.0)
    high[np.append(np.diff(query) > 0, True)] = 1.0
    first = np.searchsorted(query, np.arange(count))
    best = np.maximum.reduceat(values, first) if count else np.empty(0)
    top = np.flatnonzero(values >= best[query] - _EQUAL)
    # The widest of each query, the first of equally wide ones.
    by_query = top[np.lexsort((top, -np.round((high - low)[top], 11), query[top]))]
    chosen, place = np.unique(query[by_query], return_index=True)
    found = BestIntervals(*(np.full(count, np.nan) for _ in range(3)))
    for target, source in ((found.low, low), (found.high, high), (found.value, values)):
        target[chosen] = source[by_query[place]]
    return found


def query_table(dataset: Dataset, runs: Mapping[str, Floats], curves: WeightCurves | None = None) -> pd.DataFrame:
    """One row a query, in the bundle's order: query_id, query, a column a run (its NDCG), best_low, best_high, best
    (with curves), judged, labels (such as `E 3 · S 10`), category, source, traffic (where queries have weights), and
    what else the bundle says of a query. Absent facts are None."""
    judgements, scale = dataset.judgements, dataset.scale
    frame = pd.DataFrame(
        {"query_id": judgements.query_ids.astype(str), "query": dataset.queries["query"].astype(str).to_numpy()}
    )
    for name, values in runs.items():
        frame[name] = values
    if curves is not None:
        best = best_intervals(curves)
        frame["best_low"], frame["best_high"], frame["best"] = best.low, best.high, best.value
    frame["judged"] = judgements.lengths
    counts = np.stack([(judgements.labels == label).sum(axis=1) for label in range(len(scale.names))], axis=1)
    frame["labels"] = [_mix(row, scale.letters) for row in counts.tolist()]
    frame["category"] = categories(dataset)
    sources = dataset.queries.get("source")
    frame["source"] = None if sources is None else sources.astype(object).where(sources.notna(), None).to_numpy()
    if dataset.weights is not None:
        frame["traffic"] = dataset.weights
    for name in more_columns(dataset.queries):
        title = f"{name} (column)" if name in _TAKEN else name
        column = dataset.queries[name]
        frame[title] = column.to_numpy() if _is_number(column) else np.array(as_texts(column), dtype=object)
    return frame


def extra_columns(table: pd.DataFrame) -> dict[str, bool]:
    """The columns of a query table that only its bundle has, and whether they hold numbers."""
    return {str(name): _is_number(table[name]) for name in table if name not in _TAKEN}


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def with_gain(table: pd.DataFrame) -> pd.DataFrame:
    """With gain, what fusing adds to the better of text and image, and gap, image less text, where the three are there;
    of runs a and b with gain, what b has more than a."""
    if {"fused", "text", "image"} <= set(table):
        gain = table["fused"] - table[["text", "image"]].max(axis=1)
        return table.assign(gain=gain, gap=table["image"] - table["text"])
    return table.assign(gain=table["b"] - table["a"]) if "a" in table else table


def _mix(counts: Sequence[int], letters: Sequence[str]) -> str:
    return " · ".join(f"{letter} {count}" for letter, count in zip(letters, counts, strict=True) if count)


# --- presets: which queries to look at, worst or best first ---


@dataclass(frozen=True)
class Preset:
    """about: which queries, in which order. needs: the columns it reads."""

    name: str
    about: str
    needs: tuple[str, ...]


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "pictures rescue", "The image ranking beats the text ranking by .1 or more, most first.", ("text", "image")
        ),
        Preset(
            "text rescues", "The text ranking beats the image ranking by .1 or more, most first.", ("text", "image")
        ),
        Preset("both fail", "Both rankings are in their worst quarter, the worst first.", ("text", "image")),
        Preset(
            "fusion hurts",
            "The fused ranking is worse than the better of the two alone, most first.",
            ("text", "image", "fused"),
        ),
        Preset(
            "widest disagreement", "All queries, those first on which text and image differ most.", ("text", "image")
        ),
    )
}

LOSSES, WINS = "biggest losses", "biggest wins"
# Of two runs.
RUN_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(LOSSES, "B is worse than A, most first.", ("a", "b")),
        Preset(WINS, "B is better than A, most first.", ("a", "b")),
    )
}


def preset_rows(table: pd.DataFrame, name: str) -> Positions:
    """The rows of a preset, in its order. Raises ValueError for an unknown one; undefined queries are in none."""
    if name in RUN_PRESETS:
        less, more = (table[run].to_numpy() for run in ("ab" if name == WINS else "ba"))
        gain = more - less
        return _ordered(gain > TIE, -gain)
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; choose one of: {', '.join(PRESETS)}")
    text, image = table["text"].to_numpy(), table["image"].to_numpy()
    gap, better = image - text, np.fmax(text, image)
    if name == "pictures rescue":
        return _ordered(gap >= RESCUE, -gap)
    if name == "text rescues":
        return _ordered(gap <= -RESCUE, gap)
    if name == "both fail":
        # Where most are perfect, the worst quarter is too, and fails nothing.
        return _ordered((text <= _quarter(text)) & (image <= _quarter(image)) & (better < 1 - _EQUAL), better)
    if name == "fusion hurts":
        loss = better - table["fused"].to_numpy()
        return _ordered(loss > _EQUAL, -loss)
    return _ordered(~np.isnan(gap), -np.abs(gap))


def _quarter(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.quantile(known, 0.25)) if len(known) else float("nan")


def _ordered(chosen: Bools, keys: Floats) -> Positions:
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(keys[rows], kind="stable")]
