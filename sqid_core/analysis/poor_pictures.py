"""Poor pictures, as `images` found them, and what they cost a ranking by pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..bundle.load import Dataset
from ..bundle.shown_pictures import STATUS_TABLE, read_faults
from ..bundle.traffic import counted_by
from ..evaluation.metrics import defined_mean
from ..evaluation.reports import evaluate, scores_run
from ..types import Bools, Floats, Names


@dataclass(frozen=True, eq=False)
class PoorPictures:
    """faults: (N,) what is poor in each product's picture, None for nothing. touched: (Q,) the queries for which one is
    judged. as_it_is, without: mean NDCG of the image ranking over these queries, as it is and with these pictures
    missing; nan where there is no image signal, or no such query."""

    faults: Names = field(repr=False)
    touched: Bools = field(repr=False)
    as_it_is: float
    without: float

    @property
    def queries(self) -> int:
        """For how many queries one is judged."""
        return int(self.touched.sum())


def poor_pictures(dataset: Dataset, gains: str | None = None) -> PoorPictures | None:
    """None where nobody has looked for poor pictures yet."""
    if STATUS_TABLE not in dataset.manifest.files:
        return None
    known = read_faults(dataset.folder / STATUS_TABLE)
    if known is None:
        return None
    faults = np.array([known.get(product) for product in dataset.products["product_id"]], dtype=object)
    poor = np.array([fault is not None for fault in faults], dtype=bool)
    judgements, signal = dataset.judgements, dataset.signal("image")
    touched = np.asarray((poor[judgements.rows] & judgements.mask).any(axis=1), dtype=bool)
    if signal is None or not touched.any():
        return PoorPictures(faults, touched, float("nan"), float("nan"))
    scores = signal.slate_scores(judgements)
    hidden = np.where(poor[judgements.rows], np.nan, scores)
    means = [_mean_ndcg(dataset, each, gains, touched) for each in (scores, hidden)]
    return PoorPictures(faults, touched, *means)


def _mean_ndcg(dataset: Dataset, scores: Floats, gains: str | None, queries: Bools) -> float:
    run = scores_run("image", scores, dataset.judgements)
    values = evaluate(dataset, run, gains, ("ndcg",)).values("ndcg")
    if counted_by(np.where(queries, values, np.nan), dataset.traffic)[1] is not None:
        return defined_mean(np.where(queries, values, np.nan), dataset.traffic)
    return float(np.nanmean(values[queries])) if np.isfinite(values[queries]).any() else float("nan")
