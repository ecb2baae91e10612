"""Bundles that were damaged after they were written are refused with one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from vectors_on_disk import vectors_of

from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import MANIFEST, Manifest, sha256
from sqid_core.errors import BundleError


def rewrite_manifest(bundle: Path, change: Callable[[dict], None]) -> None:
    """Changes the manifest and makes its hashes and fingerprint true again: what is left is for the deeper checks."""
    data = json.loads((bundle / MANIFEST).read_text())
    change(data)
    data["files"] = {name: sha256(bundle / name) for name in data["files"]}
    (bundle / MANIFEST).write_text(json.dumps(Manifest.from_json(data).to_json()))


def overwrite(bundle: Path, name: str, array: np.ndarray) -> None:
    np.save(bundle / name, array, allow_pickle=False)
    rewrite_manifest(bundle, lambda data: None)


def flip_a_byte(bundle: Path) -> None:
    path = bundle / "signals/words_image/products.npy"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def cut_off(bundle: Path) -> None:
    path = bundle / "signals/words_text/products.npy"
    path.write_bytes(path.read_bytes()[:1000])
    rewrite_manifest(bundle, lambda data: None)


def drop_rows(bundle: Path) -> None:
    overwrite(bundle, "signals/words_text/products.npy", vectors_of(bundle)[:-1])


def drop_a_product(bundle: Path) -> None:
    frame = pd.read_parquet(bundle / "products.parquet")
    frame.iloc[:-1].to_parquet(bundle / "products.parquet")
    rewrite_manifest(bundle, lambda data: None)


def reorder_products(bundle: Path) -> None:
    frame = pd.read_parquet(bundle / "products.parquet")
    frame.iloc[::-1].to_parquet(bundle / "products.parquet")
    rewrite_manifest(bundle, lambda data: None)


def number_the_products(bundle: Path) -> None:
    frame = pd.read_parquet(bundle / "products.parquet")
    frame.assign(product_id=range(len(frame))).to_parquet(bundle / "products.parquet")
    rewrite_manifest(bundle, lambda data: None)


def lose_an_id(bundle: Path) -> None:
    frame = pd.read_parquet(bundle / "queries.parquet")
    frame.assign(query_id=[None, *frame["query_id"][1:]]).to_parquet(bundle / "queries.parquet")
    rewrite_manifest(bundle, lambda data: None)


def put_a_zip(bundle: Path) -> None:
    (bundle / "signals/words_text/products.npy").write_bytes(b"PK\x03\x04 and no more")
    rewrite_manifest(bundle, lambda data: None)


def spoil_the_description(bundle: Path) -> None:
    (bundle / "signals/words_text/signal.json").write_text("[")
    rewrite_manifest(bundle, lambda data: None)


def unnormalise(bundle: Path) -> None:
    vectors = vectors_of(bundle)
    vectors[5] *= 2
    overwrite(bundle, "signals/words_text/products.npy", vectors)


def put_nan(bundle: Path) -> None:
    vectors = vectors_of(bundle)
    vectors[7, 3] = np.nan
    overwrite(bundle, "signals/words_text/products.npy", vectors)


def double_precision(bundle: Path) -> None:
    overwrite(bundle, "signals/words_text/products.npy", vectors_of(bundle).astype(np.float64))


def pickle_inside(bundle: Path) -> None:
    np.save(bundle / "signals/words_text/products.npy", np.array([{}]), allow_pickle=True)
    rewrite_manifest(bundle, lambda data: None)


def another_encoder(bundle: Path) -> None:
    path = bundle / "signals/words_text/signal.json"
    signal = json.loads(path.read_text())
    signal["encoder"]["model"] = "another"
    path.write_text(json.dumps(signal))
    rewrite_manifest(bundle, lambda data: None)


def newer_format(bundle: Path) -> None:
    data = json.loads((bundle / MANIFEST).read_text())
    (bundle / MANIFEST).write_text(json.dumps(data | {"format_version": 99}))


def edit_the_manifest(bundle: Path) -> None:
    data = json.loads((bundle / MANIFEST).read_text())
    (bundle / MANIFEST).write_text(json.dumps(data | {"name": "mine"}))


def lead_outside(bundle: Path) -> None:
    data = json.loads((bundle / MANIFEST).read_text())
    data["files"]["../secret"] = "0" * 64
    (bundle / MANIFEST).write_text(json.dumps(Manifest.from_json(data).to_json()))


DAMAGE = {
    flip_a_byte: "products.npy was changed after it was written",
    lambda b: (b / "queries.parquet").unlink(): "queries.parquet is missing",
    lambda b: (b / MANIFEST).unlink(): "has no manifest.json, so it is no finished bundle",
    lambda b: (b / MANIFEST).write_text("{"): "manifest.json cannot be read",
    lambda b: (b / MANIFEST).write_text("[]"): "is not a bundle's manifest",
    lambda b: (b / MANIFEST).write_text('{"format_version": 1}'): "is not a bundle's manifest",
    newer_format: "has bundle format 99, this program reads up to 1; update SQID Explorer",
    edit_the_manifest: "the fingerprint does not match the content",
    lead_outside: r"names the file '\.\./secret', which is outside the bundle",
    cut_off: "has 1,000 bytes, its header says 5,888",
    pickle_inside: "is not a readable array|expected float32",
    drop_rows: r"holds float32 \(59, 24\), expected float32 \(60, 24\)",
    double_precision: r"holds float64 \(60, 24\), expected float32",
    drop_a_product: "has 59 rows but the manifest says 60",
    reorder_products: "is not in the order of its ids' hashes",
    unnormalise: "row 5 of .* has length 2, expected 1",
    put_nan: "row 7 of .* has length nan, expected 1",
    another_encoder: "holds vectors of another encoder than words",
    spoil_the_description: "holds vectors of another encoder than words",
    put_a_zip: "is not a readable array",
    number_the_products: "holds int64 in product_id, expected large_string",
    lose_an_id: "queries.parquet has a row without query_id",
    lambda b: (b / MANIFEST).write_text("[" * 100_000): "manifest.json cannot be read",
    lambda b: (b / MANIFEST).write_text(
        (b / MANIFEST).read_text().replace('"products": 60', '"products": Infinity')
    ): "manifest.json cannot be read",
}


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE.items(), ids=range(len(DAMAGE)))
def test_damage_is_refused_in_one_sentence(bundle: Path, damage: Callable[[Path], None], sentence: str) -> None:
    damage(bundle)
    with pytest.raises(BundleError, match=sentence) as caught:
        load_bundle(bundle)
    assert "\n" not in str(caught.value)


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is no finished bundle"):
        load_bundle(tmp_path / "nothing")
