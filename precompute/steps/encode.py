"""A bundle's products and queries, encoded with a model: adds a signal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from precompute.work.bundle_pictures import picture_files
from precompute.work.devices import Device, chosen_device, out_of_memory_as_input_error
from precompute.work.names import check_encoder_name, check_signal_name
from precompute.work.pipeline import Pipeline, default_workers, pipeline
from precompute.work.progress import Progress, quiet, tell
from precompute.work.shards import Shards, encode_in_shards, fill, work_folder
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.shown_pictures import STATUS_TABLE
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import Encoder, model_files, open_encoder
from sqid_core.encoders.parity import check_parity
from sqid_core.errors import InputError
from sqid_core.types import Modality


@dataclass(frozen=True)
class Work:
    """What one modality has to encode: the rows (n,) of the products that have it, and their texts or picture files."""

    rows: npt.NDArray[np.int64]
    items: Sequence[Any]


@dataclass(frozen=True)
class Encoded:
    """The encoder's name in the bundle, how many products have a vector, of how many; written: False where the signal
    was there already."""

    encoder: str
    encoded: int
    products: int
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
) -> Encoded:
    """Encodes products, and queries where this encoder is new to the bundle; then adds both to the bundle at once.

    Works in shards inside the bundle: after an interruption the same call goes on. A signal that is there already, made
    by the same model from the same fields, is left as it is. Raises InputError and EncoderError.
    """
    check_signal_name(signal)
    if model.name:
        check_encoder_name(model.name)
    dataset = load_bundle(bundle)
    fields = tuple(text_fields) if modality == "text" else ()
    kind = KINDS[modality]
    work = kind.find(dataset, fields)
    found = chosen_device(device)
    encoder = open_encoder(
        model.family, model.model, model.pretrained, found.name, model.name, precision=found.precision
    )
    encoder.batch_size = batch_size or found.batch
    encoder.stages(modality)  # refuses pictures where the model reads text only
    spec = encoder.spec
    count = len(dataset.products)
    tell(progress, "encoding", f"{spec.name} on {found.text}: {len(work.items):,} {kind.unit} of {count:,} products")
    sources = [dataset.manifest.files.get(name) for name in ("products.parquet", STATUS_TABLE)]
    identity = [spec.to_json(), found.precision, modality, fields, sources]
    if _is_done(dataset, signal, SignalSpec(modality, spec.name, fields), encoder):
        with work_folder(bundle, identity):
            pass  # takes away the shards of a run that was killed right after its last word
        tell(progress, "encoding", f"{bundle} has the signal {signal} by this encoder already; nothing to do")
        return Encoded(spec.name, len(work.items), count, written=False)

    _check_against_stored(dataset, encoder, progress)
    start = partial(_start, encoder, found, decoders)
    with work_folder(bundle, identity) as folder, out_of_memory_as_input_error(found, encoder.batch_size):
        products = _encoded(folder, work, modality, start, count, progress)
        queries = None
        if spec.name not in dataset.manifest.encoders:
            texts = Work(np.arange(len(dataset.queries)), dataset.queries["query"].tolist())
            queries = _encoded(folder / "queries", texts, "text", start, len(texts.items), progress)
        with BundleWriter(bundle) as writer:
            if queries is not None:
                writer.write_encoder(spec, queries, _own_files(model.model, model.pretrained))
            present = np.isin(np.arange(len(products)), work.rows)
            writer.write_signal(signal, modality, spec.name, products, present, fields)
    return Encoded(spec.name, len(work.items), count, written=True)


def _texts(dataset: Dataset, fields: Sequence[str]) -> Work:
    """The fields of each product, joined by a blank; a product whose fields are all empty has no text."""
    path = dataset.folder / "products.parquet"
    known = pq.read_schema(path).names
    for name in fields:
        if name not in known:
            raise InputError(f"{path} has no column {name!r} for --text-fields; it has: {', '.join(known)}")
    columns = [pq.read_table(path, columns=[name])[name].to_pylist() for name in fields]
    texts = [" ".join(str(part) for part in parts if part).strip() for parts in zip(*columns, strict=True)]
    rows = np.flatnonzero(np.array([bool(text) for text in texts]))
    if not len(rows):
        raise InputError(
            f"no product of {dataset.folder} has a text in {', '.join(fields)}; choose other --text-fields"
        )
    return Work(rows, [texts[row] for row in rows])


def _pictures(dataset: Dataset, _: Sequence[str]) -> Work:
    files = picture_files(dataset)
    rows = np.flatnonzero(np.array([file is not None for file in files]))
    if not len(rows):
        raise InputError(f"no product of {dataset.folder} has a picture; give image files when you make the bundle")
    return Work(rows, [files[row] for row in rows])


@dataclass(frozen=True)
class Kind:
    """How a modality is encoded. unit: what is counted. rows: items in a shard, some seconds of work on a CPU."""

    find: Callable[[Dataset, Sequence[str]], Work]
    encode: Callable[[Pipeline, Iterable[Sequence[Any]]], Iterator[npt.NDArray[np.float32]]]
    unit: str
    rows: int


KINDS = {
    "text": Kind(_texts, Pipeline.texts, "texts", 1024),
    "image": Kind(_pictures, Pipeline.pictures, "pictures", 256),
}


def _start(
    encoder: Encoder, device: Device, decoders: int | None, modality: Modality
) -> AbstractContextManager[Pipeline]:
    """The pipeline of a modality: pictures are many times the work of texts, so beside a GPU processes decode them."""
    workers = decoders or default_workers(device.is_cpu)
    return pipeline(encoder, workers, processes=modality == "image" and not device.is_cpu)


def _encoded(
    folder: Path,
    work: Work,
    modality: Modality,
    start: Callable[[Modality], AbstractContextManager[Pipeline]],
    count: int,
    progress: Progress,
) -> npt.NDArray[np.float32]:
    """Unit rows (count, D), zero where there is nothing to encode."""
    folder.mkdir(exist_ok=True)
    kind = KINDS[modality]
    with start(modality) as running:
        encoder = running.encoder
        shards = Shards(folder, encoder.spec.dim, kind.rows, encoder.stages(modality).batch or kind.rows)
        encode_in_shards(shards, work.items, partial(kind.encode, running), kind.unit, progress)
    return fill(np.zeros((count, encoder.spec.dim), dtype=np.float32), work.rows, shards)


def _check_against_stored(dataset: Dataset, encoder: Encoder, progress: Progress) -> None:
    """Where the bundle holds vectors under the encoder's name, they may have come from elsewhere: are they its own?"""
    stored = dataset.query_vectors(encoder.spec.name)
    if stored is not None:
        found = check_parity(encoder, dataset.queries["query"].tolist(), stored, str(dataset.folder))
        tell(progress, "checking", f"the bundle's query vectors are this encoder's: cosine {found:.4f} on a sample")


def _is_done(dataset: Dataset, name: str, wanted: SignalSpec, encoder: Encoder) -> bool:
    """Whether the signal is there already. Raises InputError where the name is taken by something else."""
    manifest, spec = dataset.manifest, encoder.spec
    if manifest.encoders.get(spec.name, spec) != spec:
        raise InputError(f"{dataset.folder} calls another encoder {spec.name}; give this one another --encoder-name")
    if name not in manifest.signals:
        return False
    there = manifest.signals[name]
    if (there.modality, there.encoder, there.text_fields) != (wanted.modality, wanted.encoder, wanted.text_fields):
        raise InputError(
            f"{dataset.folder} has a signal {name} by {there.encoder} ({there.modality}); "
            "give this one another --signal name"
        )
    return True


def _own_files(model: str, pretrained: str) -> dict[str, Path]:
    """The files of a model that no hub has, by their names in the bundle: so that the bundle is complete in itself."""
    folder, weights = Path(model), Path(pretrained)
    if folder.is_dir():
        return {path.relative_to(folder).as_posix(): path for path in model_files(folder)}
    return {weights.name: weights} if pretrained and weights.is_file() else {}
