"""Turns the queries' vectors of a bundle towards its labels: adds a signal of the same products' vectors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from precompute.work.costs import Stopwatch, keep_cost
from precompute.work.kept import kept
from precompute.work.names import check_signal_name
from precompute.work.progress import Counter, Progress, quiet, tell
from precompute.work.shards import work_folder
from precompute.work.shared_folds import shared_folds
from precompute.work.train_queries import check_unseen, is_bundle, new_texts, of_split, other_bundle
from sqid_core.bundle.adapted_signal import ADAPTED, NO_FOLD, AdaptedFrom, AdaptedSignal
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.query_folds import QUERY_FOLDS
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.comparisons import RunComparison, compare
from sqid_core.evaluation.reports import evaluate, signal_run
from sqid_core.learning.adapters import FEWEST_FOLDS, MOST_FOLDS, Fitted, Lessons, Training, fit, lessons
from sqid_core.types import Array, Labels
from sqid_core.wording import counted

_ROOM = ".finetune"


@dataclass(frozen=True)
class WantedAdapter:
    """What is to be fitted. encoder: whose queries. name: of the new signal. signal: which of the encoder's signals,
    its first if "". train: a split of the bundle, or another bundle; all its own queries if "". folds: how many; those
    that the bundle has, or else five, if None. seed: of the training, and of the folds where the bundle has none."""

    encoder: str
    name: str
    signal: str = ""
    train: str = ""
    folds: int | None = None
    seed: int = 0
    training: Training = field(default_factory=Training)


@dataclass(frozen=True, eq=False)
class Task:
    """What is fitted to what. taught: the queries that are learned from, of this bundle or of another. folds: (Q,) of
    this bundle's queries, NO_FOLD where nothing is learned from them; shared: (Q,) the folds that the bundle keeps,
    None where the labels are another's. source: the files that the labels and their vectors come from."""

    dataset: Dataset
    wanted: WantedAdapter
    base: DenseSignal
    taught: Lessons = field(repr=False)
    folds: Labels = field(repr=False)
    shared: Labels | None = field(repr=False)
    source: Mapping[str, Any] = field(repr=False)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Everything that decides the result."""
        return {
            "of": self.base.name,
            "training": asdict(self.wanted.training),
            "seed": self.wanted.seed,
            "folds": self.folds.tolist(),
            "taught": self.taught.folds.tolist(),
            "own": _files(self.dataset, self.base),
            "source": self.source,
        }


@dataclass(frozen=True, eq=False)
class Adapted:
    """base: the signal whose queries were turned. learned_from: how many queries. against: the ranking by the adapted
    queries beside that by the encoder's own. written: False where the bundle had this very signal."""

    base: str
    learned_from: int
    against: RunComparison
    signal: AdaptedSignal
    written: bool


def adapt(bundle: Path, wanted: WantedAdapter, progress: Progress = quiet) -> Adapted:
    """Fits an adapter a fold, and one on all queries for texts that people type; then adds the signal.

    What an interrupted run fitted is not fitted again. Raises InputError where there is nothing to learn from or the
    request does not fit the bundle.
    """
    check_signal_name(wanted.name)
    task = _task(load_bundle(bundle), wanted)
    made_of = hashlib.sha256(json.dumps(task.identity, sort_keys=True).encode()).hexdigest()
    there = task.dataset.signals.get(wanted.name)
    with work_folder(bundle, task.identity, _ROOM, "fitting the same adapter") as folder:
        written = not (isinstance(there, AdaptedSignal) and there.origin.made_of == made_of)
        if written:
            fitted, watch = _fitted(task, folder, progress), Stopwatch()
            _write(task, fitted, made_of)
            with watch.over(len(task.base.queries)):
                fitted.whole(task.base.queries)
            keep_cost(bundle, f"signals/{wanted.name}", watch.of(1))
        else:
            tell(progress, "writing", f"{bundle} has the signal {wanted.name}, fitted to the same; nothing to do")
    return _beside_the_encoder(task, load_bundle(bundle), written)


def _fitted(task: Task, folder: Path, progress: Progress) -> Fitted:
    folds, by_fold = task.taught.fold_count, task.shared is not None
    count = folds * (folds - 1) // 2 + folds * by_fold + 1
    with Counter(progress, "fitting adapters", count, "trainings") as counter:
        counted_in = partial(_kept, folder, counter)
        return fit(task.taught, task.wanted.training, task.wanted.seed, by_fold, counted_in)


def _kept(folder: Path, counter: Counter, name: str, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    found = kept(folder, name, make)
    counter.advance()
    return found


def _beside_the_encoder(task: Task, now: Dataset, written: bool) -> Adapted:
    signal = now.signals[task.wanted.name]
    assert isinstance(signal, AdaptedSignal)
    before, after = (evaluate(now, signal_run(now, name), measures=("ndcg",)) for name in (task.base.name, signal.name))
    return Adapted(task.base.name, signal.origin.queries, compare(before, after), signal, written)


def _task(dataset: Dataset, wanted: WantedAdapter) -> Task:
    there = dataset.signals.get(wanted.name)
    if there is not None and not isinstance(there, AdaptedSignal):
        raise InputError(f"{dataset.folder} has a signal {wanted.name} that is no adapter's; give this another --out")
    base = _base(dataset, wanted)
    check_unseen(dataset, base.seen, base.encoder)
    if is_bundle(wanted.train):
        return _from_another(dataset, base, wanted)
    gains = dataset.judgements.gains(dataset.scale.gains())
    shared = shared_folds(dataset, gains, wanted.folds, wanted.seed)
    folds = np.where(of_split(dataset, wanted.train), shared, NO_FOLD).astype(np.int8)
    taught = lessons(base, dataset.judgements, gains, folds)
    _check_folds(taught, dataset, base)
    return Task(dataset, wanted, base, taught, folds, shared, {"split": wanted.train})


def _from_another(dataset: Dataset, base: DenseSignal, wanted: WantedAdapter) -> Task:
    """What another bundle's labels teach; none of its queries is one of this bundle's."""
    other = other_bundle(dataset, wanted.train)
    specs = [each.manifest.encoders.get(base.encoder) for each in (dataset, other)]
    its = [each for each in _dense(other, base.encoder) if each.modality == base.modality]
    if not its or specs[0] != specs[1]:
        raise InputError(
            f"{other.folder} has no {base.modality} signal by the encoder {base.encoder} of {dataset.folder}; encode "
            "it with the same model, under the same name"
        )
    signal = next((each for each in its if each.name == base.name), its[0])
    gains = other.judgements.gains(other.scale.gains())
    shared = shared_folds(other, gains, wanted.folds, wanted.seed)
    folds = np.where(new_texts(other, dataset), shared, NO_FOLD).astype(np.int8)
    taught = lessons(signal, other.judgements, gains, folds)
    _check_folds(taught, other, signal)
    nobody = np.full(len(dataset.queries), NO_FOLD, dtype=np.int8)
    return Task(dataset, wanted, base, taught, nobody, None, {"bundle": other.name, **_files(other, signal)})


def _base(dataset: Dataset, wanted: WantedAdapter) -> DenseSignal:
    """The signal whose queries are to be turned. Raises InputError."""
    if wanted.encoder not in dataset.manifest.encoders:
        known = ", ".join(dataset.manifest.encoders)
        advice = f"it has: {known}" if known else "run python -m precompute encode first"
        raise InputError(f"{dataset.folder} has no encoder {wanted.encoder!r} with vectors to adapt; {advice}")
    able = {signal.name: signal for signal in _dense(dataset, wanted.encoder)}
    if wanted.signal and wanted.signal not in able:
        raise InputError(
            f"{wanted.signal!r} is no signal with vectors by the encoder {wanted.encoder} of {dataset.folder}; choose "
            f"from: {', '.join(able)}"
        )
    if not able:
        raise InputError(
            f"no signal of {dataset.folder} has vectors by {wanted.encoder}; run python -m precompute encode"
        )
    return able[wanted.signal] if wanted.signal else next(iter(able.values()))


def _dense(dataset: Dataset, encoder: str) -> list[DenseSignal]:
    return [each for each in dataset.signals.values() if isinstance(each, DenseSignal) and each.encoder == encoder]


def _check_folds(taught: Lessons, dataset: Dataset, signal: DenseSignal) -> None:
    """Raises InputError unless there is something to learn from, and to choose by, whichever two folds are left out."""
    count = taught.fold_count
    if count and not FEWEST_FOLDS <= count <= MOST_FOLDS:
        raise InputError(
            f"{dataset.folder} has {count} folds; an adapter needs {FEWEST_FOLDS} to {MOST_FOLDS}: one is held out, "
            "and others say how long to learn; give --folds, or start from a bundle without learned signals"
        )
    used = taught.folds[taught.teaches & (taught.folds != NO_FOLD)]
    if not count or len(np.unique(used)) < count:
        found = counted(len(used), "query teaches", "queries teach")
        raise InputError(
            f"{found} an order to {signal.name} of {dataset.folder} (products of different worth, with vectors), "
            "too few: every fold needs one"
        )


def _files(dataset: Dataset, signal: DenseSignal) -> dict[str, str]:
    places = (
        f"signals/{signal.name}/products.npy",
        f"signals/{signal.name}/present.npy",
        f"encoders/{signal.encoder}/",
    )
    tables = ("queries.parquet", "judgements.parquet", "products.parquet")
    return {
        file: digest for file, digest in sorted(dataset.manifest.files.items()) if file.startswith((*places, *tables))
    } | {"scale": json.dumps(dataset.scale.to_json(), sort_keys=True)}


def _write(task: Task, fitted: Fitted, made_of: str) -> None:
    wanted, base = task.wanted, task.base
    trained_on = wanted.train if task.shared is not None else str(task.source["bundle"])
    count = int((task.taught.folds != NO_FOLD).sum())
    origin = AdaptedFrom(trained_on, count, wanted.training.rank, fitted.rounds[-1], wanted.seed, made_of)
    arrays: dict[str, tuple[Array, Any]] = {
        "queries.npy": (fitted.vectors(base.queries, task.folds), np.float32),
        "folds.npy": (task.folds, np.int8),
        "down.npy": (fitted.whole.down, np.float32),
        "up.npy": (fitted.whole.up, np.float32),
    }
    with BundleWriter(task.dataset.folder) as writer:
        if task.shared is not None:
            writer.write_array(QUERY_FOLDS, task.shared, np.int8)
        about = {
            "encoder": task.dataset.manifest.encoders[base.encoder].to_json(),
            "judgements": writer.digest("judgements.parquet"),
            "validation": "out-of-fold" if task.shared is not None else "other queries",
            **asdict(origin),
        }
        spec = SignalSpec(base.modality, base.encoder, kind=ADAPTED, of=base.name)
        writer.write_signal_files(wanted.name, spec, arrays, about)
