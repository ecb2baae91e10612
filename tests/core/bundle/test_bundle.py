"""Bundles: what is written is what is loaded, and whatever was damaged since is refused with one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import ENCODER, MARKUP, QUERIES, build_tiny_bundle, product_frame, text_vector

from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import load_bundle, load_index
from sqid_core.bundle.manifest import MANIFEST, Manifest, read_manifest, sha256
from sqid_core.bundle.tables import tie_keys
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import EncoderSpec
from sqid_core.errors import BundleError, InputError
from sqid_core.indexes.hnsw import HnswIndex, hnswlib_installed


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "tiny"))


def rewrite_manifest(bundle: Path, change: Callable[[dict], None]) -> None:
    """Changes the manifest and makes its hashes and fingerprint true again: what is left is for the deeper checks."""
    data = json.loads((bundle / MANIFEST).read_text())
    change(data)
    data["files"] = {name: sha256(bundle / name) for name in data["files"]}
    (bundle / MANIFEST).write_text(json.dumps(Manifest.from_json(data).to_json()))


def overwrite(bundle: Path, name: str, array: np.ndarray) -> None:
    np.save(bundle / name, array, allow_pickle=False)
    rewrite_manifest(bundle, lambda data: None)


def vectors_of(bundle: Path) -> np.ndarray:
    return np.load(bundle / "signals/words_text/products.npy").copy()


# --- what is written is what is loaded ---


def test_a_bundle_comes_back_as_it_was_written(bundle: Path) -> None:
    dataset, written = load_bundle(bundle), product_frame()
    assert len(dataset.products) == len(written)
    by_id = dataset.products.set_index("product_id").loc[written["product_id"]]
    assert by_id["title"].tolist() == written["title"].tolist()
    assert MARKUP in by_id["title"].tolist()
    assert by_id["price"].isna().tolist() == written["price"].isna().tolist()
    assert dataset.queries["query"].tolist() == list(QUERIES)
    assert dataset.signal("text").name == "words_text"
    assert dataset.signal("image").present.sum() == written["image"].notna().sum()


def test_products_stand_in_the_order_of_their_hashed_ids(bundle: Path) -> None:
    keys = tie_keys(load_bundle(bundle).products["product_id"])
    assert (np.diff(keys.astype(float)) > 0).all()


def test_equal_input_gives_equal_bytes(tmp_path: Path, tiny_bundle: Path) -> None:
    again = build_tiny_bundle(tmp_path / "elsewhere")
    assert (again / MANIFEST).read_bytes() == (tiny_bundle / MANIFEST).read_bytes()
    assert load_bundle(again).fingerprint == load_bundle(tiny_bundle).fingerprint


def test_vectors_are_mapped_not_read(bundle: Path) -> None:
    signal = load_bundle(bundle).signals["words_text"]
    assert isinstance(signal.products, np.memmap)
    assert not signal.products.flags.writeable


def test_a_bundle_without_signals_is_valid(tmp_path: Path) -> None:
    dataset = load_bundle(build_tiny_bundle(tmp_path / "bare", modalities=[]))
    assert dataset.signals == {}
    assert dataset.signal("text") is None


@pytest.mark.skipif(not hnswlib_installed(), reason="hnswlib is not installed")
def test_an_index_comes_back_and_is_replaced(bundle: Path) -> None:
    signal = load_bundle(bundle).signals["words_text"]
    for m in (16, 8):
        built = HnswIndex.build(signal.products, signal.present, m=m, threads=1)
        with BundleWriter(bundle) as writer:
            writer.write_index("words_text", built, {"recall@10": 1.0})
        loaded = load_index(load_bundle(bundle), "words_text")
        assert loaded is not None
        assert loaded.spec == built.spec
    assert load_index(load_bundle(bundle), "words_image") is None


# --- damage ---


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
    cut_off: "is not a readable array",
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
    ): "is not a bundle's manifest",
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


# --- writing ---


class Interrupted(Exception):
    pass


def test_an_exception_leaves_the_old_bundle(bundle: Path) -> None:
    before = {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
    with pytest.raises(Interrupted), BundleWriter(bundle) as writer:
        writer.write_signal("more", "text", ENCODER.name, *_some_vectors(bundle))
        raise Interrupted
    assert {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("there", [False, True])
def test_an_exception_leaves_no_new_folder_and_an_empty_one_empty(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "new" / "and" / "deep"
    if there:
        folder.mkdir(parents=True)
    with pytest.raises(Interrupted), BundleWriter(folder) as writer:
        writer.write_tables("new", product_frame(), _queries(), _no_judgements(), ESCI)
        raise Interrupted
    assert list(tmp_path.rglob("*")) == ([tmp_path / "new", tmp_path / "new/and", folder] if there else [])


def test_an_interruption_between_two_renames_costs_that_signal_alone(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, present = _some_vectors(bundle)
    replace, calls = Path.replace, []

    def interrupted(self: Path, target: Path) -> Path:
        calls.append(target.name)
        if len(calls) == 3:  # the manifest without the signal, its first array, then the power cut
            raise Interrupted
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(Interrupted), BundleWriter(bundle) as writer:
            writer.write_signal("words_text", "text", ENCODER.name, -vectors, present)
    assert set(load_bundle(bundle).signals) == {"words_image"}
    with BundleWriter(bundle) as writer:
        writer.write_signal("words_text", "text", ENCODER.name, -vectors, present)
    assert set(load_bundle(bundle).signals) == {"words_image", "words_text"}
    assert not list(bundle.rglob("*.partial"))


def test_importing_the_same_tables_again_keeps_the_signals(bundle: Path) -> None:
    before = read_manifest(bundle)
    products, pairs = pd.read_parquet(bundle / "products.parquet"), pd.read_parquet(bundle / "judgements.parquet")
    queries = pd.read_parquet(bundle / "queries.parquet")
    with BundleWriter(bundle) as writer:
        writer.write_tables(before.name, products.sample(frac=1), queries, pairs, before.label_scale, before.about)
    assert read_manifest(bundle) == before
    with BundleWriter(bundle) as writer:
        writer.write_tables(before.name, products.assign(title="new"), queries, pairs, before.label_scale)
    assert not load_bundle(bundle).signals


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p.drop(columns="title"), "products lack the column 'title'; they have: product_id, brand"),
        (lambda p: p.assign(product_id=range(60)), "was read as numbers; ids are text"),
        (lambda p: p.assign(product_id=p["product_id"].where(p.index > 0)), "row 0 of the products has no product_id"),
        (lambda p: pd.concat([p, p.iloc[:1]]), "the product_id 'P000' occurs twice in the products"),
        (lambda p: p.assign(price="cheap"), "the column 'price' of the products is not double throughout"),
    ],
)
def test_tables_that_cannot_be_a_bundle_are_refused(tmp_path: Path, change: Callable, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence), BundleWriter(tmp_path / "new") as writer:
        writer.write_tables("new", change(product_frame()), _queries(), _no_judgements(), ESCI)


def test_things_are_written_in_their_order(bundle: Path, tmp_path: Path) -> None:
    vectors, present = _some_vectors(bundle)
    with pytest.raises(BundleError, match="has no encoder 'other'"), BundleWriter(bundle) as writer:
        writer.write_signal("s", "text", "other", vectors, present)
    with pytest.raises(BundleError, match="has no tables yet"), BundleWriter(tmp_path / "new") as writer:
        writer.write_encoder(EncoderSpec("e", "open_clip", "m", "", 24, ""), vectors)


def _some_vectors(bundle: Path) -> tuple[np.ndarray, np.ndarray]:
    return vectors_of(bundle), np.load(bundle / "signals/words_text/present.npy")


def _queries() -> pd.DataFrame:
    return pd.DataFrame({"query_id": ["0"], "query": [QUERIES[0]]})


def _no_judgements() -> pd.DataFrame:
    return pd.DataFrame({"query_id": [], "product_id": [], "label": []}, dtype=str)


def test_the_fixture_encodes_the_same_everywhere() -> None:
    assert text_vector("red mug") @ text_vector("red mug") == pytest.approx(1)
