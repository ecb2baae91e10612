"""Ratings as numbers: each grade keeps its value, from Parquet and CSV alike, and no other number is taken for it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from places import CASES

from precompute.__main__ import main
from sqid_core.bundle.labels import grade_number
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.own_scales import label_scale
from sqid_core.errors import InputError

HALF, NINE = "1.0=1,0.5=0.5,0.0=0", "1.0=1,0.9=0.9,0.0=0"


def own(out: Path, judgements: Path, labels: str) -> int:
    words = ["--products", CASES / "base/products.csv", "--queries", CASES / "base/queries.csv"]
    return main(["own", *map(str, [*words, "--judgements", judgements, "--out", out]), "--labels", labels])


def stored(out: Path) -> dict[tuple[str, str], float]:
    """The gain of every pair."""
    dataset = load_bundle(out)
    products, gains = dataset.products["product_id"], dataset.scale.gains()
    judgements = dataset.judgements
    return {
        (query, products[row]): gains[label]
        for query, rows, labels in zip(judgements.query_ids, judgements.rows, judgements.labels, strict=True)
        for row, label in zip(rows, labels, strict=True)
        if row >= 0
    }


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(("name", "labels"), [("half", HALF), ("f", NINE)])
def test_each_grade_keeps_its_value(tmp_path: Path, kind: str, name: str, labels: str) -> None:
    assert own(tmp_path / "out", CASES / f"number_grades/{name}.{kind}", labels) == 0
    rows = pd.read_csv(CASES / f"number_grades/{name}.csv", dtype={"query_id": str, "product_id": str})
    assert stored(tmp_path / "out") == {(row.query_id, row.product_id): row.label for row in rows.itertuples()}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_grade_that_is_not_on_the_scale_is_refused(tmp_path: Path, kind: str, capsys) -> None:
    for labels in ("1=1,0.5=0.5", "1=1,0=0"):
        assert own(tmp_path / "out", CASES / f"number_grades/half.{kind}", labels) == 2
        assert "unknown label" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8"])
def test_any_width_of_number(tmp_path: Path, dtype: str) -> None:
    grades = [1, 0, 2, 1, 0] if dtype == "int8" else [1.0, 0.1, 0.7, 0.3, 0.0]
    pairs = [("1", "0001"), ("1", "0002"), ("1", "0006"), ("2", "0003"), ("2", "0001")]
    frame = pd.DataFrame(pairs, columns=["query_id", "product_id"])
    frame["label"] = pd.Series(grades).astype(dtype)
    frame.to_parquet(tmp_path / "j.parquet")
    labels = ",".join(f"{grade:g}={grade:g}" for grade in sorted(set(grades)))
    assert own(tmp_path / "out", tmp_path / "j.parquet", labels) == 0
    assert stored(tmp_path / "out") == dict(zip(pairs, grades, strict=True))


@pytest.mark.parametrize(
    "names", ["1.0 0.5 0.0", "0 0.25 0.5 0.75 1", "-1 -0.5 0 1", "0.333333 0.666667 1", "5 50 0.05"]
)
def test_a_mark_is_its_own_number_or_no_number(names: str) -> None:
    scale = label_scale(",".join(f"{name}={i}" for i, name in enumerate(names.split())))
    for name, mark in zip(scale.names, scale.letters, strict=True):
        assert grade_number(mark) in (None, grade_number(name))
        assert scale.names[scale.code(mark)] == name
    for other in ("0.1", "7", "100"):
        with pytest.raises(InputError, match="unknown label"):
            scale.code(other)


def test_words_beside_numbers_have_no_digit_for_a_mark() -> None:
    scale = label_scale("3=3,2=2,5 stars=1,skip=0")
    assert scale.letters == ("3", "2", "S", "K")
    with pytest.raises(InputError, match="unknown label"):
        scale.code("5")


@pytest.mark.parametrize("labels", ["1=1,1.0=0.5", "0.5=1,.50=0", "1=1,1e0=0"])
def test_one_grade_twice_is_refused(labels: str) -> None:
    with pytest.raises(InputError, match="one grade twice"):
        label_scale(labels)
