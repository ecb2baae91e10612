"""What a book that was drawn by chance says of all that it was drawn from: ratio estimates over what was judged so
far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..errors import InputError
from ..evaluation.intervals import t_quantile
from ..types import Bools, Floats, Labels, Positions
from .drawn import slots

# Fewer judged units give no interval: it would hold the truth less often than it says (docs/decisions/0039). Nor do
# means in which fewer units are not 0; of a change by other labels, which is skewed and mostly 0, more of them are
# needed.
LEAST_UNITS, LEAST_DIFFERENT, LEAST_CHANGED = 20, 10, 100
_CONFIDENCE = 0.95
# A stratum was drawn by whole queries where more than so many of its queries are there with all their pairs: all,
# before the bundle changed; hardly any where pairs were drawn.
_WHOLE = 0.5


@dataclass(frozen=True, eq=False)
class BookSample:
    """The pairs of a book that the bundle has judged labels for, each (P,).

    query, place: in the judgements. label: as judged in the book, -1 for none. answered: whether it was judged, though
    it may have no label. unit: what was drawn together, a number; stratum: a number. population: (H,) how many units
    each stratum has. whole: whether whole queries were drawn.
    """

    query: Positions = field(repr=False)
    place: Positions = field(repr=False)
    label: Labels = field(repr=False)
    answered: Bools = field(repr=False)
    unit: Positions = field(repr=False)
    stratum: Positions = field(repr=False)
    population: Floats = field(repr=False)
    whole: bool


@dataclass(frozen=True)
class Ratio:
    """An estimate of a ratio of two totals. variance: nan where fewer than two units tell it. units: judged. degrees:
    of freedom. left: the share of the population that is not judged. moved: units that are not 0 in the upper total."""

    value: float
    variance: float
    units: int
    degrees: int
    left: float
    moved: int


def book_sample(dataset: Dataset, pairs: pd.DataFrame, labels: pd.DataFrame) -> BookSample:
    """pairs: of a book. labels: columns query_id, product_id, label: a name or letter of the scale, "" where judges
    found none (a tie, or it cannot be rated); a pair without a row is not judged yet."""
    query, place = slots(dataset, pairs)
    code, answered = _answers(dataset, pairs, labels)
    strata = pd.factorize(pairs["stratum"])[0].astype(np.int64)
    whole = _whole_queries(dataset, query, place)
    unit = query if whole else np.arange(len(pairs))
    known = query >= 0
    first = known & ~pd.Series(unit).duplicated().to_numpy()
    chances = pairs["probability"].to_numpy(dtype=np.float64)
    # Of a book that was not drawn by chance every pair counts as one.
    weights = np.where(np.isnan(chances), 1.0, 1 / np.where(chances > 0, chances, 1.0))
    strata_count = int(strata.max(initial=-1)) + 1
    population = np.bincount(strata[first], weights[first], minlength=strata_count).astype(np.float64)
    kept = place >= 0
    return BookSample(query[kept], place[kept], code[kept], answered[kept], unit[kept], strata[kept], population, whole)


def _answers(dataset: Dataset, pairs: pd.DataFrame, labels: pd.DataFrame) -> tuple[Labels, Bools]:
    found = labels.drop_duplicates(["query_id", "product_id"], keep="last")
    keys = pd.MultiIndex.from_frame(found[["query_id", "product_id"]])
    at = keys.get_indexer(pd.MultiIndex.from_frame(pairs[["query_id", "product_id"]]))
    codes = np.array([_code(dataset, text) for text in found["label"]] + [-1], dtype=np.int8)
    return codes[at], at >= 0


def _code(dataset: Dataset, text: str) -> int:
    try:
        return dataset.scale.code(text) if text.strip() else -1
    except InputError:
        return -1


def _whole_queries(dataset: Dataset, query: Positions, place: Positions) -> bool:
    judged = query[place >= 0]
    there = np.bincount(judged, minlength=len(dataset.judgements))
    lengths = dataset.judgements.lengths
    # Of a query with one product nobody can tell.
    some = (there > 0) & (lengths > 1)
    return bool(some.any() and (there[some] == lengths[some]).mean() > _WHOLE)


def ratio(sample: BookSample, counted: Bools, top: Floats, bottom: Floats, finite: bool) -> Ratio:
    """The population's total of `top` over that of `bottom` (P,), from those pairs that are counted: Hájek's estimator,
    in which each judged unit of a stratum stands for as many as the stratum has, over their number.

    Its variance is that of the linearised residuals between the units of a stratum (Särndal and others 1992, 5.6).
    finite: what is not drawn of this very bundle is all that is unknown; else units are as if drawn from many more
    like them. Strata without a judged unit are left out.
    """
    rows = np.flatnonzero(counted)
    units, at = np.unique(sample.unit[rows], return_inverse=True)
    stratum = np.zeros(len(units), dtype=np.int64)
    stratum[at] = sample.stratum[rows]
    drawn = np.bincount(stratum, minlength=len(sample.population))
    size = sample.population[stratum]
    weights = size / drawn[stratum]
    tops, bottoms = (np.bincount(at, values[rows], minlength=len(units)) for values in (top, bottom))
    whole = float(weights @ bottoms)
    strata = int((drawn > 0).sum())
    population = float(sample.population[drawn > 0].sum())
    left = max(0.0, 1 - len(units) / population) if population else float("nan")
    if not whole > 0:
        return Ratio(float("nan"), float("nan"), len(units), 0, left, 0)
    value = float(weights @ tops) / whole
    residuals = weights * (tops - value * bottoms) / whole
    moved = int((np.abs(tops) > 1e-12).sum())
    variance = _between(residuals, stratum, drawn, size, finite) if len(units) > 1 else float("nan")
    return Ratio(value, variance, len(units), max(len(units) - strata, 1), left, moved)


def _between(residuals: Floats, stratum: Positions, drawn: Positions, size: Floats, finite: bool) -> float:
    """The variance of the sum of residuals of units that were drawn in strata; one alone in its stratum is held to the
    mean of all."""
    means = np.bincount(stratum, residuals, minlength=len(drawn)) / np.maximum(drawn, 1)
    alone = drawn[stratum] == 1
    centred = residuals - np.where(alone, residuals.mean(), means[stratum])
    counts = drawn[stratum].astype(np.float64)
    grown = np.where(alone, 1.0, counts / np.maximum(counts - 1, 1))
    share = 1 - counts / size if finite else np.ones(len(counts))
    return float((np.maximum(share, 0.0) * grown * centred**2).sum())


def share_interval(found: Ratio, pairs: int) -> tuple[float, float]:
    """95 % of a share over so many judged pairs: Wilson's with as many observations as its variance is worth, and
    Student's t; the share itself where all of the population is judged, nan for fewer than twenty units or pairs."""
    units = min(found.units, pairs)
    if found.left <= 0:
        return found.value, found.value
    if units < LEAST_UNITS or np.isnan(found.variance):
        return float("nan"), float("nan")
    spread = found.value * (1 - found.value)
    n = spread / found.variance if found.variance > 0 and spread > 0 else units / found.left
    z = t_quantile(_CONFIDENCE, max(1, min(found.degrees, units - 1))) ** 2 / n
    centre = (found.value + z / 2) / (1 + z)
    half = float(np.sqrt(spread * z + z**2 / 4)) / (1 + z)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(found: Ratio, least: int = LEAST_DIFFERENT) -> tuple[float, float]:
    """95 % of a mean by Student's t; nan for fewer than twenty units, or where fewer than `least` of them are not 0."""
    if found.units < LEAST_UNITS or found.moved < least or not found.variance > 0:
        return float("nan"), float("nan")
    half = t_quantile(_CONFIDENCE, found.degrees) * float(np.sqrt(found.variance))
    return found.value - half, found.value + half
