"""Listwise training in torch: a slate's scores as probabilities, held to its gains as probabilities (ListNet with the
top-one law, Cao et al. 2007). On the processor, with one thread and a seed: equal inputs give equal bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..types import Floats, Positions
from .slates import Slates

THREADS = 1


@contextmanager
def reproducible(seed: int, threads: int = THREADS) -> Iterator[None]:
    """Training on the processor repeats to the last bit in here, with as many threads."""
    import torch

    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def targets(slates: Slates, gains: Floats) -> Floats:
    """(Q, C) the share of each product in its slate's gains; 0 at padding, and everywhere in a slate whose products are
    all worth the same: it teaches no order."""
    padded = slates.padded(gains)
    filled = np.nan_to_num(padded)
    lowest = np.where(slates.mask, filled, np.inf).min(axis=1, keepdims=True)
    filled = np.where(filled.max(axis=1, keepdims=True) > lowest, filled, 0.0)
    total = filled.sum(axis=1, keepdims=True)
    return np.asarray(filled / np.where(total > 0, total, 1.0))


def padded_rows(slates: Slates) -> Positions:
    """(Q, C) the place of each pair of a slate, 0 at padding: any column of pairs (P,) in rows of slates."""
    places = np.zeros(slates.mask.shape, dtype=np.int64)
    places[slates.mask] = np.arange(len(slates.rows))
    return places


def logs(scores: Any, mask: Any) -> Any:
    """(Q, C) logarithms of the probabilities of scores, as tensors; 0 at padding."""
    import torch

    padded = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return torch.log_softmax(padded, dim=1).masked_fill(~mask, 0.0)


def loss(scores: Any, target: Any, mask: Any) -> Any:
    """Cross-entropy of the slates (Q, C), as tensors: a mean over those that teach something."""
    teaches = (target.sum(dim=1) > 0).sum().clamp(min=1)
    return -(target * logs(scores, mask)).sum() / teaches
