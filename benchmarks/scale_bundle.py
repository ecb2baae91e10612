"""Bundles of any number of products with 768 numbers a vector that typed texts can search: tables by the verb `import`
from files as large as ESCI's, the demo's encoder widened, and vectors that lie about those of the bundle's queries."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.sqid_like import DIM, PRODUCTS

SIGNALS = {"clip_text": "text", "clip_image": "image"}
# How much of a product's vector is its query's, and for how many products there is no picture.
_NEAR, _WITHOUT_PICTURE = 0.6, 0.05
_ROWS = 16_384


def import_words(raw: Path, bundle: Path, products: int) -> list[str]:
    """The verb `import` over the files of `sqid_raw`: of the judged products, or of all where more are asked for."""
    files = {
        "--examples": "shopping_queries_dataset_examples.parquet",
        "--products": "shopping_queries_dataset_products.parquet",
        "--sources": "shopping_queries_dataset_sources.csv",
        "--image-urls": "product_image_urls.parquet",
    }
    options = [word for option, name in files.items() for word in (option, str(raw / name))]
    everything = ["--all-products"] if products > PRODUCTS else []
    return [sys.executable, "-m", "precompute", "import", *options, *everything, "--out", str(bundle)]


def make_raw(raw: Path, products: int) -> None:
    """Files of which `import` makes about so many products: ESCI's US part, smaller where fewer are asked."""
    from benchmarks.sqid_raw import US_PRODUCTS

    share = products / (US_PRODUCTS if products > PRODUCTS else PRODUCTS)
    subprocess.run([sys.executable, "-m", "benchmarks.sqid_raw", str(raw), "--scale", str(min(share, 1.0))], check=True)


def write_vectors(bundle: Path, scratch: Path, signals: int, storage: str) -> None:
    """The encoder and the first `signals` of both, stored as float32 or float16: the same numbers either way."""
    from sqid_core.bundle.load import load_bundle
    from sqid_core.bundle.manifest import SignalSpec
    from sqid_core.bundle.storage import HALF
    from sqid_core.bundle.write import BundleWriter
    from sqid_core.encoders.families import model_files, open_encoder

    model = _wide_model(scratch / "model")
    encoder: Any = open_encoder("open_clip", str(model), name="wide")
    dataset = load_bundle(bundle)
    queries = encoder.encode_texts(dataset.queries["query"].tolist())
    count = len(dataset.products)
    with BundleWriter(bundle) as writer:
        writer.write_encoder(encoder.spec, queries, {path.name: path for path in model_files(model)})
        for number, (name, modality) in enumerate([*SIGNALS.items()][:signals]):
            present = np.random.default_rng(9).random(count) >= (_WITHOUT_PICTURE if modality == "image" else 0)
            # Mapped: what a file holds is no memory of this process.
            path = scratch / "vectors.npy"
            kind: Any = np.float16 if storage == HALF else np.float32
            vectors: Any = np.lib.format.open_memmap(path, "w+", kind, (count, DIM))
            for start, some in vector_blocks(queries, count, number, _ROWS):
                vectors[start : start + len(some)] = some * present[start : start + len(some), None]
            stored = {"type": HALF, "measured": {}} if storage == HALF else None
            spec = SignalSpec(modality, encoder.spec.name, ("title",), storage=stored)  # type: ignore[arg-type]
            arrays = {"products.npy": (vectors, kind), "present.npy": (present, np.bool_)}
            writer.write_signal_files(name, spec, arrays, {"encoder": encoder.spec.to_json()})
            del vectors, arrays
            path.unlink()


def vector_blocks(
    queries: npt.NDArray[Any], count: int, seed: int, rows: int
) -> Iterator[tuple[int, npt.NDArray[np.float16]]]:
    """Where each block begins, and its unit rows (n, D) as float16: each about the vector of some query."""
    rng = np.random.default_rng(seed)
    for start in range(0, count, rows):
        some = min(rows, count - start)
        noise = rng.standard_normal((some, DIM), dtype=np.float32) * np.float32(np.sqrt((1 - _NEAR**2) / DIM))
        vectors = np.float32(_NEAR) * queries[rng.integers(len(queries), size=some)] + noise
        yield start, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def linked(bundle: Path, copy: Path) -> None:
    """The same bundle once more without its bytes: a writer replaces files, and never writes into them. But for the
    lock: writers of the two have nothing to wait for."""
    shutil.copytree(bundle, copy, copy_function=os.link, ignore=shutil.ignore_patterns(".lock"))


def _wide_model(folder: Path) -> Path:
    """The demo's CLIP with vectors of 768 numbers: its own 128, turned into a space of so many, at the same angles."""
    from safetensors.numpy import load_file, save_file

    from precompute.demo.training.model_folder import MODEL_FOLDER

    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(MODEL_FOLDER, folder)
    weights = load_file(folder / "open_clip_model.safetensors")
    narrow = weights["text_projection"].shape[1]
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((DIM, narrow)))[0].T
    weights["text_projection"] = _as_half(weights["text_projection"] @ turn)
    for name in ("weight", "bias"):
        key = f"visual.attnpool.c_proj.{name}"
        weights[key] = _as_half(turn.T @ weights[key])
    save_file(weights, folder / "open_clip_model.safetensors", {"format": "pt"})
    configuration = folder / "open_clip_config.json"
    described = json.loads(configuration.read_text(encoding="utf-8"))
    described["model_cfg"]["embed_dim"] = DIM
    configuration.write_text(json.dumps(described), encoding="utf-8")
    return folder


def _as_half(values: npt.NDArray[Any]) -> npt.NDArray[np.float16]:
    return np.ascontiguousarray(values, dtype=np.float16)
