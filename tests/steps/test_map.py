"""python -m precompute map: what is stored, what is refused, what happens to a map when its vectors change."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from precompute.__main__ import main
from precompute.steps.mapping import Drawing, map_catalogue
from precompute.update.carry import carry_over
from precompute.work.cluster_words import distinguishing_words
from precompute.work.projection import principal_components, umap_places
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import Manifest
from sqid_core.bundle.maps import PCA, read_map
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError, InputError

pytest.importorskip("sklearn", reason="the extra interop is not installed")


@pytest.fixture(scope="module")
def mapped(tiny_bundle, tmp_path_factory):
    """A bundle with both maps; nobody changes it."""
    bundle = Path(shutil.copytree(tiny_bundle, tmp_path_factory.mktemp("maps") / "tiny"))
    assert main(["map", str(bundle)]) == 0
    return bundle


@pytest.fixture
def changed(mapped, tmp_path):
    return Path(shutil.copytree(mapped, tmp_path / "tiny"))


def test_each_signal_with_vectors_has_a_map_of_what_it_holds(mapped, tiny_bundle):
    dataset = load_bundle(mapped)
    assert set(dataset.manifest.maps) == {"words_text", "words_image"}
    for name, signal in dataset.signals.items():
        found = read_map(dataset, name)
        assert found.spec.method == PCA
        assert np.array_equal(np.isfinite(found.products[:, 0]), signal.present)
        assert np.array_equal(found.clusters >= 0, signal.present)
        assert len(found.queries) == 8
        assert all(found.spec.clusters)
        sizes = np.bincount(found.clusters[found.clusters >= 0])
        assert (np.diff(sizes) <= 0).all()
    # What the bundle was is still the same to everybody who knows nothing of maps.
    assert "maps" not in json.loads((tiny_bundle / "manifest.json").read_text())


def test_the_same_numbers_give_the_same_bundle_and_are_not_made_twice(changed, tiny_bundle, tmp_path, capsys):
    first = load_bundle(changed).fingerprint
    assert not any(each.made for each in map_catalogue(changed))
    assert all(each.made for each in map_catalogue(changed, again=True))
    assert load_bundle(changed).fingerprint == first
    assert map_catalogue(changed, ["words_text"], drawing=Drawing(seed=1))[0].made
    assert main(["verify", str(changed)]) == 0
    assert "words_text by the first two principal components" in capsys.readouterr().out


def test_a_map_of_other_vectors_goes_with_them(changed):
    dataset = load_bundle(changed)
    signal = dataset.signals["words_text"]
    turned = np.roll(signal.products, 1, axis=1)
    with BundleWriter(changed) as writer:
        writer.write_signal("words_text", "text", "words", turned, signal.present)
    found = load_bundle(changed)
    assert set(found.manifest.maps) == {"words_image"}
    assert not (changed / "maps" / "words_text").exists()
    with pytest.raises(InputError, match="has no map of words_text; run python -m precompute map"):
        read_map(found, "words_text")


def test_a_map_stays_where_other_parts_change(changed):
    dataset = load_bundle(changed)
    with BundleWriter(changed) as writer:
        writer.write_categories(dataset.products["product_id"], ["A"] * 60, np.ones(60, dtype=np.bool_))
    assert set(load_bundle(changed).manifest.maps) == {"words_text", "words_image"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--signal", "nowhere"], "signal 'nowhere' .* is not there; choose one with vectors: words_text, words_image"),
        (["--encoder", "other"], "no signal of .* is by an encoder 'other'; choose one of: words"),
        (["--min-dist", "2"], "--min-dist must be between 0 and 1, got 2"),
        (["--min-dist", "nan"], "--min-dist must be between 0 and 1, got nan"),
        (["--neighbours", "1"], "--neighbours must be between 2 and 200, got 1"),
    ],
)
def test_what_cannot_be_mapped_is_refused_in_one_sentence(mapped, words, said, capsys):
    before = load_bundle(mapped).fingerprint
    assert main(["map", str(mapped), *words]) == 2
    printed = capsys.readouterr().err
    assert re.search(said, printed)
    assert printed.count("\n") == 1
    assert load_bundle(mapped).fingerprint == before


def test_a_bundle_without_vectors_is_told_what_to_do(changed, capsys):
    tables = load_bundle(changed)
    with BundleWriter(changed) as writer:
        queries = tables.queries.assign(query=tables.queries["query"] + " anew")
        writer.write_tables("tiny", tables.products, queries, judged(tables), tables.scale)
    assert not load_bundle(changed).manifest.maps
    assert main(["map", str(changed)]) == 2
    assert "has no vectors, so there is nothing to map; run python -m precompute encode" in capsys.readouterr().err


def judged(dataset):
    rows, columns = np.nonzero(dataset.judgements.mask)
    return (
        dataset.queries[["query_id"]]
        .iloc[rows]
        .assign(
            product_id=dataset.products["product_id"].to_numpy()[dataset.judgements.rows[rows, columns]],
            label=[dataset.scale.letters[label] for label in dataset.judgements.labels[rows, columns]],
        )
    )


@pytest.mark.parametrize("part", ["of", "clusters", "method"])
def test_a_manifest_that_tells_another_map_is_refused(changed, part):
    path = changed / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["maps"]["words_text"][part] = {"of": "0" * 64, "clusters": [["one"]], "method": "magic"}[part]
    path.write_text(json.dumps(Manifest.from_json(manifest).to_json()))
    with pytest.raises(BundleError, match=r"run python -m precompute map .* --signal words_text --again"):
        read_map(load_bundle(changed), "words_text")


@pytest.mark.skipif("SQID_WHOLE" not in os.environ, reason="compiling UMAP takes a minute: by night")
def test_umap_keeps_groups_apart_and_puts_queries_among_their_products():
    random = np.random.default_rng(5)
    groups = np.repeat(np.arange(4), 60)
    middles = random.normal(size=(4, 20)) * 4
    products = (middles[groups] + random.normal(size=(240, 20))).astype(np.float32)
    queries = middles.astype(np.float32)
    first, asked = umap_places(products, queries, 15, 0.1, 0)
    again, asked_again = umap_places(products, queries, 15, 0.1, 0)
    assert np.array_equal(first, again)
    assert np.array_equal(asked, asked_again)
    places = np.array([first[groups == group].mean(axis=0) for group in range(4)])
    assert (np.linalg.norm(first[:, None] - places, axis=2).argmin(axis=1) == groups).mean() > 0.98
    assert (np.linalg.norm(asked[:, None] - places, axis=2).argmin(axis=1) == range(4)).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda maps: maps.update(nowhere=maps["words_text"]), "a map of 'nowhere', which is no signal of it"),
        (lambda maps: maps["words_text"].update(clusters=[["x"]] * 128), "more than a map has"),
        (lambda maps: maps["words_text"].update(clusters=[["x" * 61]]), "a word that is over-long"),
        (lambda maps: maps["words_text"].update(clusters=[["\x1b[2J"]]), "cannot be printed"),
        (lambda maps: maps["words_text"].update(settings={"x" * 201: 1}), "is too long"),
        (lambda maps: maps["words_text"].update(settings={"seed": "x"}), "Expected"),
        (lambda maps: maps["words_text"].pop("of"), "missing required field"),
    ],
)
def test_a_manifest_with_odd_maps_is_refused(mapped, change, said):
    data = json.loads((mapped / "manifest.json").read_text())
    change(data["maps"])
    with pytest.raises(ValueError, match=said):
        Manifest.from_json(data)


def test_other_products_drop_the_maps_with_a_sentence(changed):
    before = load_bundle(changed)
    told = []
    with BundleWriter(changed) as writer:
        products = before.products[1:].drop(columns=["image"])
        kept = judged(before)
        kept = kept[kept["product_id"].isin(products["product_id"])]
        writer.write_tables("tiny", products, before.queries, kept, before.scale)
        carry_over(writer, before, lambda event: told.append(event.sentence))
    assert not load_bundle(changed).manifest.maps
    assert [each for each in told if "the maps are dropped" in each and "precompute map" in each]


def test_principal_components_are_those_of_the_covariance():
    drawn = np.random.default_rng(3).normal(size=(20_000, 5)).astype(np.float32) * [3, 2, 1, 0.5, 0.1]
    present = np.arange(20_000) % 7 > 0
    vectors = np.where(present[:, None], drawn, 100).astype(np.float32)  # absent rows have no say
    found = principal_components(vectors, present, 3)
    _, _, axes = np.linalg.svd(drawn[present] - drawn[present].mean(axis=0), full_matrices=False)
    assert np.abs(np.abs(np.vecdot(found.axes.T, axes[:3].astype(np.float32))) - 1).max() < 1e-4
    assert (found.axes[np.abs(found.axes).argmax(axis=0), range(3)] > 0).all()
    assert np.allclose(found(vectors)[present].mean(axis=0), 0, atol=1e-3)


def test_words_of_clusters_are_those_that_the_others_lack():
    titles = ["Red mug", "Blue mug", "Green mug big", "Red lamp", "Blue lamp", ""]
    assert distinguishing_words(titles, np.array([0, 0, 0, 1, 1, -1]), 1) == (("mug",), ("lamp",))
    assert distinguishing_words([], np.zeros(0, dtype=np.int8)) == ()
