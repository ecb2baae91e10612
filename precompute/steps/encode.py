"""Encode a bundle's products and queries with a model: adds a signal.

Works in shards inside the bundle: after an interruption the same command goes on. A signal that is there already, made
by the same model from the same fields, is left as it is. Local pictures are read from the bundle's images/."""

from __future__ import annotations

import argparse
import re
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
from precompute.work.pipeline import Pipeline, default_workers, pipeline
from precompute.work.shards import Shards, encode_in_shards, fill, work_folder
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.shown_pictures import STATUS_TABLE
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import FAMILIES, Encoder, model_files, open_encoder
from sqid_core.encoders.parity import check_parity
from sqid_core.errors import InputError
from sqid_core.types import Modality

EXAMPLE = (
    "python -m precompute encode data/esci --signal sbert_text --modality text "
    "--family sentence-transformers --model all-MiniLM-L12-v2"
)


@dataclass(frozen=True)
class Work:
    """What one modality has to encode: the rows (n,) of the products that have it, and their texts or picture files."""

    rows: npt.NDArray[np.int64]
    items: Sequence[Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument("--signal", required=True, metavar="NAME", help="the new signal's name, such as sbert_text")
    parser.add_argument("--modality", required=True, choices=("text", "image"))
    parser.add_argument("--family", default="open_clip", choices=sorted(FAMILIES), help="default open_clip")
    parser.add_argument("--model", required=True, metavar="M", help="a model's name, or a folder with its files")
    parser.add_argument("--pretrained", default="", metavar="P", help="open_clip: the weights' tag, or their file")
    parser.add_argument("--text-fields", default="title", metavar="A,B", help="product columns to join (default title)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (default auto)")
    parser.add_argument("--encoder-name", default="", metavar="NAME", help="what the bundle calls the encoder")
    parser.add_argument("--batch-size", type=int, metavar="N", help="items at a time (default 64, on a GPU 128)")
    parser.add_argument("--decoders", type=int, metavar="N", help="threads, beside a GPU processes, that read pictures")


def run(args: argparse.Namespace) -> int:
    """Encodes products, and queries where this encoder is new to the bundle; then adds both to the bundle at once."""
    _check_arguments(args)
    dataset = load_bundle(args.bundle)
    fields = tuple(name.strip() for name in args.text_fields.split(",")) if args.modality == "text" else ()
    kind = KINDS[args.modality]
    work = kind.find(dataset, fields)
    device = chosen_device(args.device)
    encoder = open_encoder(
        args.family, args.model, args.pretrained, device.name, args.encoder_name, precision=device.precision
    )
    encoder.batch_size = args.batch_size or device.batch
    encoder.stages(args.modality)  # refuses pictures where the model reads text only
    spec = encoder.spec
    print(f"{spec.name} on {device.text}: {len(work.items):,} {kind.unit} of {len(dataset.products):,} products")
    sources = [dataset.manifest.files.get(name) for name in ("products.parquet", STATUS_TABLE)]
    identity = [spec.to_json(), device.precision, args.modality, fields, sources]
    if _is_done(dataset, args.signal, SignalSpec(args.modality, spec.name, fields), encoder):
        with work_folder(args.bundle, identity):
            pass  # takes away the shards of a run that was killed right after its last word
        print(f"{args.bundle} has the signal {args.signal} by this encoder already; nothing to do")
        return 0

    _check_against_stored(dataset, encoder)
    start = partial(_start, encoder, device, args.decoders)
    with work_folder(args.bundle, identity) as folder, out_of_memory_as_input_error(device, encoder.batch_size):
        products = _encoded(folder, work, args.modality, start, len(dataset.products))
        queries = None
        if spec.name not in dataset.manifest.encoders:
            texts = Work(np.arange(len(dataset.queries)), dataset.queries["query"].tolist())
            queries = _encoded(folder / "queries", texts, "text", start, len(texts.items))
        with BundleWriter(args.bundle) as writer:
            if queries is not None:
                writer.write_encoder(spec, queries, _own_files(args.model, args.pretrained))
            present = np.isin(np.arange(len(products)), work.rows)
            writer.write_signal(args.signal, args.modality, spec.name, products, present, fields)
    print(f"next: python -m precompute index {args.bundle}, then python -m precompute evaluate {args.bundle}")
    return 0


def _check_arguments(args: argparse.Namespace) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", args.signal):
        raise InputError(
            f"the signal name {args.signal!r} must consist of letters, digits, _ and -, as it names a folder"
        )
    if args.encoder_name and not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", args.encoder_name):
        raise InputError(
            f"--encoder-name {args.encoder_name!r} must consist of letters, digits, dots, _ and -, as it names a folder"
        )
    for name in ("batch_size", "decoders"):
        number = getattr(args, name)
        if number is not None and number < 1:
            raise InputError(f"--{name.replace('_', '-')} must be at least 1, got {number}")


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
) -> npt.NDArray[np.float32]:
    """Unit rows (count, D), zero where there is nothing to encode."""
    folder.mkdir(exist_ok=True)
    kind = KINDS[modality]
    with start(modality) as running:
        encoder = running.encoder
        shards = Shards(folder, encoder.spec.dim, kind.rows, encoder.stages(modality).batch or kind.rows)
        encode_in_shards(shards, work.items, partial(kind.encode, running), kind.unit)
    return fill(np.zeros((count, encoder.spec.dim), dtype=np.float32), work.rows, shards)


def _check_against_stored(dataset: Dataset, encoder: Encoder) -> None:
    """Where the bundle holds vectors under the encoder's name, they may have come from elsewhere: are they its own?"""
    stored = dataset.query_vectors(encoder.spec.name)
    if stored is not None:
        found = check_parity(encoder, dataset.queries["query"].tolist(), stored, str(dataset.folder))
        print(f"the bundle's query vectors are this encoder's: cosine {found:.4f} on a sample")


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
