"""A bundle of SQID's size whose typed queries the demo's own encoder reads: the demo's products many times over, each
vector turned a little, and as many judged queries as SQID has, made of the words of titles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.sqid_like import LABEL_SHARES, MEAN_DEPTH, QUERIES

ENCODER = "demo-clip"
# How far a copy's vector lies from the demo's.
_TURNED = 0.25


def write_large_demo(demo: Path, folder: Path, products: int, queries: int = QUERIES) -> None:
    """Writes the bundle `folder` from the demo bundle `demo`."""
    from sqid_core.bundle.labels import ESCI
    from sqid_core.bundle.load import load_bundle
    from sqid_core.bundle.write import BundleWriter
    from sqid_core.ranking.search import bundle_encoder

    small, rng = load_bundle(demo), np.random.default_rng(0)
    with BundleWriter(folder) as writer:
        tables = _tables(small, rng, products, queries)
        writer.write_tables("visitors", *tables, ESCI, {"title": "As large as SQID"})
    # Written in an order of their own: what a row was made of is in its id.
    large = load_bundle(folder)
    rows = large.products["product_id"].str[1:].astype(int).to_numpy() % len(small.products)
    encoder, home = bundle_encoder(small, ENCODER), demo / "encoders" / ENCODER
    files = {path.name: path for path in home.iterdir() if path.name not in ("queries.npy", "encoder.json")}
    with BundleWriter(folder) as writer:
        spec = small.manifest.encoders[ENCODER]
        writer.write_encoder(spec, encoder.encode_texts(large.queries["query"].tolist()), files)
        for name in ("clip_text", "clip_image"):
            signal: Any = small.signals[name]
            present = np.asarray(signal.present)[rows]
            vectors = _turned(np.asarray(signal.products)[rows], rng)
            vectors[~present] = 0
            writer.write_signal(name, signal.modality, ENCODER, vectors, present, ("title",))


def _tables(small: Any, rng: Any, products: int, queries: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Products, queries, judgements."""
    table = small.products.iloc[np.arange(products) % len(small.products)].reset_index(drop=True)
    table = table.assign(product_id=[f"V{number:07d}" for number in range(products)], image=None)
    words = np.array(sorted({word for title in small.products["title"] for word in title.lower().split()}))
    asked = pd.DataFrame({"query_id": [f"q{number}" for number in range(queries)], "source": "other"})
    asked["query"] = [" ".join(some) for some in words[rng.integers(len(words), size=(queries, 3))]]
    pairs = pd.DataFrame({"query_id": np.repeat(asked["query_id"], int(MEAN_DEPTH))})
    pairs["product_id"] = table["product_id"].to_numpy()[rng.integers(products, size=len(pairs))]
    pairs["label"] = np.array(list("ESCI"))[rng.choice(4, p=LABEL_SHARES, size=len(pairs))]
    return table, asked, pairs.drop_duplicates(["query_id", "product_id"])


def _turned(vectors: np.ndarray, rng: Any) -> np.ndarray:
    """(N, D) unit rows near those that are given."""
    noise = rng.standard_normal(vectors.shape, dtype=np.float32) * (_TURNED / np.sqrt(vectors.shape[1]))
    found = vectors + noise.astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)
