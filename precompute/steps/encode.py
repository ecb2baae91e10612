"""A bundle's products and queries, encoded with a model: adds a signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from precompute.steps.storage import store
from precompute.update.graphs import kept_index
from precompute.update.known import forget_aside, laid_aside
from precompute.update.plan import is_up_to_date, plan
from precompute.update.wanted import FIND, Wanted
from precompute.work.costs import Stopwatch, keep_cost
from precompute.work.names import check_encoder_name, check_signal_name
from precompute.work.on_ray import OpenedThere, on_ray
from precompute.work.pipeline import Encoding, Pipeline, default_workers, pipeline
from precompute.work.progress import Progress, quiet, tell
from precompute.work.shards import Shards, encode_in_shards, fill, work_folder
from sqid_core.bundle.content import digests, text_digest, there
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.storage import HALF
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.devices import Device, chosen_device, out_of_memory_as_input_error
from sqid_core.encoders.families import Encoder, EncoderSpec, load_encoder, model_files, open_encoder
from sqid_core.encoders.parity import check_parity
from sqid_core.errors import InputError
from sqid_core.types import Modality, Positions, Vectors
from sqid_core.wording import numbered


@dataclass(frozen=True)
class Encoded:
    """The encoder's name in the bundle, how many products have a vector, of how many; new: how many of those went
    through the model now. written: False where there was nothing to do."""

    encoder: str
    encoded: int
    products: int
    new: int
    written: bool


@dataclass(frozen=True)
class Model:
    """Which model encodes. model: a name, or a folder with its files. pretrained: open_clip's tag of the weights, or
    their file. name: what the bundle calls the encoder, "" for a name made from the others."""

    family: str
    model: str
    pretrained: str = ""
    name: str = ""


def encode(
    bundle: Path,
    signal: str,
    modality: Modality,
    model: Model,
    text_fields: Sequence[str] = ("title",),
    device: str = "auto",
    batch_size: int | None = None,
    decoders: int | None = None,
    progress: Progress = quiet,
    again: bool = False,
    cluster: str = "",
    storage: str = "",
) -> Encoded:
    """Encodes products, and queries where this encoder is new to the bundle; then adds both to the bundle at once.

    A signal that is there already, made by the same model from the same fields, is brought up to date: what has a
    vector of what it is now keeps it, what came later or changed is encoded, what is gone is dropped. again: everything
    is encoded. cluster: the address of a Ray cluster whose machines encode the products, "" for this machine. storage:
    as what the vectors are stored (`store`), "" for as they were. Works in shards inside the bundle: after an
    interruption the same call goes on. Raises InputError and EncoderError.
    """
    check_signal_name(signal)
    if model.name:
        check_encoder_name(model.name)
    dataset = load_bundle(bundle)
    fields = tuple(text_fields) if modality == "text" else ()
    wanted = FIND[modality](dataset, fields)
    found = chosen_device(device)
    encoder = open_encoder(
        model.family, model.model, model.pretrained, found.name, model.name, precision=found.precision
    )
    encoder.batch_size = batch_size or found.batch
    encoder.stages(modality)  # refuses pictures where the model reads text only
    spec = SignalSpec(modality, encoder.spec.name, fields)
    _check_names(dataset, signal, spec, encoder)
    start = _started_on(cluster, model, encoder, device, found, decoders) if cluster else None
    task = Task(dataset, signal, spec, encoder, found, decoders, start)
    done = _brought_up_to_date(task, wanted, _own_files(model.model, model.pretrained), again, progress)
    if storage:
        store(bundle, storage, (signal,), progress)
    return done


def refresh(bundle: Path, signal: str, progress: Progress = quiet) -> Encoded | None:
    """Brings a signal of a bundle up to date, with the encoder that made it; None where it is already.

    Raises InputError, and EncoderError where that encoder cannot be had here.
    """
    dataset = load_bundle(bundle)
    spec = dataset.manifest.signals[signal]
    encoder_spec = dataset.manifest.encoders[spec.encoder]
    wanted = FIND[spec.modality](dataset, spec.text_fields or ("title",))
    if is_up_to_date(dataset, signal, plan(dataset, signal, encoder_spec, spec.modality, wanted)):
        return None
    found = chosen_device("auto")
    encoder = load_encoder(encoder_spec, bundle / "encoders" / spec.encoder, found.name)
    encoder.stages(spec.modality)
    return _brought_up_to_date(Task(dataset, signal, spec, encoder, found, None), wanted, {}, False, progress)


@dataclass(frozen=True, eq=False)
class Task:
    """A signal of a data set, what it shall be, and what makes it. decoders: None for as many as fit the device. start:
    what encodes the products, None for this machine."""

    dataset: Dataset
    signal: str
    spec: SignalSpec
    encoder: Encoder
    device: Device
    decoders: int | None
    start: Start | None = None


def _brought_up_to_date(
    task: Task, wanted: Wanted, own_files: Mapping[str, Path], again: bool, progress: Progress
) -> Encoded:
    dataset, spec, bundle = task.dataset, task.encoder.spec, task.dataset.folder
    modality, count, unit = task.spec.modality, len(wanted.content), KINDS[task.spec.modality].unit
    planned = plan(dataset, task.signal, spec, modality, wanted, again)
    tell(
        progress,
        "encoding",
        f"{spec.name} on {task.device.text}: {len(wanted.rows):,} {unit} of {numbered(count, 'products')}",
    )
    identity = [spec.to_json(), task.device.precision, modality, task.spec.text_fields]
    if not again and is_up_to_date(dataset, task.signal, planned):
        with work_folder(bundle, identity):
            pass  # takes away the shards of a run that was killed right after its last word
        tell(progress, "encoding", f"{bundle} has the signal {task.signal} by this encoder already; nothing to do")
        return Encoded(spec.name, len(wanted.rows), count, 0, written=False)
    if task.signal in dataset.signals:
        tell(progress, "encoding", f"{task.signal}: {planned.said(unit)}")
    _check_against_stored(dataset, task.encoder, progress)
    start = partial(_start, task.encoder, task.device, task.decoders)
    out_of_memory = out_of_memory_as_input_error(task.device, task.encoder.batch_size or 1)
    with work_folder(bundle, identity) as folder, out_of_memory:
        items = [wanted.items[row] for row in planned.todo]
        there_or_here = task.start or start
        place = folder / planned.identity
        vectors = _encoded(place, items, planned.todo, modality, there_or_here, planned.filled, progress)
        queries, watch = None, Stopwatch()
        if spec.name not in dataset.manifest.encoders:
            queries = _query_vectors(folder / "queries", dataset, spec, start, watch, progress)
        present = there(planned.content)
        with BundleWriter(bundle) as writer:
            if queries is not None:
                writer.write_encoder(spec, queries, own_files)
            fields = task.spec.text_fields
            writer.write_signal(task.signal, modality, spec.name, vectors, present, fields, planned.content)
            kept_index(writer, dataset, task.signal, np.arange(count), vectors, present, progress)
    if task.signal in dataset.signals and dataset.manifest.signals[task.signal].storage:
        store(bundle, HALF, (task.signal,), progress)
    forget_aside(bundle, spec.name, modality)
    keep_cost(bundle, f"encoders/{spec.name}", watch.of(1))
    return Encoded(spec.name, int(present.sum()), count, len(planned.todo), written=True)


def _query_vectors(
    folder: Path, dataset: Dataset, spec: EncoderSpec, start: Start, watch: Stopwatch, progress: Progress
) -> npt.NDArray[np.float32]:
    """(Q, D) of the queries: those that were laid aside, the others by the model."""
    texts = dataset.queries["query"].tolist()
    content, vectors = digests(map(text_digest, texts)), np.zeros((len(texts), spec.dim), dtype=np.float32)
    left = np.ones(len(texts), dtype=bool)
    for known in laid_aside(dataset.folder, spec, "text"):
        places = known.rows_of(content)
        vectors[places >= 0] = known.vectors[places[places >= 0]]
        left &= places < 0
    rows = np.flatnonzero(left)
    asked = [texts[row] for row in rows]
    with watch.over(0 if any(folder.glob("*.npy")) else len(asked)):
        return _encoded(folder, asked, rows, "text", start, lambda _: vectors, progress)


@dataclass(frozen=True)
class Kind:
    """How a modality is encoded. unit: what is counted. rows: items in a shard, some seconds of work on a CPU."""

    unit: str
    rows: int


KINDS = {
    "text": Kind("texts", 1024),
    "image": Kind("pictures", 256),
}


def _start(
    encoder: Encoder, device: Device, decoders: int | None, modality: Modality
) -> AbstractContextManager[Pipeline]:
    """The pipeline of a modality: pictures are many times the work of texts, so beside a GPU processes decode them."""
    workers = decoders or default_workers(device.is_cpu)
    return pipeline(encoder, workers, processes=modality == "image" and not device.is_cpu)


Start = Callable[[Modality], AbstractContextManager[Encoding]]


def _started_on(
    cluster: str, model: Model, encoder: Encoder, wanted: str, device: Device, decoders: int | None
) -> Start:
    """What encodes on the machines of a Ray cluster."""
    batch = encoder.batch_size
    opened = OpenedThere(
        model.family, model.model, model.pretrained, encoder.spec, wanted, device.precision, batch, decoders
    )
    return lambda _: on_ray(encoder, opened, cluster)


def _encoded(
    folder: Path,
    items: Sequence[Any],
    rows: Positions,
    modality: Modality,
    start: Start,
    filled: Callable[[int], Vectors],
    progress: Progress,
) -> Vectors:
    """The array that `filled` makes for vectors of a length, with those of the items in their rows."""
    folder.mkdir(exist_ok=True)
    kind = KINDS[modality]
    with start(modality) as running:
        encoder = running.encoder
        shards = Shards(folder, encoder.spec.dim, kind.rows, encoder.stages(modality).batch or kind.rows)
        encode_in_shards(shards, items, partial(running.encoded, modality), kind.unit, progress)
    return fill(filled(encoder.spec.dim), rows, shards)


def _check_against_stored(dataset: Dataset, encoder: Encoder, progress: Progress) -> None:
    """Where the bundle holds vectors under the encoder's name, they may have come from elsewhere: are they its own?"""
    stored = dataset.query_vectors(encoder.spec.name)
    if stored is not None:
        found = check_parity(encoder, dataset.queries["query"].tolist(), stored, str(dataset.folder))
        tell(progress, "checking", f"the bundle's query vectors are this encoder's: cosine {found:.4f} on a sample")


def _check_names(dataset: Dataset, name: str, wanted: SignalSpec, encoder: Encoder) -> None:
    """Raises InputError where the signal's or the encoder's name is taken by something else."""
    manifest, spec = dataset.manifest, encoder.spec
    if manifest.encoders.get(spec.name, spec) != spec:
        raise InputError(f"{dataset.folder} calls another encoder {spec.name}; give this one another --encoder-name")
    there = manifest.signals.get(name, wanted)
    if replace(there, index=None, storage=None) != wanted:
        raise InputError(
            f"{dataset.folder} has a signal {name} by {there.encoder or 'no encoder'} ({there.modality}); "
            "give this one another --signal name"
        )


def _own_files(model: str, pretrained: str) -> dict[str, Path]:
    """The files of a model that no hub has, by their names in the bundle: so that the bundle is complete in itself."""
    folder, weights = Path(model), Path(pretrained)
    if folder.is_dir():
        return {path.relative_to(folder).as_posix(): path for path in model_files(folder)}
    return {weights.name: weights} if pretrained and weights.is_file() else {}
