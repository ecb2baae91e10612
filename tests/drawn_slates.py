"""Random slates, and the slow and obvious way to rank and score one: what the fast code is held to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sqid_core.ranking.fusion import Columns, Fusion, columns, fuse

GAINS = (1.0, 0.1, 0.01, 0.0)


@dataclass(frozen=True, eq=False)
class Slates:
    """text, image: (Q, C) raw scores, nan where absent; mask, gains, labels: (Q, C); text_image: (Q, C) cosines."""

    text: npt.NDArray[np.float64]
    image: npt.NDArray[np.float64]
    mask: npt.NDArray[np.bool_]
    labels: npt.NDArray[np.int8]
    text_image: npt.NDArray[np.float64]

    @property
    def gains(self) -> npt.NDArray[np.float64]:
        return np.where(self.mask, np.array(GAINS)[self.labels], 0.0)

    def columns(self, fusion: Fusion) -> Columns:
        return columns(fusion, self.text, self.image, self.mask, self.text_image)


def random_slates(seed: int, queries: int, longest: int = 30) -> Slates:
    """Slates of 1 to `longest` products with everything that goes wrong: half of the queries have scores on a coarse
    grid (ties), one in ten products lacks its picture, one in fifty its text, some queries lack all pictures."""
    rng = np.random.default_rng(seed)
    shape = (queries, longest)
    mask = np.arange(longest) < rng.integers(1, longest + 1, size=queries)[:, None]
    coarse = rng.random(queries)[:, None] < 0.5

    def scores(missing: float) -> npt.NDArray[np.float64]:
        fine = rng.uniform(-0.1, 0.9, shape)
        values = np.where(coarse, np.round(fine * 4) / 4, fine)
        absent = (rng.random(shape) < missing) | (rng.random(queries)[:, None] < missing / 2)
        return np.where(mask & ~absent, values, np.nan)

    labels = np.where(mask, rng.choice(4, p=[0.3, 0.3, 0.1, 0.3], size=shape), -1).astype(np.int8)
    return Slates(scores(0.02), scores(0.1), mask, labels, rng.uniform(-0.2, 0.9, shape))


def slow_order(scores: npt.NDArray[np.float64], mask: npt.NDArray[np.bool_]) -> list[int]:
    """Positions of one slate from best to worst, ties by position."""
    return sorted(np.flatnonzero(mask).tolist(), key=lambda i: (-scores[i], i))


def slow_dcg(gains: list[float], k: int | None = None) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:k], 1))


def slow_ndcg(scores: npt.NDArray[np.float64], gains: npt.NDArray[np.float64], mask: npt.NDArray[np.bool_]) -> float:
    """NDCG of one slate; nan without a gain."""
    ideal = slow_dcg(sorted(gains[mask].tolist(), reverse=True))
    return slow_dcg([gains[i] for i in slow_order(scores, mask)]) / ideal if ideal else math.nan


def slow_ndcgs(slates: Slates, fusion: Fusion, image_weight: float) -> npt.NDArray[np.float64]:
    """(Q,) NDCG of every slate at one weight, by sorting each."""
    scores = fuse(slates.columns(fusion), fusion, image_weight)
    return np.array([slow_ndcg(*slate) for slate in zip(scores, slates.gains, slates.mask, strict=True)])
