"""Facts about products as columns: what a card of the fusion board says. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sqid_core.bundle.departments import departments
from sqid_ui.parts.picture_addresses import picture_address, picture_base

# A card shows two lines of a title. Long ones are cut so that 400 cards stay a small message.
_LONGEST, _SHORTEST, _ALL_TITLES = 300, 120, 48_000
_LONGEST_FACTS = 60
# What the line of facts or the card holds anyway.
_IN_LINE = ("brand", "price", "title", "image", "category")
_LONGEST_ADDRESS = 400
_SIGNS = {"EUR": "€", "GBP": "£", "INR": "₹", "USD": "$", "KRW": "₩"}


def facts(products: pd.DataFrame, place: str, currency: str = "$", fields: Sequence[str] = ()) -> dict[str, Any]:
    """id, title, facts (one line) and picture of each product, in columns. currency: of the prices (`currency`).
    fields: columns that labels depend on, which the line holds too (`label_fields`).

    picture: an address, or what follows `picture_base` in it, which travels once.
    """
    longest = min(_LONGEST, max(_SHORTEST, _ALL_TITLES // max(len(products), 1)))
    lines = zip(
        _column(products, "brand"),
        (money(price, currency) for price in _prices(products)),
        *(_column(products, field) for field in fields if field not in _IN_LINE),
        _categories(products),
        strict=True,
    )
    base = picture_base(place)
    return {
        "id": [str(product) for product in products["product_id"]],
        "title": [_cut(text(title), longest) or "No title" for title in products["title"]],
        "facts": [_cut(" · ".join(filter(None, line)), _LONGEST_FACTS) for line in lines],
        "picture": [_picture(image, place, base) for image in products["image"]],
    }


def _picture(image: str | None, place: str, base: str) -> str | None:
    address = picture_address(image, place)
    if address is None or len(address) > _LONGEST_ADDRESS:
        return None
    return address.removeprefix(base)


def _column(products: pd.DataFrame, name: str) -> list[str]:
    return [text(value) for value in products[name]] if name in products else [""] * len(products)


def _prices(products: pd.DataFrame) -> Any:
    return products["price"] if "price" in products else [None] * len(products)


def _categories(products: pd.DataFrame) -> list[str]:
    """The department of each product, where categories were added to the bundle; guesses say so."""
    if "category_estimated" not in products:
        return [""] * len(products)
    return [
        f"{name} (estimated)" if estimated and name else name or ""
        for name, estimated in zip(departments(products["category"]), products["category_estimated"], strict=True)
    ]


def text(value: Any) -> str:
    """A cell as text without blanks around, "" where it holds nothing that can be seen."""
    seen = isinstance(value, str) and any(letter.isprintable() and letter != " " for letter in value)
    return value.strip() if seen else ""


def currency_of(about: Mapping[str, str]) -> str:
    """The currency of a bundle's prices, by what it says of itself: dollars where it says nothing, as older bundles and
    ESCI; "" where its catalogue named none."""
    return about.get("currency", "$")


def label_fields(about: Mapping[str, str]) -> tuple[str, ...]:
    """The columns of products that labels depend on, as a bundle says: "color, material"; none where it does not."""
    return tuple(filter(None, (name.strip() for name in about.get("label_fields", "").split(","))))


def money(value: Any, currency: str) -> str:
    """A price with its currency: "$12.00", "12.00 CHF"; "" where there is none."""
    if not isinstance(value, (int, float)) or not np.isfinite(value):
        return ""
    sign = _SIGNS.get(currency, currency)
    return f"{value:,.2f} {sign}".strip() if sign[:1].isalnum() else f"{sign}{value:,.2f}"


def _cut(words: str, longest: int) -> str:
    """At most `longest` bytes of UTF-8, cut between letters."""
    raw = words.encode()
    return words if len(raw) <= longest else raw[: longest - 3].decode(errors="ignore").rstrip() + "…"
