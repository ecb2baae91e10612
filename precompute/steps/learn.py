"""Learns a ranking from a bundle's labels and adds it as a signal: every query scored by a model that never saw it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from precompute.work.costs import Stopwatch, keep_cost
from precompute.work.names import check_signal_name
from precompute.work.progress import Counter, Progress, quiet, tell
from precompute.work.shards import work_folder
from precompute.work.shared_folds import shared_folds
from sqid_core.bundle.learned_signal import LEARNED, LearnedFrom, LearnedSignal
from sqid_core.bundle.load import CATEGORIES, Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.query_folds import QUERY_FOLDS
from sqid_core.bundle.shown_pictures import STATUS_TABLE
from sqid_core.bundle.signals import Signal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.comparisons import RunComparison, run_comparison
from sqid_core.extras import needs
from sqid_core.learning.choices import MODEL, chosen_groups, chosen_signals
from sqid_core.learning.features import FeatureGroup, features
from sqid_core.learning.importance import PicturesAdd, importance, what_pictures_add, without_pictures
from sqid_core.learning.learners import LEARNERS
from sqid_core.learning.one_weight import ndcg_of, one_weight
from sqid_core.learning.out_of_fold import fold_models, held_out_scores
from sqid_core.learning.protocol import Examples, Learner, Model
from sqid_core.learning.slates import judged_slates
from sqid_core.learning.stored import model_bytes, read_model
from sqid_core.types import Floats, Labels, Modality
from sqid_core.wording import numbered

_ROOM = ".learn"
_TABLES = ("products.parquet", "queries.parquet", "judgements.parquet", CATEGORIES, STATUS_TABLE)


@dataclass(frozen=True)
class Wanted:
    """What is to be learned. signals, features: names, all if none. folds: how many; those that the bundle has, or else
    five, if None. seed: of the learner, and of the folds where the bundle has none."""

    name: str
    learner: str
    signals: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    folds: int | None = None
    seed: int = 0
    modality: Modality = "text"


@dataclass(frozen=True, eq=False)
class Task:
    """What is learned from. gains: (P,) of the pairs. folds: (Q,) of the queries. groups: of the features. watch: how
    long features and scores of the judged queries took."""

    dataset: Dataset
    wanted: Wanted
    learner: Learner
    signals: Mapping[str, Signal]
    groups: Sequence[FeatureGroup] = field(repr=False)
    examples: Examples = field(repr=False)
    gains: Floats = field(repr=False)
    folds: Labels = field(repr=False)
    watch: Stopwatch = field(repr=False)

    @property
    def columns(self) -> int:
        """How many features there are."""
        return len(self.examples.features.names)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Everything that decides the result."""
        encoders = {self.dataset.manifest.signals[name].encoder for name in self.signals}
        places = (*(f"signals/{name}/" for name in self.signals), *(f"encoders/{name}/" for name in encoders if name))
        files = self.dataset.manifest.files
        return {
            "learner": self.learner.name,
            "features": [group.name for group in self.groups],
            "signals": [*self.signals],
            "seed": self.wanted.seed,
            "folds": self.folds.tolist(),
            "scale": self.dataset.scale.to_json(),
            "files": {file: files[file] for file in sorted(files) if file in _TABLES or file.startswith(places)},
        }


@dataclass(frozen=True, eq=False)
class Explained:
    """importance: by feature group. pictures: what they add, None without a signal that reads them."""

    importance: pd.DataFrame = field(repr=False)
    pictures: PicturesAdd | None


@dataclass(frozen=True, eq=False)
class Learned:
    """against: the out-of-fold ranking beside `baseline`, what one weight does on the same folds. written: False where
    the bundle had this very signal. explained: where that was asked for."""

    task: Task
    baseline: str
    against: RunComparison
    written: bool
    explained: Explained | None = None


def learn(bundle: Path, wanted: Wanted, progress: Progress = quiet, explain: bool = False) -> Learned:
    """Fits a model a fold, and one on all queries for texts that people type; then adds the signal. explain: also what
    the ranking rests on, for which the models are fitted again where the signal is there, and once without pictures.

    Models of folds that an interrupted run fitted are not fitted again. Raises InputError where there is nothing to
    learn from or the request does not fit the bundle.
    """
    check_signal_name(wanted.name)
    task = _task(load_bundle(bundle), wanted, progress)
    made_of = hashlib.sha256(json.dumps(task.identity, sort_keys=True).encode()).hexdigest()
    stored = task.dataset.signals.get(wanted.name)
    with work_folder(bundle, task.identity, _ROOM, "learning the same ranking") as folder:
        same = isinstance(stored, LearnedSignal) and stored.origin.made_of == made_of
        if isinstance(stored, LearnedSignal) and same:
            tell(progress, "writing", f"{bundle} has the signal {wanted.name}, learned from the same; nothing to do")
            scores = stored.scores
        if explain or not same:
            models = _models(task, folder, progress)
            with task.watch.over(0):
                held_out = held_out_scores(models, task.examples, task.folds)
            scores = np.full(task.dataset.judgements.rows.shape, np.nan)
            scores[task.dataset.judgements.mask] = held_out
        explained = _explained(task, models, held_out, folder, progress) if explain else None
        if not same:
            _write(task, scores, folder / MODEL, made_of)
            keep_cost(bundle, f"signals/{wanted.name}", task.watch.of(1))
    return Learned(task, *_beside_one_weight(task, scores), not same, explained)


def _models(task: Task, folder: Path, progress: Progress) -> list[Model]:
    """One a fold; that of all queries lies in the folder then."""
    learner, seed = task.learner, task.wanted.seed
    with Counter(progress, f"learning {learner.name}", int(task.folds.max()) + 2, "models") as counter:
        fitted = partial(_fitted, task, folder, counter, task.columns)
        models = fold_models(learner, task.examples, task.gains, task.folds, seed, fitted)
        fitted(MODEL, lambda: learner.fit(task.examples, task.gains, seed))
    return models


def _explained(task: Task, models: Sequence[Model], held_out: Floats, folder: Path, progress: Progress) -> Explained:
    """What the ranking rests on. held_out: (P,) out-of-fold scores."""
    learner, seed, pictures = task.learner, task.wanted.seed, None
    if any(signal.modality == "image" for signal in task.signals.values()):
        with Counter(
            progress, f"learning {learner.name} without pictures", int(task.folds.max()) + 1, "models"
        ) as counter:
            columns = len(without_pictures(task.examples).features.names)
            fitted = partial(_fitted, task, folder, counter, columns)
            pictures = what_pictures_add(
                task.dataset, learner, task.examples, task.gains, task.folds, seed, held_out, fitted
            )
    if task.groups:
        tell(progress, "explaining", f"{task.wanted.name}: exchanging each group of features within the slates")
    return Explained(importance(task.dataset, models, task.examples, task.folds, seed), pictures)


def _beside_one_weight(task: Task, scores: Floats) -> tuple[str, RunComparison]:
    """What one weight is called, and the scores (Q, C) against it, a query at a time."""
    dataset = task.dataset
    baseline = one_weight(dataset, [*task.signals.values()], task.folds)
    judged = dataset.judgements.lengths > 0
    return baseline.name, run_comparison(baseline.values, ndcg_of(dataset, scores), judged, dataset.traffic)


def _task(dataset: Dataset, wanted: Wanted, progress: Progress) -> Task:
    there = dataset.signals.get(wanted.name)
    if there is not None and not isinstance(there, LearnedSignal):
        raise InputError(f"{dataset.folder} has a signal {wanted.name} that was not learned; give this another --name")
    learner = LEARNERS[wanted.learner]
    if learner.needs:
        needs(*learner.needs)
    signals = chosen_signals(dataset, learner, wanted.signals)
    groups = chosen_groups(learner, signals, wanted.features)
    judgements = dataset.judgements
    gains = judgements.gains(dataset.scale.gains())
    folds = shared_folds(dataset, gains, wanted.folds, wanted.seed)
    tell(progress, "features", f"{wanted.name}: features of {numbered(int(judgements.lengths.sum()), 'judged pairs')}")
    slates, watch = judged_slates(dataset, signals), Stopwatch()
    with watch.over(int((judgements.lengths > 0).sum())):
        examples = Examples(slates, features(slates, groups))
    return Task(dataset, wanted, learner, signals, groups, examples, gains[judgements.mask], folds, watch)


def _fitted(task: Task, folder: Path, counter: Counter, columns: int, name: str, fit: Callable[[], Model]) -> Model:
    """The model of this name in the work folder, fitted and written where it is not there. columns: how many features
    it reads."""
    path = folder / name
    if not path.exists():
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            file.write(model_bytes(fit().arrays()))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    counter.advance()
    # Read back, so that a run that was interrupted scores by the same model as one that was not.
    return task.learner.load(read_model(path), columns)


def _write(task: Task, scores: Floats, model: Path, made_of: str) -> None:
    wanted, bundle = task.wanted, task.dataset.folder
    groups = tuple(group.name for group in task.groups)
    origin = LearnedFrom(task.learner.name, groups, (*task.signals,), task.columns, wanted.seed, made_of)
    with BundleWriter(bundle) as writer:
        writer.write_array(QUERY_FOLDS, task.folds, np.int8)
        about = {
            "judgements": writer.digest("judgements.parquet"),
            "folds": writer.digest(QUERY_FOLDS),
            "validation": "out-of-fold",
            **asdict(origin),
        }
        spec = SignalSpec(wanted.modality, "", kind=LEARNED)
        writer.write_signal_files(wanted.name, spec, {"scores.npy": (scores, np.float64)}, about)
        writer.write_file(f"signals/{wanted.name}/{MODEL}", model)
