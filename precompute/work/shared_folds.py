"""The folds of a bundle's queries: the same for all that is learned from its labels."""

from __future__ import annotations

import numpy as np

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.query_folds import read_query_folds
from sqid_core.errors import InputError
from sqid_core.learning.folds import MOST_FOLDS, drawn_folds
from sqid_core.types import Bools, Floats, Labels

FOLDS = 5


def teaching(dataset: Dataset, gains: Floats) -> Bools:
    """(Q,) which queries have judged products of different worth. gains: (Q, C)."""
    mask = dataset.judgements.mask
    highest = np.where(mask, gains, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(highest > np.where(mask, gains, np.inf).min(axis=1, initial=np.inf))


def shared_folds(dataset: Dataset, gains: Floats, folds: int | None, seed: int) -> Labels:
    """(Q,) the bundle's folds, drawn now where it has none. folds: how many; those that it has, or five, if None.

    Raises InputError where nothing can be learned in them.
    """
    teaches = teaching(dataset, gains)
    if not teaches.any():
        raise InputError(
            f"no query of {dataset.folder} has judged products of different worth: there is nothing to learn from; "
            "import judgements with two grades or more"
        )
    stored = read_query_folds(dataset.folder, dataset.manifest)
    if stored is None:
        count = FOLDS if folds is None else folds
        if count > MOST_FOLDS:
            raise InputError(f"--folds must be between 2 and {MOST_FOLDS}, got {count}")
        return drawn_folds(dataset.queries["query"].tolist(), teaches, count, seed)
    count = int(stored.max()) + 1
    if folds not in (None, count):
        raise InputError(
            f"{dataset.folder} has {count} folds, which all its learned signals share; leave --folds away, or start "
            "from a bundle without learned signals"
        )
    if any(not teaches[stored != fold].any() for fold in range(count)):
        raise InputError(
            f"all queries of {dataset.folder} that teach anything are in one fold: too few queries for its folds"
        )
    return stored
