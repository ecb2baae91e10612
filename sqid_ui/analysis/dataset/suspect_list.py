"""Suspect labels: judged pairs that both signals contradict, the costliest first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.analysis.suspects import suspect_labels
from sqid_core.bundle.load import Dataset
from sqid_ui.analysis import controls
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import picture_address
from sqid_ui.settings.session import draw, value

_MOST = 200


def show_view(dataset: Dataset) -> None:
    """The pairs in a table with their pictures; a click opens the query."""
    draw(st.selectbox, "gains", "Gains", dataset.scale.gain_names, width=220)
    scores, gains = resources.scores(dataset), value("gains")
    running = jobs.job(dataset, ("suspects", gains), lambda: suspect_labels(dataset, gains, _MOST, scores))
    if not running.done():
        jobs.show_when_ready([running], "Looking at every judged pair")
        return
    found: pd.DataFrame = running.result()
    if not len(found):
        st.info("No pair is contradicted by both signals.")
        return
    table = _table(dataset, found)
    higher = int((found["should"] == "higher").sum())
    st.markdown(
        f"**Both signals disagree with these labels.** Of the {len(found):,} costliest pairs, {higher:,} have a good "
        f"label and low ranks, {len(found) - higher:,} a poor label and high ranks. Signals err too: look first."
    )
    event = show.table(
        "Judged pairs that both signals contradict, by what they cost in NDCG",
        table,
        f"Cost: the NDCG that the query would gain if this product alone stood where its label wants it, the smaller "
        f"of the two signals’. Gains **{plain(gains)}**, judged products that both "
        f"signals score. Click a row to open its query.",
        "suspect-labels",
        _columns(),
        key="suspect list",
        height=560,
        row_height=56,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )
    opened = show.clicked_row(event, len(table))
    if opened is not None:
        link = controls.fusion_link(dataset) | {"query": str(table["query_id"].iloc[opened])}
        st.switch_page("pages/search.py", query_params=link)


def _table(dataset: Dataset, found: pd.DataFrame) -> pd.DataFrame:
    products, queries = dataset.products.iloc[found["product"]], dataset.queries.iloc[found["query"]]
    names = pd.Series(dataset.scale.names)
    return pd.DataFrame(
        {
            "picture": [_address(image, dataset) for image in products["image"]],
            "query": queries["query"].to_numpy(),
            "product": products["title"].to_numpy(),
            "label": names.iloc[found["label"]].to_numpy(),
            "text_rank": [f"{rank} of {of}" for rank, of in zip(found["text_rank"], found["judged"], strict=True)],
            "image_rank": [f"{rank} of {of}" for rank, of in zip(found["image_rank"], found["judged"], strict=True)],
            "cost": found["cost"].to_numpy(),
            "query_id": queries["query_id"].to_numpy(),
            "product_id": products["product_id"].to_numpy(),
        }
    )


def _address(image: Any, dataset: Dataset) -> str | None:
    return picture_address(image, dataset.fingerprint)


def _columns() -> dict[str, Any]:
    return {
        "picture": st.column_config.ImageColumn("", width="small"),
        "query": st.column_config.TextColumn("Query", width="medium"),
        "product": st.column_config.TextColumn("Product", width="large"),
        "label": st.column_config.TextColumn("Label"),
        "text_rank": st.column_config.TextColumn("Text rank"),
        "image_rank": st.column_config.TextColumn("Image rank"),
        "cost": st.column_config.NumberColumn("Cost", format="%.4f"),
        "query_id": st.column_config.TextColumn("Query id"),
        "product_id": st.column_config.TextColumn("Product id"),
    }
