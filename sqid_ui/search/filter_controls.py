"""Filters on the products that are shown: their controls, and the line that says what they leave."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.wording import counted, numbered
from sqid_ui.caches.bundles import common_brands
from sqid_ui.parts.cards import money
from sqid_ui.parts.markup import plain
from sqid_ui.parts.side_panel import side_panel
from sqid_ui.search.state import WITH_PICTURE, WITHOUT_PICTURE, Choices, SearchSettings
from sqid_ui.settings.session import draw, give, value

_FILTERS = {"categories": (), "brands": (), "price_from": None, "price_to": None, "picture": "", "area": None}
_PICTURE_NAMES = {WITH_PICTURE: "With a picture", WITHOUT_PICTURE: "Without one"}
_PICTURE_WORDS = {WITH_PICTURE: "with a picture", WITHOUT_PICTURE: "without a picture"}
_MOST_NAMED = 3


def filter_controls(dataset: Dataset, choices: Choices) -> None:
    """Category, brand, price and picture, in one popover."""
    active = sum(value(name) != empty for name, empty in _FILTERS.items())
    label = f"Filters · {active}" if active else "Filters"
    with side_panel(label, "filters", icon=":material/filter_alt:"):
        draw(
            st.multiselect,
            "categories",
            "Category",
            choices.categories,
            placeholder="Any" if choices.categories else "This bundle has none",
            disabled=not choices.categories,
        )
        draw(
            st.multiselect,
            "brands",
            "Brand",
            _brand_options(dataset),
            accept_new_options=True,
            placeholder="Any: pick or type" if choices.brands else "This bundle has none",
            disabled=not choices.brands,
            help="The most frequent brands are listed; any other can be typed.",
        )
        priced = "price" in dataset.products
        low, high = st.columns(2)
        for column, name, label in ((low, "price_from", "Price from"), (high, "price_to", "to")):
            draw(column.number_input, name, label, 0.0, None, step=5.0, placeholder="Any", disabled=not priced)
        draw(
            st.segmented_control,
            "picture",
            "Picture",
            list(_PICTURE_NAMES),
            format_func=_PICTURE_NAMES.__getitem__,
            width="stretch",
        )
        if active:
            _clear_button("filters in popover")


def _brand_options(dataset: Dataset) -> list[str]:
    """The most frequent brands, and those that are picked already."""
    common = common_brands(dataset)
    return [*common, *(brand for brand in value("brands") if brand not in common)]


def filter_line(settings: SearchSettings, left: int, count: int, judged: bool, currency: str) -> None:
    """What the filters leave of the ranked products, and a way out. Nothing where there is no filter.

    left: how many of `count` ranked products fit. judged: whether the query has labels. currency: of the prices.
    """
    if not settings.narrows:
        return
    if not left:
        st.warning(f"No product fits the filters ({_described(settings, currency)}).", icon=":material/filter_alt_off:")
        _clear_button("filters in page", "secondary")
        return
    stays = "" if settings.searches_catalogue else " NDCG stays over all judged products."
    if judged and settings.searches_catalogue:
        stays = " NDCG, its ideal and the judged share are over these."
    with st.container(key="filter-line", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"Filtered: {_described(settings, currency)}: {left:,} of {numbered(count, 'products')}.{stays}",
            width="content",
        )
        _clear_button("filters in page")


def _clear_button(key: str, kind: Literal["secondary", "tertiary"] = "tertiary") -> None:
    st.button(
        "Clear filters",
        key=f"clear {key}",
        on_click=clear_filters,
        type=kind,
        icon=":material/filter_alt_off:",
    )


def clear_filters() -> None:
    """Shows every product again."""
    for name, empty in _FILTERS.items():
        give(name, empty)


def _described(settings: SearchSettings, currency: str) -> str:
    parts = [_named(settings.categories), _named(settings.brands)]
    low, high = settings.price_from, settings.price_to
    if low is not None or high is not None:
        parts.append(" ".join(filter(None, (_bound("from", low, currency), _bound("to", high, currency)))))
    parts.append(_PICTURE_WORDS.get(settings.picture, ""))
    parts.append("" if settings.area is None else f"in an area of the map of {plain(settings.area.signal)}")
    return ", ".join(part for part in parts if part)


def _named(names: tuple[str, ...]) -> str:
    shown = " or ".join(plain(name) for name in names[:_MOST_NAMED])
    return shown + (f" or {counted(len(names) - _MOST_NAMED, 'other', 'others')}" if len(names) > _MOST_NAMED else "")


def _bound(word: str, price: float | None, currency: str) -> str:
    return "" if price is None else plain(f"{word} {money(price, currency)}")
