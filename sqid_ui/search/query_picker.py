"""Opening a judged query: search as you type, in groups, or by surprise."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import streamlit as st

from sqid_core.analysis.query_groups import DIFFICULTIES, disagreeing
from sqid_core.bundle.load import Dataset
from sqid_core.wording import counted
from sqid_ui.caches.judged_queries import query_difficulties, query_labels, query_names, single_ndcgs, topics
from sqid_ui.search.state import Choices
from sqid_ui.settings.session import draw, give, value

_GROUPS = ("topic", "source", "difficulty")
# The query of the last surprise, which does not come twice in a row.
_LAST = "last surprise"


def judged_query(dataset: Dataset, choices: Choices, picked: Callable[[], None]) -> None:
    """The box that filters as one types, and the groups it offers. picked: called before the rerun of a pick."""
    names = query_labels(dataset)
    offered = offered_queries(dataset)
    open_now = value("query_id")
    # The open query stays on offer, or the box would close it.
    options = offered if not open_now or open_now in offered else [open_now, *offered]
    draw(
        st.selectbox,
        "query_id",
        "or open a judged query",
        options,
        format_func=lambda query_id: names.get(query_id, query_id),
        placeholder=_placeholder(len(offered), len(names)),
        disabled=not names,
        on_change=picked,
    )
    narrowed = sum(bool(value(group)) for group in _GROUPS)
    label = f"Browse · {narrowed}" if narrowed else "Browse"
    with st.popover(label, icon=":material/category_search:", key="browse", disabled=not names):
        _groups(choices, len(offered))
    st.button(
        "Surprise me",
        icon=":material/casino:",
        key="surprise me",
        on_click=_surprise,
        args=(dataset, picked),
        disabled=not names,
        help="Opens a random judged query where the text and the image ranking disagree strongly.",
    )


def offered_queries(dataset: Dataset) -> list[str]:
    """The ids of the judged queries in the groups that are picked, in the order of the bundle."""
    names = query_names(dataset)
    topic, source, difficulty = map(value, _GROUPS)
    if not (topic or source or difficulty):
        return list(names)
    fits = np.ones(len(dataset.queries), dtype=bool)
    if topic:
        fits &= topics(dataset) == topic
    if source:
        fits &= (dataset.queries["source"] == source).to_numpy(dtype=bool)
    if difficulty:
        fits &= query_difficulties(dataset) == difficulty
    return [query_id for query_id in dataset.queries["query_id"][fits] if query_id in names]


def _groups(choices: Choices, offered: int) -> None:
    """Which judged queries the box offers."""
    for name, label, options in (
        ("topic", "Category", choices.topics),
        ("source", "Source", choices.sources),
    ):
        if len(options) > 1 or value(name):
            draw(st.selectbox, name, label, options, placeholder="Any")
    draw(
        st.segmented_control,
        "difficulty",
        "Difficulty",
        DIFFICULTIES,
        format_func=str.capitalize,
        help="Thirds of all judged queries by how much of what a random order leaves the text and the image ranking "
        "alone reach, in the mean.",
        width="stretch",
    )
    st.caption(f"The box offers {counted(offered, 'judged query', 'judged queries')}.")
    if any(value(group) for group in _GROUPS):
        st.button("All judged queries", key="all queries", on_click=_offer_all, icon=":material/filter_list_off:")


def _offer_all() -> None:
    for group in _GROUPS:
        give(group, "")


def _surprise(dataset: Dataset, picked: Callable[[], None]) -> None:
    """Opens another query than the one that is open, out of the groups that are picked."""
    ids = dataset.judgements.query_ids
    offered, before = set(offered_queries(dataset)), {value("query_id"), st.session_state.get(_LAST)}
    strong = [str(ids[row]) for row in disagreeing(single_ndcgs(dataset))]
    pool = [query_id for query_id in strong if query_id in offered] or sorted(offered) or strong
    pool = [query_id for query_id in pool if query_id not in before] or pool
    if pool:
        chosen = random.choice(pool)
        st.session_state[_LAST] = chosen
        give("query_id", chosen)
        picked()


def _placeholder(offered: int, count: int) -> str:
    if not count:
        return "This bundle has none"
    return f"Type to pick one of {offered:,}" if offered else "None in these groups"
