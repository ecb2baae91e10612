"""Folds of queries: drawn once a bundle, so that all learners, and what is built on them, keep the same ones apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..evaluation.reports import text_keys
from ..types import Bools, Labels
from ..wording import counted

MOST_FOLDS = 100


def drawn_folds(texts: Sequence[str], usable: Bools, count: int, seed: int) -> Labels:
    """(Q,) int8 the fold of each query, from 0, by a hash of its text: equal texts (case and spaces aside) share one.
    The texts of usable queries (Q,) are dealt out evenly. Raises InputError where there are too few of them."""
    keys = text_keys(texts, seed)
    distinct, place = np.unique(keys, return_inverse=True)
    teaches = np.zeros(len(distinct), dtype=bool)
    teaches[place[usable]] = True
    if count < 2 or teaches.sum() < count:
        of = counted(int(teaches.sum()), "query teaches", "queries teach")
        raise InputError(
            f"{of} anything (different texts, labels of different worth), too few for {count} folds; choose from 2 to "
            f"as many folds as there are such queries, with --folds"
        )
    dealt = np.empty(len(distinct), dtype=np.int64)
    dealt[np.lexsort((distinct, ~teaches))] = np.arange(len(distinct))
    return (dealt % count).astype(np.int8)[place]
