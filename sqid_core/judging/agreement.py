"""How far judges agree: Krippendorff's alpha of all, Cohen's kappa of two, and what to settle between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from ..bundle.judgements import PADDING
from ..bundle.labels import LabelScale
from ..bundle.load import Dataset
from ..evaluation.intervals import expanded_levels
from ..evaluation.significance import resampled_means
from ..extras import needs
from ..types import Floats, Positions
from .acts import standing
from .label_sets import in_scale

Level = Literal["nominal", "ordinal"]
UNRATEABLE = "cannot be rated"
# Whose labels a bundle has: no judge's id is empty.
PUBLISHER = ""
_PAIR = ["query_id", "product_id"]
_RESAMPLES = 2_000
# A disagreement by chance this small, as a share, is the rounding of none.
_NONE = 1e-9


@dataclass(frozen=True)
class Agreement:
    """A coefficient with its 95 % interval over queries. n: pairs that two or more judges labelled. why: a sentence
    where there is no value (nan), or no interval."""

    value: float
    low: float = float("nan")
    high: float = float("nan")
    n: int = 0
    why: str = ""


def ratings(acts: pd.DataFrame, scale: LabelScale) -> pd.DataFrame:
    """Each judge's last word on each pair: judge, query_id, product_id, code (place in the scale, -1 where the pair
    cannot be rated). Labels that the scale does not have are left out."""
    said = standing(in_scale(acts, scale))
    said = said[said["kind"].isin(("label", "unrateable"))]
    places = {name: place for place, name in enumerate(scale.names)}
    code = said["value"].map(lambda label: places.get(label, len(places))).astype(np.int64)
    code = code.where(said["kind"] == "label", PADDING)
    return said.assign(code=code)[["judge", *_PAIR, "code"]][(code < len(places)).to_numpy()]


def published_ratings(dataset: Dataset) -> pd.DataFrame:
    """The bundle's own labels as those of a judge, `PUBLISHER`."""
    judgements = dataset.judgements
    queries, slots = np.nonzero(judgements.mask)
    products = dataset.products["product_id"].to_numpy(dtype=object)[judgements.rows[queries, slots]]
    codes = judgements.labels[queries, slots].astype(np.int64)
    found = {"judge": PUBLISHER, "query_id": judgements.query_ids[queries], "product_id": products, "code": codes}
    return pd.DataFrame(found)


# --- all judges ---


def alpha(rated: pd.DataFrame, scale: LabelScale, level: Level) -> Agreement:
    """Krippendorff's alpha (Krippendorff 2011): 1 where all agree, 0 as by chance. rated: see `ratings`.

    The value is that of the package krippendorff; the interval draws queries with all their pairs, 2,000 times, and
    takes alpha from sums of their coincidences, since so many calls of the package take minutes. Raises InputError
    without the package.
    """
    labelled = rated[rated["code"] >= 0]
    units, queries, counts = _units(labelled, len(scale.names))
    if not len(counts):
        judges = labelled["judge"].nunique()
        return Agreement(float("nan"), why=_too_few(judges, len(labelled)))
    # Labels that nobody gave change nothing, and a scale may have a hundred.
    counts = counts[:, counts.any(axis=0)]
    if counts.shape[1] < 2:
        return Agreement(float("nan"), n=units, why="all labels of these pairs are one, so nobody could disagree")
    package = needs("judge", "krippendorff")
    value = package.alpha(value_counts=counts, level_of_measurement=level)
    sums = _coincidences(counts.astype(np.float64), queries)
    low, high = _interval(sums, lambda each: coincidence_alphas(each, level))
    return Agreement(float(value), low, high, units, _no_interval(low))


def coincidence_alphas(coincidences: Floats, level: Level) -> Floats:
    """(...,) alpha of coincidence matrices (..., V, V); nan where nothing could differ."""
    total = coincidences.sum(axis=(-2, -1))
    shares = _ratio(coincidences, total[..., None, None])
    labels = shares.sum(axis=-1)
    # Ordinal: how many labels lie between two, each of these itself by half.
    place = np.cumsum(labels, axis=-1) - labels / 2
    apart = np.square(place[..., :, None] - place[..., None, :])
    distance = apart if level == "ordinal" else 1.0 - np.eye(labels.shape[-1])
    by_chance = (labels[..., :, None] * labels[..., None, :] * distance).sum(axis=(-2, -1))
    found = (shares * distance).sum(axis=(-2, -1))
    return 1 - _ratio(found, by_chance) * (1 - _ratio(np.ones(()), total))


def _units(labelled: pd.DataFrame, labels: int) -> tuple[int, Positions, Positions]:
    """Of pairs with two labels or more: their number, (U,) the number of each one's query, and (U, V) how often each
    label was given."""
    numbers = labelled.groupby(_PAIR).ngroup().to_numpy(dtype=np.int64)
    counts = np.zeros((int(numbers.max(initial=-1)) + 1, labels), dtype=np.int64)
    np.add.at(counts, (numbers, labelled["code"].to_numpy(dtype=np.int64)), 1)
    queries = np.zeros(len(counts), dtype=np.int64)
    queries[numbers] = pd.factorize(labelled["query_id"])[0]
    several = counts.sum(axis=1) > 1
    return int(several.sum()), queries[several], counts[several]


def _coincidences(counts: Floats, queries: Positions) -> Floats:
    """(Q, V, V) how often two labels meet on a pair of each query, by (U, V) how often a pair has each and (U,) the
    number of its query."""
    weighted = counts / (counts.sum(axis=1, keepdims=True) - 1)
    ordered = np.argsort(queries, kind="stable")
    parts = np.split(ordered, np.flatnonzero(np.diff(queries[ordered])) + 1)
    return np.stack([counts[part].T @ weighted[part] - np.diag(weighted[part].sum(axis=0)) for part in parts])


def _too_few(judges: int, labels: int) -> str:
    if not labels:
        return "nothing is labelled yet"
    return "one judge alone has labelled" if judges < 2 else "no pair was labelled by two judges"


# --- two judges ---


def kappas(confusions: Floats) -> Floats:
    """(...,) Cohen's kappa (Cohen 1960) of confusion matrices (..., V, V); nan where both gave one label alone."""
    shares = _ratio(confusions, confusions.sum(axis=(-2, -1), keepdims=True))
    by_chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return _ratio(np.trace(shares, axis1=-2, axis2=-1) - by_chance, 1 - by_chance)


def kappa(one: pd.DataFrame, other: pd.DataFrame, scale: LabelScale) -> Agreement:
    """Cohen's kappa of two judges on the pairs that both labelled, with an interval over their queries.

    one, other: rows of `ratings`, a pair once in each.
    """
    first, second, queries = _both(one, other)
    if not len(first):
        return Agreement(float("nan"), why="no pair was labelled by both")
    # Labels that neither gave are left out here, too.
    used = np.bincount(np.concatenate([first, second]), minlength=len(scale.names)) > 0
    places = np.cumsum(used) - 1
    confusions = np.zeros((int(queries.max()) + 1, int(used.sum()), int(used.sum())))
    np.add.at(confusions, (queries, places[first], places[second]), 1)
    value = float(kappas(confusions.sum(axis=0)))
    if np.isnan(value):
        return Agreement(value, n=len(first), why="both gave one label alone, so they could not disagree")
    low, high = _interval(confusions, kappas)
    return Agreement(value, low, high, len(first), _no_interval(low))


def kappa_table(rated: pd.DataFrame, scale: LabelScale) -> pd.DataFrame:
    """One row a pair of judges: a, b, n, agree (the share of equal labels), kappa, low, high, why; by their ids."""
    by_judge = {str(judge): rows for judge, rows in rated.groupby("judge", sort=True)}
    rows = []
    for a, b in combinations(by_judge, 2):
        found = kappa(by_judge[a], by_judge[b], scale)
        first, second, _ = _both(by_judge[a], by_judge[b])
        agree = float((first == second).mean()) if len(first) else float("nan")
        rows.append((a, b, found.n, agree, found.value, found.low, found.high, found.why))
    return pd.DataFrame(rows, columns=("a", "b", "n", "agree", "kappa", "low", "high", "why"))


def confusion(rated: pd.DataFrame, published: pd.DataFrame, scale: LabelScale) -> pd.DataFrame:
    """How often what has one label in `published` (rows) got another in `rated` (columns, the last where it cannot be
    rated); both as of `ratings`, in `published` a pair once."""
    joined = rated.merge(published[published["code"] >= 0], on=_PAIR, suffixes=("", "_published"))
    counts = np.zeros((len(scale.names), len(scale.names) + 1), dtype=np.int64)
    # -1, where it cannot be rated, is the last column.
    np.add.at(counts, (joined["code_published"].to_numpy(), joined["code"].to_numpy()), 1)
    return pd.DataFrame(counts, index=pd.Index(scale.names, name="published"), columns=[*scale.names, UNRATEABLE])


def _both(one: pd.DataFrame, other: pd.DataFrame) -> tuple[Positions, Positions, Positions]:
    """(P,) the labels of both where both gave one, and the number of the query of each."""
    joined = one[one["code"] >= 0].merge(other[other["code"] >= 0], on=_PAIR, suffixes=("_one", "_other"))
    codes = joined["code_one"].to_numpy(dtype=np.int64), joined["code_other"].to_numpy(dtype=np.int64)
    return *codes, pd.factorize(joined["query_id"])[0].astype(np.int64)


# --- intervals ---


def _interval(sums: Floats, statistic: Callable[[Floats], Floats]) -> tuple[float, float]:
    """The 95 % interval of a statistic of the sum of matrices (Q, V, V), from resamples of the queries; nan of fewer
    than two. Resamples without a value, in which nothing could differ, are left out."""
    count = len(sums)
    if count < 2:
        return float("nan"), float("nan")
    drawn = resampled_means(sums.reshape(count, -1).T, _RESAMPLES) * count
    values = statistic(drawn.reshape(-1, *sums.shape[1:]))
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, expanded_levels(count))
    return float(low), float(high)


def _no_interval(low: float) -> str:
    return "one query alone says nothing of others" if np.isnan(low) else ""


def _ratio(above: Floats, below: Floats) -> Floats:
    """above / below, nan where below is none."""
    some = np.abs(below) > _NONE
    return np.asarray(np.where(some, above / np.where(some, below, 1.0), np.nan), dtype=np.float64)
