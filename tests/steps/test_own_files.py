"""Files of one's own as other programs write them: quoted or not, packed, with every kind of picture and price."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from precompute.__main__ import main
from precompute.read.category_paths import one_notation
from precompute.read.prices import prices
from sqid_core.analysis.checks import quick_checks
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.traffic import effective_number, traffic

CASES = Path(__file__).parent / "cases"
BASE = CASES / "base"
TITLES = pd.read_csv(BASE / "products.csv", dtype=str)["title"].tolist()


def own(products: Path, out: Path, *more: str) -> int:
    files = ["--queries", str(BASE / "queries.csv"), "--judgements", str(BASE / "judgements.csv")]
    return main(["own", "--products", str(products), *files, "--out", str(out), *more])


def titles(out: Path) -> dict[str, str]:
    products = load_bundle(out).products
    return dict(zip(products["product_id"], products["title"], strict=True))


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_table_without_quoting_keeps_its_quotation_marks(out):
    assert own(CASES / "unquoted" / "products.tsv", out) == 0
    found = titles(out)
    assert len(found) == 11
    assert found["0007"] == '"Rustic sign'
    assert found["0010"] == 'bench 30" wide'
    assert found["0011"] == '"stool" red'


def rows(*lines: str) -> str:
    return "\n".join(["product_id,title,brand", *lines, *(f"{i:04d},x," for i in range(1, 30)), ""])


QUOTED = {
    "a comma inside": ('a1,"red, round",b', "red, round"),
    "doubled marks": ('a1,"12"" plate",b', '12" plate'),
    "several lines": ('a1,"red\nand, round",b', "red\nand, round"),
    "a mark in the midst": ('a1,12" plate,b', '12" plate'),
    "marks around": ('a1,"red",b', "red"),
}


@pytest.mark.parametrize("case", QUOTED)
def test_a_quoted_table_is_read_as_spreadsheets_mean_it(case, tmp_path, out):
    line, title = QUOTED[case]
    assert own(write(tmp_path / "products.csv", rows(line)), out) == 0
    assert titles(out)["a1"] == title


AMBIGUOUS = {
    "a mark that another line ends": ('a1\tred\n0001\t"sign\n0002\tx\n0003\twide"\n', "line 3"),
    "neither reading fits": ('a1\t"red" one\n0001\tx\ty\n', "line 2"),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_may_be_read_both_ways_is_refused_with_its_line(case, tmp_path, out, capsys):
    text, line = AMBIGUOUS[case]
    assert own(write(tmp_path / "products.tsv", f"product_id\ttitle\n{text}"), out) == 2
    assert f"{line} of" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("name", ["comma0", "comma1", "comma10", "tab0"])
def test_packed_tables(name, out):
    assert own(CASES / "packed" / f"{name}.csv.gz", out) == 0
    assert [title.split(" ")[:2] for title in titles(out).values()]
    assert len(titles(out)) >= len(TITLES) - 1


PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda body: pa.compress(body, "zstd", asbytes=True),
}


@pytest.mark.parametrize("named", ["packed.csv", "products.csv.{}"])
@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_packing_by_content_and_not_by_name(packer, separator, named, tmp_path, out):
    if packer == "zst":  # a frame that does not say its size, as streams are packed
        body = pa.BufferOutputStream()
        with pa.CompressedOutputStream(body, "zstd") as stream:
            stream.write((BASE / "products.csv").read_bytes().replace(b",", separator.encode()))
        packed = body.getvalue().to_pybytes()
    else:
        packed = PACKERS[packer]((BASE / "products.csv").read_bytes().replace(b",", separator.encode()))
    assert own(write(tmp_path / named.format(packer), packed), out) == 0
    assert set(titles(out).values()) == set(TITLES)


def test_a_packed_parquet_file_and_packed_categories(tmp_path, out):
    pd.read_csv(BASE / "products.csv", dtype=str).to_parquet(tmp_path / "p.parquet")
    packed = write(tmp_path / "p.parquet.gz", gzip.compress((tmp_path / "p.parquet").read_bytes()))
    assert own(packed, out) == 0
    table = write(tmp_path / "c.csv.bz2", bz2.compress(b"product_id;category\n0001;Home>Cups\n"))
    assert main(["categories", str(out), "--from", str(table)]) == 0
    found = load_bundle(out).products.set_index("product_id")["category"]
    assert found["0001"] == "Home > Cups"


def test_excels_line_about_the_separator(tmp_path, out):
    body = (BASE / "products.csv").read_text().replace(",", ";")
    assert own(write(tmp_path / "products.csv", f"\ufeffsep=;\r\n{body}"), out) == 0
    assert set(titles(out).values()) == set(TITLES)


def feather(path: Path) -> None:
    pa.feather.write_feather(pa.table({"product_id": ["1"], "title": ["a"]}), path)


NAMED = {
    "json lines": (b'{"product": "1", "caption": "a"}\n', "is JSON of no known format for products"),
    "a json list": (b'\n [{"product_id": "1"}]', "is JSON of no known format for products"),
    "excel": (b"PK\x03\x04rest", "an Excel workbook"),
    "an old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    "a web page": (b"<!doctype html>", "is a web page"),
    "cut off": (gzip.compress(b"product_id,title\n" * 9999)[:60], "cut off"),
    "not zstd": (b"\x28\xb5\x2f\xfdnonsense", "cannot be unpacked"),
}


@pytest.mark.parametrize("case", NAMED)
def test_what_is_no_table_is_named_for_what_it_is(case, tmp_path, out, capsys):
    body, name = NAMED[case]
    assert own(write(tmp_path / "products.csv", body), out) == 2
    assert name in capsys.readouterr().err


def test_feather_is_named_for_what_it_is(tmp_path, out, capsys):
    feather(tmp_path / "products.feather")
    assert own(tmp_path / "products.feather", out) == 2
    assert "is an Arrow (Feather) file; save it as Parquet" in capsys.readouterr().err


def test_category_paths_of_one_department(out):
    assert own(CASES / "category_paths" / "products.csv", out) == 0
    found = load_bundle(out).products.set_index("product_id")["category"]
    assert found["0001"] == found["0002"] == "Kitchen > Mugs"
    assert found["0003"] == "Kitchen / Teapots"
    assert found["0004"] == "Clothing|Tops"


def test_other_marks_between_levels_where_the_column_has_them_throughout():
    assert one_notation(["A/B", "A / C/D", None]) == ["A > B", "A > C > D", None]
    assert one_notation(["A|B", "C | D"]) == ["A > B", "C > D"]
    assert one_notation(["Arts/Crafts", "Toys"]) == ["Arts/Crafts", "Toys"]
    assert one_notation(["A/B > C", "D/E"]) == ["A/B > C", "D/E"]
    assert one_notation(["A›B", "A » C", ""]) == ["A > B", "A > C", None]


def test_pictures_by_content_whatever_their_names(tmp_path, out, capsys):
    folder = CASES / "picture_names"
    names = sorted(path.name for path in folder.iterdir())
    lines = [f"{i:04d},t,{name}" for i, name in enumerate([*names, "nowhere.png"], start=1)]
    assert (
        own(write(tmp_path / "p.csv", "\n".join(["product_id,title,image", *lines])), out, "--pictures", str(folder))
        == 0
    )
    said = capsys.readouterr().out
    statuses = pd.read_parquet(out / "images.parquet").set_index("product_id")["status"]
    found = {name: statuses[f"{i:04d}"] for i, name in enumerate(names, start=1)}
    jpegs = {"a_jfif.jfif", "a_jpe.jpe", "a_jpg.JPG", "a_mpo.mpo", "a_noext"}
    assert {found[name] for name in jpegs} <= {"done", "duplicate"}
    assert {found[name] for name in set(names) - jpegs} == {"not an image"}
    assert "1 file (a_heic.heic) in" in said
    assert "HEIC, which is not read here" in said
    assert "JPEG XL, which is not read here" in said
    assert "1 picture is not in" in said
    assert "nowhere.png" in said


def test_prices_as_shops_write_them():
    found = prices(["US$ 5.00", "$1,299.00", None, "USD 7", "5.00 USD"])
    assert found.values[[0, 3, 4]].tolist() == [5, 7, 5]
    assert found.currency == ""  # "$" alone may be another dollar
    found = prices(["12,99 €", "EUR 5", "1.299,00 €", "3", "5,- €", "1 299,50 €"])
    assert found.values.tolist() == [12.99, 5, 1299, 3, 5, 1299.5]
    assert found.currency == "EUR"
    found = prices(["free", "5 to 7", "nan", "", "inf", "CHF 1'200.50", "£4", "12.99 13.99"])
    assert found.unread == ["free", "5 to 7", "12.99 13.99"]
    assert found.values[5] == 1200.5
    assert found.values[6] == 4


def test_prices_that_are_not_read_are_counted_and_the_currency_is_kept(tmp_path, out, capsys):
    lines = [f"{i:04d},t,{price}" for i, price in enumerate(["€ 5", "9 €", "ask", *["7 EUR"] * 27], start=1)]
    assert own(write(tmp_path / "p.csv", "\n".join(["product_id,title,price", *lines])), out) == 0
    assert "1 price is not read: 'ask'" in capsys.readouterr().out
    dataset = load_bundle(out)
    assert dataset.manifest.about["currency"] == "EUR"
    assert dataset.products["price"].notna().sum() == 29


def test_columns_that_are_not_known_are_kept_and_told(tmp_path, out, capsys):
    table = pd.read_csv(BASE / "products.csv", dtype=str).assign(material="glass", size=[*map(str, range(len(TITLES)))])
    table = table.assign(tags=[["a"]] * len(table), stock=5)
    table.to_parquet(tmp_path / "p.parquet")
    assert own(tmp_path / "p.parquet", out) == 0
    said = capsys.readouterr().out
    assert "kept beside the known columns: material, size, stock" in said
    assert "the columns tags are not read" in said
    products = load_bundle(out).products
    assert set(products["material"]) == {"glass"}
    assert set(products["stock"]) == {5}
    assert "tags" not in products


def test_all_missing_names_in_one_message_with_the_closest(tmp_path, out, capsys):
    assert own(write(tmp_path / "p.csv", "ProductIdentity,caption_title,brand\n1,a,b\n"), out) == 2
    said = capsys.readouterr().err
    assert "lacks the columns product_id (the closest is ProductIdentity), title (the closest is caption_title)" in said


def test_the_queries_traffic_is_read_and_its_worth_told(tmp_path, out, capsys):
    queries = pd.read_csv(BASE / "queries.csv", dtype=str)
    weights = [9.0] + [1.0] * (len(queries) - 1)
    queries.assign(weight=weights).to_csv(tmp_path / "q.csv", index=False)
    files = ["--products", str(BASE / "products.csv"), "--judgements", str(BASE / "judgements.csv"), "--out", str(out)]
    assert main(["own", "--queries", str(tmp_path / "q.csv"), *files]) == 0
    dataset = load_bundle(out)
    assert sorted(dataset.queries["weight"]) == sorted(weights)[: len(dataset.queries)]
    found = traffic(dataset.queries)
    assert effective_number(found) == pytest.approx(found.sum() ** 2 / (found**2).sum())
    assert effective_number(np.ones(7)) == 7
    assert "Traffic" in {check.name for check in quick_checks(dataset)}
    for wrong in ("-1", "often", ""):
        queries.assign(weight=[wrong] + ["1"] * (len(queries) - 1)).to_csv(tmp_path / "q.csv", index=False)
        assert main(["own", "--queries", str(tmp_path / "q.csv"), *files]) == 2
        assert "every query needs a number of at least 0 there" in capsys.readouterr().err


def test_what_is_not_read_of_judgements_is_named(tmp_path, out, capsys):
    pairs = pd.read_csv(BASE / "judgements.csv", dtype=str).assign(judge="Ann", minutes=3)
    pairs.to_csv(tmp_path / "j.csv", index=False)
    files = ["--products", str(BASE / "products.csv"), "--queries", str(BASE / "queries.csv"), "--out", str(out)]
    assert main(["own", "--judgements", str(tmp_path / "j.csv"), *files]) == 0
    assert f"{tmp_path / 'j.csv'}: the columns judge, minutes are not read" in capsys.readouterr().out
    assert own(BASE / "products.csv", out) == 0
    assert "are not read" not in capsys.readouterr().out
