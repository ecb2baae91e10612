"""Filters that a server applies: names of categories and brands as numbers, the same for a bundle whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bundle.departments import departments
from ..indexes.conditions import MOST_PRICE, Condition
from ..indexes.milvus_collection import FilteredColumns
from ..wording import folded
from .filters import ProductFilter, column

_NONE = -1


@dataclass(frozen=True, eq=False)
class ProductCodes:
    """A number for each department and each folded brand of a bundle, in the order of their names.

    >>> codes = ProductCodes.of(load_bundle("data/tiny").products)
    >>> codes.condition(ProductFilter(brands=("linnea", "no such brand"), price_to=7.0)).expression()
    'brand in [0] and price <= 7.0'
    """

    categories: Mapping[str, int] = field(repr=False)
    brands: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, products: pd.DataFrame) -> ProductCodes:
        """Of a bundle's products."""
        paths, names = (column(products, name).dropna().unique() for name in ("category", "brand"))
        return cls(_numbered(departments(paths)), _numbered(map(folded, names)))

    def columns(self, products: pd.DataFrame) -> FilteredColumns:
        """What a server is told of each product."""
        prices, pictures = pd.to_numeric(column(products, "price"), errors="coerce"), column(products, "image")
        return FilteredColumns(
            _coded(products, "category", departments, self.categories),
            _coded(products, "brand", lambda names: map(folded, names), self.brands),
            np.clip(prices.to_numpy(dtype=float), -MOST_PRICE, MOST_PRICE),
            (pictures.notna() & (pictures != "")).to_numpy(dtype=bool),
        )

    def condition(self, only: ProductFilter) -> Condition:
        """What a server is asked for: the products that `ProductFilter.mask` leaves."""
        return Condition(
            _known(only.categories, self.categories),
            _known({folded(name) for name in only.brands}, self.brands),
            only.price_from,
            only.price_to,
            only.picture,
        )


def _numbered(names: Iterable[str | None]) -> dict[str, int]:
    return {name: code for code, name in enumerate(sorted({name for name in names if name is not None}))}


def _known(names: Iterable[str], codes: Mapping[str, int]) -> tuple[int, ...] | None:
    """The codes of those names that there are; None where none was given."""
    wanted = set(names)
    return tuple(sorted(codes[name] for name in wanted & codes.keys())) if wanted else None


def _coded(
    products: pd.DataFrame, name: str, read: Callable[[Any], Iterable[Any]], codes: Mapping[str, int]
) -> npt.NDArray[np.int32]:
    """(N,) the code of each product, -1 where it has none; each distinct text is read once."""
    places, texts = pd.factorize(column(products, name))
    known = [codes.get(found, _NONE) for found in read(texts)]
    return np.array([*known, _NONE], np.int32)[places]
