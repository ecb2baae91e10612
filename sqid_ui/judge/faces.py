"""What is shown of a pair before anybody has judged it: its query and its product."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sqid_core.bundle.departments import departments
from sqid_core.bundle.load import Dataset
from sqid_ui.caches.bundles import product_index
from sqid_ui.caches.judging import query_texts
from sqid_ui.parts.cards import currency_of, label_fields, money, text
from sqid_ui.parts.picture_addresses import picture_address, place_of

# What has a place of its own on the page.
_IN_PLACE = ("product_id", "title", "image", "description", "category_estimated", "brand", "color", "price", "category")


def faces(dataset: Dataset, pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any] | None]:
    """What is shown of pairs; None of those that this bundle does not have any more."""
    queries, index, place = query_texts(dataset), product_index(dataset), place_of(dataset)
    pairs = list(pairs)
    rows = index.get_indexer(pd.Index([product_id for _, product_id in pairs], dtype=object))
    products = dataset.products.iloc[np.maximum(rows, 0)]
    found = zip(pairs, rows, products.to_dict("records"), _departments(products), strict=True)
    currency, fields = currency_of(dataset.manifest.about), label_fields(dataset.manifest.about)
    return [
        {
            "query_id": query_id,
            "product_id": product_id,
            "query": queries[query_id],
            "title": text(product["title"]),
            "facts": _facts(product, department, currency, fields),
            "picture": picture_address(product["image"], place),
        }
        if row >= 0 and query_id in queries
        else None
        for (query_id, product_id), row, product, department in found
    ]


def _facts(product: Mapping[Hashable, Any], department: str, currency: str, fields: Iterable[str]) -> list[list[str]]:
    """Name and text of what there is to know of a product besides its title."""
    more = {name.capitalize(): text(product.get(name)) for name in fields if name not in _IN_PLACE}
    found = {
        "Brand": text(product.get("brand")),
        "Color": text(product.get("color")),
        "Price": money(product.get("price"), currency),
        **more,
        "Category": department,
    }
    return [[name, words] for name, words in found.items() if words]


def _departments(products: pd.DataFrame) -> list[str]:
    if "category_estimated" not in products:
        return [text(value) for value in products["category"]] if "category" in products else [""] * len(products)
    names = departments(products["category"])
    return [
        f"{name} (estimated)" if estimated and name else name or ""
        for name, estimated in zip(names, products["category_estimated"], strict=True)
    ]
