"""Which products are shown: by department, brand, price and picture. Norms and ranks stay the whole catalogue's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from ..bundle.departments import departments
from ..types import Bools
from ..wording import folded


@dataclass(frozen=True)
class ProductFilter:
    """Every given condition must hold. Hashable: a cache key.

    categories: departments (the first level of a category path), any of them. brands: any of them, case and spaces
    folded. price_from, price_to: both included; a product without a price lies in no range. picture: whether there is
    one; None: either way.

    >>> mugs = ProductFilter(categories=("mug",), price_to=7.0)
    >>> mugs
    ProductFilter(categories=('mug',), price_to=7.0)
    >>> int(mugs.mask(load_bundle("data/tiny").products).sum())
    3
    """

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    price_from: float | None = None
    price_to: float | None = None
    picture: bool | None = None

    def __repr__(self) -> str:
        given = ((each.name, getattr(self, each.name)) for each in fields(self))
        told = (f"{name}={value!r}" for name, value in given if value not in ((), None))
        return f"ProductFilter({', '.join(told)})"

    def __bool__(self) -> bool:
        return self != ProductFilter()

    def mask(self, products: pd.DataFrame) -> Bools:
        """(N,) who fits, for a bundle's products. Where the bundle lacks a column, nothing fits a condition on it."""
        fits = np.ones(len(products), dtype=bool)
        if self.categories:
            fits &= _where(products, "category", lambda paths: np.isin(departments(paths), self.categories))
        if self.brands:
            wanted = set(map(folded, self.brands))
            fits &= _where(products, "brand", lambda names: np.array([folded(name) in wanted for name in names]))
        if self.price_from is not None or self.price_to is not None:
            prices = pd.to_numeric(column(products, "price"), errors="coerce").to_numpy(dtype=float)
            low = -np.inf if self.price_from is None else self.price_from
            high = np.inf if self.price_to is None else self.price_to
            fits &= (prices >= low) & (prices <= high)
        if self.picture is not None:
            pictures = column(products, "image")
            fits &= (pictures.notna() & (pictures != "")).to_numpy(dtype=bool) == self.picture
        return fits


ANY_PRODUCT = ProductFilter()


def by_folded_text(texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The rows of each query text, case and spaces folded."""
    rows: dict[str, tuple[int, ...]] = {}
    for row, text in enumerate(texts):
        rows[folded(text)] = (*rows.get(folded(text), ()), row)
    return rows


def _where(products: pd.DataFrame, name: str, fits: Callable[[Any], Bools]) -> Bools:
    """(N,) who fits by one column of texts, asked once for each distinct text; who has none never fits."""
    codes, texts = pd.factorize(column(products, name))
    # The code of an absent text is -1: the last.
    return np.append(np.asarray(fits(texts), dtype=bool), False)[codes]


def column(products: pd.DataFrame, name: str) -> pd.Series:
    """A column of a bundle's products; of nothing where the bundle lacks it."""
    return products[name] if name in products else pd.Series(None, index=products.index, dtype=object)
