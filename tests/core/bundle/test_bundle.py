"""Bundles: what is written is what is loaded, and a write that fails leaves what was there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import ENCODER, MARKUP, QUERIES, build_tiny_bundle, product_frame, text_vector
from vectors_on_disk import vectors_of

from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import load_bundle, load_index
from sqid_core.bundle.manifest import MANIFEST, SignalSpec, read_manifest
from sqid_core.bundle.tables import tie_keys
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import EncoderSpec
from sqid_core.errors import BundleError, InputError
from sqid_core.indexes.hnsw import HnswIndex, hnswlib_installed

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


@pytest.mark.parametrize("packed", [False, True])
def test_a_label_may_be_written_in_two_ways_and_texts_be_packed(tmp_path: Path, packed: bool) -> None:
    products = pd.DataFrame({"product_id": ["a", "b", "c"], "title": ["x", "y", "z"]})
    queries = pd.DataFrame({"query_id": ["1", "2"], "query": ["x", "y"]})
    pairs = pd.DataFrame({"query_id": ["2", "1", "1"], "product_id": ["c", "b", "a"], "label": ["E", "Exact", "I"]})
    if packed:  # with categories that no row has
        pairs = pd.concat([pairs, pairs.assign(query_id="none", label="unknown")]).astype("category")[: len(pairs)]
    with BundleWriter(tmp_path / "b") as writer:
        writer.write_tables("b", products, queries, pairs, ESCI)
    stored = pd.read_parquet(tmp_path / "b" / "judgements.parquet")
    assert stored.to_numpy().tolist() == [["1", "a", "I"], ["1", "b", "E"], ["2", "c", "E"]]
    assert not isinstance(stored["label"].dtype, pd.CategoricalDtype)


@pytest.mark.parametrize("up_to", [64_000_000, 0])
def test_a_served_bundle_may_be_cut_short(bundle: Path, monkeypatch: pytest.MonkeyPatch, up_to: int) -> None:
    """Read where it is small, else mapped from a copy: a mapped file that is cut short ends the process."""
    monkeypatch.setattr("sqid_core.bundle.arrays._READ_UP_TO", up_to)
    signal = load_bundle(bundle).signals["words_text"]
    assert isinstance(signal.products, np.memmap) is (up_to == 0)
    before = np.array(signal.products)
    (bundle / "signals/words_text/products.npy").write_bytes(b"")
    np.testing.assert_array_equal(signal.products, before)
    assert not signal.products.flags.writeable


def test_where_a_copy_has_no_room_arrays_are_read(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sqid_core.bundle.arrays._READ_UP_TO", 0)
    monkeypatch.setattr("sqid_core.bundle.arrays.tempfile.TemporaryFile", full)
    assert load_bundle(bundle).signals["words_text"].products.shape == (60, 24)


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


def test_what_the_first_bundles_say_of_a_signal_is_still_said_so() -> None:
    # A fingerprint is a hash of these: one field more or less, and no bundle of before can be loaded.
    first = {"modality": "text", "text_fields": (), "index": None}
    assert SignalSpec("text", "clip").to_json() == {**first, "encoder": "clip"}
    assert SignalSpec("text", "").to_json() == {**first, "encoder": ""}
    words = {**first, "encoder": "", "kind": "lexical", "text_fields": ("title",)}
    assert SignalSpec("text", "", text_fields=("title",), kind="lexical").to_json() == words
    assert SignalSpec("text", "clip", kind="adapted", of="clip_text").to_json()["of"] == "clip_text"
