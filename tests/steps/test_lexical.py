"""python -m precompute lexical: fields, refusals, the same bytes again, and a bundle that changes afterwards."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from fixtures import judgement_frame, product_frame

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle

pytest.importorskip("bm25s", reason="the extra rankers is not installed")


@pytest.fixture
def bundle(tiny_bundle, tmp_path):
    return Path(shutil.copytree(tiny_bundle, tmp_path / "tiny"))


def lexical(bundle, *words):
    return main(["lexical", str(bundle), "--signal", "bm25", *words])


@pytest.mark.parametrize(
    "fields",
    [["--fields", "title", "brand"], ["--fields", "title,brand"], ["--fields", "title", "--fields", "title, brand"]],
)
def test_fields_are_words_or_a_list(bundle, fields, capsys):
    assert lexical(bundle, *fields, "--stemmer", "english") == 0
    assert f"evaluate {bundle} --text bm25" in capsys.readouterr().out
    manifest = load_bundle(bundle).manifest
    assert manifest.signals["bm25"].text_fields == ("title", "brand")
    assert [
        file for file in manifest.files if file.startswith("signals/bm25/") and file.endswith((".pkl", ".npz"))
    ] == []


def test_again_gives_the_same_bundle_and_other_settings_another(bundle):
    assert lexical(bundle) == 0
    first = load_bundle(bundle).fingerprint
    assert lexical(bundle) == 0
    assert load_bundle(bundle).fingerprint == first
    assert lexical(bundle, "--k1", "0.9", "--b", "0.4") == 0
    dataset = load_bundle(bundle)
    assert dataset.fingerprint != first
    assert (dataset.signals["bm25"].settings.k1, dataset.signals["bm25"].settings.b) == (0.9, 0.4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fields", "colour"], "has no column 'colour' for --fields"),
        (["--fields", "description"], "no product of .* has a text in description; choose other --fields"),
        (["--fields", ","], "--fields needs at least one word"),
        (["--fields"], "requires an argument"),
        (["--k1", "-1"], "--k1 must be a number of at least 0"),
        (["--b", "1.5"], "--b must be between 0 and 1"),
        (["--k1", "nan"], "--k1 must be a number"),
        (["--stopwords", "klingon"], "no stop words are called 'klingon'"),
        (["--stemmer", "klingon"], "no stemmer is called 'klingon'"),
        (["--signal", "words_text"], "has a signal words_text of another kind already"),
        (["--signal", "../up"], "must consist of letters"),
    ],
)
def test_what_is_refused_is_one_sentence(bundle, words, said, capfd):
    before = (bundle / "manifest.json").read_bytes()
    assert lexical(bundle, *words) == 2
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(told) == 1
    assert re.search(said, told[0]), told
    assert (bundle / "manifest.json").read_bytes() == before


def own(place):
    files = ("products", "queries", "judgements")
    return main(
        ["own", "--out", str(place / "own"), *(word for each in files for word in (f"--{each}", f"{place / each}.csv"))]
    )


def test_other_products_queries_and_judgements(tmp_path, monkeypatch, capfd):
    products, pairs = product_frame().assign(image=None), judgement_frame(product_frame())
    products.to_csv(tmp_path / "products.csv", index=False)
    pairs.to_csv(tmp_path / "judgements.csv", index=False)
    (tmp_path / "queries.csv").write_text("query_id,query\n" + "".join(f"{q:02d},red mug {q}\n" for q in range(8)))
    bundle = tmp_path / "own"
    assert own(tmp_path) == 0
    assert lexical(bundle, "--k1", "1.1", "--stopwords", "none") == 0
    # Other judgements: the signal is of products and queries, and stays as it is.
    pairs[:-1].to_csv(tmp_path / "judgements.csv", index=False)
    assert own(tmp_path) == 0
    dataset = load_bundle(bundle)
    scores = dataset.signals["bm25"].slate_scores(dataset.judgements)
    assert np.isfinite(scores[dataset.judgements.mask]).all()
    # Another title: indexed again, by the settings that it had.
    products.assign(title=["Quagga mug", *products["title"][1:]]).to_csv(tmp_path / "products.csv", index=False)
    assert own(tmp_path) == 0
    signal = load_bundle(bundle).signals["bm25"]
    assert "quagga" in signal.index
    assert (signal.settings.k1, signal.reading.stopwords) == (1.1, ())
    # Without the library it goes, and the verb that makes it again is named.
    products.to_csv(tmp_path / "products.csv", index=False)
    monkeypatch.setitem(sys.modules, "bm25s", None)
    capfd.readouterr()
    assert own(tmp_path) == 0
    told = capfd.readouterr().out
    assert "bm25 is dropped" in told
    assert f"python -m precompute lexical {bundle} --signal bm25 --fields title --k1 1.1 --b 0.75" in told
    assert "bm25" not in load_bundle(bundle).signals
