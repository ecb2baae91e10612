"""Which queries a model is fine-tuned on: of a split of a bundle, or of another bundle; none that is to be scored."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import MANIFEST
from sqid_core.errors import InputError
from sqid_core.types import Bools
from sqid_core.wording import counted, folded


def check_unseen(dataset: Dataset, seen: Bools | None, said: str) -> None:
    """Raises InputError where a model learned from queries of the bundle before. seen: (Q,) which, None for none."""
    if seen is not None:
        raise InputError(
            f"{said} learned from {counted(int(seen.sum()), 'query', 'queries')} of {dataset.folder} already: no score "
            "of it would be out-of-fold; start from the model that it was before"
        )


def is_bundle(train: str) -> bool:
    """Whether --train names a bundle's folder, and no split."""
    return bool(train) and (Path(train) / MANIFEST).is_file()


def other_bundle(dataset: Dataset, train: str) -> Dataset:
    """The bundle that --train names. Raises InputError where it is the same one."""
    other = load_bundle(train)
    if other.fingerprint == dataset.fingerprint:
        raise InputError(
            f"--train {train} is the bundle itself: no query of it would be unseen; leave --train away to learn by "
            "folds, or give another bundle"
        )
    return other


def of_split(dataset: Dataset, split: str) -> Bools:
    """(Q,) which queries are learned from: all where no split is named, else those of the split whose text no query
    outside it has. Raises InputError for a split that is not there."""
    if not split:
        return np.ones(len(dataset.queries), dtype=bool)
    splits = dataset.queries["split"] if "split" in dataset.queries else dataset.queries["query"].map(lambda _: None)
    inside = (splits == split).to_numpy(dtype=bool)
    if not inside.any():
        known = ", ".join(sorted(splits.dropna().unique())) or "none"
        raise InputError(f"--train {split!r} is neither a bundle nor a split of {dataset.folder}; its splits: {known}")
    texts = dataset.queries["query"].map(folded)
    return inside & ~texts.isin(set(texts[~inside])).to_numpy(dtype=bool)


def new_texts(other: Dataset, dataset: Dataset) -> Bools:
    """(Q,) which queries of another bundle are none of this one's."""
    here = set(map(folded, dataset.queries["query"]))
    return np.array([folded(text) not in here for text in other.queries["query"]], dtype=bool)
