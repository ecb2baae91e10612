"""Signals mixed by weights over all judged queries: what takes long is done beside the page."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np

from sqid_core.analysis.mixed_methods import MixedMethods, mixed_methods
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.metrics import measures
from sqid_core.evaluation.signal_weights import SignalColumns, signal_columns, simplex
from sqid_core.types import Floats
from sqid_ui.caches.jobs import FEW, job
from sqid_ui.caches.keys import cached


def mixed(shown: Dataset, names: Sequence[str], gains: str, k: int, norm: str) -> Future[MixedMethods]:
    """Signals at their best and at cross-validated weights."""

    def work() -> MixedMethods:
        return mixed_methods(shown, names, gains, measures(k), norm)

    return job(shown, ("mixed", *names, gains, k, norm), work, at_once=FEW)


def triangle(shown: Dataset, names: Sequence[str], gains: str, norm: str) -> Future[tuple[Floats, Floats]]:
    """All weights of three signals (G, 3), and the mean NDCG (G,) at each."""

    def work() -> tuple[Floats, Floats]:
        weights, signals = simplex(len(names)), _columns(shown, tuple(names), gains, norm)
        return weights, np.array([signals.mean(each) for each in weights])

    return job(shown, ("triangle", *names, gains, norm), work)


def from_point(
    shown: Dataset, names: Sequence[str], point: tuple[float, ...], gains: str, norm: str
) -> Future[tuple[float, list[tuple[float, float, float]]]]:
    """The mean NDCG at some weights, and of the whole line through them to each signal the best interval of that
    signal's weight and its value."""

    def work() -> tuple[float, list[tuple[float, float, float]]]:
        signals, weights = _columns(shown, tuple(names), gains, norm), np.array(point)
        return signals.mean(weights), [_along(signals, weights, signal) for signal in range(len(names))]

    return job(shown, ("from a point", *names, point, gains, norm), work)


def _along(signals: SignalColumns, weights: Floats, signal: int) -> tuple[float, float, float]:
    start, end = signals.through(weights, signal)
    best = signals.line(start, end).mean().best
    return best.low, best.high, best.value


# A signal of SQID's size takes 6 MB.
@cached(max_entries=2)
def _columns(shown: Dataset, names: tuple[str, ...], gains: str, norm: str) -> SignalColumns:
    return signal_columns(shown, names, norm, gains=gains)
