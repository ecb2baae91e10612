"""python -m precompute import: ESCI's and SQID's formats with their traps, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import raw_esci

from precompute.__main__ import main
from precompute.read.features import SQID_CLIP
from sqid_core.bundle.load import load_bundle

ESCI_ONLY = ("examples", "products", "image_urls", "categories", "sources")


@pytest.fixture
def files(tmp_path):
    return raw_esci.write(tmp_path / "raw")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "made" / "bundle"


def test_the_slice_and_its_products(files, out):
    assert main([*raw_esci.options(files, ESCI_ONLY), "--out", str(out)]) == 0
    dataset = load_bundle(out)
    assert dataset.name == "esci-small-test-us"
    assert sorted(dataset.products["product_id"]) == sorted(raw_esci.PRODUCT_IDS)
    assert dataset.queries["query_id"].tolist() == ["100064", "2", "7"]
    assert dataset.queries["query"].tolist() == [raw_esci.QUERIES[1], raw_esci.QUERIES[0], raw_esci.QUERIES[2]]
    assert dataset.queries["source"].tolist()[1:] == ["behavioral", "negations"]
    assert dataset.manifest.counts == {"products": 8, "queries": 3, "judgements": 17}
    assert "licence" in dataset.manifest.about


def test_every_judgement_is_the_files(files, out):
    main([*raw_esci.options(files, ESCI_ONLY), "--out", str(out)])
    dataset = load_bundle(out)
    ids, letters = dataset.products["product_id"].tolist(), dataset.scale.letters
    found = {
        (query, ids[row], letters[label])
        for query, rows, labels in zip(
            dataset.judgements.query_ids, dataset.judgements.rows, dataset.judgements.labels, strict=True
        )
        for row, label in zip(rows, labels, strict=True)
        if row >= 0
    }
    assert found == {(str(query), product, label) for query, product, label in raw_esci.judged_pairs()}


def test_details_of_products(files, out):
    main([*raw_esci.options(files, ESCI_ONLY), "--out", str(out)])
    products = pd.read_parquet(out / "products.parquet").set_index("product_id")
    assert products.loc["0060538260", "title"].startswith("Product 0, <b>bold</b>")
    assert products.loc["0060538260", "description"] == "<p>Description 0</p>\nPoint 0"
    assert pd.isna(products.loc["1234567890", "description"])
    assert products.loc["B000000002", "brand"] == "None"
    assert products.loc["0060538260", "image"] == "https://h.example/a,b.jpg"
    assert products.loc["NA", "image"] == "https://h.example/x_CLa%7C2140%2C2000%7C.jpg"
    assert products["image"].notna().sum() == 2
    assert products.loc["0060538260", ["category", "price"]].tolist() == ["Home > Kitchen > Mugs", 1299.0]
    assert products.loc["1234567890", "price"] == 12.5
    assert np.isnan(products.loc["000", "price"])
    assert products.loc["B000000001", "rating"] == 3.0


def test_csv_says_the_same_as_parquet(tmp_path, files):
    csv = raw_esci.write(tmp_path / "csv", "csv")
    for name, paths in (("one", files), ("two", csv)):
        assert main([*raw_esci.options(paths, ESCI_ONLY), "--out", str(tmp_path / name)]) == 0
    one, two = (pd.read_parquet(tmp_path / name / "products.parquet") for name in ("one", "two"))
    columns = ["product_id", "title", "image", "category", "price", "rating", "locale"]
    pd.testing.assert_frame_equal(one[columns], two[columns])
    for table in ("queries", "judgements"):
        frames = [pd.read_parquet(tmp_path / name / f"{table}.parquet") for name in ("one", "two")]
        pd.testing.assert_frame_equal(*frames)


def test_order_of_rows_folder_and_time_change_no_byte(tmp_path):
    shuffled = {name: make().sample(frac=1, random_state=3) for name, make in raw_esci.TABLES.items()}
    bundles = []
    for name, changed in (("a", {}), ("b", shuffled)):
        paths = raw_esci.write(tmp_path / f"raw-{name}", **changed)
        assert main([*raw_esci.options(paths), "--out", str(tmp_path / name)]) == 0
        bundles.append({p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*.*")})
    assert bundles[0] == bundles[1]
    assert str(tmp_path) not in (tmp_path / "a" / "manifest.json").read_text()


def test_features_become_unit_rows_in_the_bundles_order(files, out):
    assert main([*raw_esci.options(files), "--out", str(out)]) == 0
    dataset = load_bundle(out)
    assert dataset.name == "sqid-small-test-us"
    assert dataset.manifest.encoders == {SQID_CLIP.name: SQID_CLIP}
    text, image = dataset.signals["clip_text"], dataset.signals["clip_image"]
    assert (text.modality, image.modality) == ("text", "image")
    raw = raw_esci.product_features().set_index("product_id")
    for row, product in enumerate(dataset.products["product_id"]):
        assert text.present[row] == (product != raw_esci.PRODUCT_IDS[-1])
        assert image.present[row] == (product in raw_esci.PRODUCT_IDS[3:-1])
        if text.present[row]:
            vector = raw.loc[product, "clip_text_features"]
            np.testing.assert_allclose(text.products[row], vector / np.linalg.norm(vector), atol=1e-6)
    queries = raw_esci.query_features().set_index("query_id")
    for row, query in enumerate(dataset.queries["query_id"]):
        vector = queries.loc[int(query), "clip_text_features"]
        np.testing.assert_allclose(text.queries[row], vector / np.linalg.norm(vector), atol=1e-6)


def test_query_ids_may_be_text_in_one_file_and_numbers_in_the_other(tmp_path, out):
    features = raw_esci.query_features().astype({"query_id": str})
    paths = raw_esci.write(tmp_path / "raw", query_features=features)
    assert main([*raw_esci.options(paths), "--out", str(out)]) == 0


def test_other_list_types_are_read_too(tmp_path, files, out):
    frame = raw_esci.query_features()
    flat = np.concatenate(frame["clip_text_features"].to_list()).astype(np.float64)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(flat), raw_esci.DIM)
    table = pa.table({"query_id": frame["query_id"].to_numpy(), "clip_text_features": lists})
    pq.write_table(table, files["query_features"])
    assert main([*raw_esci.options(files), "--out", str(out)]) == 0


def test_unjudged_products_on_request(files, out):
    main([*raw_esci.options(files, ESCI_ONLY), "--all-products", "--out", str(out)])
    assert "B0UNJUDGED" in set(load_bundle(out).products["product_id"])


def test_another_slice(tmp_path, out, capsys):
    paths = raw_esci.write(tmp_path / "raw")
    assert main([*raw_esci.options(paths, ("examples", "products")), "--locale", "jp", "--out", str(out)]) == 2
    assert "no rows with product_locale = jp" in capsys.readouterr().err


def without(name, column):
    return {name: raw_esci.TABLES[name]().drop(columns=column)}


def with_row(name, **values):
    frame = raw_esci.TABLES[name]()
    return {name: pd.concat([frame, pd.DataFrame([frame.iloc[0].to_dict() | values])], ignore_index=True)}


def with_vector(name, row, change):
    frame = raw_esci.TABLES[name]()
    vectors = frame["clip_text_features"].tolist()
    vectors[row] = change(vectors[row].copy())
    return {name: frame.assign(clip_text_features=vectors)}


def with_nan(vector):
    vector[5] = np.nan
    return vector


def all_narrow(name):
    frame = raw_esci.TABLES[name]()
    return {name: frame.assign(clip_text_features=[vector[:512] for vector in frame["clip_text_features"]])}


BAD_TABLES = {
    "missing column": (lambda: without("examples", "esci_label"), "lacks the column esci_label"),
    "missing feature column": (
        lambda: without("product_features", "clip_image_features"),
        "lacks the column clip_image",
    ),
    "unknown label": (
        lambda: with_row("examples", product_id="B000000005", query_id=7, query='chair 18" high', esci_label="X"),
        "unknown label 'X'",
    ),
    "a pair with two labels": (lambda: with_row("examples", esci_label="I"), "twice for the query 2, with two labels"),
    "a query with two texts": (
        lambda: with_row("examples", product_id="000", query="other text", query_id=7),
        "two texts for the query_id 7",
    ),
    "unknown product": (lambda: with_row("examples", product_id="B0NOWHERE"), "lacks 1 judged products"),
    "duplicate product": (lambda: with_row("products", product_title="again"), "0060538260 twice in the locale us"),
    "duplicate picture": (lambda: with_row("image_urls", image_url="x"), "0060538260 twice"),
    "product ids as numbers": (
        lambda: {"image_urls": pd.DataFrame({"product_id": [60538260], "image_url": ["x"]})},
        "holds int64 values; expected text",
    ),
    "query ids as fractions": (
        lambda: {"query_features": raw_esci.query_features().astype({"query_id": float})},
        "holds double values",
    ),
    "vectors of another width": (lambda: all_narrow("product_features"), "vectors of 512 numbers, expected 768"),
    "one vector of another width": (
        lambda: with_vector("query_features", 1, lambda v: v[:700]),
        "vectors of 700 numbers, expected 768",
    ),
    "nan inside a vector": (
        lambda: with_vector("product_features", 2, with_nan),
        "B000000001 in the column clip_text_features",
    ),
    "nan inside a query's vector": (lambda: with_vector("query_features", 0, with_nan), "holds a nan or an infinity"),
    "a query without a vector": (
        lambda: with_vector("query_features", 0, np.zeros_like),
        "no vector for 1 of the queries",
    ),
    "a vector twice": (lambda: with_row("product_features"), "vectors for 0060538260 twice"),
    "products of another locale": (
        lambda: {"products": raw_esci.products().drop_duplicates("product_id").assign(product_locale="jp")},
        "lacks 8 judged products of the locale us",
    ),
    "a vector of words": (
        lambda: {"query_features": raw_esci.query_features().assign(clip_text_features=[["a"] * 768] * 4)},
        "holds list<element: string> values; expected lists of 768 numbers",
    ),
    "vectors of other products": (
        lambda: {"product_features": raw_esci.product_features().assign(product_id=[f"X{i}" for i in range(7)])},
        "no vector for any of the 8 ids",
    ),
    "no vectors at all": (lambda: {"product_features": raw_esci.product_features().head(0)}, "no vector for any of"),
    "addresses as numbers": (
        lambda: {"image_urls": pd.DataFrame({"product_id": ["000"], "image_url": [7]})},
        "image_url of",
    ),
    "a query without text": (
        lambda: {"examples": raw_esci.examples().replace({"query": {"red mug": " "}})},
        "no text for the query 2",
    ),
    "no rows": (lambda: {"products": raw_esci.products().head(0)}, "has no rows"),
    "no id": (lambda: with_row("products", product_id=None), "has a row without product_id"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables_get_one_sentence_and_leave_nothing(case, tmp_path, out, capsys):
    make, message = BAD_TABLES[case]
    paths = raw_esci.write(tmp_path / "raw", **make())
    refused([*raw_esci.options(paths), "--out", str(out)], message, out, capsys)


def refused(command, message, out, capsys):
    assert main(command) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(said) == 1
    assert message in said[0]
    assert not out.exists()


BAD_FILES = {
    "git lfs pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 51\n",
        "is a Git LFS pointer",
    ),
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "a web page": (b"<!DOCTYPE html><title>404</title>", "is not a Parquet file although its name says so"),
}


@pytest.mark.parametrize("name", ["examples", "products", "image_urls", "query_features", "product_features"])
@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files(name, case, files, out, capsys):
    content, message = BAD_FILES[case]
    files[name].write_bytes(content)
    refused([*raw_esci.options(files), "--out", str(out)], message, out, capsys)


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_truncated_parquet(kept, files, out, capsys):
    whole = files["product_features"].read_bytes()
    files["product_features"].write_bytes(whole[: int(len(whole) * kept)])
    refused([*raw_esci.options(files), "--out", str(out)], "is damaged or cut off", out, capsys)


def test_flipped_bytes_inside_parquet(files, out, capsys):
    whole = bytearray(files["products"].read_bytes())
    whole[100:140] = b"\xff" * 40
    files["products"].write_bytes(bytes(whole))
    refused([*raw_esci.options(files), "--out", str(out)], "is damaged or cut off", out, capsys)


def test_ragged_csv(tmp_path, out, capsys):
    paths = raw_esci.write(tmp_path / "raw", "csv")
    with paths["image_urls"].open("a") as file:
        file.write("B1,two,three\n")
    refused([*raw_esci.options(paths, ESCI_ONLY), "--out", str(out)], "is damaged or cut off", out, capsys)


def test_missing_file_and_half_of_the_features(files, out, capsys):
    files["products"].unlink()
    refused([*raw_esci.options(files), "--out", str(out)], "does not exist", out, capsys)
    command = raw_esci.options(files, ("examples", "products", "query_features"))
    refused([*command, "--out", str(out)], "belong together", out, capsys)


def test_an_older_bundle_stays_when_the_new_input_is_bad(tmp_path, files, out):
    main([*raw_esci.options(files), "--out", str(out)])
    before = (out / "manifest.json").read_bytes()
    bad = raw_esci.write(tmp_path / "bad", **with_row("examples", esci_label="I"))
    assert main([*raw_esci.options(bad), "--out", str(out)]) == 2
    assert (out / "manifest.json").read_bytes() == before
    load_bundle(out)


def test_a_bundle_of_a_newer_version_is_not_overwritten(files, out, capsys):
    main([*raw_esci.options(files), "--out", str(out)])
    newer = json.dumps(json.loads((out / "manifest.json").read_text()) | {"format_version": 99})
    (out / "manifest.json").write_text(newer)
    capsys.readouterr()
    assert main([*raw_esci.options(files), "--out", str(out)]) == 2
    assert "has bundle format 99" in capsys.readouterr().err
    assert (out / "manifest.json").read_text() == newer


@pytest.mark.parametrize(
    ("expected", "message"),
    [("3,17,9", "8 products, expected 9; fetch"), ("3,17", "three numbers"), ("a,b,c", "three numbers")],
)
def test_expected_counts(expected, message, files, out, capsys):
    refused([*raw_esci.options(files), "--expect", expected, "--out", str(out)], message, out, capsys)
    assert main([*raw_esci.options(files), "--expect", "3,17,8", "--out", str(out)]) == 0


def test_a_folder_of_other_things_is_not_used(files, tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").write_bytes(b"")
    assert main([*raw_esci.options(files), "--out", str(tmp_path / "photos")]) == 2
    assert "holds other files" in capsys.readouterr().err
    assert main([*raw_esci.options(files), "--out", str(files["examples"])]) == 2
    assert [p.name for p in (tmp_path / "photos").iterdir()] == ["me.jpg"]


def test_importing_again_changes_nothing(files, out):
    main([*raw_esci.options(files), "--out", str(out)])
    before = json.loads((out / "manifest.json").read_text())
    assert main([*raw_esci.options(files), "--out", str(out)]) == 0
    assert json.loads((out / "manifest.json").read_text()) == before
