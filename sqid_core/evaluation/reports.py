"""Evaluating runs over all judged queries of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bundle.judgements import Judgements
from ..bundle.load import Dataset
from ..bundle.signals import Signal
from ..bundle.tables import tie_keys
from ..bundle.traffic import counted_by
from ..errors import InputError
from ..ranking.fusion import Columns, Fusion, fuse
from ..ranking.mixes import signal_named
from ..ranking.ranks import starts
from ..types import Array, Bools, Floats, Positions, Rows
from ..wording import counted, folded, listed, short
from .buckets import JudgedSlates, buckets, judged_slates, slate_order
from .curves import WeightCurves, weight_curves
from .metrics import RankedSlates, dcg, defined_mean, expected_random_ndcg, measure, reads_relevance
from .metrics import measures as all_measures
from .slate_scores import SlateScores, slate_scores

# Where a caller names no measures.
_CUTOFF = 10
FOLDS = 5
# Below every score, above padding (-inf): where a product that a signal does not know is ranked.
_LAST = np.finfo(np.float64).min


@dataclass(frozen=True, eq=False)
class Run:
    """A ranking per query. order: (Q, C) positions in the slate, best first; padding comes last. returned: (Q, C) in
    the slate's order, what the run returns, where the rest counts as not found instead of following behind; None: all.

    >>> run = run_of(load_bundle("data/tiny"), "words_text")
    >>> run
    Run(words_text: 8 queries)
    >>> run.order[0, :3]
    array([13,  5,  1], dtype=int32)
    """

    name: str
    order: Rows = field(repr=False)
    returned: Bools | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"Run({short(self.name)}: {counted(len(self.order), 'query', 'queries')})"


@dataclass(frozen=True, eq=False)
class MetricReport:
    """What a run scored. per_query: a row for every judged query, nan where undefined; means: over the defined ones.

    n_scored, n_undefined: queries with and without an NDCG. judged: (Q,) which have a slate. gains: the name of
    the gain table. traffic: (Q,) how much each query counts in the means; all alike if None. chosen: whether the labels
    are (`claims`).

    >>> dataset = load_bundle("data/tiny")
    >>> report = evaluate(dataset, run_of(dataset, "words_text"), measures=("ndcg", "rr"))
    >>> report
    MetricReport(words_text: ndcg 0.8839, rr 0.7917; 8 queries, gains paper)
    >>> report.values("rr")[:3]
    array([1. , 0.5, 1. ])
    """

    run: str
    per_query: pd.DataFrame = field(repr=False)
    means: dict[str, float]
    n_scored: int
    n_undefined: int
    gains: str
    judged: Bools = field(repr=False)
    traffic: Floats | None = field(default=None, repr=False)
    chosen: bool = False

    def values(self, measure: str) -> Floats:
        """(Q,) one measure, read-only. Raises InputError where it was not measured."""
        if measure not in self.per_query:
            known = ", ".join(map(str, self.per_query.columns))
            raise InputError(f"the report of {self.run} has no {measure}; it has: {known}")
        found = self.per_query[measure].to_numpy().view()
        found.flags.writeable = False
        return found

    def __repr__(self) -> str:
        means = listed((f"{name} {mean:.4f}" for name, mean in self.means.items()), 36)
        queries = counted(self.n_scored, "query", "queries")
        by = "" if self.traffic is None else " by traffic"
        return f"MetricReport({short(self.run, 32)}: {means}; {queries}{by}, gains {short(self.gains, 12)})"


def report(
    name: str, per_query: dict[str, Floats], data: Dataset | Judgements, gains: str | None = None
) -> MetricReport:
    """The report of per-query values (Q,) a measure. The first measure says which queries are defined."""
    judgements = judgements_of(data)
    frame = pd.DataFrame(per_query, index=judgements.index)
    defined = int((~np.isnan(next(iter(per_query.values())))).sum())
    traffic = None if isinstance(data, Judgements) else data.traffic
    return MetricReport(
        name,
        frame,
        {name: _mean(values, traffic) for name, values in per_query.items()},
        defined,
        len(frame) - defined,
        gains or data.scale.default_gains,
        judgements.lengths > 0,
        traffic,
        not isinstance(data, Judgements) and data.labels_chosen,
    )


def _mean(values: Floats, traffic: Floats | None) -> float:
    """As pandas adds it up, where queries count alike: these numbers are recorded to the last bit."""
    if counted_by(values, traffic)[1] is not None:
        return defined_mean(values, traffic)
    known = ~np.isnan(values)
    return float(np.where(known, values, 0.0).sum() / known.sum()) if known.any() else float("nan")


def judgements_of(data: Dataset | Judgements) -> Judgements:
    """The judgements of a data set, or those that are handed in alone."""
    return data if isinstance(data, Judgements) else data.judgements


def signal_run(dataset: Dataset, name: str, scores: Floats | None = None) -> Run:
    """The run of one signal: products that it does not know come last. scores: (Q, C) the signal's, where
    they are known already."""
    found = signal_named(dataset, name).slate_scores(dataset.judgements) if scores is None else scores
    run = scores_run(name, found, dataset.judgements)
    return replace(run, returned=returned_by(dataset, signal_named(dataset, name)))


def returned_by(dataset: Dataset, *signals: Signal) -> Bools | None:
    """(Q, C) what some signals together return, where the data set is read as retrieval; None where that is all."""
    if not dataset.retrieval or not all(signal.is_run for signal in signals):
        return None
    return np.logical_or.reduce([signal.knows(dataset.judgements) for signal in signals])


def scores_run(name: str, scores: Floats, judgements: Judgements) -> Run:
    """The run of some raw scores (Q, C): those that are nan come last."""
    known = np.where(np.isnan(scores), _LAST, scores)
    known = np.where(judgements.mask, known, -np.inf)
    cuts = ((queries, known[queries, :width]) for queries, width in judgements.groups)
    return Run(name, slate_order(cuts, known.shape))


def fusion_run(dataset: Dataset, fusion: Fusion, name: str | None = None, scores: SlateScores | None = None) -> Run:
    """The run of a fusion of the first text and the first image signal. scores: see `slate_columns`."""
    label = name or f"{fusion.method} {fusion.image_weight:g}"
    run = columns_run(label, slate_columns(dataset, fusion, scores), fusion)
    return replace(run, returned=returned_by(dataset, *dataset.both_signals))


def columns_run(
    name: str, prepared: Columns, fusion: Fusion, image_weight: float | npt.NDArray[np.floating] | None = None
) -> Run:
    """The run of `slate_columns` at a weight, the fusion's own if None, or at a weight for each query (Q, 1)."""

    def weight(queries: Rows) -> Any:
        return image_weight[queries] if isinstance(image_weight, np.ndarray) else image_weight

    fused = ((queries, fuse(cut, fusion, weight(queries))) for queries, cut in prepared.groups)
    return Run(name, slate_order(fused, prepared.mask.shape))


def slate_columns(dataset: Dataset, fusion: Fusion, scores: SlateScores | None = None) -> Columns:
    """The prepared columns (Q, C) of every slate, from the first text and the first image signal.

    scores: theirs, where they are known already. Raises InputError where the bundle lacks one of the two, or the
    fusion needs vectors of one encoder and they have none.
    """
    judgements = dataset.judgements
    found = slate_scores(judgements, *dataset.both_signals, own=fusion.needs_own) if scores is None else scores
    return found.columns(fusion, judgements.mask)


def ranked_slates(slates: JudgedSlates, run: Run, relevance: bool = True) -> RankedSlates:
    """Some slates in a run's order. relevance: whether anybody asks which products are relevant; else none are."""
    mask, total = slates.mask, None
    # A run has padding behind, by whatever positions: what is taken for it is masked.
    places = run.order[slates.queries, : mask.shape[1]] + starts(mask.shape)

    def placed(values: Array) -> Array:
        return values.reshape(-1).take(places, mode="clip")

    if run.returned is not None:
        total = slates.relevant.sum(axis=1)
        mask = mask & placed(run.returned[slates.queries, : mask.shape[1]])
    gains = np.where(mask, placed(slates.gains), 0.0)
    relevant = mask & placed(slates.relevant) if relevance else np.broadcast_to(False, mask.shape)
    return RankedSlates(gains, relevant, mask, slates.ideal, total)


def evaluate(
    data: Dataset | Judgements, run: Run, gains: str | None = None, measures: Sequence[str] | None = None
) -> MetricReport:
    """A run's score on every judged query, nan on one of which nothing is judged. Slates of similar length go together,
    so that little padding is scored. measures: names of METRICS, with a cut-off or without (`ndcg`, `ndcg@10`), all of
    them if None.

    >>> dataset = load_bundle("data/tiny")
    >>> evaluate(dataset, run_of(dataset, Fusion(image_weight=0.4)), measures=("ndcg", "precision@5"))
    MetricReport(Fused · weighted scores, image…: ndcg 0.9215, precision@5 0.2750; 8 queries, gains paper)
    """
    judgements = judgements_of(data)
    names = all_measures(_CUTOFF) if measures is None else measures
    per_query = {name: np.full(len(judgements), np.nan) for name in names}
    for slates in judged_slates(judgements, data.scale, gains):
        ranked = ranked_slates(slates, run, any(map(reads_relevance, names)))
        for name, values in per_query.items():
            values[slates.queries] = measure(name, ranked)
    return report(run.name, per_query, data, gains)


def evaluate_random(dataset: Dataset, gains: str | None = None) -> MetricReport:
    """The expected NDCG of a random order, exactly."""
    judged = dataset.judgements.gains(dataset.scale.gains(gains))
    expected = expected_random_ndcg(judged, dataset.judgements.mask)
    return report("random", {"ndcg": expected}, dataset, gains)


def random_ndcgs(dataset: Dataset, seeds: int, gains: str | None = None) -> Floats:
    """(S, Q) NDCG of one random order of each slate a seed: how far a single draw may lie from `evaluate_random`."""
    judged = dataset.judgements.gains(dataset.scale.gains(gains))
    mask = dataset.judgements.mask
    parts = buckets(Columns(judged, judged, mask), judged)
    values = np.full((seeds, len(judged)), np.nan)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for part in parts:
            keys = np.where(part.columns.mask, rng.random(part.gains.shape), np.inf)
            shuffled = np.take_along_axis(part.gains, np.argsort(keys, axis=1), axis=1)
            values[seed, part.queries] = dcg(shuffled) / part.ideal
    return values


def dataset_curves(
    dataset: Dataset, fusion: Fusion, gains: str | None = None, scores: SlateScores | None = None
) -> WeightCurves:
    """The weight curve of every query. scores: see `slate_columns`.

    >>> curves = dataset_curves(load_bundle("data/tiny"), Fusion())
    >>> curves
    WeightCurves(8 queries, exact)
    >>> round(curves.mean().best.weight, 4)
    0.1708
    """
    judged = dataset.judgements.gains(dataset.scale.gains(gains))
    returned = returned_by(dataset, *dataset.both_signals)
    curves = weight_curves(slate_columns(dataset, fusion, scores), judged, fusion, returned)
    return replace(curves, traffic=dataset.traffic)


def query_folds(dataset: Dataset, repeat: int = 0) -> Positions:
    """(Q,) the fold of each query, for `cross_validated`: by a hash of its text, so the same in every bundle and on
    every machine, and equal texts (case and spaces aside) share a fold: no weight is scored on a text that chose it.

    repeat: the number of the repeat; each draws other folds.
    """
    return (text_keys(dataset.queries["query"], repeat) % np.uint64(FOLDS)).astype(np.int64)


def text_keys(texts: Iterable[str], repeat: int = 0) -> npt.NDArray[np.uint64]:
    """(Q,) a hash of each text, by which folds are drawn: equal for equal texts, case and spaces aside."""
    return tie_keys(f"{repeat} {folded(text)}" for text in texts)
