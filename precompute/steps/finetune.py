"""Fine-tunes whole models on a bundle's labels: scores of every query by a model that did not see it, and one model of
all queries for others to use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from precompute.tuning.starting import STARTS
from precompute.tuning.task import Task, WantedTuning, tuning_task
from precompute.tuning.taught import epoch_steps
from precompute.tuning.training import train
from precompute.work.costs import Stopwatch, keep_cost
from precompute.work.kept import kept
from precompute.work.names import check_signal_name
from precompute.work.progress import Counter, Progress, quiet, tell
from precompute.work.shards import work_folder
from sqid_core.bundle.adapted_signal import NO_FOLD
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.query_folds import QUERY_FOLDS
from sqid_core.bundle.seen_queries import SEEN_QUERIES, seen_json
from sqid_core.bundle.tuned_signal import MODELS, TUNED, TunedFrom, TunedSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.devices import chosen_device, out_of_memory_as_input_error
from sqid_core.encoders.families import model_files
from sqid_core.errors import EncoderError, InputError
from sqid_core.evaluation.comparisons import RunComparison, compare
from sqid_core.evaluation.reports import evaluate, signal_run
from sqid_core.learning.listwise import reproducible
from sqid_core.types import Array, Floats, Modality, Positions
from sqid_core.wording import counted

_ROOM = ".finetune"
_MODEL = "model"


@dataclass(frozen=True, eq=False)
class Tuned:
    """signals: the new ones. against: each beside a ranking that the bundle had, with the name of that, "" where it had
    none. model: the folder of that of all queries. written: False where the bundle had all of it."""

    signals: list[TunedSignal]
    against: list[tuple[str, RunComparison]]
    model: Path
    written: bool


def finetune(bundle: Path, wanted: WantedTuning, progress: Progress = quiet) -> Tuned:
    """Trains a model a fold, and one of all queries; then adds their signals and the last one's files to the bundle.

    An interrupted run goes on at its last checkpoint. Raises InputError where there is nothing to learn from or the
    request does not fit the bundle, and EncoderError.
    """
    check_signal_name(wanted.name)
    dataset, device = load_bundle(bundle), chosen_device(wanted.device)
    start = STARTS[wanted.family](dataset, wanted.asked, device)
    task = tuning_task(dataset, wanted, start)
    identity = [task.identity, device.precision, wanted.family, asdict(wanted.tuning)]
    made_of = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    place = f"{MODELS}/{wanted.name}"
    out_of_memory = out_of_memory_as_input_error(device, wanted.tuning.batch * wanted.tuning.longest)
    with work_folder(bundle, identity, _ROOM, "fine-tuning the same model") as folder, out_of_memory:
        written = not _is_there(task, place, made_of)
        if written:
            tell(progress, "fine-tuning", f"{start.said} on {device.text}: {_said(task)}")
            with reproducible(wanted.asked.seed, wanted.tuning.threads):
                scores, watch = _trained(task, wanted, folder, progress)
            _write(task, wanted, scores, folder, made_of)
            if start.reads_pairs:  # others score any product by vectors that are there
                keep_cost(bundle, f"signals/{wanted.name}", watch.of(1))
        else:
            tell(progress, "writing", f"{bundle} has {wanted.name}, fine-tuned on the same; nothing to do")
    return _beside_the_start(task, load_bundle(bundle), bundle / place, written)


def _said(task: Task) -> str:
    queries = counted(len(task.taught.without(None)), "query", "queries")
    return f"{queries} to learn from, {counted(len(task.trainings), 'model', 'models')}"


def _trained(
    task: Task, wanted: WantedTuning, folder: Path, progress: Progress
) -> tuple[Mapping[Modality, Floats], Stopwatch]:
    """(Q, C) by modality: the scores of the bundle's pairs, each query's by a model that did not see it; and what that
    took. The files of the model of all queries lie in the work folder then."""
    model, tuning, watch = task.start.model, wanted.tuning, Stopwatch()
    model.save(folder / _MODEL)  # what nobody could open is not trained first
    before = {name: weight.detach().clone() for name, weight in model.weights().items()}
    batches = [tuning.epochs * epoch_steps(len(task.taught.without(each)), tuning.batch) for each in task.trainings]
    found = {modality: np.full(task.scored.mask.shape, np.nan) for modality in task.start.read}
    with Counter(progress, "fine-tuning", sum(batches), "batches") as counter:
        for held_out, count in zip(task.trainings, batches, strict=True):
            queries = np.flatnonzero(task.folds == (NO_FOLD if held_out is None else held_out))
            name, told = f"scores-{held_out}", _Told(counter)
            make = partial(_scores, task, wanted, before, held_out, queries, folder, told, watch)
            scores = make() if held_out is None else kept(folder, name, make)
            if held_out is not None:
                _checkpoint(folder, held_out).unlink(missing_ok=True)
            counter.advance(count - told.count)
            for modality in found:
                places, slots = np.nonzero(task.scored.mask[queries])
                found[modality][queries[places], slots] = scores[modality]
    return found, watch


def _checkpoint(folder: Path, held_out: int | None) -> Path:
    return folder / f"checkpoint-{held_out}.safetensors"


class _Told:
    """Counts batches, also into a counter."""

    def __init__(self, counter: Counter) -> None:
        self.count, self._counter = 0, counter

    def __call__(self, batches: int) -> None:
        self.count += batches
        self._counter.advance(batches)


def _scores(
    task: Task,
    wanted: WantedTuning,
    before: Mapping[str, Any],
    held_out: int | None,
    queries: Positions,
    folder: Path,
    told: Callable[[int], None],
    watch: Stopwatch,
) -> dict[str, Array]:
    """(P,) by modality: the scores of some queries' pairs by a model that is trained now, without a fold. before: the
    weights that it starts from."""
    import torch

    model, taught = task.start.model, task.taught
    with torch.no_grad():
        for name, weight in model.weights().items():
            weight.copy_(before[name])
    seed = (wanted.asked.seed, 0 if held_out is None else held_out + 1)
    train(model, taught, taught.without(held_out), wanted.tuning, seed, _checkpoint(folder, held_out), told)
    if held_out is None:
        model.save(folder / _MODEL)
    try:
        with watch.over(len(queries)):
            return {str(modality): scores for modality, scores in model.scores(task.scored, queries).items()}
    except EncoderError:  # as no untrained model does
        rate = f"--rate {wanted.tuning.rate:g}"
        raise InputError(
            f"fine-tuned at {rate}, {task.start.said} gives no numbers any more; choose a lower one"
        ) from None


def _is_there(task: Task, place: str, made_of: str) -> bool:
    signals = [task.dataset.signals.get(name) for name in task.names.values()]
    same = [isinstance(each, TunedSignal) and each.origin.made_of == made_of for each in signals]
    return all(same) and any(file.startswith(f"{place}/") for file in task.dataset.manifest.files)


def _write(task: Task, wanted: WantedTuning, scores: Mapping[Modality, Floats], folder: Path, made_of: str) -> None:
    learned = task.taught.without(None)
    seen = task.start.seen | {task.taught.queries[query] for query in learned}
    (folder / _MODEL / SEEN_QUERIES).write_text(seen_json(seen), encoding="utf-8")
    tuning, place = wanted.tuning, f"{MODELS}/{wanted.name}/"
    origin = TunedFrom(
        task.start.said,
        reads_pairs=task.start.reads_pairs,
        trained_on=task.trained_on,
        queries=len(learned),
        epochs=tuning.epochs,
        seed=wanted.asked.seed,
        made_of=made_of,
    )
    with BundleWriter(task.dataset.folder) as writer:
        if task.shared is not None:
            writer.write_array(QUERY_FOLDS, task.shared, np.int8)
        about = {
            "judgements": writer.digest("judgements.parquet"),
            "validation": "out-of-fold" if task.shared is not None else "other queries",
        }
        for modality, name in task.names.items():
            made = asdict(replace(origin, of=task.start.of.get(modality, "")))
            spec = SignalSpec(modality, "", task.start.text_fields if modality == "text" else (), kind=TUNED)
            arrays: dict[str, tuple[Array, Any]] = {
                "scores.npy": (scores[modality], np.float64),
                "folds.npy": (task.folds, np.int8),
            }
            writer.write_signal_files(name, spec, arrays, about | made)
        writer.forget([file for file in writer.manifest.files if file.startswith(place)])
        for path in model_files(folder / _MODEL):
            writer.write_file(f"{place}{path.relative_to(folder / _MODEL).as_posix()}", path)


def _beside_the_start(task: Task, now: Dataset, model: Path, written: bool) -> Tuned:
    signals, against = [], []
    for modality, name in task.names.items():
        signal, base = now.signals[name], task.start.bases.get(modality)
        assert isinstance(signal, TunedSignal)
        before, after = (evaluate(now, signal_run(now, each), measures=("ndcg",)) for each in (base or name, name))
        signals.append(signal)
        against.append((base or "", compare(before, after)))
    return Tuned(signals, against, model, written)
