"""python -m precompute import: tables, files, counts and folders that it refuses with one sentence, leaving nothing."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import raw_esci
from raw_esci import ESCI_ONLY

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle


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
    "unknown product": (lambda: with_row("examples", product_id="B0NOWHERE"), "lacks 1 judged product of"),
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
    "a web page": (b"<!DOCTYPE html><title>404</title>", "is a web page or XML, no table"),
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
