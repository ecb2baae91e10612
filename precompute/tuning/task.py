"""The task of a fine-tuning: what is learned from, what is scored, by which folds; refused where it cannot be done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from precompute.tuning.starting import Asked, Start
from precompute.tuning.taught import Taught
from precompute.tuning.training import Tuning
from precompute.update.wanted import FIND
from precompute.work.names import check_signal_name
from precompute.work.shared_folds import shared_folds
from precompute.work.train_queries import check_unseen, is_bundle, new_texts, of_split, other_bundle
from sqid_core.bundle.adapted_signal import NO_FOLD
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.seen_queries import seen_mask
from sqid_core.bundle.tuned_signal import TunedSignal
from sqid_core.errors import InputError
from sqid_core.types import Labels, Modality


@dataclass(frozen=True)
class WantedTuning:
    """What is to be fine-tuned. family: a name in STARTS. name: of the new signal and of the model. train: a split of
    the bundle, or another bundle; all its own queries if "". folds: how many; those that the bundle has, or five, if
    None."""

    family: str
    asked: Asked
    name: str
    train: str = ""
    folds: int | None = None
    device: str = "auto"
    tuning: Tuning = field(default_factory=Tuning)


@dataclass(frozen=True, eq=False)
class Task:
    """taught: what is learned from. scored: the bundle's own slates. folds: (Q,) of the bundle's queries, NO_FOLD where
    nothing is learned from them. shared: (Q,) the folds that it keeps, None where the labels are another's. names: of
    the new signals, by modality. trained_on: what `TunedFrom` says."""

    dataset: Dataset
    start: Start
    taught: Taught = field(repr=False)
    scored: Taught = field(repr=False)
    folds: Labels = field(repr=False)
    shared: Labels | None = field(repr=False)
    names: Mapping[Modality, str]
    trained_on: str
    identity: Any = field(repr=False)

    @property
    def trainings(self) -> list[int | None]:
        """The folds that models are trained without, and None for that of all queries."""
        return [*(int(fold) for fold in np.unique(self.folds) if fold != NO_FOLD), None]


def tuning_task(dataset: Dataset, wanted: WantedTuning, start: Start) -> Task:
    """Raises InputError where there is nothing to learn from, or the request does not fit the bundle."""
    check_unseen(dataset, seen_mask(start.seen, dataset.queries["query"]), start.said)
    one = len(start.read) == 1
    names = {modality: wanted.name if one else f"{wanted.name}_{modality}" for modality in start.read}
    for name in names.values():
        check_signal_name(name)
        if name in dataset.signals and not isinstance(dataset.signals[name], TunedSignal):
            raise InputError(f"{dataset.folder} has a signal {name} that is no fine-tuned model's; give another --out")
    nobody = np.full(len(dataset.queries), NO_FOLD, dtype=np.int8)
    scored, own = _taught(dataset, start, nobody)
    if is_bundle(wanted.train):
        other = other_bundle(dataset, wanted.train)
        taught, source = _taught(other, start, np.where(new_texts(other, dataset), 0, NO_FOLD).astype(np.int8))
        folds, shared, trained_on = nobody, None, other.name
    else:
        taught, source, trained_on = scored, own, wanted.train
        shared = shared_folds(dataset, scored.gains, wanted.folds, wanted.asked.seed)
        folds = np.where(of_split(dataset, wanted.train), shared, NO_FOLD).astype(np.int8)
        taught = scored = replace(scored, folds=folds)
    identity = [
        start.identity,
        own,
        source,
        folds.tolist(),
        taught.folds.tolist(),
        wanted.asked.seed,
        sorted(names.values()),
    ]
    task = Task(dataset, start, taught, scored, folds, shared, names, trained_on, identity)
    _check_lessons(task)
    return task


def _check_lessons(task: Task) -> None:
    """Raises InputError unless every model has something to learn from."""
    of = {"text": "texts", "image": "pictures"}
    for held_out in task.trainings:
        if not len(task.taught.without(held_out)):
            without = "" if held_out is None else f" outside fold {held_out}"
            raise InputError(
                f"no query{without} that may be learned from has judged products of different worth with "
                f"{' or '.join(of[each] for each in task.taught.read)}; fine-tuning needs other labels, or more queries"
            )


def _taught(dataset: Dataset, start: Start, folds: Labels) -> tuple[Taught, Any]:
    """A bundle's slates, and a digest of all that is read of them."""
    judgements = dataset.judgements
    gains = judgements.gains(dataset.scale.gains())
    rows = np.where(judgements.mask, judgements.rows, 0)
    wanted = {modality: FIND[modality](dataset, start.text_fields) for modality in start.read}
    nothing = [None] * len(dataset.products)
    items = [wanted[each].items if each in wanted else nothing for each in ("text", "image")]
    queries = dataset.queries["query"].tolist()
    taught = Taught(
        queries, rows, judgements.mask, np.where(judgements.mask, gains, 0.0), items[0], items[1], folds, start.read
    )
    whole = hashlib.sha256(json.dumps(queries).encode())
    for array in (rows, judgements.mask, taught.gains, *(each.content for each in wanted.values())):
        whole.update(np.ascontiguousarray(array).tobytes())
    return taught, whole.hexdigest()
