"""Tables as other programs write them: separators, encodings, types of columns."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precompute.read.raw_files import any_words, numbers, product_ids, read_frame
from sqid_core.errors import InputError

ROWS = "product_id,title\n007,Red\nb2,Blüe\n"
WANTED = {"product_id": ["007", "b2"], "title": ["Red", "Blüe"]}
KINDS = {
    "string": lambda column: column,
    "large string": lambda column: column.cast(pa.large_string()),
    "string view": lambda column: column.cast(pa.string_view()),
    "dictionary": lambda column: column.dictionary_encode(),
    "dictionary of large strings": lambda column: column.cast(pa.large_string()).dictionary_encode(),
}


def read(path):
    return read_frame(path, {"product_id": product_ids, "title": any_words}).to_dict("list")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_csv_by_any_spreadsheet(separator, line_end, start, tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes(start + ROWS.replace(",", separator).replace("\n", line_end).encode())
    assert read(path) == WANTED


@pytest.mark.parametrize("kind", KINDS)
def test_parquet_with_any_kind_of_text_in_any_row_groups(kind, tmp_path):
    path = tmp_path / "products.parquet"
    table = {name: KINDS[kind](pa.array(values)) for name, values in WANTED.items()}
    pq.write_table(pa.table(table), path, row_group_size=1)
    assert read(path) == WANTED


def test_categories_of_pandas_are_text(tmp_path):
    path = tmp_path / "products.parquet"
    pd.DataFrame(WANTED).astype("category").to_parquet(path)
    assert read(path) == WANTED


BAD = {
    "utf-16": (ROWS.encode("utf-16"), "is UTF-16 text; save it as CSV in UTF-8"),
    "latin-1": (ROWS.encode("latin-1"), "is not UTF-8 text"),
    "latin-1 in a column's name": (b"product_id,prix \xe9\n1,2\n", "is not UTF-8 text"),
    "a row of commas": ((ROWS + ",\n").encode(), "has a row without product_id"),
    "a column twice": (b"product_id,title,title\n1,a,b\n", "has the column title twice"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_csv_is_one_sentence(case, tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes(BAD[case][0])
    with pytest.raises(InputError, match=BAD[case][1]):
        read(path)


@pytest.mark.parametrize("values", [[["a"], ["b"]], [{"a": 1}, {"a": 2}], [b"\xff", b"a"]])
def test_a_column_that_is_no_text_is_one_sentence(values, tmp_path):
    path = tmp_path / "products.parquet"
    pq.write_table(pa.table({"product_id": ["1", "2"], "title": pa.array(values)}), path)
    with pytest.raises(InputError, match=r"the column title of .* values; expected text"):
        read(path)


def test_numbers_as_people_write_them(tmp_path):
    written = ["$1,299.00", "1.299,00 €", "12,99", "4,5", "1,299", "1299", "-3.5", "nan", "inf", "", "free", None]
    expected = [1299.0, 1299.0, 12.99, 4.5, 1299.0, 1299.0, -3.5, None, None, None, None, None]
    found = numbers(pa.array(written), tmp_path, "price")
    assert found.astype(object).where(found.notna(), None).tolist() == expected
    assert numbers(pa.array([1.5, float("inf"), float("nan"), None]), tmp_path, "price").dropna().tolist() == [1.5]
    with pytest.raises(InputError, match=r"the column price of .* expected numbers"):
        numbers(pa.array([[1.0]]), tmp_path, "price")


def test_only_the_wanted_rows_and_the_columns_that_are_there_are_read(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("product_id,title,locale\n007,Red,us\nb2,Blue,es\n,Green,es\nc3,Grey,us\n")
    found = read_frame(
        path, {"product_id": product_ids}, {"price": numbers}, {"locale": ("us",), "title": ("Red", "Blue")}
    )
    assert found.to_dict("list") == {"product_id": ["007"]}
    with pytest.raises(InputError, match="lacks the column split"):
        read_frame(path, {"product_id": product_ids}, only={"split": ("test",)})
