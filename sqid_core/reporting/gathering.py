"""Everything that a report shows, worked out as the pages do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .. import __version__
from ..analysis.breakdown import breakdown
from ..analysis.checks import Check, quick_checks
from ..analysis.groupings import groups_of, offered
from ..analysis.methods import (
    Method,
    chosen_method,
    differences_table,
    means_table,
    random_method,
    signal_method,
    tuned_methods,
)
from ..analysis.query_weights import sampled
from ..bundle.load import Dataset
from ..errors import InputError
from ..evaluation.cautions import of_runs
from ..evaluation.claims import unclaimed
from ..evaluation.comparisons import RunComparison, compare
from ..evaluation.curves import WeightCurve
from ..evaluation.intervals import mean_intervals
from ..evaluation.metrics import measures
from ..evaluation.reports import Run, dataset_curves
from ..exports.heading import NONE, Heading, bundle_line, gains_line, labels_line, ranking_lines
from ..figures.weights import curve_frame
from ..ranking.fusion import Fusion
from ..types import Positions
from ..wording import numbered

K = 10
# Queries that are shown with their products, and products of each list.
WORST, SHOWN = 10, 5
_RESAMPLES = 1_000
_GROUPING = "category"

Told = Callable[[str], None]


def _untold(_: str) -> None:
    """Nobody asks how far it is."""


@dataclass(frozen=True, eq=False)
class Curve:
    """NDCG over the image weight. frame: see `curve_frame`. alone: of the text and of the image ranking by itself."""

    mean: WeightCurve
    frame: pd.DataFrame = field(repr=False)
    here: float
    alone: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Worst:
    """A query that the ranking loses most on. lists: by a ranking's name the rows of its first products; labels: their
    places in the scale."""

    query: int
    text: str
    before: float
    after: float
    lists: Mapping[str, Positions] = field(repr=False)
    labels: Mapping[str, Positions] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Report:
    """heading: what it is of. methods: random order, each signal, and the fusion at three weights. means, differences:
    tables of them, the latter from the first signal. groups: by category, None where nobody knows one. worst: the
    largest losses of `compared`, the last method against the first signal."""

    dataset: Dataset
    fusion: Fusion | None
    gains: str
    heading: Heading
    methods: Sequence[Method] = field(repr=False)
    means: pd.DataFrame = field(repr=False)
    differences: pd.DataFrame = field(repr=False)
    curve: Curve | None
    groups: pd.DataFrame | None = field(repr=False)
    compared: RunComparison
    worst: Sequence[Worst] = field(repr=False)
    checks: Sequence[Check] = field(repr=False)
    cautions: Sequence[str] = field(repr=False)

    @property
    def names(self) -> tuple[str, str]:
        """Of the two methods that are compared."""
        return self.compared.names


def heading_of(
    dataset: Dataset, fusion: Fusion | None, gains: str, date: str, title: str = "", link: str = NONE
) -> Heading:
    """What the report says of itself. date: ISO. title: the bundle's, if "". link: to the page that made it."""
    judged = int((dataset.judgements.lengths > 0).sum())
    whose = f", by {dataset.label_set}" if dataset.label_set else ""
    return Heading(
        title or f"{dataset.manifest.about.get('title') or dataset.name}: how its rankings compare",
        bundle_line(dataset),
        gains_line(dataset.scale, gains),
        labels_line(dataset) + whose,
        **ranking_lines({} if fusion is None else {"": (fusion.rule.label, fusion)}),
        n=numbered(judged, "queries"),
        date=date,
        link=link,
        note=f"made by SQID Explorer {__version__}",
    )


def gather(dataset: Dataset, fusion: Fusion | None, gains: str, heading: Heading, told: Told = _untold) -> Report:
    """All of it. fusion: None where there is nothing to fuse; then the two first signals are compared. told: is told
    what is being worked out. Raises InputError where there is nothing to measure."""
    if not dataset.judgements.lengths.any() or not dataset.signals:
        lacking = "judged query" if dataset.signals else "signal"
        raise InputError(f"{dataset.name} has no {lacking}, so there is nothing to report")
    measured = measures(K)
    told("the signals")
    methods = [random_method(dataset, gains, measured)]
    methods += [signal_method(dataset, name, gains, measured) for name in dataset.signals]
    curve = None
    first, after = methods[1], methods[min(2, len(methods) - 1)]
    if fusion is not None:
        after = chosen_method(dataset, fusion, gains, measured)
        told("the weight's curve")
        curves = dataset_curves(dataset, fusion.weightless, gains)
        values = np.column_stack([curves.at_zero, sampled(curves)[:, 1:-1], curves.at_one])
        band = mean_intervals(values.T, resamples=_RESAMPLES, within=(0.0, 1.0), traffic=curves.traffic)
        low, high = (unclaimed(end, dataset.labels_chosen) for end in band.T)
        mean, by_name = curves.mean(), {method.name: method for method in methods}
        text, image = (by_name[signal.name].report.means["ndcg"] for signal in dataset.both_signals)
        curve = Curve(mean, curve_frame(mean, low, high), after.report.means["ndcg"], (text, image))
        told("weights chosen on other queries")
        methods += [after, *tuned_methods(dataset, fusion.weightless, curves, gains, measured)]
        first = by_name[dataset.both_signals[0].name]
    told("intervals and tests")
    means = means_table(methods, ["ndcg"])
    differences = differences_table(methods, methods.index(first), "ndcg")
    compared = compare(first.report, after.report, in_sample=after.in_sample)
    told("groups and losses")
    groups = None
    if _GROUPING in offered(dataset):
        runs = {method.name: method.values("ndcg") for method in (first, after)}
        groups = breakdown(groups_of(dataset, _GROUPING), runs, (first.name, after.name), traffic=dataset.traffic)
    worst = [_worst(dataset, row, first, after) for row in compared.losses[:WORST].tolist()]
    cautions = [*of_runs(dataset).values()]
    return Report(
        dataset, fusion, gains, heading, methods, means, differences, curve, groups, compared, worst,
        quick_checks(dataset), cautions,
    )  # fmt: skip


def _worst(dataset: Dataset, query: int, first: Method, after: Method) -> Worst:
    judgements = dataset.judgements
    lists, labels = {}, {}
    for method in (first, after):
        run: Run | None = method.run
        if run is None:
            continue
        places = run.order[query, : min(SHOWN, int(judgements.lengths[query]))]
        lists[method.name] = judgements.rows[query, places].astype(np.int64)
        labels[method.name] = judgements.labels[query, places].astype(np.int64)
    text = str(dataset.queries["query"].iloc[query])
    before, now = (float(method.values("ndcg")[query]) for method in (first, after))
    return Worst(query, text, before, now, lists, labels)
