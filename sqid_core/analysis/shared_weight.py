"""What an oracle would gain if one weight were right for every query: what its gain must exceed to mean something.

Each product keeps its label and gets what text and picture scores hold beside it from another product with that label,
both together, out of all queries (`slate_model`). So the picture says as much about the label as it does, both agree as
much as they do, and queries are as easy or hard as they are; but none needs another weight than the rest. (Shuffled
pictures say nothing: what an oracle finds with them answers another question.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.curves import weight_curves
from ..evaluation.intervals import t_within
from ..evaluation.metrics import defined_mean
from ..evaluation.slate_scores import SlateScores
from ..ranking.fusion import Fusion
from ..types import Bools, Floats, Labels, Positions
from .query_weights import Headroom, headroom
from .slate_model import SlateModel, slate_model

DRAWS = 20


@dataclass(frozen=True)
class Excess:
    """The oracle's mean gain, what it is where one weight fits all (mean of the draws), and p: how likely a gain as
    large is there (Student's t over the draws, one-sided)."""

    gain: float
    shared: float
    p: float

    @property
    def more(self) -> float:
        """What the queries' own needs may account for."""
        return self.gain - self.shared


def excess(gain: Floats, draws: Floats, traffic: Floats | None = None) -> Excess:
    """gain: (Q,) of the oracle. draws: (D, Q) of `shared_headrooms`."""
    means = np.array([defined_mean(each, traffic) for each in draws])
    found, spread, count = defined_mean(gain, traffic), float(means.std(ddof=1)), len(means)
    if not spread > 0:
        return Excess(found, float(means.mean()), float("nan"))
    t = (found - float(means.mean())) / (spread * np.sqrt(1 + 1 / count))
    outside = (1 - t_within(abs(t), count - 1)) / 2
    return Excess(found, float(means.mean()), outside if t > 0 else 1 - outside)


def shared_headrooms(
    dataset: Dataset, fusion: Fusion, gains: str | None, scores: SlateScores, draws: int = DRAWS
) -> Iterator[Headroom]:
    """The headroom of each draw. Seeds are fixed. scores: of the two signals, with each product's own where the fusion
    needs it."""
    judgements = dataset.judgements
    mask, labels = judgements.mask, judgements.labels
    judged, model = judgements.gains(dataset.scale.gains(gains)), slate_model(scores.both, labels, mask)
    for seed in range(draws):
        drawn = exchanged(model, labels, mask, seed, scores.own)
        curves = weight_curves(drawn.columns(fusion, mask), judged, fusion)
        yield headroom(replace(curves, traffic=dataset.traffic))


def exchanged(model: SlateModel, labels: Labels, mask: Bools, seed: int, own: Floats | None = None) -> SlateScores:
    """The draw of a text and an image signal, and of each product's own where there is one."""
    (text, image), source = exchanged_scores(model, labels, mask, seed)
    return SlateScores(text, image, None if own is None else own.ravel()[source])


def exchanged_scores(model: SlateModel, labels: Labels, mask: Bools, seed: int) -> tuple[list[Floats], Positions]:
    """Each signal's scores (Q, C) as expected, with the residuals of another product with the label, those of all
    signals together, drawn with replacement out of all slates; residuals take the spread of their new slate. And (Q, C)
    which product it was, numbered through."""
    rng = np.random.default_rng(seed)
    source = np.arange(mask.size).reshape(mask.shape)
    for label in np.unique(labels[mask]):
        places = np.flatnonzero((labels == label) & mask)
        source.flat[places] = rng.choice(places, len(places))
    drawn = [
        np.where(mask, model.expected(part, labels) + part.residual.ravel()[source] * model.spread, np.nan)
        for part in model.parts
    ]
    return drawn, source
