"""python -m precompute own into a bundle that exists: vectors, pictures and categories stay where nothing changed."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from fixtures import judgement_frame, product_frame
from test_encode_again import model, noise
from tiny_models import write_random_clip

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.errors import EncoderError
from sqid_core.indexes.hnsw import hnswlib_installed

__all__ = ["model"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Files of one's own and the bundle of them, with both signals, indexes, a category file and a run."""
    place = tmp_path_factory.mktemp("own")
    clip = write_random_clip(place / "clip")
    products = product_frame().drop(columns="category").assign(image=[f"{i}.png" for i in range(60)])
    (place / "pictures").mkdir()
    for i in range(59):
        noise(place / "pictures" / f"{i}.png", i)
    queries = pd.DataFrame({"query_id": [f"{q:02d}" for q in range(8)], "query": [f"query {q}" for q in range(8)]})
    pairs = judgement_frame(product_frame())
    write(place, products, queries, pairs)
    assert own(place) == 0
    for modality in ("text", "image"):
        assert encode(place, modality, clip) == 0
    if hnswlib_installed():
        assert main(["index", str(place / "bundle"), "--threads", "1"]) == 0
    lines = ["product_id,category", *(f"P{i:03d},Home > K{i % 5}" for i in range(60))]
    (place / "categories.csv").write_text("\n".join(lines))
    assert main(["categories", str(place / "bundle"), "--from", str(place / "categories.csv")]) == 0
    run = "".join(f"{q} Q0 {p} 1 {i} r\n" for i, (q, p) in enumerate(pairs[["query_id", "product_id"]].values))
    (place / "a.run").write_text(run)
    words = ["run-file", str(place / "bundle"), "--signal", "run", "--modality", "text", "--run", str(place / "a.run")]
    assert main(words) == 0
    return place


@pytest.fixture
def place(made, tmp_path):
    return shutil.copytree(made, tmp_path / "place")


def write(place, products, queries, pairs):
    products.to_csv(place / "products.csv", index=False)
    queries.to_csv(place / "queries.csv", index=False)
    pairs.to_csv(place / "judgements.csv", index=False)


def read(place):
    return [pd.read_csv(place / f"{name}.csv", dtype=str) for name in ("products", "queries", "judgements")]


def own(place, *more):
    names = ("products", "queries", "judgements")
    files = [word for name in names for word in (f"--{name}", str(place / f"{name}.csv"))]
    return main(["own", *files, "--pictures", str(place / "pictures"), "--out", str(place / "bundle"), *more])


def encode(place, modality, clip=None):
    model = ["--model", str(clip or place / "clip"), "--device", "cpu"]
    return main(["encode", str(place / "bundle"), "--signal", f"clip_{modality}", "--modality", modality, *model])


def by_id(dataset, name):
    """The vectors of a signal, by product."""
    signal = dataset.signals[name]
    return {id_: signal.products[row] for row, id_ in enumerate(dataset.products["product_id"]) if signal.present[row]}


def test_the_same_again_changes_nothing(place, model):
    before = (place / "bundle" / "manifest.json").read_bytes()
    assert own(place) == 0
    assert (place / "bundle" / "manifest.json").read_bytes() == before
    assert model == []


def test_prices_and_labels_cost_no_vector(place, model, capsys):
    products, queries, pairs = read(place)
    products["price"] = "7.5"
    pairs.loc[pairs.index[:9], "label"] = "C"
    write(place, products, queries, pairs)
    before = load_bundle(place / "bundle")
    assert own(place) == 0
    said, after = capsys.readouterr().out, load_bundle(place / "bundle")
    assert model == []
    assert (after.products["price"] == 7.5).all()
    assert "products: 60 kept (60 of them with other values), 0 added, 0 dropped" in said
    assert list(after.signals) == list(before.signals) == ["clip_text", "clip_image", "run"]
    for name in ("clip_text", "clip_image"):
        np.testing.assert_array_equal(after.signals[name].products, before.signals[name].products)
    np.testing.assert_array_equal(after.signals["run"].scores, before.signals["run"].scores)
    assert after.products["category"].tolist() == before.products["category"].tolist()
    assert main(["verify", str(place / "bundle")]) == 0


def test_only_what_changed_is_encoded(place, model, capsys):
    products, queries, pairs = read(place)
    products.loc[3, "title"] = "something else"
    gone = products.loc[10, "product_id"]
    noise(place / "pictures" / "5.png", 500)  # exchanged under its name
    noise(place / "pictures" / "new.png", 501)
    new = {"product_id": "NEW", "title": "a new product", "image": "new.png"}
    products = pd.concat([products.drop(10), pd.DataFrame([new])], ignore_index=True)
    queries.loc[len(queries)] = ["99", "a new query"]
    pairs = pairs[pairs["product_id"] != gone]
    pairs.loc[len(pairs) + 100] = ["99", "NEW", "E"]
    write(place, products, queries, pairs)
    before = load_bundle(place / "bundle")
    assert own(place) == 0
    said, after = capsys.readouterr().out, load_bundle(place / "bundle")
    assert model == [2, 2]  # a title edited and a new one, a picture exchanged and a new one
    assert "products: 59 kept (1 of them with other values), 1 added, 1 dropped" in said
    assert "queries: 8 kept, 1 added, 0 dropped" in said
    assert "the run run is dropped" in said
    then, now = by_id(before, "clip_text"), by_id(after, "clip_text")
    assert {i for i in now if i not in then or (now[i] != then[i]).any()} == {"NEW", products.loc[3, "product_id"]}
    then, now = by_id(before, "clip_image"), by_id(after, "clip_image")
    assert {i for i in now if i not in then or (now[i] != then[i]).any()} == {"NEW", products.loc[5, "product_id"]}
    known = after.products["product_id"] != "NEW"
    assert after.products["category"][known].notna().all()
    assert main(["verify", str(place / "bundle")]) == 0
    for modality in ("text", "image"):
        words = ["--model", str(place / "clip"), "--device", "cpu", "--again"]
        assert main(["encode", str(place / "bundle"), "--signal", f"x_{modality}", "--modality", modality, *words]) == 0
        vectors = load_bundle(place / "bundle").signals[f"x_{modality}"].products
        np.testing.assert_allclose(after.signals[f"clip_{modality}"].products, vectors, atol=1e-6)


def test_queries_alone(place, model):
    _, queries, pairs = read(place)
    products = read(place)[0]
    queries.loc[2, "query"] = "another wording"
    write(place, products, queries, pairs)
    before = load_bundle(place / "bundle")
    assert own(place) == 0
    after = load_bundle(place / "bundle")
    assert model == []
    same = (after.signals["clip_text"].queries == before.signals["clip_text"].queries).all(axis=1)
    assert same.tolist() == [row != 2 for row in range(8)]
    assert {*after.signals} == {"clip_text", "clip_image", "run"}


def test_where_the_encoder_cannot_be_had_its_vectors_wait(place, model, monkeypatch, capsys):
    products, queries, pairs = read(place)
    products.loc[3, "title"] = "something else"
    queries.loc[2, "query"] = "another wording"
    write(place, products, queries, pairs)
    before = load_bundle(place / "bundle")

    def absent(spec, *_):
        raise EncoderError(f"{spec.name} is not on this machine; check the network")

    with monkeypatch.context() as patch:
        patch.setattr("precompute.update.carry.load_encoder", absent)
        assert own(place) == 0
    assert "clip_text, clip_image must wait for" in capsys.readouterr().out
    assert list(load_bundle(place / "bundle").signals) == ["run"]
    assert encode(place, "text") == encode(place, "image") == 0
    assert model == [1, 1, 0]  # the edited title, the new query, no picture
    after = load_bundle(place / "bundle")
    np.testing.assert_array_equal(after.signals["clip_image"].products, before.signals["clip_image"].products)
    assert not list((place / "bundle").glob(".kept*"))


def test_a_changed_text_has_no_vector_until_its_encoder_is_there(place, monkeypatch, capsys):
    products, queries, pairs = read(place)
    products.loc[3, "title"] = "something else"
    write(place, products, queries, pairs)

    def absent(spec, *_):
        raise EncoderError(f"{spec.name} is not on this machine; check the network")

    monkeypatch.setattr("precompute.steps.encode.load_encoder", absent)
    assert own(place) == 0
    assert "clip_text is not up to date" in capsys.readouterr().out
    assert load_bundle(place / "bundle").signals["clip_text"].present.sum() == 59
    assert main(["verify", str(place / "bundle")]) == 1
    assert "clip_text: texts that came later 1" in capsys.readouterr().out


def test_pictures_that_no_product_has_any_more_go(place):
    products, queries, pairs = read(place)
    before = set((place / "bundle" / "images").rglob("*.webp"))
    gone = products.loc[20, "product_id"]
    write(place, products.drop(20), queries, pairs[pairs["product_id"] != gone])
    assert own(place) == 0
    assert len(before - set((place / "bundle" / "images").rglob("*.webp"))) == 1


def test_a_damaged_bundle_is_made_anew_and_that_is_said(place, capsys):
    (place / "bundle" / "signals" / "clip_text" / "products.npy").write_bytes(b"broken")
    assert own(place) == 0
    assert "the bundle that is there cannot be kept, and is made anew" in capsys.readouterr().out
    assert not load_bundle(place / "bundle").signals
