"""Where an area of the map leads: its queries, a search among its products, a book of its judged pairs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from sqid_core.analysis.map_area import Area, write_area
from sqid_core.analysis.query_sets import LONGEST_SET, list_spec
from sqid_core.bundle.load import Dataset
from sqid_core.wording import counted
from sqid_ui.caches.maps import in_area
from sqid_ui.judge.to_book import to_book
from sqid_ui.parts import show
from sqid_ui.parts.walk import set_link
from sqid_ui.settings import session
from sqid_ui.settings.session import give, value

_LISTED = 200


def ways(dataset: Dataset, area: Area) -> None:
    """What lies in the area, the ways on, and its first products as a table."""
    products, queries = in_area(dataset, area)
    judged = dataset.judgements
    asked = np.flatnonzero(queries & (judged.lengths > 0))
    pairs = int((products[judged.rows] & judged.mask).sum())
    told = f"{counted(int(products.sum()), 'product', 'products')} and {counted(len(asked), 'query', 'queries')}"
    with st.container(horizontal=True, vertical_alignment="center", key="area ways"):
        st.markdown(f"In the area: **{told}**")
        link = session.link_of(())
        parameter = {"area": write_area(area)}
        asked_here = {"query": value("lit")} if value("lit") else {}
        if len(asked):
            spec = set_link(list_spec(dataset, judged.query_ids[asked].astype(str).tolist(), "Area of the map"))
            if len("".join(spec.values())) <= LONGEST_SET:
                st.page_link(
                    "pages/queries.py", label="Its queries", icon=":material/list_alt:", query_params=link | spec
                )
            else:
                st.caption("These are more queries than a link can hold: draw a smaller area.")
        if products.any():
            st.page_link(
                "pages/search.py",
                label="Search in it",
                icon=":material/search:",
                query_params=link | parameter | asked_here | {"scope": "catalogue"},
            )
        if pairs:
            to_book(f"Judge its {counted(pairs, 'pair', 'pairs')}", "area", **parameter)
        st.button(
            "Leave the area",
            key="leave area",
            type="tertiary",
            icon=":material/close:",
            on_click=give,
            args=("area", None),
        )
    if products.any():
        rows = np.flatnonzero(products)[:_LISTED]
        columns = [name for name in ("product_id", "title", "category") if name in dataset.products]
        shown = dataset.products.iloc[rows][columns].reset_index(drop=True)
        more = f"The first {len(rows)} of {int(products.sum()):,}." if products.sum() > len(rows) else ""
        show.table("Products in the area", shown, more, "products-in-area")
