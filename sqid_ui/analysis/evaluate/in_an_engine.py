"""The chosen fusion in the words of a search engine, and what it loses there."""

from __future__ import annotations

import json

import streamlit as st

from sqid_core.analysis.engine_loss import EngineLoss, engine_loss
from sqid_core.analysis.index_loss import QUERIES
from sqid_core.errors import SqidError
from sqid_core.exports.engines import ENGINES, SHORTLIST, TakenHome, taken_home
from sqid_core.wording import numbered
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.settings.session import draw, value
from sqid_ui.shell.bundles import for_visitors


def show_view(asked: Asked) -> None:
    """What the engine is to be told, or why it cannot be; then what its shortlist costs."""
    draw(
        st.segmented_control,
        "engine",
        "Search engine",
        list(ENGINES),
        format_func=lambda name: ENGINES[name].label,
        required=True,
    )
    if asked.fusion is None:
        return
    try:
        home = taken_home(asked.dataset, asked.fusion, value("engine"))
    except SqidError as error:
        st.info(f"{plain(for_visitors(error))}.", icon=":material/block:")
        return
    _loss(asked, home)
    _requests(home)


def _loss(asked: Asked, home: TakenHome) -> None:
    dataset, fusion, gains = asked.dataset, asked.fusion, asked.gains
    if fusion is None:
        return
    key = "engine", home.engine, fusion, gains
    running = jobs.job(dataset, key, lambda: engine_loss(dataset, fusion, home, gains))
    if not running.done():
        jobs.show_when_ready([running], f"Searching by the formula of {ENGINES[home.engine].label}")
        return
    try:
        found: EngineLoss = running.result()
    except SqidError as error:
        st.error(plain(for_visitors(error)))
        return
    show.numbers(
        ("NDCG@10 here", show.number(found.ours)),
        ("NDCG@10 there", show.number(found.theirs), f"{found.theirs - found.ours:+.4f}"),
        ("The same first ten", f"{found.same:.0%}", "of the queries"),
    )
    st.caption(
        f"Over {numbered(found.queries, 'queries')} (at most {QUERIES}) in the whole catalogue; an unjudged "
        f"product is worth "
        f"nothing. The engine takes the first {SHORTLIST} products of each signal and normalises over these; here the "
        "norm is over the catalogue. What a list lacks, as a product without a picture, counts 0 there. Worked out "
        f"by the engine’s documented formula, with exact search and without its rounding. {home.caution}".strip()
    )


def _requests(home: TakenHome) -> None:
    for title, body in home.requests.items():
        st.markdown(f"**{title}**")
        st.code(json.dumps(body, indent=2), language="json")
    st.caption("Fill in what stands in CAPITALS, and the names of your fields.")
