"""Suspect labels: judged pairs that both signals contradict, the costliest first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.analysis.suspects import suspect_labels
from sqid_core.bundle.load import Dataset
from sqid_ui.analysis import controls
from sqid_ui.caches import jobs
from sqid_ui.caches.slates import first_scores
from sqid_ui.judge.to_book import to_book
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import picture_address, place_of
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.settings.session import draw, give, value

_MOST = 200
_COLUMNS = {
    "picture": Column("", "picture"),
    "query": Column("Query", width=200),
    "product": Column("Product", width=400),
    "label": Column("Label"),
    "text_rank": Column("Text rank"),
    "image_rank": Column("Image rank"),
    "cost": Column("Cost", "number", 4),
    "query_id": Column("Query id"),
    "product_id": Column("Product id"),
}


def show_view(dataset: Dataset) -> None:
    """The pairs in a table with their pictures; a click opens the query."""
    draw(st.selectbox, "gains", "Gains", dataset.scale.gain_names, width=220)
    scores, gains = first_scores(dataset), value("gains")
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
    title = "Judged pairs that both signals contradict, by what they cost in NDCG"
    caption = (
        f"Cost: the NDCG that the query would gain if this product alone stood where its label wants it, the "
        f"smaller of the two signals’. Gains **{plain(gains)}**, judged products that both signals score. Click a "
        "row to open its query with the product marked."
    )
    with show.listed(title, table.drop(columns="pair"), "suspect-labels", _COLUMNS, caption):
        opened = row_list(
            table, _COLUMNS, "suspect list", title, "pair", value("sort"), lambda to: give("sort", to), height=560
        )
    to_book("Judge suspect labels", "suspects")
    if opened is not None:
        pair = table.set_index("pair").loc[opened]
        link = {"query": pair["query_id"], "mark": pair["product_id"]}
        st.switch_page("pages/search.py", query_params=controls.fusion_link(dataset) | link)


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
            "pair": [str(number) for number in range(len(found))],
        }
    )


def _address(image: Any, dataset: Dataset) -> str | None:
    return picture_address(image, place_of(dataset))
