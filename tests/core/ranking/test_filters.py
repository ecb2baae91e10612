from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sqid_core.ranking.filters import ProductFilter, by_folded_text
from sqid_core.wording import folded

PRODUCTS = pd.DataFrame(
    {
        "category": ["Home > Mugs", "Home", None, "Toys > Home", "home"],
        "brand": ["Linnea", " LINNEA ", "", None, "Nordhus"],
        "price": [5.0, 10.0, np.nan, 20.0, 0.0],
        "image": ["a.webp", "", None, "https://x/y.jpg", "b.webp"],
    }
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ProductFilter(), [0, 1, 2, 3, 4]),
        (ProductFilter(categories=("Home",)), [0, 1]),
        (ProductFilter(categories=("Home", "Toys")), [0, 1, 3]),
        (ProductFilter(brands=("linnea",)), [0, 1]),
        (ProductFilter(brands=("nobody",)), []),
        (ProductFilter(price_from=5.0), [0, 1, 3]),
        (ProductFilter(price_to=5.0), [0, 4]),
        (ProductFilter(price_from=10.0, price_to=5.0), []),
        (ProductFilter(picture=True), [0, 3, 4]),
        (ProductFilter(picture=False), [1, 2]),
        (ProductFilter(categories=("Home",), price_to=7.0, picture=True), [0]),
    ],
)
def test_every_condition_must_hold(wanted: ProductFilter, expected: list[int]) -> None:
    assert list(np.flatnonzero(wanted.mask(PRODUCTS))) == expected
    assert bool(wanted) == (wanted != ProductFilter())


def test_a_bundle_without_the_column_has_nothing_that_fits() -> None:
    bare = PRODUCTS[["image"]]
    for wanted in (ProductFilter(categories=("Home",)), ProductFilter(brands=("x",)), ProductFilter(price_from=0.0)):
        assert not wanted.mask(bare).any()
    assert len(ProductFilter(brands=("x",)).mask(PRODUCTS.iloc[:0])) == 0


def test_folding() -> None:
    assert folded("  Straße \n ONE ") == "strasse one"
    assert folded(None) == ""


def test_a_text_is_found_whatever_its_case_and_spaces() -> None:
    rows = by_folded_text(["Red Mug", "red  mug", " STRASSE "])
    assert rows["red mug"] == (0, 1)
    assert rows["strasse"] == (2,)
    assert "blue" not in rows
