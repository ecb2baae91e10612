"""Norms: the scores of a slate on a scale of their own, so that two signals can be mixed.

Each takes (..., C) scores with nan where absent and gives the same, a slate at a time. A constant signal gives 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..types import Floats


def min_max(scores: Floats) -> Floats:
    """Scores moved and scaled to [0, 1] over the products that have the signal; 0 where all are equal."""
    scores = _near_one(scores)
    low, high = over_present(np.min, scores, np.inf), over_present(np.max, scores, -np.inf)
    return _scaled(scores - low, high - low)


def z_score(scores: Floats) -> Floats:
    """Scores in population standard deviations from their mean; 0 where all are equal."""
    scores = _near_one(scores)
    count = np.maximum(np.isfinite(scores).sum(axis=-1, keepdims=True), 1)
    centred = scores - over_present(np.sum, scores, 0.0) / count
    deviation = np.sqrt(over_present(np.sum, centred**2, 0.0) / count)
    # The mean of equal numbers can miss them by a rounding error, which a division would blow up to 1.
    constant = over_present(np.max, scores, -np.inf) == over_present(np.min, scores, np.inf)
    return _scaled(centred, np.where(constant, 0.0, deviation))


def over_present(statistic: Callable[..., Any], scores: Floats, neutral: float) -> Floats:
    """(..., 1) a statistic of each slate over the products that have the signal. neutral: what absent ones count as."""
    return statistic(np.where(np.isfinite(scores), scores, neutral), axis=-1, keepdims=True)


def _near_one(scores: Floats) -> Floats:
    """The scores of each slate over a power of two, to the last bit, so that no square of them leaves the numbers that
    a float can hold."""
    _, exponent = np.frexp(over_present(np.max, np.abs(scores), 0.0))
    return np.ldexp(scores, -exponent)


def _scaled(centred: Floats, scale: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isnan(centred), np.nan, np.where(scale > 0, centred / scale, 0.0))


@dataclass(frozen=True)
class Norm:
    """A norm. name: in links and on the command line; label, formula: for people.

    one_scale: whether it puts both signals on one scale, so that one can be compared with the other. compared: whether
    Evaluate shows it beside the norm that a method has anyway, where all methods are asked for. bare: whether the text
    of a run has it as a bare word; only those of the first day do. zero: what a score of 0 is after it. in_engines:
    what search engines that have it call it, by the engine's name.
    """

    name: str
    label: str
    formula: str
    apply: Callable[[Floats], Floats]
    zero: str
    one_scale: bool = True
    compared: bool = True
    bare: bool = False
    in_engines: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Norm({self.name})"


# The first leaves the scores alone.
NORMS: dict[str, Norm] = {
    norm.name: norm
    for norm in (
        Norm(
            "none",
            "None",
            "Scores as they are.",
            lambda scores: scores,
            "a raw score of 0",
            one_scale=False,
            compared=False,
            bare=True,
            in_engines={"elasticsearch": "none"},
        ),
        Norm(
            "min-max",
            "Min–max",
            "`(score − lowest) / (highest − lowest)`",
            min_max,
            "the lowest score",
            compared=False,
            bare=True,
            in_engines={"opensearch": "min_max", "elasticsearch": "minmax"},
        ),
        Norm(
            "z-score",
            "z-score",
            "`(score − mean) / standard deviation`",
            z_score,
            "the average score",
            bare=True,
            in_engines={"opensearch": "z_score"},
        ),
    )
}
NO_NORM = next(iter(NORMS))
