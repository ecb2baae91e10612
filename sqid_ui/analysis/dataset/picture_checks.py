"""Pictures: what became of them, and which are nearly the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.checks import picture_statuses
from sqid_core.analysis.poor_pictures import PoorPictures, poor_pictures
from sqid_core.analysis.vector_health import NearDuplicates, near_duplicates
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.wording import numbered
from sqid_ui.analysis.controls import count_control
from sqid_ui.caches import jobs
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import picture_address, place_of
from sqid_ui.settings.session import draw, value
from sqid_ui.settings.shared import counted

_PAIRS = 60


def show_view(dataset: Dataset) -> None:
    """Statuses, where pictures were fetched, then near duplicates, where they were encoded."""
    statuses = picture_statuses(dataset)
    if statuses is not None:
        show.numbers(*((plain(status.capitalize()), f"{n:,}") for status, n in statuses.itertuples(index=False)))
    _poor(counted(dataset))
    signal = dataset.dense_signal("image")
    if signal is None:
        if statuses is None:
            st.info("This bundle has neither stored pictures nor vectors of them.", icon=":material/hide_image:")
        return
    running = jobs.job(dataset, ("near duplicates", signal.name), _work(signal))
    if not running.done():
        jobs.show_when_ready([running], "Looking for the nearest picture of each product")
        return
    _near(dataset, signal, running.result())


def _poor(dataset: Dataset) -> None:
    """The poor pictures, and what they cost the image ranking."""
    found = poor_pictures(dataset, value("gains"))
    if found is None:
        return
    rows = [row for row, fault in enumerate(found.faults) if fault]
    if not rows:
        show.notes("No picture is tiny, blurred, near-uniform, very dark or very bright.")
        return
    count_control(dataset)
    st.markdown(
        f"**{len(rows):,} of {numbered(len(found.faults), 'products')} with a poor picture.** {_cost(dataset, found)}"
    )
    products = dataset.products.iloc[rows[:_PAIRS]]
    table = pd.DataFrame(
        {
            "picture": [picture_address(image, place_of(dataset)) for image in products["image"]],
            "title": products["title"].to_numpy(),
            "fault": [found.faults[row] for row in rows[:_PAIRS]],
        }
    )
    show.table(
        "Poor pictures",
        table,
        f"At most {_PAIRS}. Focus by the variance of the Laplacian, contrast by the spread of luma. To leave them out: "
        "python -m precompute images … --poor missing, then encode.",
        "poor-pictures",
        {
            "picture": st.column_config.ImageColumn("", width="small"),
            "title": st.column_config.TextColumn("Product", width="large"),
            "fault": st.column_config.TextColumn("What is poor"),
        },
        height=320,
        row_height=64,
    )


def _cost(dataset: Dataset, found: PoorPictures) -> str:
    if np.isnan(found.without):
        return "None of them is judged, or there is no image ranking: what they cost is not known."
    return (
        f"Over the {numbered(found.queries, 'queries')} for which one is judged, the image ranking has a mean NDCG of "
        f"{show.number(found.as_it_is)}, and {show.number(found.without)} with these pictures missing "
        f"({show.number(found.without - found.as_it_is, signed=True)}). "
        f"{show.counting(dataset, np.where(found.touched, 0.0, np.nan))}".strip()
    )


def _work(signal: DenseSignal) -> Callable[[], NearDuplicates]:
    return lambda: near_duplicates(signal)


def _near(dataset: Dataset, signal: DenseSignal, found: NearDuplicates) -> None:
    from sqid_core.figures.grids import nearest_histogram

    if not len(found.rows):
        st.info("There are not two pictures to compare.")
        return
    least = float(
        draw(
            st.segmented_control,
            "least",
            "Near duplicates from a cosine of",
            ["0.95", "0.98", "0.99", "0.995"],
            required=True,
        )
        or value("least")
    )
    near = found.near(least)
    looked = (
        f"all {len(near):,}" if found.complete else f"an even sample of {len(near):,} of {int(signal.present.sum()):,}"
    )
    st.markdown(
        f"**{int(near.sum()):,} of {numbered(len(near), 'products')} ({near.mean():.1%}) with a picture that another’s "
        f"comes as close to as {least:g}.** A small model may place different things close together: look at the pairs."
    )
    frame = pd.DataFrame(
        {
            "product_id": dataset.products["product_id"].iloc[found.rows].to_numpy(),
            "nearest": dataset.products["product_id"].iloc[found.nearest].to_numpy(),
            "cosine": found.cosines,
        }
    )
    show.figure(
        "Cosine of each product’s picture with the nearest other one",
        nearest_histogram(found.cosines, least, show.look()),
        f"Vectors of {plain(signal.name)}, searched in the **whole catalogue**, for {looked} products with a picture. "
        "No judgements are used.",
        frame,
        "nearest-pictures",
        show.columns_of({"cosine": "Cosine"}),
    )
    _pairs(dataset, found, least)


def _pairs(dataset: Dataset, found: NearDuplicates, least: float) -> None:
    pairs = found.pairs(least, _PAIRS)
    if not pairs:
        return
    products = dataset.products
    table = pd.DataFrame(
        [
            {
                "first": picture_address(products["image"].iloc[a], place_of(dataset)),
                "second": picture_address(products["image"].iloc[b], place_of(dataset)),
                "first_title": products["title"].iloc[a],
                "second_title": products["title"].iloc[b],
                "cosine": cosine,
            }
            for a, b, cosine in pairs
        ]
    )
    show.table(
        "The closest pairs",
        table,
        f"At most {_PAIRS}, each once.",
        "near-duplicates",
        {
            "first": st.column_config.ImageColumn("", width="small"),
            "second": st.column_config.ImageColumn(" ", width="small"),
            "first_title": st.column_config.TextColumn("One", width="large"),
            "second_title": st.column_config.TextColumn("Other", width="large"),
            "cosine": st.column_config.NumberColumn("Cosine", format="%.4f"),
        },
        height=420,
        row_height=64,
    )
