"""Builds the demo's bundle: drawn, encoded and indexed by the code that handles real data.

Two processes draw the pictures while this one imports torch. Everything is written to a hidden folder beside the
bundle and renamed when whole, under a file lock: there is a whole bundle or none.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock

from precompute.demo.content import (
    NAME,
    PRODUCTS,
    QUERIES,
    Content,
    drawn_content,
    judgement_frame,
    known_labels,
    picture_frame,
    picture_name,
    product_frame,
    query_frame,
)
from precompute.demo.drawing import picture
from precompute.demo.products.catalogue import Product
from precompute.demo.training.model_folder import MODEL_FOLDER
from precompute.steps.index import measure
from precompute.steps.verify import verify
from precompute.work.bundle_pictures import read_pictures
from precompute.work.pool import process_pool
from precompute.work.progress import Progress, quiet, share
from sqid_core.bundle.content import WIDTH, digests, text_digest
from sqid_core.bundle.files_on_disk import unfinished
from sqid_core.bundle.known_labels import KNOWN_LABELS
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.manifest import MANIFEST, read_manifest
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import Encoder, content_hash, model_files, open_encoder
from sqid_core.errors import BundleError, InputError
from sqid_core.indexes.hnsw import HnswIndex, hnswlib_installed
from sqid_core.types import Bools, Vectors

PICTURE_SIZE = 256
QUALITY = 82
ENCODER = "demo-clip"
DRAWN_AT_ONCE = 25
ENCODED_AT_ONCE = 128
# Sums in another order differ in the last bit: the number of threads is part of what makes equal bytes.
THREADS = 2


def build_demo(
    out: Path,
    seed: int = 0,
    progress: Progress = quiet,
    products: int = PRODUCTS,
    queries: int = QUERIES,
    model: Path = MODEL_FOLDER,
) -> None:
    """A whole demo bundle in `out`; nothing to do where this very demo is there. A second process waits for the first.

    Raises InputError where `out` holds something else than a demo.
    """
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    share(progress, 0.0, "Waiting for the lock")
    with FileLock(out.with_name(f".{out.name}.lock")):
        if _is_built(out, seed, products, model):
            share(progress, 1.0, "The demo is there")
            return
        scratch = unfinished(out)
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            _build(scratch, drawn_content(seed, products, queries), model, progress)
            if out.exists():
                shutil.rmtree(out)
            scratch.rename(out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        share(progress, 1.0, "The demo is ready")


def _is_built(out: Path, seed: int, products: int, model: Path) -> bool:
    """Whether `out` is the wanted demo; False where it is empty, damaged, another seed's demo or an older model's."""
    if not out.exists() or not any(out.iterdir()):
        return False
    if not (out / MANIFEST).exists():
        raise InputError(f"{out} holds files but no bundle; empty it or choose another --out")
    try:
        manifest = read_manifest(out)
    except BundleError as error:
        raise InputError(f"{error}; delete {out} or choose another --out") from None
    if manifest.name != NAME:
        raise InputError(f"{out} holds the bundle {manifest.name}, which is not the demo; choose another --out")
    made_by = {spec.content_sha256 for spec in manifest.encoders.values()}
    wanted = content_hash(model_files(model), model)
    if manifest.about.get("seed") != str(seed) or manifest.counts["products"] != products or wanted not in made_by:
        return False
    return not verify(out).failed


def _build(folder: Path, content: Content, model: Path, progress: Progress) -> None:
    (folder / "images").mkdir(parents=True)
    with process_pool() as pool:
        pictured = [product for product in content.products if product.pictured]
        drawn = [
            pool.submit(draw_pictures, folder / "images", pictured[start : start + DRAWN_AT_ONCE])
            for start in range(0, len(pictured), DRAWN_AT_ONCE)
        ]
        share(progress, 0.02, "Drawing pictures")
        with _threads():
            encoder = open_encoder("open_clip", str(model), name=ENCODER)
            hashes = _hashes(drawn, len(pictured), progress)
            with BundleWriter(folder) as writer:
                _write_bundle(writer, content, hashes, encoder, model, progress)
    (folder / ".lock").unlink(missing_ok=True)


def draw_pictures(folder: Path, products: list[Product]) -> dict[str, str]:
    """Draws and writes the pictures of some products; the sha256 of each file, by product id."""
    digests = {}
    for product in products:
        path = folder / picture_name(product)
        picture(product.traits, product.look, PICTURE_SIZE).save(path, "WEBP", quality=QUALITY, method=2)
        digests[product.product_id] = hashlib.sha256(path.read_bytes()).hexdigest()
    return digests


def _hashes(drawn: list[Future[dict[str, str]]], pictures: int, progress: Progress) -> dict[str, str]:
    """All pictures' hashes, once all are drawn."""
    hashes: dict[str, str] = {}
    for i, part in enumerate(drawn):
        hashes |= part.result()
        done = f"Drawing pictures: {len(hashes):,} of {pictures:,}"
        share(progress, 0.02 + 0.58 * (i + 1) / len(drawn), done)
    return hashes


def _write_bundle(
    writer: BundleWriter, content: Content, hashes: dict[str, str], encoder: Encoder, model: Path, progress: Progress
) -> None:
    tables = product_frame(content), query_frame(content), judgement_frame(content)
    writer.write_tables(NAME, *tables, ESCI, content.about())
    writer.write_array(KNOWN_LABELS, known_labels(content), np.int8)
    writer.write_pictures(picture_frame(content, hashes))
    share(progress, 0.62, "Encoding queries and titles")
    queries = encoder.encode_texts([query.text for query in content.queries])
    files = {path.relative_to(model).as_posix(): path for path in model_files(model)}
    writer.write_encoder(encoder.spec, queries, files)

    texts = [product.title for product in content.products]
    titles, there, made_of = encoder.encode_texts(texts), np.ones(len(texts), bool), digests(map(text_digest, texts))
    _write_signal(writer, DenseSignal("clip_text", "text", ENCODER, titles, there, queries, made_of))
    images, present = _picture_vectors(content, encoder, writer.folder / "images", progress)
    made_of = digests(bytes.fromhex(hashes.get(product.product_id, ""))[:WIDTH] for product in content.products)
    _write_signal(writer, DenseSignal("clip_image", "image", ENCODER, images, present, queries, made_of))
    share(progress, 0.98, "Checking")


def _write_signal(writer: BundleWriter, signal: DenseSignal) -> None:
    """The signal and its index, built on one thread: only that repeats to the byte."""
    fields = ("title",) if signal.modality == "text" else ()
    writer.write_signal(
        signal.name, signal.modality, signal.encoder, signal.products, signal.present, fields, signal.content
    )
    if hnswlib_installed():
        index = HnswIndex.build(signal.products, signal.present, threads=1)
        writer.write_index(signal.name, index, measure(index, signal))


def _picture_vectors(content: Content, encoder: Encoder, folder: Path, progress: Progress) -> tuple[Vectors, Bools]:
    """Unit rows (N, D) of the written picture files, zero where there is none, and which there are (N,)."""
    present = np.array([product.pictured for product in content.products])
    vectors = np.zeros((len(present), encoder.spec.dim), dtype=np.float32)
    rows = np.flatnonzero(present)
    for start in range(0, len(rows), ENCODED_AT_ONCE):
        some = rows[start : start + ENCODED_AT_ONCE]
        paths = [folder / picture_name(content.products[row]) for row in some]
        vectors[some] = encoder.encode_images(read_pictures(paths))
        done = start + len(some)
        share(progress, 0.68 + 0.28 * done / len(rows), f"Encoding pictures: {done:,} of {len(rows):,}")
    return vectors, present


@contextmanager
def _threads() -> Iterator[None]:
    """torch on two threads, whatever the machine has; as before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)
