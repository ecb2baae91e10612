"""python -m precompute categories: from ESCI-S's format and tables, through interruptions and damage; on cards."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from category_records import EXPECTED, json_lines, without_categories
from places import SHARED

from precompute.__main__ import main
from precompute.read.category_paths import category_path
from sqid_core.bundle.load import CATEGORIES, load_bundle
from sqid_core.bundle.manifest import read_manifest, sha256
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError
from sqid_ui.parts.cards import facts


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


PACKERS = {"esci.json": bytes, "esci.json.gz": gzip.compress, "esci.json.zst": zstd}


def categories(folder: Path) -> dict[str, str | None]:
    products = load_bundle(folder).products
    return {i: c if isinstance(c, str) else None for i, c in products.set_index("product_id")["category"].items()}


@pytest.mark.parametrize("name", PACKERS)
def test_escis_format_in_every_packing(name: str, bare: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / name).write_bytes(PACKERS[name](json_lines()))
    assert main(["categories", str(bare), "--from", str(tmp_path / name)]) == 0
    found = categories(bare)
    assert {product: category for product, category in found.items() if category} == EXPECTED
    assert "5 products have a category, 0 of them estimated; 55 have none" in capsys.readouterr().out
    before = (bare / "manifest.json").read_bytes()
    assert main(["categories", str(bare), "--from", str(tmp_path / name)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert (bare / "manifest.json").read_bytes() == before
    assert main(["verify", str(bare)]) == 0
    assert "5 with a category" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_of_two_columns(suffix: str, bundle: Path, tmp_path: Path) -> None:
    before = categories(bundle)
    frame = pd.DataFrame({"sku": ["P000", "P001", "STRANGER"], "shelf": ["Kitchen > Mugs", None, "Books"]})
    path = tmp_path / f"shelves.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path, index=False)
    signals = load_bundle(bundle).manifest.signals
    assert main(["categories", str(bundle), "--from", str(path)]) == 0
    assert categories(bundle) == before | {"P000": "Kitchen > Mugs"}
    assert load_bundle(bundle).manifest.signals == signals
    wide = frame.assign(other=1, third=2)
    wide.to_csv(tmp_path / "wide.csv", index=False)
    words = ["categories", str(bundle), "--from", str(tmp_path / "wide.csv")]
    assert main(words) == 2
    assert main([*words, "--id-column", "sku", "--category-column", "shelf"]) == 0


def test_the_real_slices_table(tmp_path: Path) -> None:
    path = SHARED / "data/esci_mini/product_categories.parquet"
    if not path.exists():
        pytest.skip("the real slice of ESCI is not on this machine")
    from precompute.read.category_files import read_categories

    table = pd.read_parquet(path)
    found = read_categories(path, dict.fromkeys(table["product_id"]), None)
    assert len(found) == table["category"].notna().sum()
    assert found["B07CXG6C9W" if "B07CXG6C9W" in found else "B0777K9RGX"].startswith("Home & Kitchen > Furniture")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("A > B", "A > B"),
        ("A>B»C | D", "A > B > C > D"),
        (["A", "B & C"], "A > B & C"),
        ([["A", "B"], ["C"]], "A > B"),
        ([{"name": "A"}, {"title": "B"}], "A > B"),
        ({"name": "A"}, "A"),
        ("  ", None),
        ([], None),
        ([[]], None),
        ([None, 3], None),
        (None, None),
        (7, None),
        ("Home > Mug \ud83d", "Home > Mug ?"),
    ],
)
def test_category_paths(value: object, path: str | None) -> None:
    assert category_path(value) == path


WRONG = {
    "no JSON": (b'{"asin": "P000", "category": ["A"]}\nnonsense\n', "line 2 of"),
    "JSON without a bottom": (b'{"asin": "P000", "category": ' + b"[" * 100_000 + b"\n", "line 1 of"),
    "a JSON array": (b'[{"asin": "P000", "category": "A"}]\n', "line 1 of"),
    "cut off in a record": (b'{"asin": "P000", "cat', "line 1 of"),
    "cut off gzip": (gzip.compress(json_lines())[:-20], "cannot be unpacked"),
    "cut off zstd": (zstd(json_lines())[:-20], "cannot be unpacked"),
    "no known product": (b'{"asin": "X", "category": ["A"]}\n', "no category for any product"),
    "an empty file": (b"", "is empty"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
    "two categories": (b"product_id,category\nP000,A\nP000,B\n", "twice, with two categories"),
    "no such columns": (b"a,b,c\n1,2,3\n", "--id-column and --category-column"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_are_refused_with_one_sentence(case: str, bundle: Path, tmp_path: Path, capsys) -> None:
    content, message = WRONG[case]
    (tmp_path / "wrong").write_bytes(content)
    before = (bundle / "manifest.json").read_bytes()
    assert main(["categories", str(bundle), "--from", str(tmp_path / "wrong")]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("precompute: ")
    assert message in said
    assert (bundle / "manifest.json").read_bytes() == before


def test_ids_as_numbers_missing_files_and_half_of_the_columns(bundle: Path, tmp_path: Path, capsys) -> None:
    pd.DataFrame({"product_id": [1], "category": ["A"]}).to_parquet(tmp_path / "numbers.parquet")
    for words, message in (
        (["--from", str(tmp_path / "numbers.parquet")], "expected text, since some ids start with 0"),
        (["--from", str(tmp_path / "nothing")], "does not exist"),
        (["--from", "x", "--id-column", "a"], "belong together"),
    ):
        assert main(["categories", str(bundle), *words]) == 2
        assert message in capsys.readouterr().err


def test_an_interruption_leaves_the_old_categories(bundle: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "esci.json").write_bytes(json_lines())
    before = categories(bundle)

    def interrupt(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BundleWriter, "_commit", interrupt)
        assert main(["categories", str(bundle), "--from", str(tmp_path / "esci.json")]) == 130
    assert categories(bundle) == before
    assert main(["categories", str(bundle), "--from", str(tmp_path / "esci.json")]) == 0
    assert categories(bundle) == before | EXPECTED


def test_a_kill_between_the_renames_costs_the_categories_alone(bundle: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "esci.json").write_bytes(json_lines())
    main(["categories", str(bundle), "--from", str(tmp_path / "esci.json")])
    (tmp_path / "other.json").write_bytes(json_lines().replace(b"Mugs", b"Cups"))
    whole = shutil.copytree(bundle, tmp_path / "whole")
    words = ["--from", str(tmp_path / "other.json")]
    assert main(["categories", str(whole), *words]) == 0
    with monkeypatch.context() as patch:
        # The old manifest is disowned; then the process is gone, without a chance to tidy up.
        patch.setattr(BundleWriter, "_replace_manifest", killing(BundleWriter._replace_manifest))
        patch.setattr("sqid_core.bundle.write.remove_partials", lambda folder: None)
        with pytest.raises(SystemExit):
            main(["categories", str(bundle), *words])
    assert "category_estimated" not in load_bundle(bundle).products
    assert main(["categories", str(bundle), *words]) == 0
    assert categories(bundle)["P000"] == "Home & Kitchen > Cups"


def killing(replace_manifest):
    def replace_then_die(self, manifest):
        replace_manifest(self, manifest)
        raise SystemExit(137)

    return replace_then_die


@pytest.mark.parametrize("case", ["other products", "no table"])
def test_damaged_categories_are_refused(case: str, bundle: Path, tmp_path: Path) -> None:
    without_categories(bundle)
    path = bundle / CATEGORIES
    if case == "no table":
        path.write_bytes(b"PAR1")
    else:
        pd.read_parquet(path)[::-1].to_parquet(path, index=False)
    manifest = read_manifest(bundle)
    changed = replace(manifest, files={**manifest.files, CATEGORIES: sha256(path)})
    (bundle / "manifest.json").write_text(json.dumps(changed.to_json()))
    with pytest.raises(BundleError, match="run python -m precompute categories again"):
        load_bundle(bundle)


def test_cards_say_what_is_estimated(bundle: Path) -> None:
    products = load_bundle(bundle).products.head(3)
    plain = facts(products, "f")["facts"]
    marked = products.assign(category=["Home > Mugs", "Toys", None], category_estimated=[False, True, False])
    with_categories = facts(marked, "f")["facts"]
    assert with_categories == [f"{plain[0]} · Home", f"{plain[1]} · Toys (estimated)", plain[2]]
