"""Vectors that another program made of a bundle's products and queries, as a signal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from precompute.read.features import Features
from precompute.read.vector_files import read_vectors
from precompute.steps.encode import Model
from precompute.update.graphs import kept_index
from precompute.work.names import check_encoder_name, check_signal_name
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import EncoderSpec, open_encoder
from sqid_core.encoders.from_file import FROM_FILE
from sqid_core.encoders.parity import check_parity
from sqid_core.encoders.trust import is_hub_name
from sqid_core.errors import InputError
from sqid_core.types import Modality
from sqid_core.wording import counted, numbered


@dataclass(frozen=True)
class VectorFiles:
    """Of products and of queries: .npy in the order of the bundle's tables, or Parquet with ids."""

    products: Path
    queries: Path


@dataclass(frozen=True)
class AddedVectors:
    """The encoder's name in the bundle; how many products have a vector, of how many. written: False where the bundle
    had them all."""

    encoder: str
    present: int
    products: int
    written: bool


def add_vectors(
    bundle: Path, signal: str, modality: Modality, files: VectorFiles, model: Model, progress: Progress = quiet
) -> AddedVectors:
    """Reads and checks both files first, then adds the signal. The same files again change nothing.

    model: what made them. With a family it is opened, and must make the queries' vectors as the file has them, so that
    typed words can be searched for; without, its name is kept, and only the queries of the bundle are known.
    Raises InputError and EncoderError.
    """
    check_signal_name(signal)
    dataset = load_bundle(bundle)
    if not len(dataset.queries):
        raise InputError(
            f"{bundle} has no queries, so no query's vector can be compared; encode it with a model instead"
        )
    products, queries = _read(dataset, files, progress)
    spec = _encoder(dataset, model, queries, files.queries)
    wanted = SignalSpec(modality, spec.name)
    _check_names(dataset, signal, wanted, spec)
    count, present = len(products.present), int(products.present.sum())
    tell(
        progress,
        "reading",
        f"{signal}: {present:,} of {counted(count, 'product has', 'products have')} a vector of "
        f"{numbered(spec.dim, 'numbers')}",
    )
    with BundleWriter(bundle) as writer:
        before = writer.manifest.files
        writer.write_encoder(spec, queries.vectors)
        writer.write_signal(signal, modality, spec.name, products.vectors, products.present)
        kept_index(writer, dataset, signal, np.arange(count), products.vectors, products.present, progress)
    written = load_bundle(bundle).manifest.files != before
    if not written:
        tell(progress, "writing", f"{bundle} has the signal {signal} with these vectors already; nothing to do")
    return AddedVectors(spec.name, present, count, written)


def _read(dataset: Dataset, files: VectorFiles, progress: Progress) -> tuple[Features, Features]:
    products = read_vectors(files.products, "product_id", dataset.products["product_id"].tolist(), progress)
    queries = read_vectors(files.queries, "query_id", dataset.queries["query_id"].tolist(), progress)
    if not queries.present.all():
        lacking = dataset.queries["query_id"].iloc[int(np.argmin(queries.present))]
        count = int((~queries.present).sum())
        raise InputError(
            f"{files.queries} has no vector for {count:,} of the queries, the first being {lacking}; every one needs it"
        )
    sizes = products.vectors.shape[1], queries.vectors.shape[1]
    if sizes[0] != sizes[1]:
        raise InputError(
            f"{files.products} has vectors of {sizes[0]:,} numbers, {files.queries} of {sizes[1]:,}; both must be of "
            "one model"
        )
    return products, queries


def _encoder(dataset: Dataset, model: Model, queries: Features, path: Path) -> EncoderSpec:
    """What made the vectors: a model that is opened here and makes the same, or its name alone."""
    dim = queries.vectors.shape[1]
    if not model.family:
        return _named(model, queries, dim)
    if not model.model:
        raise InputError("--family needs --model, the name of the model to open")
    if Path(model.model).is_dir():
        raise InputError("--model is a folder here; give the name of a model that a hub has, or leave --family out")
    encoder = open_encoder(model.family, model.model, model.pretrained, name=model.name)
    if encoder.spec.dim != dim:
        raise InputError(f"{path} has vectors of {dim:,} numbers, {encoder.spec.name} makes {encoder.spec.dim:,}")
    check_parity(encoder, dataset.queries["query"].tolist(), queries.vectors, str(path))
    return encoder.spec


def _named(model: Model, queries: Features, dim: int) -> EncoderSpec:
    if model.model and not is_hub_name(model.model):
        raise InputError(f"--model {model.model[:80]!r} is no name of a model, such as owner/name or text-embedding-3")
    content = hashlib.sha256(queries.vectors.tobytes()).hexdigest()[:16]
    name = model.name or model.model.replace("/", "-") or f"vectors-{content[:8]}"
    check_encoder_name(name)
    return EncoderSpec(name, FROM_FILE, model.model, content, dim, "")


def _check_names(dataset: Dataset, signal: str, wanted: SignalSpec, spec: EncoderSpec) -> None:
    """Raises InputError where the signal or its encoder is something else that is in use."""
    manifest = dataset.manifest
    there = manifest.signals.get(signal)
    if there is not None:
        made = manifest.encoders.get(there.encoder)
        same = replace(there, index=None, text_fields=()) == wanted
        if not same and (made is None or made.family != FROM_FILE or there.modality != wanted.modality):
            raise InputError(
                f"{dataset.folder} has a signal {signal} of another kind or model; give this one another --signal name"
            )
    users = [name for name, each in manifest.signals.items() if each.encoder == spec.name and name != signal]
    if users and manifest.encoders[spec.name] != spec:
        raise InputError(
            f"{dataset.folder} has other vectors of the queries by {spec.name}, which {users[0]} needs; take the same "
            "--queries file, or give these another --encoder-name"
        )
