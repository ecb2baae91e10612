"""python -m precompute import: ESCI's and SQID's formats with their traps."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import raw_esci
from raw_esci import ESCI_ONLY

from precompute.__main__ import main
from precompute.read.features import SQID_CLIP
from sqid_core.bundle.load import load_bundle


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


def test_pictures_from_escis_own_scrape_those_of_books_from_img(tmp_path, files, out):
    lines = [
        {"asin": "B000000001", "image": "https://host/1.jpg", "locale": "us"},
        {"asin": "0060538260", "image": None, "img": ["https://host/book.jpg"]},
        {"asin": "elsewhere", "image": "https://host/3.jpg"},
    ]
    path = tmp_path / "esci.json"
    path.write_text("\n".join(map(json.dumps, lines)))
    files["image_urls"] = path
    assert main([*raw_esci.options(files, ("examples", "products", "image_urls")), "--out", str(out)]) == 0
    images = load_bundle(out).products.set_index("product_id")["image"].dropna()
    assert images.get("B000000001") == "https://host/1.jpg"
    assert images.get("0060538260") == "https://host/book.jpg"
    assert len(images) == 2
    table = tmp_path / "table.csv"
    table.write_text("product_id,image,img\nB000000001,,https://host/2.jpg\n")
    files["image_urls"] = table
    again = out.with_name("again")
    assert main([*raw_esci.options(files, ("examples", "products", "image_urls")), "--out", str(again)]) == 0
    assert load_bundle(again).products["image"].dropna().tolist() == ["https://host/2.jpg"]


def test_another_slice(tmp_path, out, capsys):
    paths = raw_esci.write(tmp_path / "raw")
    assert main([*raw_esci.options(paths, ("examples", "products")), "--locale", "jp", "--out", str(out)]) == 2
    assert "no rows with product_locale = jp" in capsys.readouterr().err


def test_importing_again_changes_nothing(files, out):
    main([*raw_esci.options(files), "--out", str(out)])
    before = json.loads((out / "manifest.json").read_text())
    assert main([*raw_esci.options(files), "--out", str(out)]) == 0
    assert json.loads((out / "manifest.json").read_text()) == before


def test_columns_that_are_not_escis_are_named(tmp_path, files, out, capsys):
    main([*raw_esci.options(files, ESCI_ONLY), "--out", str(out)])
    assert "are not read" not in capsys.readouterr().out
    products = tmp_path / "more.parquet"
    pd.read_parquet(files["products"]).assign(weight=1.0, shelf="a").to_parquet(products)
    main([*raw_esci.options({**files, "products": products}, ESCI_ONLY), "--out", str(tmp_path / "again")])
    assert f"{products}: the columns weight, shelf are not read" in capsys.readouterr().out
