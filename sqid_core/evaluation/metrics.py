"""Rank metrics, a slate at a time. Undefined is nan, never 0 or 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..bundle.traffic import counted_by
from ..types import Bools, Floats, Positions, Rows


@lru_cache(maxsize=512)
def discounts(length: int) -> Floats:
    """(length,) 1 / log2(rank + 1) for ranks 1, 2, ... (Järvelin & Kekäläinen 2002, as in trec_eval)."""
    weights = 1 / np.log2(np.arange(2.0, length + 2))
    weights.flags.writeable = False
    return weights


def dcg(gains: Floats, k: int | None = None) -> Floats:
    """(...,) discounted cumulative gain. gains: (..., C) gain at each rank; padding is 0. k: only the first k ranks."""
    cut = gains[..., :k]
    return cut @ discounts(cut.shape[-1])


def ideal_dcg(gains: Floats, k: int | None = None) -> Floats:
    """(...,) the DCG of the best order of `gains` (..., C), which must hold all judged products, in any order."""
    return dcg(best_first(gains), k)


def best_first(gains: Floats) -> Floats:
    """(..., C) the gains in the best order there is."""
    return -np.sort(-gains, axis=-1)


def ndcg(ranked: Floats, judged: Floats | None = None, k: int | None = None) -> Floats:
    """(...,) DCG over the ideal DCG; nan where no judged product has a gain (trec_eval: 0).

    ranked: (..., C) gain at each rank. judged: (..., J) gains of all judged products, `ranked` if None: the ideal is
    never made from the retrieved products alone. k cuts both. Equals trec_eval's ndcg and ndcg_cut.
    """
    return over(dcg(ranked, k), ideal_dcg(ranked if judged is None else judged, k))


def expected_random_ndcg(gains: Floats, mask: Bools, k: int | None = None) -> Floats:
    """(...,) the mean NDCG over all orders of a slate: mean gain x sum of discounts / ideal DCG.

    gains: (..., C), 0 at padding. mask: (..., C) False at padding.
    """
    lengths = mask.sum(axis=-1)
    reached = np.concatenate([[0.0], np.cumsum(discounts(gains.shape[-1]))])
    total = reached[lengths if k is None else np.minimum(lengths, k)]
    return over(gains.sum(axis=-1) * total / np.maximum(lengths, 1), ideal_dcg(gains, k))


def reciprocal_rank(relevant: Bools, k: int | None = None) -> Floats:
    """(...,) 1 / rank of the first relevant product among the first k; 0 if there is none, as in trec_eval.

    relevant: (..., C) in rank order, False at padding.
    """
    cut = relevant[..., :k]
    if not cut.shape[-1]:
        return np.zeros(cut.shape[:-1])
    return np.where(cut.any(axis=-1), 1 / (cut.argmax(axis=-1) + 1.0), 0.0)


def precision(relevant: Bools, k: int) -> Floats:
    """(...,) relevant products among the first k, over k, also where fewer are ranked (trec_eval's P_k)."""
    return relevant[..., :k].sum(axis=-1) / k


def set_precision(relevant: Bools, mask: Bools) -> Floats:
    """(...,) share of all ranked products that are relevant (trec_eval's set_P); nan for an empty ranking."""
    return over(relevant.sum(axis=-1).astype(np.float64), mask.sum(axis=-1).astype(np.float64))


def recall(relevant: Bools, total: Rows, k: int | None = None) -> Floats:
    """(...,) share of the `total` (...,) relevant products that are among the first k; nan where there are none."""
    return over(relevant[..., :k].sum(axis=-1).astype(np.float64), np.asarray(total, dtype=np.float64))


def average_precision(relevant: Bools, total: Rows, k: int | None = None) -> Floats:
    """(...,) the sum of the precision at each relevant product among the first k, over the `total` (...,) relevant
    ones; nan where there are none (trec_eval's map and map_cut_k: 0)."""
    cut = relevant[..., :k]
    precisions = np.cumsum(cut, axis=-1) / np.arange(1.0, cut.shape[-1] + 1)
    return over((precisions * cut).sum(axis=-1), np.asarray(total, dtype=np.float64))


def defined_mean(values: Floats, traffic: Floats | None = None) -> float:
    """The mean of those values (Q,) that are not nan; nan where none is. traffic, here and everywhere: (Q,) how much
    each query counts; all alike if None."""
    found, uneven = counted_by(values, traffic)
    known = ~np.isnan(found)
    if not known.any():
        return float("nan")
    return float(found[known].mean() if uneven is None else np.average(found[known], weights=uneven[known]))


def over(part: Floats, whole: Floats) -> Floats:
    """(...,) part / whole; nan where there is no whole."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


@dataclass(frozen=True, eq=False)
class RankedSlates:
    """Slates in rank order, all that a metric may see: arrays (Q, C). Padding is 0 and False, comes last, and changes
    no metric, so that slates may be cut to the longest of any group. ideal: all gains of each slate, best first.
    judged_relevant: (Q,) how many judged products are relevant; None where all are ranked."""

    gains: Floats = field(repr=False)
    relevant: Bools = field(repr=False)
    mask: Bools = field(repr=False)
    ideal: Floats = field(repr=False)
    judged_relevant: Positions | None = field(default=None, repr=False)

    @property
    def relevant_total(self) -> Positions:
        """(Q,) how many relevant products there are to find."""
        return self.relevant.sum(axis=-1) if self.judged_relevant is None else self.judged_relevant


# --- what each measure is, for rankings and for people ---


@dataclass(frozen=True)
class Measure:
    """A measure. name: in links and on the command line; label, summary: for people.

    of: (slates, k) -> (Q,), k None for no cut-off. expected: the same for slates in random order, the mean over all
    orders; None where nobody worked it out. whole, cut: whether it is shown without a cut-off, and at one. reads_gains:
    of every label; else of which labels are relevant. undefined: of which queries it says nothing, nan.
    """

    name: str
    label: str
    summary: str
    undefined: str
    of: Callable[[RankedSlates, int | None], Floats]
    expected: Callable[[RankedSlates, int | None], Floats] | None = None
    whole: bool = True
    cut: bool = True
    reads_gains: bool = False

    def __repr__(self) -> str:
        return f"Measure({self.name})"

    @property
    def kinds(self) -> tuple[str, ...]:
        """How it is asked for, whatever the cut-off: `ndcg` and `ndcg@`."""
        return (self.name,) * self.whole + (f"{self.name}@",) * self.cut


def _expected_reciprocal_rank(slates: RankedSlates, k: int | None) -> Floats:
    """The mean of 1 / rank of the first of m relevant among n in random order: sum of P(first at r) / r."""
    lengths, relevant, drawn = _counts(slates, k)
    none_yet, expected = np.ones(len(lengths)), np.zeros(len(lengths))
    for rank in range(1, int(drawn.max(initial=0)) + 1):
        left = np.maximum(lengths - rank + 1, 1)
        still = none_yet * np.clip((left - relevant) / left, 0.0, 1.0)
        expected += np.where(rank <= lengths, (none_yet - still) / rank, 0.0)
        none_yet = still
    return np.where(drawn > 0, expected, np.nan)


def _expected_precision(slates: RankedSlates, k: int | None) -> Floats:
    lengths, relevant, drawn = _counts(slates, k)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = relevant / lengths
    return share if k is None else share * drawn / k


def _expected_recall(slates: RankedSlates, k: int | None) -> Floats:
    lengths, relevant, drawn = _counts(slates, k)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(relevant > 0, drawn / lengths, np.nan)


def _expected_average_precision(slates: RankedSlates, k: int | None) -> Floats:
    """With m relevant among n, rank r holds one with chance m / n, and then (m - 1) / (n - 1) of the r - 1 before it
    are relevant on average: the sum of (1 + (r - 1) (m - 1) / (n - 1)) / r over the ranks, over n."""
    lengths, relevant, drawn = _counts(slates, k)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1.0, slates.mask.shape[1] + 1))])[drawn]
    others = np.clip(relevant - 1, 0, None) / np.maximum(lengths - 1, 1)
    return np.where(relevant > 0, (harmonic + others * (drawn - harmonic)) / np.maximum(lengths, 1), np.nan)


def _counts(slates: RankedSlates, k: int | None) -> tuple[Positions, Positions, Positions]:
    """(Q,) products, relevant ones, and those among the first k."""
    lengths = slates.mask.sum(axis=1)
    return lengths, slates.relevant.sum(axis=1), lengths if k is None else np.minimum(lengths, k)


METRICS: dict[str, Measure] = {
    metric.name: metric
    for metric in (
        Measure(
            "ndcg",
            "NDCG",
            "The gains by rank, the first counting most, over those of the best order.",
            "without a product that has a gain",
            lambda slates, k: over(dcg(slates.gains, k), dcg(slates.ideal, k)),
            lambda slates, k: expected_random_ndcg(slates.gains, slates.mask, k),
            reads_gains=True,
        ),
        Measure(
            "rr",
            "MRR",
            "1 / rank of the first relevant product.",
            "without a judged product",
            lambda slates, k: reciprocal_rank(slates.relevant, k),
            _expected_reciprocal_rank,
            cut=False,
        ),
        Measure(
            "precision",
            "P",
            "Relevant products among the first k, over k.",
            "without a judged product",
            lambda slates, k: (
                set_precision(slates.relevant, slates.mask) if k is None else precision(slates.relevant, k)
            ),
            _expected_precision,
            whole=False,
        ),
        Measure(
            "recall",
            "Recall",
            "Share of the relevant products that are among the first k.",
            "without a relevant product",
            lambda slates, k: recall(slates.relevant, slates.relevant_total, k),
            _expected_recall,
            whole=False,
        ),
        Measure(
            "ap",
            "MAP",
            "The precision at each relevant product, over how many are relevant: all of the order counts.",
            "without a relevant product",
            lambda slates, k: average_precision(slates.relevant, slates.relevant_total, k),
            _expected_average_precision,
            cut=False,
        ),
    )
}


def measure_kinds() -> tuple[str, ...]:
    """Every measure that is shown, whatever the cut-off: `ndcg`, `ndcg@`, `rr`, ..."""
    return tuple(kind for metric in METRICS.values() for kind in metric.kinds)


def at_cutoff(kind: str, k: int) -> str:
    """The name of a measure of this kind: `ndcg@10` of `ndcg@`."""
    return f"{kind}{k}" if kind.endswith("@") else kind


def measures(k: int) -> tuple[str, ...]:
    """The names of all measures that are shown, at a cut-off; NDCG first, as it says which queries are defined."""
    return tuple(at_cutoff(kind, k) for kind in measure_kinds())


def measure_of(name: str) -> tuple[Measure, int | None]:
    """The measure and the cut-off of a name such as `ndcg` or `precision@10`. Raises ValueError for an unknown one."""
    metric, at, cutoff = name.partition("@")
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r}; choose one of: {', '.join(METRICS)}")
    if at and not (cutoff.isascii() and cutoff.isdigit() and int(cutoff) > 0):
        raise ValueError(f"the cutoff of {name!r} must be a whole number above 0")
    return METRICS[metric], int(cutoff) if at else None


def reads_relevance(name: str) -> bool:
    """Whether a measure asks which labels are relevant; also of a name that is unknown."""
    try:
        return not measure_of(name)[0].reads_gains
    except ValueError:
        return True


def measure(name: str, slates: RankedSlates) -> Floats:
    """(Q,) a metric by its name, such as `ndcg` or `precision@10`. Raises ValueError for an unknown one."""
    metric, k = measure_of(name)
    return metric.of(slates, k)


def expected_at_random(name: str, slates: RankedSlates) -> Floats:
    """(Q,) the mean of a metric over all orders of each slate, exactly; nan where nobody worked that out."""
    metric, k = measure_of(name)
    return np.full(len(slates.mask), np.nan) if metric.expected is None else metric.expected(slates, k)


def measure_label(name: str) -> str:
    """A measure's name for people: `NDCG@10`."""
    metric, k = measure_of(name)
    return metric.label if k is None else f"{metric.label}@{k}"
