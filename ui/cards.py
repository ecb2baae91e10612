"""Product cards as columns: what the fusion board draws. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sqid_core.labels import LabelScale
from sqid_core.segments import departments
from ui.pictures import picture_address

# Cards clamp a title to two lines anyway; a page of 10,000-character titles need not travel.
_LONGEST_TITLE = 300
# Six decimals are far finer than a card shows and a third of a float's digits.
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class RankedList:
    """One column of the board: positions (C,) into the candidates, best first, all of them."""

    key: str
    name: str
    value: str
    note: str
    positions: npt.NDArray[np.integer] = field(repr=False)


def board_data(
    products: pd.DataFrame,
    rows: npt.NDArray[np.integer],
    scores: Mapping[str, npt.NDArray[np.float64]],
    labels: npt.NDArray[np.integer] | None,
    lists: Sequence[RankedList],
    shown: int,
    scale: LabelScale,
    fingerprint: str,
) -> dict[str, Any]:
    """What the board's JavaScript gets: one array a fact over the products that any list shows.

    products: the catalogue. rows: (C,) the candidates' rows in it. scores: "text" and "image" -> (C,), nan where
    absent. labels: (C,) -1 where unjudged, None to show no labels at all. lists: their order is the columns' order.
    """
    tops = [ranked.positions[:shown] for ranked in lists]
    seen = np.unique(np.concatenate(tops))
    place = np.full(len(rows), -1)
    place[seen] = np.arange(len(seen))
    return {
        "products": _facts(products.iloc[rows[seen]], fingerprint)
        | {key: _numbers(values[seen]) for key, values in scores.items()}
        | {"label": [-1] * len(seen) if labels is None else labels[seen].tolist()},
        "ranks": {ranked.key: _ranks(ranked.positions)[seen].tolist() for ranked in lists},
        "lists": [
            {"key": r.key, "name": r.name, "value": r.value, "note": r.note, "order": place[top].tolist()}
            for r, top in zip(lists, tops, strict=True)
        ],
        "scale": None
        if labels is None
        else {"letters": list(scale.letters), "names": list(scale.names), "colors": list(scale.colors)},
    }


def _ranks(positions: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    ranks = np.empty(len(positions), dtype=np.int64)
    ranks[positions] = np.arange(1, len(positions) + 1)
    return ranks


def _facts(shown: pd.DataFrame, fingerprint: str) -> dict[str, list[Any]]:
    prices = shown["price"] if "price" in shown else [None] * len(shown)
    brands = shown["brand"] if "brand" in shown else [None] * len(shown)
    categories = _categories(shown)
    return {
        "id": [str(product) for product in shown["product_id"]],
        "title": [_text(title)[:_LONGEST_TITLE] or "No title" for title in shown["title"]],
        "facts": [
            " · ".join(filter(None, facts))
            for facts in zip(map(_text, brands), map(_price, prices), categories, strict=True)
        ],
        "picture": [picture_address(image, fingerprint) for image in shown["image"]],
    }


def _categories(shown: pd.DataFrame) -> list[str]:
    """The department of each product, where categories were added to the bundle; guesses say so."""
    if "category_estimated" not in shown:
        return [""] * len(shown)
    return [
        f"{name} (estimated)" if estimated and name else name or ""
        for name, estimated in zip(departments(shown["category"]), shown["category_estimated"], strict=True)
    ]


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _price(value: Any) -> str:
    return f"${value:,.2f}" if isinstance(value, (int, float)) and np.isfinite(value) else ""


def _numbers(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [round(float(value), _DECIMALS) if np.isfinite(value) else None for value in values]
