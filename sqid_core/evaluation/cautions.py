"""What has to be known of a number that is made of imported runs, or of scores below 0: a sentence each."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ..bundle.load import Dataset
from ..ranking.fusion import Fusion
from ..ranking.missing import MISSING_IMAGE
from ..ranking.norms import NO_NORM
from ..types import MODALITIES, Floats
from ..wording import counted
from .slate_scores import SlateScores

FOLLOW, NOT_RETURNED = (
    "What it does not rank follows behind (re-ranking).",
    "What it does not rank is not returned and has no gain (retrieval).",
)


def of_runs(dataset: Dataset, signals: Collection[str] | None = None) -> dict[str, str]:
    """Of each run that ranks less than all judged pairs, by its name: how much, and what becomes of the rest. signals:
    the names of those that are asked about; all if None."""
    mask = dataset.judgements.mask
    shares = {
        name: float(signal.knows(dataset.judgements)[mask].mean())
        for name, signal in dataset.signals.items()
        if signal.is_run and mask.any() and (signals is None or name in signals)
    }
    rest = NOT_RETURNED if dataset.retrieval else FOLLOW
    return {
        name: f"{name} ranks {said_share(share)} of the judged pairs. {rest}"
        for name, share in shares.items()
        if share < 1
    }


def said_share(share: float) -> str:
    """A share below 1 that is never told as all."""
    return f"{min(share, 0.999):.1%}"


def of_raw_scores(dataset: Dataset, fusion: Fusion, scores: SlateScores) -> list[str]:
    """Of a sum of raw scores where the 0 that stands for a missing score would be above one that is there."""
    raw = fusion.rule.reads_norm and fusion.norm == NO_NORM
    if not raw or fusion.missing_image != next(iter(MISSING_IMAGE)):
        return []
    found = []
    for modality, is_run in zip(MODALITIES, scores.runs, strict=True):
        signal, values = dataset.signal(modality), scores.of(modality)
        if signal is None or values is None:
            continue
        queries = _zero_above(values, dataset)
        if not queries:
            continue
        what = f"{signal.name} has scores below 0 on {counted(queries, 'query', 'queries')} where others are missing"
        if is_run:
            found.append(
                f"{what}: 0 would stand above them, so these stand behind. Min-max or z-score suit such scores."
            )
        else:
            found.append(f"{what}: their 0 stands above these. Min-max with the worst score avoids that.")
    return found


def _zero_above(values: Floats, dataset: Dataset) -> int:
    """How many slates hold a score below 0 and a product without one."""
    absent = (np.isnan(values) & dataset.judgements.mask).any(axis=1)
    return int((absent & (values < 0).any(axis=1)).sum())
